package protocol

import (
	"fmt"
	"maps"
	"slices"
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

// take removes the newest place whose edits are all committed, nil if there is
// none. An earlier one is of no use then.
func (c *cursor) take(committed crdt.Vector) *presence {
	var m *presence
	switch {
	case c.latest != nil && c.latest.within(committed):
		m, c.first, c.latest = c.latest, nil, nil
	case c.first.within(committed):
		m, c.first, c.latest = c.first, c.latest, nil
	}
	return m
}

// within reports whether v holds what the place refers to.
func (m *presence) within(v crdt.Vector) bool {
	for _, p := range m.At {
		if !v.Has(crdt.ActorID(p.Actor), p.Seq) {
			return false
		}
	}
	return true
}

// movedCursors takes the cursors to show, no sooner than the interval after the
// last ones. A cursor waits for the commit of the edits that it refers to, which
// wakes the writer.
func (s *Session) movedCursors(now time.Time) ([]message, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cursors) == 0 {
		return nil, never
	}
	if wait := s.lastSeen.Add(presenceInterval).Sub(now); wait > 0 {
		return nil, wait
	}
	docs := slices.Collect(maps.Keys(s.cursors))
	s.mu.Unlock()
	committed := make(map[crdt.DocID]crdt.Vector, len(docs))
	for _, id := range docs {
		committed[id] = s.host.Committed(id)
	}
	s.mu.Lock()
	var out []message
	for _, id := range docs {
		c := s.cursors[id]
		if m := c.take(committed[id]); m != nil {
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
