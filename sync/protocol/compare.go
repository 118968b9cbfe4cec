package protocol

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"starling/crdt"
)

// onDigest compares what both hold and sends what the other may lack. One that
// comes before we know that the space is shared is kept until then.
func (s *Session) onDigest(ctx context.Context, m *digest) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	twice := sp != nil && sp.gotDigest || s.early[m.Space] != nil
	switch {
	case twice:
	case sp != nil:
		sp.gotDigest = true
	case len(s.early) < MaxTags:
		s.early[m.Space] = m
	}
	s.mu.Unlock()
	if twice {
		return fmt.Errorf("a digest for the second time: %w", ErrMalformed)
	}
	if sp == nil {
		return nil
	}
	if m.Roster != s.host.RosterDigest(m.Space) {
		s.PushStatements(m.Space, s.host.Statements(m.Space))
	}
	held, err := s.host.Vectors(ctx, m.Space)
	if err != nil {
		return err
	}
	if m.Documents != digestOf(held) {
		s.sendVectors(sp, held)
		return nil
	}
	s.mu.Lock()
	for id, v := range held {
		if err := sp.learn(id, v.Clone()); err != nil {
			s.log.Debug("a space is too large to be compared", "err", err)
			break
		}
	}
	s.mu.Unlock()
	s.compare(sp, held)
	return nil
}

// sendVectors tells once, page by page, what we hold of a space.
func (s *Session) sendVectors(sp *spaceState, held map[crdt.DocID]crdt.Vector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp.sentVectors {
		return
	}
	sp.sentVectors = true
	page, actors := &vectors{Space: sp.id}, 0
	for _, id := range sortedDocs(held) {
		for part := range slices.Chunk(toEntries(held[id]), MaxActors) {
			if len(page.Documents) == MaxVectors || actors+len(part) > MaxActors {
				s.control = append(s.control, page)
				page, actors = &vectors{Space: sp.id}, 0
			}
			page.Documents = append(page.Documents, docVector{id, part})
			actors += len(part)
		}
	}
	page.Last = true
	s.control = append(s.control, page)
	s.nudge()
}

// onVectors gathers what the peer holds, and after the last page sends what it
// lacks, and what we hold if it does not know yet.
func (s *Session) onVectors(ctx context.Context, m *vectors) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	err := sp.gather(m)
	s.mu.Unlock()
	if err != nil || !m.Last {
		return err
	}
	held, err := s.host.Vectors(ctx, m.Space)
	if err != nil {
		return err
	}
	s.sendVectors(sp, held)
	s.compare(sp, held)
	return nil
}

// gather takes in a page; under mu.
func (sp *spaceState) gather(m *vectors) error {
	if sp.gotVectors {
		return fmt.Errorf("vectors for the second time: %w", ErrMalformed)
	}
	sp.gotVectors = m.Last
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
	held := sp.base[id]
	if held == nil {
		sp.base[id] = v
		if err := sp.grow(len(v)); err != nil {
			return err
		}
		return atMost("documents in a space", len(sp.docs)+len(sp.base), MaxDocuments)
	}
	before := len(held)
	held.Merge(v)
	return sp.grow(len(held) - before)
}

// compare notes which documents the peer must be caught up with. held was read
// when the space was open, so that what was committed later is in missed.
func (s *Session) compare(sp *spaceState, held map[crdt.DocID]crdt.Vector) {
	s.telling.Lock()
	defer s.telling.Unlock()
	theirs := make(map[crdt.DocID]crdt.Vector, len(held))
	s.mu.Lock()
	sp.synced = true
	for id, ours := range held {
		has, sent := sp.base[id], sp.base[id]
		if d := sp.docs[id]; d != nil {
			has, sent = d.theirs, d.sent
		}
		theirs[id] = has.Clone()
		if !sent.Covers(ours) {
			s.fallBehind(sp.doc(id))
		}
	}
	for id, v := range sp.missed {
		d := sp.doc(id)
		d.theirs.Merge(v)
		d.sent.Merge(v)
		d.showed = true
		s.owe(d)
		s.fallBehind(d)
	}
	clear(sp.missed)
	s.mu.Unlock()
	s.nudge()
	for id, v := range theirs {
		s.host.Acknowledged(s.peer, sp.id, id, v)
	}
}

// digestOf is a hash of all documents and vectors of a space. A document of
// which nothing is held yet is as good as none.
func digestOf(held map[crdt.DocID]crdt.Vector) [32]byte {
	h := sha256.New()
	for _, id := range sortedDocs(held) {
		if len(held[id]) == 0 {
			continue
		}
		d := held[id].Digest()
		h.Write(id[:])
		h.Write(d[:])
	}
	return [32]byte(h.Sum(nil))
}

func sortedDocs(held map[crdt.DocID]crdt.Vector) []crdt.DocID {
	return slices.SortedFunc(maps.Keys(held), crdt.DocID.Compare)
}
