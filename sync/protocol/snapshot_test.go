package protocol

import (
	"testing"
	"testing/synctest"
	"time"
)

// A document with a long history comes as its snapshot and a tail, each once; one
// that breaks off goes on where it stopped.
func TestSnapshots(t *testing.T) {
	for _, breaks := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newFakeHost(t, 1), newFakeHost(t, 2)
			a.minSnapshot = 100
			space := found(1, a, b)
			for range 4000 {
				a.editFast(space, docs[0])
			}
			for range 50 {
				a.editFast(space, docs[1])
			}
			snap, _ := a.Snapshot(t.Context(), space, docs[0])
			slow := func(w *wire) { w.delay, w.room = time.Millisecond, 1000 }
			for range breaks {
				l, _ := dial(a, b, slow)
				pass(300 * time.Millisecond)
				l.stop()
				pass(time.Second)
			}
			l, _ := dial(a, b, slow)
			pass(time.Minute)
			same(t, a, b)
			if b.snapshotBytes != len(snap.Chunk) || b.twice > 0 {
				t.Errorf("%d bytes of a snapshot of %d; %d changes came twice", b.snapshotBytes, len(snap.Chunk), b.twice)
			}
			if breaks > 0 && l.carried() > len(snap.Chunk)/2 {
				t.Errorf("%d bytes at the end, of %d", l.carried(), len(snap.Chunk))
			}
			if !a.acked[docs[0]].Equal(b.content()[docs[0]]) {
				t.Error("it is not acknowledged")
			}
			b.edit(space, docs[0], 10)
			pass(time.Second)
			same(t, a, b)
		})
	}
}
