package protocol

import (
	"slices"
	"time"

	"starling/crdt"
)

func (s *Session) onHave(m *have) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	held, err := s.noteHave(sp, m)
	s.mu.Unlock()
	if err != nil || m.Want {
		s.nudge()
		return err
	}
	s.host.Acknowledged(s.peer, m.Space, m.Doc, held)
	return nil
}

// noteHave returns all that the peer has said to hold; under mu.
func (s *Session) noteHave(sp *spaceState, m *have) (crdt.Vector, error) {
	d, err := sp.named(m.Doc)
	if err != nil {
		return nil, err
	}
	if !m.Want {
		err := d.learn(toVector(m.Vector))
		return d.theirs.Clone(), err
	}
	grown := len(d.sent)
	d.sent = d.theirs.Clone()
	d.sent.Merge(toVector(m.Vector))
	if err := sp.grow(len(d.sent) - grown); err != nil {
		return nil, err
	}
	if !sp.synced { // it will be compared with what the peer holds
		sp.missed[m.Doc] = crdt.Vector{}
		return nil, nil
	}
	d.again = d.catching
	now := time.Now()
	if wait := d.served.Add(wantInterval); wait.After(d.notBefore) && wait.After(now) {
		d.notBefore = wait
	}
	d.served = now
	s.fallBehind(d)
	return nil, nil
}

// owe notes that there is more to acknowledge; under mu.
func (s *Session) owe(d *docState) {
	if !d.inOwed {
		d.inOwed = true
		s.owed = append(s.owed, d)
	}
}

// acks tells what we have committed since our last word, in batches.
func (s *Session) acks(now time.Time) ([]message, time.Duration) {
	s.mu.Lock()
	if len(s.owed) == 0 {
		s.mu.Unlock()
		return nil, never
	}
	if wait := s.lastAck.Add(ackInterval).Sub(now); wait > 0 {
		s.mu.Unlock()
		return nil, wait
	}
	owed := s.owed
	s.owed, s.lastAck = nil, now
	for _, d := range owed {
		d.inOwed = false
	}
	s.mu.Unlock()
	var out []message
	for _, d := range owed {
		out = append(out, d.ack(s.host.Committed(d.id))...)
	}
	return out, never
}

// ack names what has been committed since the last word, in as many messages as
// it takes. Only the writer uses told.
func (d *docState) ack(committed crdt.Vector) []message {
	news := crdt.Vector{}
	for actor, tip := range committed {
		if d.told[actor] != tip {
			news[actor] = tip
			d.told[actor] = tip
		}
	}
	var out []message
	for page := range slices.Chunk(toEntries(news), MaxActors) {
		out = append(out, &have{Space: d.space.id, Doc: d.id, Vector: page})
	}
	return out
}
