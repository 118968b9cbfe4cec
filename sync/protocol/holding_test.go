package protocol

import (
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// Whatever was committed or taken back in which order, the same holding has the
// same digest and sums as one that was made at once, and says what a map says.
func TestAHolding(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 3))
		model := make(map[crdt.DocID]crdt.Vector)
		var h *Holding
		for range rng.IntN(40) {
			step := make(map[crdt.DocID]crdt.Vector)
			for range rng.IntN(5) {
				id := crdt.DocID{byte(rng.IntN(4)), byte(rng.IntN(6))}
				v := crdt.Vector{}
				for range rng.IntN(3) {
					v.Advance(crdt.ActorID([]byte{byte(rng.IntN(3))}), crdt.Tip{Seq: 1 + rng.Uint64N(5), Hash: crdt.Hash{byte(rng.IntN(2))}})
				}
				step[id] = v
			}
			before, was := h, maps.Collect(h.All())
			h = h.With(step)
			if !maps.EqualFunc(was, maps.Collect(before.All()), crdt.Vector.Equal) {
				t.Fatal("an older holding has changed")
			}
			maps.Copy(model, step)
			maps.DeleteFunc(model, func(_ crdt.DocID, v crdt.Vector) bool { return len(v) == 0 })
		}
		fresh := (*Holding)(nil).With(model)
		if h.Digest() != fresh.Digest() || h.Len() != len(model) {
			t.Fatalf("seed %d: another digest, or %d documents and not %d", seed, h.Len(), len(model))
		}
		if !maps.EqualFunc(model, maps.Collect(h.All()), crdt.Vector.Equal) {
			t.Fatalf("seed %d: holds %v, not %v", seed, maps.Collect(h.All()), model)
		}
		for id, v := range model {
			other := h.With(map[crdt.DocID]crdt.Vector{id: {"x": {Seq: 9}}})
			for n, sum := range other.sums() {
				if (sum != h.sums()[n]) != (n == int(id[0])) {
					t.Fatalf("seed %d: part %d", seed, n)
				}
			}
			if back := other.With(map[crdt.DocID]crdt.Vector{id: v}); back.Digest() != h.Digest() {
				t.Fatalf("seed %d: not the same after a step and back", seed)
			}
		}
	}
}

// carried counts the bytes that were written in both directions.
func (w *wire) carried() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// Two that hold the same documents say so in little room, and of what differs
// they tell only the part.
func TestOnlyWhatDiffersIsTold(t *testing.T) {
	for _, differ := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newFakeHost(t, 1), newFakeHost(t, 2)
			space := found(1, a, b)
			for i := range 10_000 {
				id := crdt.DocID{byte(i), byte(i >> 8)}
				c := makeChange([]byte("0123456789abcdef"), 1, 1)
				for _, h := range []*fakeHost{a, b}[:2-min(1, max(0, differ-i))] {
					d := h.doc(space, id)
					d.take(c)
					d.committed++
					d.heads = append(d.heads, h.head(c))
				}
			}
			begin := time.Now()
			l, _ := dial(a, b, func(w *wire) { w.delay = time.Millisecond })
			pass(2 * time.Second)
			same(t, a, b)
			most := 1000 // bytes in both directions
			if differ > 0 {
				most = 2*5000 + differ*2*50*120
			}
			t.Logf("%d bytes after %v for %d documents that differ", l.carried(), time.Since(begin), differ)
			if l.carried() > most {
				t.Errorf("%d bytes, at most %d", l.carried(), most)
			}
			if len(a.acked) != 10_000 || len(b.acked) < 10_000-differ {
				t.Errorf("acknowledged are %d and %d", len(a.acked), len(b.acked))
			}
			l.session.mu.Lock()
			if n := len(l.session.spaces[space].docs); n != differ {
				t.Errorf("%d documents are kept in memory", n)
			}
			l.session.mu.Unlock()
		})
	}
}

// What is on the screen of the other comes before thousands of other documents,
// and before what fills the line.
func TestTheDocumentOnTheScreenIsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		for i := range 2000 {
			for range 1 + i%2*5 {
				a.editFast(space, crdt.DocID{byte(i), byte(i >> 8)})
			}
		}
		looked := crdt.DocID{byte(1999 & 255), byte(1999 >> 8)}
		b.first = []crdt.DocID{looked}
		dial(a, b, func(w *wire) { w.delay, w.room = 20*time.Millisecond, 2000 })
		pass(200 * time.Millisecond)
		b.mu.Lock()
		had, all := b.docs[looked], len(b.docs)
		b.mu.Unlock()
		if had == nil || len(had.changes) != 6 || all > 1000 {
			t.Errorf("it came after %d others: %v", all, had)
		}
		pass(time.Minute)
		same(t, a, b)
	})
}
