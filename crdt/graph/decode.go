package graph

import (
	"fmt"
	"math"

	"starling/crdt/opid"
)

// Decode reads what [Graph.AppendBinary] wrote, and refuses everything else
// with [ErrForm]. actors must number the actors as they were then. It keeps
// nothing of b.
func Decode(b []byte, actors *opid.Actors) (*Graph, error) {
	r := &reader{b: b}
	if v := r.take(1); r.err == nil && v[0] != formVersion {
		return nil, fmt.Errorf("decode graph, of version %d: %w", v[0], ErrForm)
	}
	g := New(actors)
	n := r.upTo(maxChanges, "the number of changes")
	// A segment takes at least a byte.
	segs := r.upTo(min(n, len(r.b)), "the number of segments")
	gaps := g.readSegments(r, n, segs)
	g.readOps(r, n, gaps)
	g.readTimes(r, n)
	g.readMessages(r, n)
	g.readHashes(r, n)
	if r.err == nil && len(r.b) > 0 {
		r.fail("what follows")
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode graph: %w", r.err)
	}
	return g, nil
}

// readSegments reads everything of segments but their counters, of which it
// returns the gaps.
func (g *Graph) readSegments(r *reader, n, segs int) (gaps []uint32) {
	g.segs = make([]segment, 0, segs)
	gaps = make([]uint32, 0, segs)
	built := make([]bool, n) // on which another builds
	start := 0
	for range segs {
		tag := r.uint()
		count, deps, gap := 1, 1, 0
		if tag&tagLong != 0 {
			count = 2 + r.upTo(n-start-2, "the length of a segment")
		}
		if tag&tagDeps != 0 {
			if deps = r.upTo(min(start, len(r.b)), "the number of dependencies"); deps == 1 {
				r.fail("one dependency")
			}
		}
		g.readDeps(r, start, deps, built)
		if tag&tagGap != 0 {
			if gap = r.upTo(math.MaxUint32, "a gap"); gap == 0 {
				r.fail("no gap")
			}
		}
		if tag>>tagWidth >= uint64(g.names.Len()) || start+count > n {
			r.fail("an actor or the length of a segment")
		}
		if r.err != nil {
			return nil
		}
		g.addSegment(r, uint32(start), uint32(tag>>tagWidth), gap > 0)
		g.authors[tag>>tagWidth].seq += uint32(count)
		gaps = append(gaps, uint32(gap))
		start += count
	}
	if start != n {
		r.fail("the number of changes")
		return nil
	}
	g.last = make([]uint32, n)
	for k := range g.segs {
		if end := g.end(k) - 1; !built[end] {
			g.heads[end] = struct{}{}
		}
	}
	return gaps
}

// readDeps reads into g.scratch what a segment builds on.
func (g *Graph) readDeps(r *reader, start, n int, built []bool) {
	g.scratch = g.scratch[:0]
	for range n {
		dep := start - 1 - r.upTo(start-1, "a dependency")
		if dep < 0 {
			r.fail("a dependency")
		}
		if r.err != nil {
			return
		}
		g.scratch = append(g.scratch, uint32(dep))
		built[dep] = true
	}
	if twice(g.scratch) {
		r.fail("a dependency")
	}
}

// addSegment opens a segment, which must not be a mere continuation.
func (g *Graph) addSegment(r *reader, start, actor uint32, gap bool) {
	deps := g.scratch
	if len(deps) == 1 && deps[0]+1 == start && g.segs[len(g.segs)-1].actor == actor && !gap {
		r.fail("a segment that goes on")
	}
	g.open(segment{start: start, actor: actor, seq: g.Last(actor) + 1, deps: g.keepDeps(deps)})
}

// readOps reads how many operations each change has, and so all counters.
func (g *Graph) readOps(r *reader, n int, gaps []uint32) {
	if r.err != nil {
		return
	}
	ops := column{r: r, n: n}
	for k := range g.segs {
		s := &g.segs[k]
		s.first = g.least(s.actor, s.seq, g.depsOf(s))
		next := uint64(s.first) + uint64(gaps[k])
		if s.first == 0 {
			r.fail("a counter")
		}
		s.first = uint32(next)
		for i := s.start; i < g.end(k); i++ {
			v := ops.next()
			if v < 0 || v > math.MaxUint32 || next > math.MaxUint32 {
				r.fail("a number of operations")
				return
			}
			next += uint64(v)
			g.last[i] = uint32(next - 1)
			if next-1 > math.MaxUint32 {
				r.fail("a counter")
			}
		}
	}
}

func (g *Graph) readTimes(r *reader, n int) {
	if r.err != nil {
		return
	}
	g.times.narrow = make([]uint32, 0, n)
	var at int64
	diffs := column{r: r, n: n}
	for range n {
		at += diffs.next()
		g.times.add(at)
	}
}

func (g *Graph) readMessages(r *reader, n int) {
	at, count := 0, r.upTo(n, "the number of messages")
	for k := range count {
		d := r.upTo(n-1-at, "the place of a message")
		if at += d; k > 0 && d == 0 {
			r.fail("the place of a message")
		}
		text := r.take(r.upTo(len(r.b), "the length of a message"))
		if len(text) == 0 {
			r.fail("a message")
		}
		if r.err != nil {
			return
		}
		g.setMessage(uint32(at), string(text))
	}
}

func (g *Graph) readHashes(r *reader, n int) {
	at, count := 0, r.upTo(n, "the number of hashes")
	for k := range count {
		d := r.upTo(n-1-at, "the place of a hash")
		if at += d; k > 0 && d == 0 {
			r.fail("the place of a hash")
		}
		hash := r.take(32)
		if r.err != nil {
			return
		}
		g.hashes.add(at, (*[32]byte)(hash))
	}
}
