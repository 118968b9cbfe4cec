package graph_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"starling/crdt/graph"
	"starling/crdt/opid"
)

// A linear history takes a few bytes, whatever its length.
func TestLinearFormIsSmall(t *testing.T) {
	var actors opid.Actors
	form := linear(t, &actors, 10_000).AppendBinary(nil, 0)
	if len(form) > 64 {
		t.Errorf("%d bytes", len(form))
	}
}

// linear returns the graph of somebody who types alone.
func linear(t testing.TB, actors *opid.Actors, n int) *graph.Graph {
	t.Helper()
	g := graph.New(actors)
	a := actors.Number([]byte("a"))
	for i := range uint32(n) {
		c := graph.Change{Actor: a, Seq: i + 1, First: i + 1, Last: i + 1, Time: 1_700_000_000 + int64(i)}
		if i > 0 {
			c.Deps = []uint32{i - 1}
		}
		if _, err := g.AddMeta(c); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// A form that is cut off anywhere, or goes on, is refused.
func TestDamagedForms(t *testing.T) {
	m := random(rand.New(rand.NewPCG(1, 7)), 5, 60)
	form := m.graph(t).AppendBinary(nil, 10)
	for n := range form {
		if _, err := graph.Decode(form[:n], &m.actors); !errors.Is(err, graph.ErrForm) {
			t.Fatalf("cut off after %d bytes: %v", n, err)
		}
	}
	if _, err := graph.Decode(append(bytes.Clone(form), 0), &m.actors); !errors.Is(err, graph.ErrForm) {
		t.Fatalf("with a byte more: %v", err)
	}
	if _, err := graph.Decode(form, &opid.Actors{}); !errors.Is(err, graph.ErrForm) {
		t.Fatalf("without its actors: %v", err)
	}
}

// FuzzDecode: what is read is written again the same, up to a choice of runs,
// and can be asked everything.
func FuzzDecode(f *testing.F) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 8))
		m := random(rng, 1+rng.IntN(5), rng.IntN(60))
		g := graph.New(&m.actors)
		for _, c := range m.changes {
			if _, err := g.AddMeta(c); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(g.AppendBinary(nil, 5))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		if len(form) > 1 {
			if n, _ := binary.Uvarint(form[1:]); n > 1<<12 {
				return // right, maybe, but slow
			}
		}
		var actors opid.Actors
		for i := range byte(5) {
			actors.Number([]byte{i})
		}
		g, err := graph.Decode(form, &actors)
		if err != nil {
			return
		}
		again := g.AppendBinary(nil, g.Len())
		back, err := graph.Decode(again, &actors)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if !bytes.Equal(back.AppendBinary(nil, g.Len()), again) {
			t.Fatal("it is written otherwise the second time")
		}
		askAll(t, g, &actors)
	})
}

// askAll adds the changes of a graph to another one, which must take them.
func askAll(t *testing.T, g *graph.Graph, actors *opid.Actors) {
	t.Helper()
	other := graph.New(actors)
	for i := range g.Len() {
		c := g.At(i)
		if at, err := other.AddMeta(c); err != nil || at != i {
			t.Fatalf("change %d does not fit: %v", i, err)
		}
		if at, ok := g.BySeq(c.Actor, c.Seq); !ok || at != i {
			t.Fatalf("change %d by seq: %d", i, at)
		}
	}
	if !bytes.Equal(other.AppendBinary(nil, g.Len()), g.AppendBinary(nil, g.Len())) {
		t.Fatal("the graph is another when its changes are added one by one")
	}
	if len(g.Order()) != g.Len() || len(g.Clock(g.Heads())) > actors.Len() {
		t.Fatal("order or clock of another length")
	}
	for i := range min(g.Len(), 50) {
		g.Clock([]int{i})
	}
}
