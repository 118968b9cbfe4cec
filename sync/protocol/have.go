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
	theirs := toVector(m.Vector)
	if err == nil {
		err = d.learn(theirs)
		s.heard(d)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.tellHost(d)
	s.noteAhead(d, theirs)
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

// committed is what is committed of a document.
type committed struct {
	d *docState
	v crdt.Vector
}

// dueAcks is what we have committed since our last word, in batches: to be told in a
// packet with something else or, if there is nothing for longer, in one of its own.
func (s *Session) dueAcks(now time.Time) ([]committed, time.Duration) {
	s.mu.Lock()
	least := ackAlone
	if len(s.live) > 0 || len(s.control) > 0 {
		least = ackInterval
	}
	alone := s.lastAck.Add(ackAlone).Sub(now)
	s.ackTimed = alone > 0
	if now.Sub(s.lastAck) < least || len(s.owed) == 0 {
		s.mu.Unlock()
		if alone <= 0 {
			alone = never
		}
		return nil, alone
	}
	owed := s.owed
	s.owed, s.lastAck, s.ackTimed = nil, now, true
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
	due := make([]committed, 0, len(owed))
	for _, d := range owed {
		due = append(due, committed{d, s.host.Committed(d.space.id, d.id)})
	}
	return due, ackAlone
}

// acks tells what is committed; under mu.
func (s *Session) acks(due []committed) []message {
	var out []message
	lines := &got{}
	for _, c := range due {
		out = append(out, s.ack(c.d, c.v, lines)...)
	}
	for page := range slices.Chunk(lines.Lines, 2*MaxLines) {
		out = append(out, &got{page})
	}
	return out
}

// ack names what has been committed since the last word, in as many messages as
// it takes, and in lines what ended a message of one of the peer's lines not long
// ago: more of it may have come than is committed. Under mu.
func (s *Session) ack(d *docState, committed crdt.Vector, lines *got) []message {
	news := crdt.Vector{}
	for actor, tip := range committed {
		if told := d.told[actor]; told == tip || told.Seq > tip.Seq { // sent since
			continue
		}
		d.told[actor] = tip
		l := s.theirs.of[lineKey{d.id, string(actor)}]
		if l != nil && slices.Contains(l.unsaid, tip) {
			_, _ = l.acknowledged(tip.Seq)
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
