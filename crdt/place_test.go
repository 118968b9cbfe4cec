package crdt

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"
)

// Resolve takes a short way through the log. It must find what looking at every
// patch finds.
func TestUnseenPatchesAreAllFound(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		actors := []ActorID{"a", "b", "c"}
		log, have := newPatchLog(0), Seqs{}
		var states []Seqs
		for range 40 {
			states = append(states, maps.Clone(have))
			a := actors[rng.IntN(len(actors))]
			have[a]++
			seq := have[a]
			for range rng.IntN(3) { // a change may make no patch, or several
				log.add(Patch{Actor: a, Seq: seq})
			}
			if rng.IntN(10) == 0 {
				log.add(Patch{})
			}
		}
		for _, at := range states {
			var want []uint64
			for _, p := range log.patches {
				if p.Actor != "" && at[p.Actor] < p.Seq {
					want = append(want, p.Num)
				}
			}
			got := log.unseen(have, at)
			if len(got) != len(want) {
				t.Fatalf("seed %d: %d patches, want %d", seed, len(got), len(want))
			}
			for i, p := range got {
				if p.Num != want[i] {
					t.Fatalf("seed %d: patch %d, want %d", seed, p.Num, want[i])
				}
			}
		}
	}
}

// A broken document takes nothing any more and says so.
func TestABrokenDocumentTakesNothing(t *testing.T) {
	d, err := Open(Config{ID: DocID{1}, Actor: "actor-a"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Found(time.Unix(0, 0))
	if err != nil || d.Broken() {
		t.Fatal(err, d.Broken())
	}
	d.broken = true
	if _, err := d.Edit(Edit{Insert: "x"}, time.Unix(0, 0)); err == nil {
		t.Error("an edit was taken")
	}
	if _, err := d.Apply([]Change{c}); err == nil {
		t.Error("a change was taken")
	}
	if _, err := d.Found(time.Unix(0, 0)); err == nil {
		t.Error("it was founded again")
	}
	if !d.Broken() {
		t.Error("it does not say so")
	}
}
