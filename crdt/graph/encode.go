package graph

import (
	"encoding/binary"
	"maps"
	"slices"
)

// formVersion begins the compact form.
const formVersion = 1

// What a segment's first number says besides the actor, in its lowest bits.
const (
	tagLong  = 1 << iota // it has more than one change: their number follows
	tagDeps              // it builds not on one change: their number follows
	tagGap               // its counters do not follow at once: how many are left out
	tagWidth = iota
)

// AppendBinary appends the compact form, which [Decode] reads. It names actors
// by their numbers. Of the hashes that are not absent, it has those of heads,
// of each actor's last change and of the last changes, recent in number.
func (g *Graph) AppendBinary(b []byte, recent int) []byte {
	b = append(b, formVersion)
	b = binary.AppendUvarint(b, uint64(len(g.last)))
	b = binary.AppendUvarint(b, uint64(len(g.segs)))
	for k := range g.segs {
		b = g.appendSegment(b, k)
	}
	b = g.appendOps(b)
	b = g.appendTimes(b)
	b = g.appendMessages(b)
	return g.appendHashes(b, recent)
}

func (g *Graph) appendSegment(b []byte, k int) []byte {
	s := &g.segs[k]
	deps, n := g.depsOf(s), g.end(k)-s.start
	gap := s.first - g.least(s.actor, s.seq, deps)
	tag := uint64(s.actor) << tagWidth
	if n > 1 {
		tag |= tagLong
	}
	if len(deps) != 1 {
		tag |= tagDeps
	}
	if gap > 0 {
		tag |= tagGap
	}
	b = binary.AppendUvarint(b, tag)
	if n > 1 {
		b = binary.AppendUvarint(b, uint64(n-2))
	}
	if len(deps) != 1 {
		b = binary.AppendUvarint(b, uint64(len(deps)))
	}
	for _, d := range deps {
		b = binary.AppendUvarint(b, uint64(s.start-d-1))
	}
	if gap > 0 {
		b = binary.AppendUvarint(b, uint64(gap))
	}
	return b
}

// least returns the least first counter of a change: one above all that it
// builds on and above the actor's change before.
func (g *Graph) least(actor, seq uint32, deps []uint32) uint32 {
	var last uint32
	for _, d := range deps {
		last = max(last, g.last[d])
	}
	if own, ok := g.BySeq(actor, seq-1); ok {
		last = max(last, g.last[own])
	}
	return last + 1
}

// appendOps writes how many operations each change has.
func (g *Graph) appendOps(b []byte) []byte {
	ops := make([]uint32, 0, len(g.last))
	for k := range g.segs {
		s := &g.segs[k]
		for i := s.start; i < g.end(k); i++ {
			ops = append(ops, g.last[i]+1-g.first(s, i))
		}
	}
	return appendColumn(b, len(ops), func(i int) int64 { return int64(ops[i]) })
}

// appendTimes writes each time as its difference from the one before.
func (g *Graph) appendTimes(b []byte) []byte {
	return appendColumn(b, len(g.last), func(i int) int64 {
		if i == 0 {
			return g.times.at(0)
		}
		return g.times.at(i) - g.times.at(i-1)
	})
}

func (g *Graph) appendMessages(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(g.messages)))
	var from uint32
	for _, i := range slices.Sorted(maps.Keys(g.messages)) {
		b = binary.AppendUvarint(b, uint64(i-from))
		b = binary.AppendUvarint(b, uint64(len(g.messages[i])))
		b = append(b, g.messages[i]...)
		from = i
	}
	return b
}

// appendHashes writes the hashes to be kept, from the first change to the last.
func (g *Graph) appendHashes(b []byte, recent int) []byte {
	var keep []uint32
	for i := range g.heads {
		keep = append(keep, i)
	}
	for a := range g.authors {
		if at, ok := g.BySeq(uint32(a), g.authors[a].seq); ok {
			keep = append(keep, uint32(at))
		}
	}
	for i := max(0, len(g.last)-recent); i < len(g.last); i++ {
		keep = append(keep, uint32(i))
	}
	slices.Sort(keep)
	keep = slices.DeleteFunc(slices.Compact(keep), func(i uint32) bool { return g.hashes.at(int(i)) == nil })
	b = binary.AppendUvarint(b, uint64(len(keep)))
	var from uint32
	for _, i := range keep {
		b = binary.AppendUvarint(b, uint64(i-from))
		b = append(b, g.hashes.at(int(i))[:]...)
		from = i
	}
	return b
}
