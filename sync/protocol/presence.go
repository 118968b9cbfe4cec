package protocol

import (
	"fmt"
	"time"

	"starling/crdt"
)

// ShowPresence tells the peer where we are in a document. Only the latest
// counts: at most 30 a second go out, each after the edits that it refers to.
func (s *Session) ShowPresence(p Presence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.spaces[p.Space] == nil || len(p.At) > MaxActors {
		return
	}
	m := &presence{
		Space: p.Space, Doc: p.Doc, Caret: p.Caret, Anchor: p.Anchor,
		Typing: p.Typing, Gone: p.Gone, At: make([]place, 0, len(p.At)),
	}
	for actor, seq := range p.At {
		m.At = append(m.At, place{Actor: []byte(actor), Seq: seq})
	}
	c := s.cursors[p.Doc]
	if c == nil {
		s.cursors[p.Doc] = &cursor{first: m}
	} else {
		c.latest = m
	}
	s.nudge()
}

// cursor is a place to show, and the one where we are meanwhile, if any. The
// first is kept so that one who types faster than the disk writes is seen too.
type cursor struct{ first, latest *presence }

// take removes the newest place that the peer can show, nil if there is none. An
// earlier one is of no use then.
func (c *cursor) take(d *docState) *presence {
	var m *presence
	switch {
	case c.latest != nil && d.covers(c.latest):
		m, c.first, c.latest = c.latest, nil, nil
	case d.covers(c.first):
		m, c.first, c.latest = c.first, c.latest, nil
	}
	return m
}

// covers reports whether the peer holds what the place refers to, was sent it on
// this stream, or gets it from another.
func (d *docState) covers(m *presence) bool {
	for _, p := range m.At {
		a := crdt.ActorID(p.Actor)
		if !d.sent.Has(a, p.Seq) && !d.withheld.Has(a, p.Seq) && !d.later.Has(a, p.Seq) {
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
		if m := c.take(sp.doc(id)); m != nil {
			out = append(out, m)
			s.lastSeen = now
		}
		if c.first == nil {
			delete(s.cursors, id)
		}
	}
	return out, never
}

func (s *Session) onPresence(m *presence) error {
	if !s.Shares(m.Space) {
		return nil
	}
	p := Presence{
		Space: m.Space, Doc: m.Doc, Caret: m.Caret, Anchor: m.Anchor,
		Typing: m.Typing, Gone: m.Gone, At: make(crdt.Seqs, len(m.At)),
	}
	for _, at := range m.At {
		if _, twice := p.At[crdt.ActorID(at.Actor)]; twice {
			return fmt.Errorf("an actor named twice: %w", ErrMalformed)
		}
		p.At[crdt.ActorID(at.Actor)] = at.Seq
	}
	if !s.notePlace(p) {
		return nil
	}
	s.host.Presence(s.peer, p)
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
