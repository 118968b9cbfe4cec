package peer_test

import (
	"os"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/tracetest"
	"starling/sync/peer"
)

// TestTheFirstSyncOfAPaper measures how the document of the automerge-paper trace,
// 260,000 edits, comes to a new member. It takes half a minute, so
// STARLING_MEASURE must be set.
func TestTheFirstSyncOfAPaper(t *testing.T) {
	if os.Getenv("STARLING_MEASURE") == "" {
		t.Skip("STARLING_MEASURE is not set")
	}
	trace := tracetest.Load(t, tracetest.Paper)
	a, b := start(t, "Ada"), start(t, "Bob")
	space := newSpace(t, a)
	id := newDoc(t, a, space, trace.Start)
	d := openDoc(t, a, id)
	for _, txn := range trace.Txns {
		for _, p := range txn.Patches {
			_, seen := d.Snapshot()
			if _, _, err := d.Edit(crdt.Edit{At: p.At, Delete: p.Delete, Insert: p.Insert, Seen: seen}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Close()
	peer.Shut(a, id)
	within(t, time.Minute, "it is compacted", seldom(func() bool { return peer.Compacted(a, id) }))
	c := newCounter(t, status(t, b).Listen[0])
	if _, err := a.Connect(t.Context(), c.in.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	_, before := c.count()
	begin, shown := time.Now(), time.Duration(0)
	pair(t, a, b, space)
	within(t, time.Minute, "it arrives", func() bool {
		if d, ok := b.Arriving(id); ok && d.Text != "" && shown == 0 {
			shown = time.Since(begin)
		}
		return len(peer.Held(b, id)) > 0 && peer.Held(b, id).Equal(peer.Held(a, id))
	})
	_, bytes := c.count()
	t.Logf("its text is there after %v, all is stored after %v; %d bytes, %d for pairing before", shown, time.Since(begin), bytes-before, before)
	if got := text(t, b, id); got != text(t, a, id) {
		t.Error("the texts differ")
	}
	t.Logf("it is checked and open after %v", time.Since(begin))
}
