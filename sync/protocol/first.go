package protocol

import (
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// Look asks the peer for documents before all others: they are on the screen
// here. It says what we hold of them, so that no comparison of the whole space
// comes before. The peer may have nothing more of them.
func (s *Session) Look(space trust.SpaceID, docs ...crdt.DocID) {
	m := &first{Space: space}
	for _, id := range docs[:min(len(docs), MaxFirst)] {
		entries := toEntries(s.host.Committed(space, id))
		m.Documents = append(m.Documents, docVector{id, entries[:min(len(entries), MaxFirstActors)]})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	if sp == nil || len(docs) == 0 || s.over {
		return
	}
	sp.look = m // only the latest counts
	s.nudge()
}

// looks are what is on the screen here and was not said yet; under mu.
func (s *Session) looks() (out []message) {
	for _, sp := range s.spaces {
		if sp.look != nil && sp.ours != nil {
			out = append(out, sp.look)
			sp.look = nil
		}
	}
	return out
}

// onFirst catches up with some documents before others.
func (s *Session) onFirst(m *first) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[m.Space]
	if sp == nil {
		return nil
	}
	for _, dv := range slices.Backward(m.Documents) {
		d, err := sp.named(dv.Doc)
		if err != nil {
			return err
		}
		if err := d.learn(toVector(dv.Vector)); err != nil {
			return err
		}
		d.first = true
		s.fallBehind(d)
		s.toFront(d)
	}
	s.nudge()
	return nil
}

// toFront has a document be caught up with before all others; under mu.
func (s *Session) toFront(d *docState) {
	if n := slices.Index(s.late, d); n > 0 {
		copy(s.late[1:n+1], s.late[:n])
		s.late[0] = d
	}
}
