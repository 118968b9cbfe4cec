package sequence

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/opid"
)

// A frozen sequence reads like the one it was taken of, and goes on doing so
// whatever becomes of that.
func TestFrozen(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		actors := newActors(3)
		a, b := newReplica(t, actors, 0), newReplica(t, actors, 1)
		type moment struct {
			frozen *Frozen
			at     opid.Clock
			want   []string
		}
		var moments []moment
		for range 40 {
			a.edit(rnd)
			b.edit(rnd)
			if rnd.IntN(5) == 0 {
				a.pull(b)
				b.pull(a)
			}
			at := a.version(rnd)
			moments = append(moments, moment{a.s.Freeze(), at, pieces(a.s, at)})
			if got, want := describeText(a.s.Freeze()), describeText(a.s); got != want {
				t.Fatalf("frozen:\n%s\nwant\n%s", got, want)
			}
		}
		for i, m := range moments {
			if got := pieces(m.frozen, m.at); !slices.Equal(got, m.want) {
				t.Fatalf("seed %d: frozen %d is not as it was:\n%q\nwant\n%q", seed, i, got, m.want)
			}
		}
	}
}

type reading interface {
	All(yield func(Run) bool)
	Diff(a, b opid.Clock, yield func(Piece) bool)
}

func describeText(s reading) string {
	var cells []*cell
	s.All(func(r Run) bool {
		cells = append(cells, cellsOf(r)...)
		return true
	})
	return describe(cells)
}

// pieces are all elements, with whether they show in a version and now.
func pieces(s reading, at opid.Clock) (all []string) {
	s.Diff(at, nil, func(p Piece) bool {
		for _, c := range cellsOf(p.Run) {
			all = append(all, fmt.Sprint(c, p.InA, p.InB))
		}
		return true
	})
	return all
}
