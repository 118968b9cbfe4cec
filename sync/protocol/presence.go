package protocol

import (
	"time"

	"starling/crdt"
)

// ShowPresence tells the peer where we are in a document. Only the latest
// counts: at most 30 a second go out, each after the edits that it refers to.
func (s *Session) ShowPresence(p Presence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.spaces[p.Space] == nil {
		return
	}
	c := s.cursors[p.Doc]
	if c == nil {
		s.cursors[p.Doc] = &cursor{first: &p}
	} else {
		c.latest = &p
	}
	s.nudge()
}

// cursor is a place to show, and the one where we are meanwhile, if any. The
// first is kept so that one who types faster than the disk writes is seen too.
type cursor struct{ first, latest *Presence }

// take removes the newest place that the peer can show, nil if there is none. An
// earlier one is of no use then.
func (c *cursor) take(d *docState) *Presence {
	var p *Presence
	switch {
	case c.latest != nil && d.covers(c.latest.At):
		p, c.first, c.latest = c.latest, nil, nil
	case d.covers(c.first.At):
		p, c.first, c.latest = c.first, c.latest, nil
	}
	return p
}

// covers reports whether the peer holds what a place refers to, was sent it on
// this stream, or gets it from another.
func (d *docState) covers(at crdt.Vector) bool {
	for a, tip := range at {
		if !d.sent.Has(a, tip.Seq) && !d.withheld.Has(a, tip.Seq) && !d.later.Has(a, tip.Seq) {
			return false
		}
	}
	return true
}

// movedCursors takes the cursors to show, no sooner than the interval after the
// last ones; under mu. A cursor waits for the edits that it refers to, whose
// sending wakes the writer, and goes behind them.
func (s *Session) movedCursors(now time.Time) ([]message, time.Duration) {
	if len(s.cursors) == 0 {
		return nil, never
	}
	if wait := s.lastSeen.Add(presenceInterval).Sub(now); wait > 0 {
		return nil, wait
	}
	var out []message
	for id, c := range s.cursors {
		sp := s.spaces[c.first.Space]
		if sp == nil || !sp.synced {
			continue
		}
		if p := c.take(sp.doc(id)); p != nil {
			out = append(out, p.message())
			s.lastSeen = now
		}
		if c.first == nil {
			delete(s.cursors, id)
		}
	}
	return out, never
}

// message is how p travels: without what it refers to, which goes before it.
func (p *Presence) message() *presence {
	m := &presence{
		Space: p.Space, Doc: p.Doc, Caret: toAnchor(p.Caret),
		Actor: []byte(p.Actor), Seq: p.Seq, Typing: p.Typing, Gone: p.Gone,
	}
	if p.End != p.Caret {
		end := toAnchor(p.End)
		m.End = &end
	}
	if p.Top != nil {
		top := toAnchor(*p.Top)
		m.Top = &top
	}
	return m
}

// presence is the place that m tells.
func (m *presence) presence() Presence {
	p := Presence{
		Space: m.Space, Doc: m.Doc, Caret: m.Caret.crdt(), End: m.Caret.crdt(),
		Actor: crdt.ActorID(m.Actor), Seq: m.Seq, Typing: m.Typing, Gone: m.Gone,
	}
	if m.End != nil {
		p.End = m.End.crdt()
	}
	if m.Top != nil {
		top := m.Top.crdt()
		p.Top = &top
	}
	return p
}

func (s *Session) onPresence(m *presence) error {
	if !s.Shares(m.Space) {
		return nil
	}
	if p := m.presence(); s.notePlace(p) {
		s.host.Presence(s.peer, p)
	}
	return nil
}

// notePlace keeps count of where the peer is, and reports whether there is room.
func (s *Session) notePlace(p Presence) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Gone {
		delete(s.places, p.Doc)
		return true
	}
	if _, ok := s.places[p.Doc]; !ok && len(s.places) >= MaxPlaces {
		return false
	}
	s.places[p.Doc] = struct{}{}
	return true
}
