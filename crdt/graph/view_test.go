package graph_test

import (
	"math/rand/v2"
	"testing"
)

// A view stays as the graph was, also while the graph goes on, and both find the
// clocks that they need each by itself.
func TestView(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 6))
		m := random(rng, 1+rng.IntN(200), 1+rng.IntN(300))
		g := m.graph(t)
		if rng.IntN(2) == 0 {
			g.IsAncestor(0, rng.IntN(g.Len())) // some clocks are there
		}
		was, view := *m, g.View(m.actors.Clone())
		done := make(chan struct{})
		go func() {
			defer close(done)
			was.check(t, rand.New(rand.NewPCG(seed, 7)), view, false)
		}()
		for range 100 {
			m.add(rng)
			if _, err := g.AddMeta(m.changes[len(m.changes)-1]); err != nil {
				t.Error(err)
			}
		}
		m.check(t, rng, g, true)
		<-done
		was.check(t, rng, view, false)
		if view.HasHashes() {
			t.Error("a view has hashes")
		}
	}
}

// Clocks that are worked out a few at a time are the same.
func TestPrepare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	m := random(rng, 20, 300)
	g := m.graph(t)
	steps := 1
	for g.Prepare(7) {
		steps++
	}
	if steps < 10 {
		t.Errorf("all was done in %d steps", steps)
	}
	m.check(t, rng, g, true)
	if g.Prepare(7) {
		t.Error("there is more to do after all")
	}
}
