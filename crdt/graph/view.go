package graph

import (
	"maps"
	"slices"

	"starling/crdt/opid"
)

// View returns the graph as it is now, for another goroutine to read while this
// one goes on: it shares what never changes. actors is a copy of the actors.
// Nothing can be added to a view, and it has no hashes.
func (g *Graph) View(actors *opid.Actors) *Graph {
	v := *g
	v.names, v.hashes, v.scratch = actors, hashes{}, nil
	v.authors = slices.Clone(g.authors)
	v.messages, v.heads = maps.Clone(g.messages), maps.Clone(g.heads)
	v.clocks = slices.Clip(g.clocks)
	v.forest.leaves.detach()
	v.forest.branches.detach()
	return &v
}

// detach has the pool, a copy of another one, put further nodes into pages of its
// own.
func (p *pool) detach() {
	p.pages = slices.Clip(p.pages)
	p.used = uint32(len(p.pages)) * pageSize
	p.done = p.used
}

// Prepare works out the clocks of at most so many segments that have none yet,
// and reports whether there are more. Else whoever asks first for the past of a
// change waits for all: a tenth of a second after 260,000 changes of 25 people
// who wrote at once.
func (g *Graph) Prepare(most int) (more bool) {
	end := min(len(g.clocks)+most, len(g.segs))
	if end > len(g.clocks) {
		g.before(end - 1)
	}
	return end < len(g.segs)
}
