package protocol

import (
	"maps"
	"time"

	"starling/crdt"
)

// onWant answers a request for what the peer lacks of a document. What we sent it a
// moment ago, or leave to another, it may just not have got yet: that is looked
// after later, and only what has not come by then is sent from the store.
func (s *Session) onWant(m *have) error {
	ours := s.host.Committed(m.Doc)
	defer s.nudge()
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[m.Space]
	if sp == nil {
		return nil
	}
	d, err := sp.named(m.Doc)
	if err != nil {
		return err
	}
	held := toVector(m.Vector)
	if !sp.synced { // it will be compared with what the peer holds
		sp.miss(Commit{Doc: m.Doc}, s.peer)
		return d.answer(held)
	}
	needs, lost := d.onWay(held, ours)
	switch {
	case lost && d.catching:
		d.again = held
	case lost || len(needs) == 0:
		d.requested = true
		s.fallBehind(d)
		return d.answer(held)
	default:
		d.missed = needs
		s.watch(d, needs, time.Now())
	}
	return nil
}

// onWay is what the peer lacks, by what it holds as it asks, if some of it is on its
// way, and whether it lacks what it had acknowledged, which its disk may have lost.
// Under mu.
func (d *docState) onWay(held, ours crdt.Vector) (needs crdt.Vector, lost bool) {
	needs = crdt.Vector{}
	way := d.catching
	for a, tip := range ours {
		has := held[a].Seq
		if tip.Seq <= has {
			continue
		}
		needs[a] = tip
		lost = lost || d.theirs[a].Seq > has
		way = way || d.sent.Has(a, has+1) || d.withheld.Has(a, has+1) || d.later.Has(a, has+1)
	}
	if !way {
		return nil, lost
	}
	return needs, lost
}

// answer takes it that the peer has what it held when it asked, and not what it was
// sent: it may have let go of that, or its disk may have lost even what it has
// acknowledged. Of an actor that it does not name it has nothing, unless it has named
// as many as it may, or none. Its room in memory is bounded; under mu.
func (d *docState) answer(held crdt.Vector) error {
	grown := len(d.sent)
	d.sent = crdt.Vector{}
	if len(held) == 0 || len(held) >= MaxActors {
		d.sent = d.theirs.Clone()
	}
	maps.Copy(d.sent, held)
	return d.space.grow(len(d.sent) - grown)
}
