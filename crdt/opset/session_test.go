package opset

import (
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/opid"
)

// What automerge-go writes reads as automerge-go reads it, in any causal order,
// and a document of its own gives the same set.
func TestSessionsOfAutomergeGo(t *testing.T) {
	for seed := range uint64(12) {
		chunks, err := formattest.Session(seed, 1+int(seed)%8, 80)
		if err != nil {
			t.Fatal(err)
		}
		checkChunks(t, seed, chunks)
	}
}

// checkChunks holds a set of changes, which come in a causal order, against
// automerge-go.
func checkChunks(t *testing.T, seed uint64, chunks [][]byte) {
	t.Helper()
	doc := theirs(t, chunks)
	want := theirState(t, doc.Root())
	saved := loaded(t, doc.Save())
	ops := allOps(t, saved)
	rng := rand.New(rand.NewPCG(seed, 2))
	var changes []*format.Change
	for _, chunk := range chunks {
		changes = append(changes, parse(t, chunk))
	}
	for round := range 3 {
		r := newReplica()
		r.set.Watch(opid.ID{Actor: r.actors.Number(changes[0].Actor), Counter: uint32(changes[0].StartOp)})
		for _, i := range arrival(rng, changes, round == 0) {
			r.apply(t, changes[i])
		}
		differ(t, "applied", rootState(r.set), want)
		same(t, "applied", allOps(t, r.set), ops)
		checkForms(t, r.set)
	}
	differ(t, "of the saved document", rootState(saved), want)
}

// arrival is a causal order of changes, at random or as they come.
func arrival(rng *rand.Rand, changes []*format.Change, asIs bool) []int {
	at := map[[32]byte]int{}
	for i, c := range changes {
		at[c.Hash] = i
	}
	left := make([]int, len(changes)) // deps that have not come
	next := make([][]int, len(changes))
	var ready, all []int
	for i, c := range changes {
		for _, d := range c.Deps {
			next[at[d]] = append(next[at[d]], i)
		}
		if left[i] = len(c.Deps); left[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		k := rng.IntN(len(ready))
		if asIs {
			k = slices.Index(ready, slices.Min(ready))
		}
		i := ready[k]
		ready = slices.Delete(ready, k, k+1)
		all = append(all, i)
		for _, n := range next[i] {
			if left[n]--; left[n] == 0 {
				ready = append(ready, n)
			}
		}
	}
	return all
}
