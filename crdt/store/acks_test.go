package store

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// What was acknowledged is written before long, while the store is open, and only
// once for many words.
func TestAcksWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHere(t, t.TempDir())
		defer s.Close()
		const docs = 3 * acksAtOnce
		acked := map[crdt.DocID]crdt.Vector{}
		for i := range docs {
			id := crdt.DocID{1, byte(i)}
			copy(id[4:], fmt.Sprint(i))
			s.Submit(Entry{Doc: id})
			acked[id] = crdt.Vector{"a": {Seq: uint64(i)}}
		}
		flushHere(t, s)
		for range 100 {
			s.PutAcks([32]byte{1}, acked)
		}
		if n := count(t, s, "SELECT count(*) FROM acks"); n != 0 {
			t.Errorf("%d written at once", n)
		}
		time.Sleep(acksEvery + 1) // by when they are queued
		synctest.Wait()
		flushHere(t, s)
		if n := count(t, s, "SELECT count(*) FROM acks"); n != docs {
			t.Errorf("%d of %d are written", n, docs)
		}
		s.acks.mu.Lock()
		defer s.acks.mu.Unlock()
		if len(s.acks.pending) > 0 {
			t.Errorf("%d still wait", len(s.acks.pending))
		}
	})
}
