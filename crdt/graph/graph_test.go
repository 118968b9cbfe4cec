package graph_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/opid"
)

// model is a graph as plainly as can be: each change with all its ancestors.
type model struct {
	actors  opid.Actors
	changes []graph.Change
	past    []map[int]bool // of each change, itself included
}

// random returns a model of n changes by some actors, who mostly go on where
// they were.
func random(rng *rand.Rand, actors, n int) *model {
	m := &model{}
	for i := range actors {
		m.actors.Number([]byte{byte(rng.Uint32()), byte(i >> 8), byte(i)})
	}
	for range n {
		m.add(rng)
	}
	return m
}

func (m *model) last(actor uint32) int {
	for i := len(m.changes) - 1; i >= 0; i-- {
		if m.changes[i].Actor == actor {
			return i
		}
	}
	return -1
}

func (m *model) add(rng *rand.Rand) {
	n := len(m.changes)
	c := graph.Change{Actor: rng.Uint32N(uint32(m.actors.Len())), Seq: 1, First: 1, HasHash: true}
	c.Hash = sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)+rng.Uint64()<<32))
	deps := map[int]bool{}
	if n > 0 && rng.IntN(3) > 0 { // go on with the last one
		c.Actor = m.changes[n-1].Actor
		deps[n-1] = true
	}
	own := m.last(c.Actor)
	if own >= 0 {
		deps[own] = true
		c.Seq = m.changes[own].Seq + 1
	}
	for n > 0 && rng.IntN(4) == 0 {
		deps[max(0, n-1-rng.IntN(30))] = true
	}
	past := map[int]bool{n: true}
	for d := range deps {
		for p := range m.past[d] {
			past[p] = true
		}
		if d == own && len(deps) > 1 && rng.IntN(8) == 0 {
			continue // it need not be said
		}
		c.Deps = append(c.Deps, uint32(d))
	}
	for i := range past {
		if i < n {
			c.First = max(c.First, m.changes[i].Last+1)
		}
	}
	c.First += uint32(rng.IntN(9) / 8)
	c.Last = c.First + uint32(rng.IntN(4)) - 1
	c.Time = 1_700_000_000 + int64(n) + int64(rng.IntN(5))
	if rng.IntN(20) == 0 {
		c.Message = fmt.Sprint("message ", n)
	}
	rng.Shuffle(len(c.Deps), func(i, j int) { c.Deps[i], c.Deps[j] = c.Deps[j], c.Deps[i] })
	m.changes, m.past = append(m.changes, c), append(m.past, past)
}

func (m *model) graph(t *testing.T) *graph.Graph {
	t.Helper()
	g := graph.New(&m.actors)
	for i, c := range m.changes {
		if at, err := g.AddMeta(c); err != nil || at != i {
			t.Fatalf("change %d: %d, %v", i, at, err)
		}
	}
	return g
}

// heads returns the changes on which none of the first n builds.
func (m *model) heads(n int) (heads []int) {
	for i := range n {
		if !slices.ContainsFunc(m.changes[:n], func(c graph.Change) bool { return slices.Contains(c.Deps, uint32(i)) }) {
			heads = append(heads, i)
		}
	}
	return heads
}

// clock returns the version of some changes' pasts, by the operations in them.
func (m *model) clock(heads ...int) map[uint32]uint32 {
	out := map[uint32]uint32{}
	for _, h := range heads {
		for i := range m.past[h] {
			if c := m.changes[i]; c.Last >= c.First {
				out[c.Actor] = max(out[c.Actor], c.Last)
			}
		}
	}
	return out
}

func (m *model) checkClock(t *testing.T, got opid.Clock, heads ...int) {
	t.Helper()
	for _, c := range m.changes {
		want := m.clock(heads...)[c.Actor]
		for op := c.First; op <= c.Last; op++ {
			if id := (opid.ID{Actor: c.Actor, Counter: op}); got == nil || got.Has(id) != (op <= want) {
				t.Fatalf("version of %v: %v has %v: %v", heads, got, id, got.Has(id))
			}
		}
	}
}

func (m *model) check(t *testing.T, rng *rand.Rand, g *graph.Graph, hashes bool) {
	t.Helper()
	if g.Len() != len(m.changes) || !slices.Equal(g.Heads(), m.heads(g.Len())) {
		t.Fatalf("%d changes with heads %v, want %d with %v", g.Len(), g.Heads(), len(m.changes), m.heads(g.Len()))
	}
	for i, want := range m.changes {
		got := g.At(i)
		if !got.HasHash && !hashes {
			want.Hash, want.HasHash = [32]byte{}, false
		}
		if !slices.Equal(got.Deps, want.Deps) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("change %d: %+v, want %+v", i, got, want)
		}
		if at, ok := g.BySeq(want.Actor, want.Seq); !ok || at != i {
			t.Fatalf("seq %d of %d: %d %v", want.Seq, want.Actor, at, ok)
		}
		if actor, seq := g.Author(i); actor != want.Actor || seq != want.Seq || g.Time(i) != want.Time || g.MaxOp(i) != want.Last {
			t.Fatalf("change %d: actor %d, seq %d, time %d, last %d", i, actor, seq, g.Time(i), g.MaxOp(i))
		}
		if got.HasHash {
			if at, ok, err := g.Find(want.Hash); err != nil || !ok || at != i {
				t.Fatalf("by hash %d: %d %v %v", i, at, ok, err)
			}
		}
	}
	m.checkHolding(t, g)
	for range 30 {
		a, b := rng.IntN(g.Len()), rng.IntN(g.Len())
		if got := g.IsAncestor(a, b); got != m.past[b][a] {
			t.Fatalf("is %d an ancestor of %d: %v", a, b, got)
		}
		m.checkClock(t, g.Clock([]int{a}), a)
		m.checkClock(t, g.Clock([]int{a, b}), a, b)
	}
	m.checkClock(t, g.Clock(g.Heads()), g.Heads()...)
	m.checkClock(t, g.Clock(nil))
}

// checkHolding asks for every operation up to the greatest, those that nobody
// made too.
func (m *model) checkHolding(t *testing.T, g *graph.Graph) {
	t.Helper()
	made := map[opid.ID]int{}
	var last uint32
	for i, c := range m.changes {
		for op := c.First; op <= c.Last; op++ {
			made[opid.ID{Actor: c.Actor, Counter: op}] = i
		}
		last = max(last, c.Last)
	}
	for a := range uint32(m.actors.Len() + 1) {
		for op := range last + 2 {
			want, exists := made[opid.ID{Actor: a, Counter: op}]
			got, ok := g.Holding(opid.ID{Actor: a, Counter: op})
			if ok != exists || ok && got != want {
				t.Fatalf("operation %d of %d: change %d %v, want %d %v", op, a, got, ok, want, exists)
			}
		}
	}
}

func TestAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 5))
		m := random(rng, 1+rng.IntN(30)*rng.IntN(30), 1+rng.IntN(200))
		g := m.graph(t)
		m.check(t, rng, g, true)
		recent := rng.IntN(20)
		form := g.AppendBinary([]byte("x"), recent)[1:]
		back, err := graph.Decode(form, &m.actors)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		m.check(t, rng, back, recent >= g.Len())
		if again := back.AppendBinary(nil, recent); !bytes.Equal(again, form) {
			t.Fatalf("seed %d: the compact form changes", seed)
		}
		m.checkKept(t, back, recent)
		m.growAndFill(t, rng, back)
	}
}

// checkKept looks for the hashes that the compact form must keep.
func (m *model) checkKept(t *testing.T, g *graph.Graph, recent int) {
	t.Helper()
	for i, c := range m.changes {
		keep := i >= len(m.changes)-recent || slices.Contains(g.Heads(), i) || m.last(c.Actor) == i
		at, ok, err := g.Find(c.Hash)
		if ok != keep || ok && at != i || !ok && !errors.Is(err, graph.ErrNoHashes) {
			t.Fatalf("hash of %d of %d with %d recent ones: %d %v %v", i, g.Len(), recent, at, ok, err)
		}
	}
}

// growAndFill goes on with a graph that lacks hashes, and fills them in.
func (m *model) growAndFill(t *testing.T, rng *rand.Rand, g *graph.Graph) {
	t.Helper()
	for range 20 {
		m.add(rng)
		c := m.changes[len(m.changes)-1]
		c.HasHash = rng.IntN(4) > 0
		if _, err := g.AddMeta(c); err != nil {
			t.Fatal(err)
		}
	}
	m.check(t, rng, g, false)
	all := make([][32]byte, len(m.changes))
	for i, c := range m.changes {
		all[i] = c.Hash
	}
	for _, bad := range [][][32]byte{all[:0], make([][32]byte, len(all))} {
		if err := g.SetHashes(graph.NewHashes(bad)); !errors.Is(err, graph.ErrHashes) {
			t.Fatalf("%d hashes that are not these: %v", len(bad), err)
		}
	}
	m.check(t, rng, g, false)
	last := len(all)
	for ; last > 0; last-- {
		if _, known := g.Hash(last - 1); !known {
			break
		}
	}
	if err := g.SetHashes(graph.NewHashes(all[:last:last])); err != nil { // the others are known
		t.Fatal(err)
	}
	if !g.HasHashes() {
		t.Fatal("hashes are still absent")
	}
	m.check(t, rng, g, true)
	if _, ok, err := g.Find([32]byte{}); ok || err != nil {
		t.Fatalf("a hash that nobody has: %v %v", ok, err)
	}
}

// The order is the same in whatever order changes came, and causal.
func TestOrder(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 6))
		m := random(rng, 1+rng.IntN(9), 150)
		order := m.graph(t).Order()
		m.checkOrder(t, order)
		want := make([][32]byte, 0, len(order))
		for _, i := range order {
			want = append(want, m.changes[i].Hash)
		}
		other, back := m.shuffled(rng)
		for k, i := range other.graph(t).Order() {
			if other.changes[i].Hash != want[k] {
				t.Fatalf("seed %d: place %d differs, change %d", seed, k, back[i])
			}
		}
	}
}

func (m *model) checkOrder(t *testing.T, order []int) {
	t.Helper()
	at := make([]int, len(order))
	for k, i := range order {
		at[i] = k
	}
	for i, c := range m.changes {
		for _, d := range c.Deps {
			if at[d] >= at[i] {
				t.Fatalf("change %d comes before %d, on which it builds", i, d)
			}
		}
	}
	if !slices.IsSortedFunc(order, func(i, j int) int { return cmp.Compare(m.changes[i].First, m.changes[j].First) }) {
		t.Fatal("not by first counter")
	}
}

// shuffled returns the same changes in another causal order, with actors
// numbered otherwise; back has their indexes in m.
func (m *model) shuffled(rng *rand.Rand) (out *model, back []int) {
	out = &model{}
	for _, a := range rng.Perm(m.actors.Len()) {
		out.actors.Number([]byte(m.actors.Name(uint32(a))))
	}
	at := map[uint32]uint32{}
	seqs := map[uint32]uint32{}
	for len(back) < len(m.changes) {
		i := rng.IntN(len(m.changes))
		c := m.changes[i]
		_, done := at[uint32(i)]
		ready := !done && c.Seq == seqs[c.Actor]+1
		c.Deps = slices.Clone(c.Deps)
		for k, d := range c.Deps {
			n, ok := at[d]
			c.Deps[k], ready = n, ready && ok
		}
		if !ready {
			continue
		}
		at[uint32(i)], seqs[c.Actor] = uint32(len(back)), c.Seq
		c.Actor = out.actors.Number([]byte(m.actors.Name(c.Actor)))
		out.changes, back = append(out.changes, c), append(back, i)
	}
	return out, back
}

// What does not fit is refused and changes nothing.
func TestMisfits(t *testing.T) {
	var actors opid.Actors
	actors.Number([]byte("a"))
	g := graph.New(&actors)
	first := &format.Change{Actor: []byte("a"), Seq: 1, StartOp: 1, Ops: make([]format.Op, 3), Hash: [32]byte{1}}
	if _, err := g.Add(first, []uint32{0}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		c    format.Change
		want error
	}{
		"seq again":      {format.Change{Seq: 1, StartOp: 4, Deps: [][32]byte{{1}}}, graph.ErrSeq},
		"seq skips":      {format.Change{Seq: 3, StartOp: 4, Deps: [][32]byte{{1}}}, graph.ErrSeq},
		"seq 0":          {format.Change{StartOp: 4, Deps: [][32]byte{{1}}}, graph.ErrSeq},
		"unknown dep":    {format.Change{Seq: 2, StartOp: 4, Deps: [][32]byte{{1}, {2}}}, graph.ErrDeps},
		"counters again": {format.Change{Seq: 2, StartOp: 3, Deps: [][32]byte{{1}}}, graph.ErrCounters},
		"own counters":   {format.Change{Seq: 2, StartOp: 1}, graph.ErrCounters},
		"no start":       {format.Change{Seq: 2}, graph.ErrCounters},
		"beyond the end": {format.Change{Seq: 2, StartOp: math.MaxUint32, Ops: make([]format.Op, 2)}, graph.ErrCounters},
	} {
		if _, err := g.Add(&tc.c, []uint32{0}); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if g.Len() != 1 || g.Last(0) != 1 || !slices.Equal(g.Heads(), []int{0}) {
		t.Errorf("it has changed: %d, %d, %v", g.Len(), g.Last(0), g.Heads())
	}
	ok := format.Change{Seq: 2, StartOp: 4, Deps: [][32]byte{{1}}, Ops: make([]format.Op, 1)}
	if _, err := g.Add(&ok, []uint32{0}); err != nil {
		t.Error(err)
	}
}

// Times far apart survive.
func TestTimes(t *testing.T) {
	var actors opid.Actors
	actors.Number([]byte("a"))
	for _, times := range [][]int64{
		{1_700_000_000, 1_700_000_001, 1_600_000_000},
		{math.MinInt64, math.MaxInt64, 0},
		{math.MaxInt64, math.MinInt64, 5},
		{0, math.MinInt64},
	} {
		g := graph.New(&actors)
		for i, at := range times {
			c := graph.Change{Seq: uint32(i) + 1, First: 1, Time: at}
			if _, err := g.AddMeta(c); err != nil {
				t.Fatal(err)
			}
		}
		back, err := graph.Decode(g.AppendBinary(nil, 0), &actors)
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range times {
			if g.Time(i) != at || back.Time(i) != at {
				t.Errorf("%d: %d and %d", at, g.Time(i), back.Time(i))
			}
		}
	}
}
