package graph

import (
	"cmp"
	"slices"
	"strings"
)

// Order returns the indexes of all changes in an order that depends on the
// changes alone and not on when they came, each after what it builds on: by
// counter of the first operation, then by how many changes without operations
// lie between, then by the bytes of the actor, then by seq.
func (g *Graph) Order() []int {
	places := make([]place, 0, len(g.last))
	levels := map[uint32]uint32{} // of those that are not on level 0
	for k := range g.segs {
		s := &g.segs[k]
		for i := s.start; i < g.end(k); i++ {
			p := place{index: i, actor: s.actor, first: g.first(s, i)}
			if i > s.start {
				p.level = g.levelAbove(levels, p.first, i-1)
			} else {
				for _, d := range g.depsOf(s) {
					p.level = max(p.level, g.levelAbove(levels, p.first, d))
				}
			}
			if p.level > 0 {
				levels[i] = p.level
			}
			places = append(places, p)
		}
	}
	slices.SortFunc(places, g.compare)
	order := make([]int, len(places))
	for k := range places {
		order[k] = int(places[k].index)
	}
	return order
}

// place is by what changes are ordered. Changes of one actor have indexes in
// the order of their seqs.
type place struct{ index, actor, first, level uint32 }

// levelAbove returns the least level of a change with a first counter that
// builds on dep: only on one without operations may it have the same counter.
func (g *Graph) levelAbove(levels map[uint32]uint32, first, dep uint32) uint32 {
	if g.last[dep]+1 != first {
		return 0
	}
	if k := g.segmentAt(dep); g.first(&g.segs[k], dep) != first {
		return 0
	}
	return levels[dep] + 1
}

func (g *Graph) compare(a, b place) int {
	if c := cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.level, b.level)); c != 0 || a.index == b.index {
		return c
	}
	if a.actor != b.actor {
		return strings.Compare(g.names.Name(a.actor), g.names.Name(b.actor))
	}
	return cmp.Compare(a.index, b.index)
}
