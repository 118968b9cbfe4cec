package protocol

import (
	"context"
	"fmt"

	"starling/crdt"
)

// onDigest compares what both hold, as both have told it in their digests. One
// that comes before we know that the space is shared is kept until then.
func (s *Session) onDigest(ctx context.Context, m *digest) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	ready := sp != nil && sp.ours != nil
	twice := sp != nil && sp.gotDigest || s.early[m.Space] != nil
	switch {
	case twice:
	case ready:
		sp.gotDigest = true
	case len(s.early) < MaxTags:
		s.early[m.Space] = m
	}
	s.mu.Unlock()
	if twice {
		return fmt.Errorf("a digest for the second time: %w", ErrMalformed)
	}
	if ready {
		s.compareDigest(sp, m)
	}
	return nil
}

func (s *Session) compareDigest(sp *spaceState, m *digest) {
	if m.Roster != s.host.RosterDigest(m.Space) {
		s.PushStatements(m.Space, s.host.Statements(m.Space))
	}
	if m.Documents == sp.ours.Digest() {
		s.compare(sp)
		return
	}
	s.mu.Lock()
	s.sendParts(sp) // as the peer does, which finds the same
	s.mu.Unlock()
}

// sendParts tells once the sums of the parts, before the vectors; under mu.
func (s *Session) sendParts(sp *spaceState) {
	if !sp.sentParts {
		sp.sentParts = true
		s.control = append(s.control, &parts{sp.id, sp.ours.sums()})
		s.nudge()
	}
}

// onParts finds the parts that differ and tells what we hold of them.
func (s *Session) onParts(m *parts) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[m.Space]
	if sp == nil {
		return nil
	}
	if !sp.gotDigest || sp.gotParts || sp.synced {
		return fmt.Errorf("parts out of turn: %w", ErrMalformed)
	}
	sp.gotParts = true
	s.sendParts(sp) // if its parts have overtaken our look at its digest
	none := true
	for n, sum := range sp.ours.sums() {
		sp.apart[n] = sum != m.Sums[n]
		none = none && !sp.apart[n]
	}
	for n := range sp.apart {
		sp.apart[n] = sp.apart[n] || none
	}
	s.sendVectors(sp)
	return nil
}

// sendVectors tells, page by page, what we hold of the parts that differ; under
// mu.
func (s *Session) sendVectors(sp *spaceState) {
	page, actors := &vectors{Space: sp.id}, 0
	for id, v := range sp.ours.All() {
		if !sp.apart[id[0]] {
			continue
		}
		for rest := toEntries(v); len(rest) > 0; {
			if len(page.Documents) == MaxVectors || actors == MaxActors {
				s.control = append(s.control, page)
				page, actors = &vectors{Space: sp.id}, 0
			}
			n := min(len(rest), MaxActors-actors)
			page.Documents = append(page.Documents, docVector{id, rest[:n]})
			actors += n
			rest = rest[n:]
		}
	}
	page.Last = true
	s.control = append(s.control, page)
	s.nudge()
}

// onVectors gathers what the peer holds of the parts that differ, and after the
// last page sends what it lacks.
func (s *Session) onVectors(m *vectors) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	err := sp.gather(m)
	s.mu.Unlock()
	if err == nil && m.Last {
		s.compare(sp)
	}
	return err
}

// gather takes in a page; under mu.
func (sp *spaceState) gather(m *vectors) error {
	if !sp.gotParts || sp.synced {
		return fmt.Errorf("vectors out of turn: %w", ErrMalformed)
	}
	for _, d := range m.Documents {
		if err := sp.learn(d.Doc, toVector(d.Vector)); err != nil {
			return err
		}
	}
	return nil
}

// learn notes that the peer has committed v, which may be kept; under mu.
func (sp *spaceState) learn(id crdt.DocID, v crdt.Vector) error {
	if d := sp.docs[id]; d != nil {
		return d.learn(v)
	}
	if err := sp.grow(len(v)); err != nil {
		return err
	}
	if held := sp.other[id]; held != nil {
		v.Merge(held)
	}
	if ours := sp.ours.Vector(id); v.Equal(ours) {
		v = ours // one in memory, however many peers there are
	}
	sp.other[id] = v
	return atMost("documents in a space", len(sp.docs)+len(sp.other), MaxDocuments)
}

// base is what the peer holds of a document with which nothing has happened
// since the two compared. It must not be written to; under mu.
func (sp *spaceState) base(id crdt.DocID) crdt.Vector {
	if v, ok := sp.other[id]; ok || !sp.synced || sp.apart[id[0]] {
		return v
	}
	return sp.ours.Vector(id)
}

// compare notes which documents the peer must be caught up with. What was
// committed since our digest is in missed.
func (s *Session) compare(sp *spaceState) {
	s.telling.Lock()
	defer s.telling.Unlock()
	theirs := View{Same: sp.ours, Other: make(map[crdt.DocID]crdt.Vector)}
	s.mu.Lock()
	sp.synced = true
	for id, d := range sp.docs { // of which it spoke before
		d.learnMore(sp.base(id))
	}
	for id, ours := range sp.ours.All() {
		d := sp.docs[id]
		if d == nil && !sp.apart[id[0]] {
			continue
		}
		has, sent := sp.base(id), crdt.Vector(nil)
		if sent = has; d != nil {
			has, sent = d.theirs.Clone(), d.sent
		}
		if !s.apart(id, sent, ours).Covers(ours) {
			s.fallBehind(sp.doc(id))
		}
		theirs.Other[id] = has
	}
	for id, v := range sp.missed {
		d := sp.doc(id)
		d.learnMore(v)
		d.showed = true
		s.owe(d)
		s.fallBehind(d)
	}
	clear(sp.missed)
	s.mu.Unlock()
	s.nudge()
	s.host.Compared(s.peer, sp.id, theirs)
}
