package protocol

import (
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// Ask asks the peer once for what it has of a document and we lack by what we say that
// we hold, which may be less than we do.
func (s *Session) Ask(space trust.SpaceID, doc crdt.DocID, held crdt.Vector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spaces[space]; sp == nil || !sp.synced {
		return
	}
	entries := toEntries(held)
	s.control = append(s.control, &have{Space: space, Doc: doc, Vector: entries[:min(len(entries), MaxActors)], Want: true})
	s.nudge()
}

// onWant answers a request for what the peer lacks of a document. What we sent it a
// moment ago, or leave to another, it may just not have got yet: that is looked
// after later, and only what has not come by then is sent from the store.
func (s *Session) onWant(m *have) error {
	ours := s.host.Committed(m.Space, m.Doc)
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
	needs, way, lost := d.onWay(held, ours)
	switch {
	case lost && d.catching:
		d.again = held
	case lost:
		d.requested = true
		s.sendLost(d, held)
		if !way && len(needs) > 0 {
			s.repair(d, slices.Collect(maps.Keys(needs))...)
		}
	case !way:
		d.requested = true
		s.fallBehind(d)
		return d.answer(held)
	}
	if way && len(needs) > 0 {
		d.missed = needs
		s.watch(d, needs.Clone(), time.Now())
	}
	return nil
}

// onWay is what the peer lacks, by what it holds as it asks, whether some of it is
// on its way, and whether it lacks what it had acknowledged, which its disk may have
// lost. Under mu.
func (d *docState) onWay(held, ours crdt.Vector) (needs crdt.Vector, way, lost bool) {
	needs = crdt.Vector{}
	way = d.catching
	for a, tip := range ours {
		has := held[a].Seq
		if _, ok := held[a]; !ok && isCut(held) {
			has = d.theirs[a].Seq
		}
		switch {
		case tip.Seq <= has:
		case d.theirs[a].Seq > has:
			lost = true
		default:
			needs[a] = tip
			way = way || d.sent.Has(a, has+1) || d.withheld.Has(a, has+1) || d.later.Has(a, has+1)
		}
	}
	return needs, way, lost
}

// sendLost sends what a peer lacks by what it holds, and had acknowledged. It may
// also have acknowledged it just now, so nothing else is sent again. Under mu.
func (s *Session) sendLost(d *docState, held crdt.Vector) {
	for a, tip := range d.theirs {
		has, ok := held[a]
		if !ok && isCut(held) || tip.Seq <= has.Seq {
			continue
		}
		if d.sent[a] = has; !ok {
			delete(d.sent, a)
		}
		s.repair(d, a)
	}
}

// isCut reports whether what the peer says that it holds may leave out actors: it
// names none, or as many as it may.
func isCut(held crdt.Vector) bool { return len(held) == 0 || len(held) >= MaxActors }

// answer takes it that the peer has what it held when it asked, and not what it was
// sent: it may have let go of that, or its disk may have lost even what it has
// acknowledged. Of an actor that it does not name it has nothing, unless it has named
// as many as it may, or none. Its room in memory is bounded; under mu.
func (d *docState) answer(held crdt.Vector) error {
	grown := len(d.sent)
	d.sent = crdt.Vector{}
	if isCut(held) {
		d.sent = d.theirs.Clone()
	}
	maps.Copy(d.sent, held)
	return d.space.grow(len(d.sent) - grown)
}
