package guard_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/guard"
)

// history is the changes of many actors, each change an insertion into one text,
// with the ancestors of each change written out: the plain model of what the
// graph keeps in clocks.
type history struct {
	changes []*format.Change
	past    []map[int]bool // of each change, itself included
	last    map[string]int // of each actor its last change
}

func newHistory(t *testing.T) *history {
	first := format.Change{
		Actor: []byte("first"), Seq: 1, StartOp: 1,
		Ops: []format.Op{{Key: name("content"), Action: format.MakeText}},
	}
	return &history{
		changes: []*format.Change{parse(t, first.Encode())},
		past:    []map[int]bool{{0: true}}, last: map[string]int{"first": 0},
	}
}

func (g *history) pastOf(deps []int) map[int]bool {
	past := map[int]bool{}
	for _, d := range deps {
		maps.Copy(past, g.past[d])
	}
	return past
}

// insertion makes a change of actor on deps that inserts after the element
// that the change numbered ref made, or at the head if that is 0.
func (g *history) insertion(t *testing.T, actor string, deps []int, ref int) *format.Change {
	t.Helper()
	c := &format.Change{Actor: []byte(actor), Seq: 1, StartOp: 1}
	if at, ok := g.last[actor]; ok {
		c.Seq = g.changes[at].Seq + 1
	}
	for _, d := range deps {
		c.Deps = append(c.Deps, g.changes[d].Hash)
		c.StartOp = max(c.StartOp, g.changes[d].MaxOp()+1)
	}
	slices.SortFunc(c.Deps, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, r := range []int{0, ref} {
		if a := g.changes[r].Actor; !bytes.Equal(a, c.Actor) {
			c.OtherActors = append(c.OtherActors, a)
		}
	}
	slices.SortFunc(c.OtherActors, bytes.Compare)
	c.OtherActors = slices.CompactFunc(c.OtherActors, bytes.Equal)
	opID := func(r int) format.OpID {
		of := g.changes[r]
		at := slices.IndexFunc(c.OtherActors, func(a []byte) bool { return bytes.Equal(a, of.Actor) })
		return format.OpID{Counter: uint32(of.StartOp), Actor: uint32(at + 1)}
	}
	op := format.Op{Obj: opID(0), Insert: true, Action: format.Set, Value: str("x")}
	if ref > 0 {
		op.Key.Elem = opID(ref)
	}
	c.Ops = []format.Op{op}
	return parse(t, c.Encode())
}

// A reference is good if and only if it is to an ancestor, though everything
// is held; and an actor's change follows its last one if and only if that is
// an ancestor.
func TestAncestryAgainstModel(t *testing.T) {
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 4))
		g := newHistory(t)
		x := newDoc()
		accept(t, x, g.changes[0])
		outcomes := map[error]int{}
		for range 600 {
			actor := fmt.Sprint("actor ", rng.IntN(1+rng.IntN(150)))
			deps := someDeps(rng, g, actor)
			ref := max(0, len(g.changes)-1-rng.IntN(40))
			past := g.pastOf(deps)
			c := g.insertion(t, actor, deps, ref)
			var want error
			if at, ok := g.last[actor]; ok && !past[at] {
				want = guard.ErrSeq
			} else if !past[ref] {
				want = guard.ErrNoElement
			}
			if err := x.check(c); !errors.Is(err, want) || (want == nil) != (err == nil) {
				t.Fatalf("seed %d, change %d: %v, want %v", seed, len(g.changes), err, want)
			}
			if outcomes[want]++; want == nil {
				accept(t, x, c)
				past[len(g.changes)] = true
				g.last[actor] = len(g.changes)
				g.changes, g.past = append(g.changes, c), append(g.past, past)
			}
		}
		if len(outcomes) != 3 || outcomes[nil] < 100 {
			t.Fatalf("seed %d tries too little: %v", seed, outcomes)
		}
	}
}

// someDeps picks one to three recent changes, mostly with the actor's last.
func someDeps(rng *rand.Rand, g *history, actor string) []int {
	deps := map[int]bool{}
	if at, ok := g.last[actor]; ok && rng.IntN(5) > 0 {
		deps[at] = true
	}
	for len(deps) == 0 || rng.IntN(3) == 0 {
		deps[max(0, len(g.changes)-1-rng.IntN(20))] = true
	}
	return slices.Sorted(maps.Keys(deps))
}
