package peer_test

import (
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// longDoc makes a document with so many changes that it is compacted, and waits
// for that.
func longDoc(t *testing.T, p *peer.Peer, space peer.SpaceID, n int) crdt.DocID {
	t.Helper()
	id := newDoc(t, p, space, "long\n")
	d := openDoc(t, p, id)
	for i := range n {
		text, seen := d.Snapshot()
		if _, _, err := d.Edit(crdt.Edit{At: len(text) - i%5%len(text), Seen: seen, Insert: string(rune('a' + i%26))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Close()
	return id
}

// A document with a long history comes as it is stored; its text is there before
// it is checked, and then it is like any other.
func TestALongDocumentComesAsItsSnapshot(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Bob")
	space := newSpace(t, a)
	n := peer.Shorter(6000, 4200)
	id := longDoc(t, a, space, n)
	peer.Shut(a, id)
	within(t, 30*time.Second, "it is compacted", seldom(func() bool { return peer.Compacted(a, id) }))
	want := text(t, a, id)
	c := newCounter(t, status(t, b).Listen[0])
	if _, err := a.Connect(t.Context(), c.in.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	sub := b.Subscribe(10_000)
	defer sub.Close()
	release := peer.HoldWhole(b)
	defer release()
	pair(t, a, b, space)
	shown := watchArriving(t, b, sub, id, release, want).Sub(begin)
	eventually(t, "it is stored", func() bool {
		return len(peer.Held(b, id)) > 0 && peer.Held(b, id).Equal(peer.Held(a, id))
	})
	_, bytes := c.count()
	t.Logf("shown after %v, stored after %v, %d bytes", shown, time.Since(begin), bytes)
	if bytes > 150_000 {
		t.Errorf("%d bytes for %d changes", bytes, n)
	}
	if got := text(t, b, id); got != want {
		t.Errorf("%d and %d characters", len(got), len(want))
	}
	eventually(t, "it is no longer said to arrive", func() bool { _, ok := b.Arriving(id); return !ok })
	eventually(t, "Bob's word for it", func() bool {
		r, err := a.Reach(t.Context(), id)
		return err == nil && len(r.Reached) == 1
	})
	write(t, b, id, want+"more")
	eventually(t, "it goes on", func() bool { return text(t, a, id) == want+"more" })
}

// watchArriving follows the events until a document came as a snapshot, and returns
// when its text could be read, which it has release wait for. Whoever looks only when
// an event says so misses nothing.
func watchArriving(t *testing.T, p *peer.Peer, sub *peer.Subscription, id crdt.DocID, release func(), want string) (shown time.Time) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case e := <-sub.C():
			of, ok := e.(peer.ArrivingChanged)
			if !ok || of.Doc != id {
				continue
			}
			d, ok := p.Arriving(id)
			switch {
			case !ok && shown.IsZero():
				t.Fatal("its text was not shown before it was verified")
			case !ok:
				return shown
			case d.Readable && shown.IsZero():
				shown = time.Now()
				if d.Text != want || d.Title == "" || d.Held != d.Size || len(p.AllArriving(of.Space)) != 1 {
					t.Errorf("%q of %d characters, %d of %d bytes, arrives", d.Title, len(d.Text), d.Held, d.Size)
				}
				release()
			}
		case <-timeout:
			t.Fatal("it does not arrive")
		}
	}
}
