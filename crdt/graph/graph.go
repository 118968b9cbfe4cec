package graph

import (
	"fmt"
	"math"
	"slices"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// Change is what is kept of one change. Deps are indexes in the order in which the
// change names them, which is that of their hashes: other programs insist on it in
// a document chunk.
type Change struct {
	Actor uint32 // its number
	Seq   uint32 // numbers the actor's changes from 1
	// First and Last are the counters of its operations; without any, Last is
	// First-1. No ancestor has an operation above Last.
	First, Last uint32
	Time        int64 // as the author gave it, by convention in seconds
	Message     string
	Deps        []uint32
	Hash        [32]byte
	HasHash     bool
}

// Graph is the changes of one document. It is for one goroutine at a time;
// asking counts as using, since clocks are worked out when they are needed.
type Graph struct {
	names    *opid.Actors
	segs     []segment
	authors  []author
	many     []uint32 // lists of deps: a length, then indexes
	last     []uint32 // of each change the counter of its last operation
	times    times
	messages map[uint32]string // by index
	hashes   hashes
	heads    map[uint32]struct{}
	clocks   []clock // of the first segments, as far as they were asked for
	forest   forest
	scratch  []uint32
}

// author is what is known of an actor, by its number.
type author struct {
	segs []uint32 // the actor's, ascending
	seq  uint32   // of its last change
}

// New returns the graph of an empty document whose actors are numbered by
// actors.
func New(actors *opid.Actors) *Graph {
	return &Graph{names: actors, heads: map[uint32]struct{}{}}
}

// Len returns the number of changes.
func (g *Graph) Len() int { return len(g.last) }

// Add notes a change and returns its index. actors are the numbers of the
// change's actors, the author's first. What the change builds on must be held,
// its seq must be the actor's next, and its operations must be numbered above
// those before; else nothing is noted and the error is one of this package's.
// Nothing of c is kept.
func (g *Graph) Add(c *format.Change, actors []uint32) (int, error) {
	deps := g.scratch[:0]
	for i := range c.Deps {
		at, ok, err := g.Find(c.Deps[i])
		if err == nil && !ok {
			err = ErrDeps
		}
		if err != nil {
			return 0, fmt.Errorf("add change %x, on %x: %w", c.Hash[:8], c.Deps[i][:8], err)
		}
		deps = append(deps, uint32(at))
	}
	g.scratch = deps
	if c.MaxOp() > math.MaxUint32 || c.Seq > math.MaxUint32 {
		return 0, fmt.Errorf("add change %x: %w", c.Hash[:8], ErrCounters)
	}
	at, err := g.add(&Change{
		Actor: actors[0], Seq: uint32(c.Seq), First: uint32(c.StartOp), Last: uint32(c.MaxOp()),
		Time: c.Time, Message: c.Message, Deps: deps, Hash: c.Hash, HasHash: true,
	})
	if err != nil {
		return 0, fmt.Errorf("add change %x: %w", c.Hash[:8], err)
	}
	return at, nil
}

// AddMeta notes a change whose hash may be unknown, as a document chunk gives
// it, and returns its index. The same must hold as for [Graph.Add].
func (g *Graph) AddMeta(c Change) (int, error) {
	g.scratch = append(g.scratch[:0], c.Deps...)
	c.Deps = g.scratch
	at, err := g.add(&c)
	if err != nil {
		return 0, fmt.Errorf("add change %d of actor %d: %w", c.Seq, c.Actor, err)
	}
	return at, nil
}

// add notes a change. It does not keep c.Deps.
func (g *Graph) add(c *Change) (int, error) {
	if err := g.fits(c); err != nil {
		return 0, err
	}
	at := uint32(len(g.last))
	g.place(c, at)
	g.last = append(g.last, c.Last)
	g.times.add(c.Time)
	if c.Message != "" {
		g.setMessage(at, c.Message)
	}
	if c.HasHash {
		g.hashes.add(int(at), &c.Hash)
	}
	return int(at), nil
}

// fits checks the numbers of a change that is to be the next.
func (g *Graph) fits(c *Change) error {
	n := len(g.last)
	if n >= maxChanges || len(g.many) >= maxMany || c.First == 0 || uint64(c.Last)+1 < uint64(c.First) {
		return ErrCounters
	}
	if c.Seq == 0 || c.Seq-1 != g.Last(c.Actor) {
		return fmt.Errorf("seq %d after %d: %w", c.Seq, g.Last(c.Actor), ErrSeq)
	}
	if len(c.Deps) > 0 && int(slices.Max(c.Deps)) >= n || twice(c.Deps) {
		return ErrDeps
	}
	for _, d := range c.Deps {
		if c.First <= g.last[d] {
			return ErrCounters
		}
	}
	if c.Seq > 1 {
		if own, _ := g.BySeq(c.Actor, c.Seq-1); c.First <= g.last[own] {
			return ErrCounters
		}
	}
	return nil
}

// twice reports whether one of the indexes stands twice.
func twice(deps []uint32) bool {
	if len(deps) < 2 {
		return false
	}
	sorted := slices.Sorted(slices.Values(deps))
	return len(slices.Compact(sorted)) < len(deps)
}

// place puts the change at index at into the last segment or a new one, and
// among the heads.
func (g *Graph) place(c *Change, at uint32) {
	for _, d := range c.Deps {
		delete(g.heads, d)
	}
	g.heads[at] = struct{}{}
	if !g.continues(c, at) {
		g.open(segment{start: at, actor: c.Actor, seq: c.Seq, first: c.First, deps: g.keepDeps(c.Deps)})
	}
	g.authors[c.Actor].seq = c.Seq
}

func (g *Graph) setMessage(at uint32, text string) {
	if g.messages == nil {
		g.messages = map[uint32]string{}
	}
	g.messages[at] = text
}

// At returns the change at an index. Its Deps are the caller's.
func (g *Graph) At(i int) Change {
	k := g.segmentAt(uint32(i))
	s := &g.segs[k]
	c := Change{
		Actor: s.actor, Seq: s.seq + uint32(i) - s.start, First: g.first(s, uint32(i)), Last: g.last[i],
		Time: g.times.at(i), Message: g.messages[uint32(i)],
	}
	if uint32(i) == s.start {
		c.Deps = slices.Clone(g.depsOf(s))
	} else {
		c.Deps = []uint32{uint32(i) - 1}
	}
	if h := g.hashes.at(i); h != nil {
		c.Hash, c.HasHash = *h, true
	}
	return c
}

// Author returns who made a change, by number, and its seq.
func (g *Graph) Author(i int) (actor, seq uint32) {
	s := &g.segs[g.segmentAt(uint32(i))]
	return s.actor, s.seq + uint32(i) - s.start
}

// MaxOp returns the counter of a change's last operation, than which no
// ancestor's is greater.
func (g *Graph) MaxOp(i int) uint32 { return g.last[i] }

// Time returns when a change was made, as its author gave it.
func (g *Graph) Time(i int) int64 { return g.times.at(i) }

// Message returns the message of a change.
func (g *Graph) Message(i int) string { return g.messages[uint32(i)] }

// Hash returns the hash of a change, if it is not absent.
func (g *Graph) Hash(i int) (hash [32]byte, ok bool) {
	if h := g.hashes.at(i); h != nil {
		return *h, true
	}
	return hash, false
}

// Find returns the index of the change that a hash names. The error is
// [ErrNoHashes] if none is found but the hashes of some changes are absent.
func (g *Graph) Find(hash [32]byte) (int, bool, error) {
	if at, ok := g.hashes.find(&hash); ok {
		return int(at), true, nil
	}
	if g.hashes.len() < len(g.last) {
		return 0, false, ErrNoHashes
	}
	return 0, false, nil
}

// Heads returns the changes on which no other builds, ascending.
func (g *Graph) Heads() []int {
	heads := make([]int, 0, len(g.heads))
	for i := range g.heads {
		heads = append(heads, int(i))
	}
	slices.Sort(heads)
	return heads
}

// Actors returns the numbers of the document's actors.
func (g *Graph) Actors() *opid.Actors { return g.names }
