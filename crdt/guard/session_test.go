package guard_test

import (
	"math/rand/v2"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// session returns the changes that some actors really make, and their chunks.
func session(t testing.TB, seed uint64, actors, steps int) (changes []*format.Change, chunks [][]byte) {
	t.Helper()
	chunks, err := formattest.Session(seed, actors, steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, chunk := range chunks {
		changes = append(changes, parse(t, chunk))
	}
	return changes, chunks
}

// shuffle returns the changes in another order in which each comes after its
// dependencies.
func shuffle(rng *rand.Rand, changes []*format.Change) []*format.Change {
	held := map[[32]byte]bool{}
	out := make([]*format.Change, 0, len(changes))
	for left := append([]*format.Change(nil), changes...); len(left) > 0; {
		i := rng.IntN(len(left))
		ready := true
		for _, d := range left[i].Deps {
			ready = ready && held[d]
		}
		if !ready {
			continue
		}
		held[left[i].Hash] = true
		out = append(out, left[i])
		left = append(left[:i], left[i+1:]...)
	}
	return out
}

// Every change that automerge-go makes passes, in whatever order changes come.
func TestHonestChangesPassInAnyOrder(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		changes, _ := session(t, seed, 1+rng.IntN(12), 120)
		for range 4 {
			x := newDoc()
			accept(t, x, shuffle(rng, changes)...)
			if x.g.Len() != len(changes) {
				t.Fatalf("seed %d: %d of %d changes", seed, x.g.Len(), len(changes))
			}
		}
	}
}

// descendants returns which changes build on changes[of], itself included.
func descendants(changes []*format.Change, of int) []bool {
	in := make([]bool, len(changes))
	byHash := map[[32]byte]bool{}
	for i, c := range changes {
		in[i] = i == of
		for _, d := range c.Deps {
			in[i] = in[i] || byHash[d]
		}
		byHash[c.Hash] = in[i]
	}
	return in
}

// ancestors returns which changes the dependencies of c build on, themselves
// included.
func ancestors(changes []*format.Change, c *format.Change) []bool {
	in := make([]bool, len(changes))
	want := map[[32]byte]bool{}
	for _, d := range c.Deps {
		want[d] = true
	}
	for i := len(changes) - 1; i >= 0; i-- {
		if in[i] = want[changes[i].Hash]; in[i] {
			for _, d := range changes[i].Deps {
				want[d] = true
			}
		}
	}
	return in
}

// pick returns the elements of all for which in says want.
func pick[T any](all []T, in []bool, want bool) []T {
	var out []T
	for i, e := range all {
		if in[i] == want {
			out = append(out, e)
		}
	}
	return out
}
