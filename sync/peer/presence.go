package peer

import (
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// typingTime is how long after an edit of theirs a person counts as typing.
const typingTime = time.Second

// Presence says where the person here is, in the text after patch number seen.
// It is passed on at most 30 times a second, the latest one.
func (d *Doc) Presence(caret, anchor int, seen uint64) {
	places, at, err := d.text().Here([]int{caret, anchor}, seen)
	if err != nil {
		return // the view is about to read the text anew and will say it again
	}
	d.mu.Lock()
	typing := time.Since(d.edited) < typingTime
	d.mu.Unlock()
	d.visible.Store(true)
	d.show(protocol.Presence{
		Space: d.space, Doc: d.id, Caret: places[0], Anchor: places[1], At: at, Typing: typing,
	})
}

// Leave says that the person here no longer looks at the document.
func (d *Doc) Leave() {
	d.visible.Store(false)
	d.show(protocol.Presence{Space: d.space, Doc: d.id, Gone: true})
}

func (d *openDoc) show(pr protocol.Presence) {
	d.mu.Lock()
	d.here = &pr
	if pr.Gone {
		d.here = nil
	}
	d.mu.Unlock()
	for _, s := range d.p.sessions() {
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

// cursor is where another person is in a document, as they say, and carried to
// the text as it was here after patch number seen.
type cursor struct {
	protocol.Presence
	places []int // nil while what they refer to is not here
	seen   uint64
	// next is what they said since, if the edits that it refers to are not here
	// yet: until then the old place stays.
	next *protocol.Presence
}

// presence notes where another person is.
func (p *Peer) presence(from DeviceID, pr protocol.Presence) {
	if !p.mayWrite(pr.Space, from) {
		return
	}
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
// all here. It costs little after each key: a cursor is resolved once, and then
// goes with the patches.
func (d *Doc) Others() []Cursor {
	doc := d.text()
	d.p.cursorMu.Lock()
	defer d.p.cursorMu.Unlock()
	var out []Cursor
	for id, c := range d.p.cursors[d.id] {
		if c.Space == d.space && c.carry(doc, func(a crdt.ActorID) bool { return d.author(a) == id }) {
			out = append(out, Cursor{d.p.who(id), c.places[0], c.places[1], c.seen, c.Typing})
		}
	}
	slices.SortFunc(out, func(a, b Cursor) int { return a.ID.Compare(b.ID) })
	return out
}

// carry brings a cursor to the text as it is now, and reports whether it can be
// shown. What its owner wrote at its very place pushes it on; what others wrote
// there comes behind it.
func (c *cursor) carry(doc *crdt.Document, own func(crdt.ActorID) bool) bool {
	if c.next != nil && c.resolve(doc, *c.next) {
		return true
	}
	if c.places != nil {
		if newer, err := doc.Since(c.seen); err == nil {
			for _, p := range newer {
				c.Typing = c.Typing || own(p.Actor)
				for i, at := range c.places {
					c.places[i] = p.Shift(at, !own(p.Actor))
				}
			}
			c.seen += uint64(len(newer))
			return true
		}
	}
	return c.resolve(doc, c.Presence)
}

// resolve takes over what the owner said, if all that it refers to is here.
func (c *cursor) resolve(doc *crdt.Document, pr protocol.Presence) bool {
	places, seen, ok := doc.Resolve([]int{pr.Caret, pr.Anchor}, pr.At)
	if ok {
		*c = cursor{Presence: pr, places: places, seen: seen}
	}
	return ok
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
