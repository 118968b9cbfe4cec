package history

import (
	"math/rand/v2"
	"testing"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// A set of operations holds what was put into it, and says truly for which
// counters around one that is the same.
func TestOpsAgainstAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var o Ops
		model := map[opid.ID]bool{}
		for range rng.IntN(8) {
			actor, from := uint32(rng.IntN(2)), uint32(1+rng.IntN(30))
			to := from + uint32(rng.IntN(6)) - 1
			o.Add(actor, from, to)
			for c := from; c <= to; c++ {
				model[opid.ID{Actor: actor, Counter: c}] = true
			}
		}
		for actor := range uint32(3) {
			for c := uint32(1); c < 45; c++ {
				id := opid.ID{Actor: actor, Counter: c}
				in, same := o.around(id)
				if in != model[id] || o.Has(id) != in {
					t.Fatalf("%v in %+v: %v", id, o, in)
				}
				for k := max(same.from, 1); k <= min(same.to, 45); k++ {
					if model[opid.ID{Actor: actor, Counter: k}] != in {
						t.Fatalf("around %v in %+v: %+v", id, o, same)
					}
				}
				if in && (model[opid.ID{Actor: actor, Counter: same.to + 1}] || model[opid.ID{Actor: actor, Counter: same.from - 1}]) {
					t.Fatalf("around %v in %+v it ends early: %+v", id, o, same)
				}
			}
		}
	}
}

// The index finds the stretch of an operation, also beside the one found last.
func TestIndexOfStretches(t *testing.T) {
	all := []Stretch{{1, 10, 12}, {2, 5, 5}, {1, 1, 3}, {1, 13, 13}, {1, 1, 0}, {1, 20, 29}}
	x := indexOf(all)
	rng := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		id := opid.ID{Actor: uint32(rng.IntN(4)), Counter: uint32(1 + rng.IntN(32))}
		want := -1
		for i, s := range all {
			if s.Actor == id.Actor && s.From <= id.Counter && id.Counter <= s.To {
				want = i
			}
		}
		at, same := x.around(id)
		if at != want || id.Counter < same.from || id.Counter > same.to {
			t.Fatalf("%v is in stretch %d, says %d %+v", id, want, at, same)
		}
		for i, s := range all {
			if i != want && s.Actor == id.Actor && s.From <= s.To && same.from <= s.To && s.From <= same.to {
				t.Fatalf("around %v: %+v reaches into %+v", id, same, s)
			}
		}
	}
}

// A span reaches as far as its operations are among some counters, in either
// direction.
func TestReach(t *testing.T) {
	tests := []struct {
		span sequence.Span
		i, n int
		want int
	}{
		{sequence.Span{Op: opid.ID{Counter: 10}, Step: 1}, 0, 5, 3},
		{sequence.Span{Op: opid.ID{Counter: 10}, Step: 1}, 1, 5, 2},
		{sequence.Span{Op: opid.ID{Counter: 10}, Step: 1}, 0, 2, 2},
		{sequence.Span{Op: opid.ID{Counter: 12}, Step: -1}, 0, 9, 5},
		{sequence.Span{Op: opid.ID{Counter: 12}, Step: -1}, 3, 9, 2},
	}
	for _, tt := range tests {
		if got := (counters{8, 12}).reach(tt.span, tt.i, tt.n); got != tt.want {
			t.Errorf("%+v from %d on, of %d: %d, not %d", tt.span, tt.i, tt.n, got, tt.want)
		}
	}
}
