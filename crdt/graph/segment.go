package graph

import (
	"slices"
	"sort"

	"starling/crdt/opid"
)

// segment is a run of changes of one actor, each of which builds on the one
// before alone and numbers its operations on without a gap.
type segment struct {
	start uint32 // index of the first
	actor uint32
	seq   uint32 // of the first
	first uint32 // counter of its first operation
	deps  uint32 // of the first: an index, noDeps, or manyDeps and a place in Graph.many
}

const (
	noDeps   = 1<<32 - 1
	manyDeps = 1 << 31
	// maxChanges is the greatest number of changes of a document: 128 MB, and
	// an hour's typing each day for half a century.
	maxChanges = 1 << 24
	// maxMany is the greatest length of Graph.many.
	maxMany = 1 << 30
)

// continues reports whether a change that fits, to be at index at, belongs to
// the last segment.
func (g *Graph) continues(c *Change, at uint32) bool {
	return len(c.Deps) == 1 && c.Deps[0]+1 == at && g.segs[len(g.segs)-1].actor == c.Actor &&
		c.First == g.last[at-1]+1
}

// open begins a segment.
func (g *Graph) open(s segment) {
	for uint32(len(g.authors)) <= s.actor {
		g.authors = append(g.authors, author{})
	}
	a := &g.authors[s.actor]
	a.segs = append(a.segs, uint32(len(g.segs)))
	g.segs = append(g.segs, s)
}

// keepDeps returns deps as a segment names them.
func (g *Graph) keepDeps(deps []uint32) uint32 {
	switch len(deps) {
	case 0:
		return noDeps
	case 1:
		return deps[0]
	}
	at := uint32(len(g.many))
	g.many = append(append(g.many, uint32(len(deps))), deps...)
	return manyDeps | at
}

// depsOf returns what a segment builds on. The slice is valid until the next
// call and must not be written to.
func (g *Graph) depsOf(s *segment) []uint32 {
	switch {
	case s.deps == noDeps:
		return nil
	case s.deps&manyDeps == 0:
		g.scratch = append(g.scratch[:0], s.deps)
		return g.scratch
	}
	at := s.deps &^ manyDeps
	return g.many[at+1:][:g.many[at]]
}

// segmentAt returns the index of the segment that has the change at index i.
func (g *Graph) segmentAt(i uint32) int {
	n := len(g.segs)
	if g.segs[n-1].start <= i {
		return n - 1
	}
	return sort.Search(n, func(k int) bool { return g.segs[k].start > i }) - 1
}

// end returns the index behind the last change of a segment.
func (g *Graph) end(seg int) uint32 {
	if seg+1 < len(g.segs) {
		return g.segs[seg+1].start
	}
	return uint32(len(g.last))
}

// first returns the counter of the first operation of a change of s.
func (g *Graph) first(s *segment, i uint32) uint32 {
	if i == s.start {
		return s.first
	}
	return g.last[i-1] + 1
}

// Last returns the seq of an actor's last change, and 0 if it has none.
func (g *Graph) Last(actor uint32) uint32 {
	if int(actor) >= len(g.authors) {
		return 0
	}
	return g.authors[actor].seq
}

// BySeq returns an actor's change by number.
func (g *Graph) BySeq(actor, seq uint32) (int, bool) {
	if seq == 0 || seq > g.Last(actor) {
		return 0, false
	}
	s := &g.segs[g.latest(actor, func(s *segment) bool { return s.seq <= seq })]
	return int(s.start + seq - s.seq), true
}

// Holding returns the change that made an operation.
func (g *Graph) Holding(op opid.ID) (i int, ok bool) {
	if int(op.Actor) >= len(g.authors) {
		return 0, false
	}
	k := g.latest(op.Actor, func(s *segment) bool { return s.first <= op.Counter })
	if k < 0 {
		return 0, false
	}
	s := &g.segs[k]
	// The last counters ascend; that of a change without operations is that of
	// the one before.
	at, _ := slices.BinarySearch(g.last[s.start:g.end(k)], op.Counter)
	i = int(s.start) + at
	return i, i < int(g.end(k))
}

// latest returns the index of the last segment of an actor's for which before
// holds, which is so for a first part of them, or -1.
func (g *Graph) latest(actor uint32, before func(*segment) bool) int {
	segs := g.authors[actor].segs
	n := len(segs)
	if n == 0 || !before(&g.segs[segs[n-1]]) {
		n = sort.Search(n, func(k int) bool { return !before(&g.segs[segs[k]]) })
	}
	if n == 0 {
		return -1
	}
	return int(segs[n-1])
}
