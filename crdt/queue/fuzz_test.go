package queue_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt/queue"
)

// FuzzQueue gives the queue and its model the same steps, with dependencies that
// may make no sense: rings, a change that waits for itself.
func FuzzQueue(f *testing.F) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 10))
		steps := make([]byte, 300)
		for i := range steps {
			steps[i] = byte(rng.IntN(40))
		}
		f.Add(steps)
	}
	f.Fuzz(func(t *testing.T, steps []byte) {
		q := queue.New[int](queue.Limits{Items: room, Bytes: 1 << 20})
		m := &model{waiting: map[int][]int{}}
		for ; len(steps) >= 3; steps = steps[3:] {
			n, a, b := int(steps[0]), int(steps[1]), int(steps[2])
			switch a % 4 {
			case 0, 1:
				addBoth(t, q, m, n, a, b)
			case 2:
				if got, want := values(q.Resolve(name(n))), m.resolve(n); !slices.Equal(got, want) {
					t.Fatalf("after %d ready: %v, want %v", n, got, want)
				}
			case 3:
				got := values(q.Refuse(name(n)))
				slices.Sort(got)
				if want := m.refuse(n); !slices.Equal(got, want) {
					t.Fatalf("refused %d: %v, want %v", n, got, want)
				}
			}
			if q.Len() != len(m.order) || (q.Len() == 0) != (q.Bytes() == 0) || !slices.Equal(q.Wanted(), m.wanted()) {
				t.Fatalf("%d wait with %d bytes, want %d", q.Len(), q.Bytes(), len(m.order))
			}
		}
	})
}

// addBoth lets n wait for one or two others.
func addBoth(t *testing.T, q *queue.Queue[int], m *model, n, a, b int) {
	missing := []int{b}
	if a != b && a%8 > 3 {
		missing = append(missing, a)
	}
	var hashes [][32]byte
	for _, d := range missing {
		hashes = append(hashes, name(d))
	}
	var want error
	switch {
	case m.waiting[n] != nil:
		want = queue.ErrWaiting
	case len(m.order) >= room:
		want = queue.ErrFull
	default:
		m.order = append(m.order, n)
		m.waiting[n] = missing
	}
	if err := q.Add(name(n), hashes, n, n); !errors.Is(err, want) {
		t.Fatalf("add %d: %v, want %v", n, err, want)
	}
}
