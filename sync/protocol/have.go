package protocol

import (
	"slices"
	"time"

	"starling/crdt"
)

func (s *Session) onHave(m *have) error {
	if m.Want {
		return s.onWant(m)
	}
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	d, err := sp.named(m.Doc)
	if err == nil {
		err = d.learn(toVector(m.Vector))
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.tellHost(d)
	return nil
}

// tellHost tells the host what the peer has committed of a document.
func (s *Session) tellHost(d *docState) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.mu.Lock()
	theirs := d.theirs.Clone()
	s.mu.Unlock()
	s.host.Acknowledged(s.peer, d.space.id, d.id, theirs)
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
		s.ackTimed = true
		s.mu.Unlock()
		return nil, wait
	}
	owed := s.owed
	s.owed, s.lastAck, s.ackTimed = nil, now, false
	var showed []*docState
	for _, d := range owed {
		d.inOwed = false
		if d.showed {
			d.showed = false
			showed = append(showed, d)
		}
	}
	s.mu.Unlock()
	for _, d := range showed {
		s.tellHost(d)
	}
	var out []message
	lines := &got{}
	for _, d := range owed {
		committed := s.host.Committed(d.id)
		s.mu.Lock()
		out = append(out, s.ack(d, committed, lines)...)
		s.mu.Unlock()
	}
	for page := range slices.Chunk(lines.Lines, 2*MaxLines) {
		out = append(out, &got{page})
	}
	return out, never
}

// ack names what has been committed since the last word, in as many messages as
// it takes, and in lines what is the last change of one of the peer's lines;
// under mu.
func (s *Session) ack(d *docState, committed crdt.Vector, lines *got) []message {
	news := crdt.Vector{}
	for actor, tip := range committed {
		if d.told[actor] == tip {
			continue
		}
		d.told[actor] = tip
		l := s.theirs.of[lineKey{d.id, string(actor)}]
		if l != nil && l.head.Seq == tip.Seq && l.head.Hash == tip.Hash {
			lines.Lines = append(lines.Lines, l.n, tip.Seq)
			continue
		}
		news[actor] = tip
	}
	var out []message
	for page := range slices.Chunk(toEntries(news), MaxActors) {
		out = append(out, &have{Space: d.space.id, Doc: d.id, Vector: page})
	}
	return out
}
