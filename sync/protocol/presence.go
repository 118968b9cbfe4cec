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
	s.cursors[p.Doc] = m
	s.nudge()
}

// movedCursors empties the cursors to show, no sooner than the interval after
// the last ones; under mu.
func (s *Session) movedCursors(now time.Time) ([]message, time.Duration) {
	if len(s.cursors) == 0 {
		return nil, never
	}
	if wait := s.lastSeen.Add(presenceInterval).Sub(now); wait > 0 {
		return nil, wait
	}
	s.lastSeen = now
	var out []message
	for _, m := range s.cursors {
		out = append(out, m)
	}
	clear(s.cursors)
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
