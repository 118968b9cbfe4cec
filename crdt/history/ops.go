package history

import (
	"math"
	"slices"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Ops is a set of operations, as ranges of counters for each actor. The zero Ops
// is empty.
type Ops struct {
	by map[uint32][]counters
}

// counters are those from from to to, both included.
type counters struct{ from, to uint32 }

// Add puts the operations of an actor into the set whose counters are from from
// to to, both included; none if to is less.
func (o *Ops) Add(actor, from, to uint32) {
	if to < from {
		return
	}
	if o.by == nil {
		o.by = map[uint32][]counters{}
	}
	all := o.by[actor]
	// The new range takes the place of all that it touches.
	i, _ := slices.BinarySearchFunc(all, from, func(c counters, from uint32) int {
		if uint64(c.to)+1 < uint64(from) {
			return -1
		}
		return 1
	})
	j := i
	for ; j < len(all) && uint64(all[j].from) <= uint64(to)+1; j++ {
		from, to = min(from, all[j].from), max(to, all[j].to)
	}
	o.by[actor] = slices.Replace(all, i, j, counters{from, to})
}

// Has reports whether an operation is in the set.
func (o *Ops) Has(id opid.ID) bool {
	in, _ := o.around(id)
	return in
}

// around reports whether an operation is in the set, and for which of its
// actor's counters around it that is the same.
func (o *Ops) around(id opid.ID) (in bool, same counters) {
	all := o.by[id.Actor]
	i, in := slices.BinarySearchFunc(all, id.Counter, func(c counters, at uint32) int {
		switch {
		case c.to < at:
			return -1
		case c.from > at:
			return 1
		}
		return 0
	})
	if in {
		return true, all[i]
	}
	same = counters{0, math.MaxUint32}
	if i > 0 {
		same.from = all[i-1].to + 1
	}
	if i < len(all) {
		same.to = all[i].from - 1
	}
	return false, same
}

// reach is of how many elements from i on, at most n, the operations of a span
// have counters among same, as that of element i has.
func (same counters) reach(s sequence.Span, i, n int) int {
	at := s.At(i).Counter
	if s.Step < 0 {
		return min(n, int(at-same.from)+1)
	}
	return min(n, int(same.to-at)+1)
}

// inserted is the span of the operations that inserted a run.
func inserted(r *sequence.Run) sequence.Span { return sequence.Span{Op: r.First, Step: 1} }
