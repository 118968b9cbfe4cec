package peer

import (
	"slices"

	"starling/crdt"
	"starling/sync/protocol"
)

// Presence says where the person here is, in the text after patch number seen.
// It is passed on at most 30 times a second, the latest one.
func (d *Doc) Presence(caret, anchor int, seen uint64) {
	places, at, err := d.text().Here([]int{caret, anchor}, seen)
	if err != nil {
		return // the view is about to read the text anew and will say it again
	}
	d.show(protocol.Presence{
		Space: d.space, Doc: d.id, Caret: places[0], Anchor: places[1], At: at, Typing: true,
	})
}

// Leave says that the person here no longer looks at the document.
func (d *Doc) Leave() {
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

// presence notes where another person is.
func (p *Peer) presence(from DeviceID, pr protocol.Presence) {
	if !p.mayWrite(pr.Space, from) {
		return
	}
	p.mu.Lock()
	at := p.cursors[pr.Doc]
	switch {
	case pr.Gone:
		delete(at, from)
	case at == nil:
		p.cursors[pr.Doc] = map[DeviceID]protocol.Presence{from: pr}
	default:
		at[from] = pr
	}
	p.mu.Unlock()
	p.hub.emit(CursorsChanged{pr.Doc})
}

// gone forgets where a person was, when the session with them has ended.
func (p *Peer) gone(id DeviceID) {
	var left []Event
	p.mu.Lock()
	for doc, at := range p.cursors {
		if _, was := at[id]; was {
			delete(at, id)
			left = append(left, CursorsChanged{doc})
		}
		if len(at) == 0 {
			delete(p.cursors, doc)
		}
	}
	p.mu.Unlock()
	p.hub.emit(left...)
}

// Others lists where other people are in the document, those whose edits are
// all here.
func (d *Doc) Others() []Cursor {
	d.p.mu.Lock()
	at := make(map[DeviceID]protocol.Presence, len(d.p.cursors[d.id]))
	for id, pr := range d.p.cursors[d.id] {
		at[id] = pr
	}
	d.p.mu.Unlock()
	var out []Cursor
	for id, pr := range at {
		places, seen, ok := d.text().Resolve([]int{pr.Caret, pr.Anchor}, pr.At)
		if !ok {
			continue
		}
		out = append(out, Cursor{d.p.who(id), places[0], places[1], seen, pr.Typing})
	}
	slices.SortFunc(out, func(a, b Cursor) int { return a.ID.Compare(b.ID) })
	return out
}

// Readers lists who looks at which document of ours now.
func (p *Peer) Readers() map[crdt.DocID][]Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[crdt.DocID][]Person, len(p.cursors))
	for doc, at := range p.cursors {
		for id := range at {
			out[doc] = append(out[doc], p.whoLocked(id))
		}
		slices.SortFunc(out[doc], func(a, b Person) int { return a.ID.Compare(b.ID) })
	}
	return out
}
