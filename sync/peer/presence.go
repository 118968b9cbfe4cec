package peer

import (
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// typingTime is how long after an edit of theirs a person counts as typing.
const typingTime = time.Second

// Presence says where the person here is. Who that is and whether they type is
// known, and not read from at. It is passed on at most 30 times a second, the
// latest one.
func (d *Doc) Presence(at Cursor) {
	pr, err := whereabouts(d.text(), at)
	if err != nil {
		return // the view is about to read the text anew and will say it again
	}
	pr.Space, pr.Doc = d.space, d.id
	d.mu.Lock()
	pr.Typing = time.Since(d.edited) < typingTime
	d.mu.Unlock()
	d.visible.Store(true)
	d.show(pr)
}

// whereabouts names the places of a cursor. As in their owner's window, a caret
// stays before what others write at its very place, a selection keeps to its
// characters, and the first row in view to its first, if it is not the text's.
func whereabouts(doc *crdt.Document, at Cursor) (pr protocol.Presence, err error) {
	if pr.Caret, err = doc.Anchor(at.Caret, at.Caret >= at.Anchor, at.Seen); err != nil {
		return protocol.Presence{}, err
	}
	if pr.End, err = doc.Anchor(at.Anchor, at.Anchor >= at.Caret, at.Seen); err != nil {
		return protocol.Presence{}, err
	}
	if at.HasTop {
		top, err := doc.Anchor(at.Top, at.Top == 0, at.Seen)
		if err != nil {
			return protocol.Presence{}, err
		}
		pr.Top = &top
	}
	pr.Actor, pr.At = doc.Actor(), doc.Vector()
	pr.Seq = pr.At[pr.Actor].Seq
	return pr, nil
}

// Leave says that the person here no longer looks at the document.
func (d *Doc) Leave() {
	d.visible.Store(false)
	d.show(protocol.Presence{Space: d.space, Doc: d.id, Gone: true})
}

func (d *openDoc) show(pr protocol.Presence) {
	d.mu.Lock()
	came := d.here == nil && !pr.Gone
	d.here = &pr
	if pr.Gone {
		d.here = nil
	}
	d.mu.Unlock()
	for _, s := range d.p.sessions() {
		if came {
			s.Look(d.space, d.id)
		}
		s.ShowPresence(pr)
	}
}

// showAgain tells a session that has just opened a space where we are.
func (p *Peer) showAgain(s *protocol.Session, space SpaceID) {
	for _, d := range p.docs.all() {
		d.mu.Lock()
		here := d.here
		d.mu.Unlock()
		if d.space == space && here != nil {
			s.ShowPresence(*here)
		}
	}
}

// maxPlaces is in how many documents a device may be at a time.
const maxPlaces = 16

// cursor is where another person is in a document: as they say, and, since they
// may have typed meanwhile, where that has moved them. places are caret, other end
// and, if it is known, the first row in view, in the text as it was here after
// patch number seen.
type cursor struct {
	protocol.Presence
	places []int // nil while what they refer to is not here
	seen   uint64
	// next is what they said since, if what it refers to is not here yet: until
	// then the old place stays.
	next *protocol.Presence
}

// presence notes where another person is, whatever role they have in the space. Who
// may not write there does not type, whatever they say.
func (p *Peer) presence(from DeviceID, pr protocol.Presence) {
	in, writes := p.mayWrite(pr.Space, from)
	if !in {
		return
	}
	pr.Typing = pr.Typing && writes
	p.cursorMu.Lock()
	at := p.cursors[pr.Doc]
	switch {
	case pr.Gone:
		delete(at, from)
		if len(at) == 0 {
			delete(p.cursors, pr.Doc)
		}
	case at[from] == nil && p.placesLocked(from) >= maxPlaces:
	case at == nil:
		p.cursors[pr.Doc] = map[DeviceID]*cursor{from: {Presence: pr}}
	case at[from] != nil && at[from].places != nil && at[from].Space == pr.Space:
		at[from].next = &pr
	default:
		at[from] = &cursor{Presence: pr}
	}
	p.cursorMu.Unlock()
	p.hub.emit(CursorsChanged{pr.Doc})
}

// placesLocked counts the documents in which a device is; under cursorMu.
func (p *Peer) placesLocked(id DeviceID) int {
	n := 0
	for _, at := range p.cursors {
		if at[id] != nil {
			n++
		}
	}
	return n
}

// gone forgets where a person was, when the session with them has ended.
func (p *Peer) gone(id DeviceID) {
	var left []Event
	p.cursorMu.Lock()
	for doc, at := range p.cursors {
		if at[id] != nil {
			delete(at, id)
			left = append(left, CursorsChanged{doc})
		}
		if len(at) == 0 {
			delete(p.cursors, doc)
		}
	}
	p.cursorMu.Unlock()
	p.hub.emit(left...)
}

// Others lists where other people are in the document, those whose edits are
// all here. It costs little after each key.
func (d *Doc) Others() []Cursor {
	doc := d.text()
	d.p.cursorMu.Lock()
	defer d.p.cursorMu.Unlock()
	var out []Cursor
	for id, c := range d.p.cursors[d.id] {
		if c.Space == d.space && c.carry(doc) {
			out = append(out, c.shown(d.p.who(id)))
		}
	}
	slices.SortFunc(out, func(a, b Cursor) int { return a.ID.Compare(b.ID) })
	return out
}

// shown is a cursor as others may see it, once it is carried.
func (c *cursor) shown(who Person) Cursor {
	out := Cursor{Person: who, Caret: c.places[0], Anchor: c.places[1], Seen: c.seen, Typing: c.Typing}
	if c.Top != nil {
		out.Top, out.HasTop = c.places[2], true
	}
	return out
}

// anchors are what a person said of where they are: caret, other end and, if it
// is known, the first row in view.
func anchors(pr *protocol.Presence) []crdt.Anchor {
	all := []crdt.Anchor{pr.Caret, pr.End}
	if pr.Top != nil {
		all = append(all, *pr.Top)
	}
	return all
}

// carry brings a cursor to the text as it is now, and reports whether it can be
// shown. Its anchors say where it is, whatever arrived in which order. What its
// owner types there takes it along, before they say so themselves.
func (c *cursor) carry(doc *crdt.Document) bool {
	if c.next != nil && c.resolve(doc, *c.next) {
		return true
	}
	if c.places == nil {
		return c.resolve(doc, c.Presence)
	}
	for {
		newer, err := doc.Since(c.seen)
		if err == nil && len(newer) == 0 {
			return true
		}
		c.follow(doc, newer)
		places, seen, ok := doc.Places(anchors(&c.Presence)...)
		if !ok {
			return false
		}
		if done := err != nil || seen == c.seen; done {
			c.places, c.seen = places, seen
			return true
		} // more has come meanwhile
	}
}

// resolve takes over what the owner said, if what it refers to is here: the
// characters, and all that they wrote before.
func (c *cursor) resolve(doc *crdt.Document, pr protocol.Presence) bool {
	if !doc.Reaches(pr.Actor, pr.Seq) {
		return false
	}
	places, seen, ok := doc.Places(anchors(&pr)...)
	if ok {
		*c = cursor{Presence: pr, places: places, seen: seen}
	}
	return ok
}

// follow moves the cursor past patches, and where its owner typed right at it,
// to behind what they typed.
func (c *cursor) follow(doc *crdt.Document, newer []crdt.Patch) {
	ends := [...]*crdt.Anchor{&c.Caret, &c.End}
	for _, p := range newer {
		own := p.Actor == c.Actor && p.Actor != ""
		c.Typing = c.Typing || own
		if c.Top != nil {
			c.places[2] = p.Shift(c.places[2], c.Top.After)
		}
		for i, at := range c.places[:len(ends)] {
			typed := own && p.Inserted > 0 && at == p.At+p.Delete
			c.places[i] = p.Shift(at, ends[i].After && !typed)
			if !typed || !ends[i].After {
				continue
			}
			if a, err := doc.Anchor(c.places[i], true, p.Num); err == nil {
				*ends[i] = a
			}
		}
		c.seen = p.Num
	}
}

// Readers lists who looks at which document of ours now.
func (p *Peer) Readers() map[crdt.DocID][]Person {
	p.cursorMu.Lock()
	defer p.cursorMu.Unlock()
	out := make(map[crdt.DocID][]Person, len(p.cursors))
	for doc, at := range p.cursors {
		for id := range at {
			out[doc] = append(out[doc], p.who(id))
		}
		slices.SortFunc(out[doc], func(a, b Person) int { return a.ID.Compare(b.ID) })
	}
	return out
}
