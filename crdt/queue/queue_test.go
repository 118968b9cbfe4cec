package queue_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"starling/crdt/queue"
)

// name is a hash that says which change it names.
func name(n int) (h [32]byte) {
	binary.BigEndian.PutUint32(h[:], uint32(n)+1)
	return h
}

// model is the queue as plainly as can be.
type model struct {
	order   []int         // those that wait, as they came
	waiting map[int][]int // what each still waits for
}

func (m *model) take(n int) {
	delete(m.waiting, n)
	m.order = slices.DeleteFunc(m.order, func(k int) bool { return k == n })
}

func (m *model) resolve(n int) (ready []int) {
	for _, k := range slices.Clone(m.order) {
		m.waiting[k] = slices.DeleteFunc(m.waiting[k], func(d int) bool { return d == n })
		if len(m.waiting[k]) == 0 {
			m.take(k)
			ready = append(ready, k)
		}
	}
	return ready
}

// refuse returns all that go, sorted.
func (m *model) refuse(n int) (out []int) {
	gone := map[int]bool{n: true}
	for again := true; again; {
		again = false
		for k, deps := range m.waiting {
			if k == n || slices.ContainsFunc(deps, func(d int) bool { return gone[d] }) {
				m.take(k)
				gone[k], again = true, true
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

func values(items []queue.Item[int]) (out []int) {
	for _, it := range items {
		out = append(out, it.Value)
	}
	return out
}

// room is how many may wait: less than come at first.
const room = 80

// world is changes that come in any order to a queue and its model.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	deps    [][]int
	applied map[int]bool
	refused map[int]bool
	q       *queue.Queue[int]
	m       model
}

func newWorld(t *testing.T, rng *rand.Rand, n int) *world {
	w := &world{
		t: t, rng: rng, applied: map[int]bool{}, refused: map[int]bool{},
		q: queue.New[int](queue.Limits{Items: room, Bytes: 1 << 20}), m: model{waiting: map[int][]int{}},
	}
	for i := range n {
		deps := map[int]bool{}
		for i > 0 && (len(deps) == 0 || rng.IntN(2) == 0) {
			deps[max(0, i-1-rng.IntN(6))] = true
		}
		var list []int
		for d := range deps {
			list = append(list, d)
		}
		w.deps = append(w.deps, list)
	}
	return w
}

// arrive brings a change, applied if nothing is missing.
func (w *world) arrive(n int) {
	var missing []int
	var hashes [][32]byte
	for _, d := range w.deps[n] {
		if w.refused[d] {
			w.refused[n] = true
			return
		}
		if !w.applied[d] {
			missing, hashes = append(missing, d), append(hashes, name(d))
		}
	}
	if len(missing) == 0 {
		w.apply(n)
		return
	}
	var want error
	if w.m.waiting[n] != nil {
		want = queue.ErrWaiting
	} else if len(w.m.order) >= room {
		want = queue.ErrFull
	}
	if err := w.q.Add(name(n), hashes, 10, n); !errors.Is(err, want) {
		w.t.Fatalf("add %d: %v, want %v", n, err, want)
	}
	if want == nil {
		w.m.order = append(w.m.order, n)
		w.m.waiting[n] = missing
	}
}

// apply applies or refuses a change and goes on with those that waited for it.
func (w *world) apply(n int) {
	for todo := []int{n}; len(todo) > 0; todo = todo[1:] {
		k := todo[0]
		if w.applied[k] {
			continue
		}
		if w.refused[k] || w.rng.IntN(60) == 0 {
			w.refuse(k)
			continue
		}
		w.applied[k] = true
		got, want := values(w.q.Resolve(name(k))), w.m.resolve(k)
		if !slices.Equal(got, want) {
			w.t.Fatalf("after %d ready: %v, want %v", k, got, want)
		}
		todo = append(todo, got...)
	}
}

func (w *world) refuse(k int) {
	w.refused[k] = true
	got, want := values(w.q.Refuse(name(k))), w.m.refuse(k)
	for i, n := range got {
		if n != k && !slices.ContainsFunc(w.deps[n], func(d int) bool { return d == k || slices.Contains(got[:i], d) }) {
			w.t.Fatalf("refused %d, and %v: %d names none before it", k, got, n)
		}
		w.refused[n] = true
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.t.Fatalf("refused %d: %v, want %v", k, got, want)
	}
}

// wanted returns what is missing and does not wait, in ascending order.
func (m *model) wanted() (out [][32]byte) {
	var all []int
	for _, deps := range m.waiting {
		for _, d := range deps {
			if m.waiting[d] == nil {
				all = append(all, d)
			}
		}
	}
	slices.Sort(all)
	for _, d := range slices.Compact(all) {
		out = append(out, name(d))
	}
	return out
}

func TestAgainstModel(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 9))
		w := newWorld(t, rng, 120)
		for range 6 { // what was refused for want of room comes again
			for _, n := range rng.Perm(len(w.deps)) {
				if !w.applied[n] && !w.refused[n] {
					w.arrive(n)
				}
				if w.q.Len() != len(w.m.order) || !slices.Equal(w.q.Wanted(), w.m.wanted()) {
					t.Fatalf("seed %d: %d wait for %x, want %d for %x", seed, w.q.Len(), w.q.Wanted(), len(w.m.order), w.m.wanted())
				}
			}
		}
		if w.q.Len() == 0 && w.q.Bytes() != 0 {
			t.Fatalf("seed %d: the empty queue has %d bytes", seed, w.q.Bytes())
		}
		outcomes["applied"] += len(w.applied)
		outcomes["refused"] += len(w.refused)
		outcomes["left"] += w.q.Len()
	}
	if outcomes["applied"] < 1000 || outcomes["refused"] < 500 {
		t.Errorf("the test tries too little: %v", outcomes)
	}
}

func TestLimits(t *testing.T) {
	cost := 100 + queue.ItemOverhead + queue.DepOverhead
	q := queue.New[string](queue.Limits{Items: 10, Bytes: 2 * cost})
	missing := [][32]byte{name(0)}
	for n, want := range []error{1: nil, 2: nil, 3: queue.ErrFull} {
		if n == 0 {
			continue
		}
		if err := q.Add(name(n), missing, 100, "value"); !errors.Is(err, want) {
			t.Errorf("number %d: %v, want %v", n, err, want)
		}
	}
	if q.Bytes() != 2*cost || q.Len() != 2 {
		t.Errorf("%d bytes in %d", q.Bytes(), q.Len())
	}
	if err := q.Add(name(4), nil, 0, ""); !errors.Is(err, queue.ErrReady) {
		t.Errorf("without missing ones: %v", err)
	}
	if err := q.Add(name(1), missing, 100, ""); !errors.Is(err, queue.ErrWaiting) {
		t.Errorf("twice: %v", err)
	}
	if got := q.Resolve(name(0)); len(got) != 2 || got[0].Hash != name(1) || got[0].Size != 100 || got[0].Value != "value" {
		t.Errorf("ready: %v", got)
	}
	if q.Bytes() != 0 || q.Len() != 0 || q.Has(name(1)) {
		t.Errorf("%d bytes in %d", q.Bytes(), q.Len())
	}
}

// reverse brings n changes, the last first, then the one that all wait for.
func reverse(t testing.TB, n int) time.Duration {
	t.Helper()
	start := time.Now()
	q := queue.New[int](queue.Limits{Items: n, Bytes: 1 << 30})
	for i := n; i > 0; i-- {
		if err := q.Add(name(i), [][32]byte{name(i - 1)}, 100, i); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if ready := q.Resolve(name(i)); len(ready) != 1 || ready[0].Value != i+1 {
			t.Fatalf("after %d: %v", i, ready)
		}
	}
	if q.Len() != 0 {
		t.Fatalf("%d are left", q.Len())
	}
	return time.Since(start)
}

// What is linear takes a tenth of a second here; what is quadratic in the number
// of changes takes 8 thousand million steps.
func TestReverseOrderIsLinear(t *testing.T) {
	if took := reverse(t, 1<<17); took > 8*time.Second {
		t.Errorf("%v for 131,072 changes", took)
	}
}

func BenchmarkReverse16k(b *testing.B) {
	for b.Loop() {
		reverse(b, 16<<10)
	}
}
