package graph

import "starling/crdt/opid"

// Past is what some changes build on, themselves included. It is valid until
// the graph gets another change.
type Past struct {
	g *Graph
	// It is one of these: everything; the seqs of all actors; or a clock, and
	// one actor's changes up to a seq.
	all        bool
	seqs       []uint32
	clock      clock
	actor, seq uint32
}

// Past returns the past of some changes, which is empty if there are none.
func (g *Graph) Past(heads []int) Past {
	switch {
	case len(heads) == 0:
		return Past{g: g}
	case g.areHeads(heads):
		return Past{g: g, all: true}
	case len(heads) == 1:
		return g.pastOf(uint32(heads[0]))
	}
	seqs := make([]uint32, len(g.authors))
	for _, h := range heads {
		p := g.pastOf(uint32(h))
		g.forest.flatten(p.clock, seqs)
		seqs[p.actor] = max(seqs[p.actor], p.seq)
	}
	return Past{g: g, seqs: seqs}
}

// areHeads reports whether what is given, without doubles, are all heads.
func (g *Graph) areHeads(heads []int) bool {
	if len(heads) != len(g.heads) {
		return false
	}
	for k, h := range heads {
		if _, ok := g.heads[uint32(h)]; !ok || k > 0 && heads[k-1] >= h {
			return false
		}
	}
	return true
}

// pastOf returns the past of one change.
func (g *Graph) pastOf(i uint32) Past {
	k := g.segmentAt(i)
	s := &g.segs[k]
	return Past{g: g, clock: g.before(k), actor: s.actor, seq: s.seq + i - s.start}
}

// before returns what the first change of a segment builds on. The actor's
// change before always belongs to it, as it does in every change that package
// guard passes.
func (g *Graph) before(seg int) clock {
	for k := len(g.clocks); k <= seg; k++ {
		s := &g.segs[k]
		var all clock
		for _, d := range g.depsOf(s) {
			all = g.join(all, d)
		}
		if g.forest.get(all, s.actor)+1 < s.seq {
			own, _ := g.BySeq(s.actor, s.seq-1)
			all = g.join(all, uint32(own))
		}
		g.forest.finish()
		g.clocks = append(g.clocks, all)
	}
	return g.clocks[seg]
}

// join returns all, which is being built, and the past of a change whose
// segment's clock is known.
func (g *Graph) join(all clock, i uint32) clock {
	k := g.segmentAt(i)
	s := &g.segs[k]
	return g.forest.with(g.forest.merge(all, g.clocks[k]), s.actor, s.seq+i-s.start)
}

// Seq returns up to which of its changes an actor's are in the past.
func (p Past) Seq(actor uint32) uint32 {
	switch {
	case p.all:
		return p.g.Last(actor)
	case p.seqs == nil:
	case int(actor) < len(p.seqs):
		return p.seqs[actor]
	default:
		return 0
	}
	seq := p.g.forest.get(p.clock, actor)
	if actor == p.actor {
		seq = max(seq, p.seq)
	}
	return seq
}

// MaxOp returns the counter up to which an actor's operations are in the past,
// and 0 if none are.
func (p Past) MaxOp(actor uint32) uint32 {
	i, ok := p.g.BySeq(actor, p.Seq(actor))
	if !ok {
		return 0
	}
	return p.g.last[i]
}

// Has reports whether an operation that exists is in the past.
func (p Past) Has(op opid.ID) bool { return op.Counter <= p.MaxOp(op.Actor) }

// HasChange reports whether a change is in the past.
func (p Past) HasChange(i int) bool {
	actor, seq := p.g.Author(i)
	return seq <= p.Seq(actor)
}

// Clock returns the past as a version. It is never nil.
func (p Past) Clock() opid.Clock { return p.g.ClockOf(p.Seq) }

// Clock returns the version that has everything that these changes build on,
// themselves included. It is never nil.
func (g *Graph) Clock(heads []int) opid.Clock { return g.Past(heads).Clock() }

// ClockOf returns the version that has each actor's changes up to a seq, which
// may be beyond the last one. It is never nil.
func (g *Graph) ClockOf(seqs func(actor uint32) uint32) opid.Clock {
	clock := make(opid.Clock, len(g.authors))
	for a := range clock {
		if i, ok := g.BySeq(uint32(a), min(seqs(uint32(a)), g.authors[a].seq)); ok {
			clock[a] = g.last[i]
		}
	}
	return clock
}

// IsAncestor reports whether the change at index of builds on that at index a,
// directly or not, or is that change.
func (g *Graph) IsAncestor(a, of int) bool {
	return a <= of && g.pastOf(uint32(of)).HasChange(a)
}
