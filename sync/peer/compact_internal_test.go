package peer

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// A long history is compacted in the background, while the document goes on
// being used; the document opens from its compact form then, and takes a change
// that builds on an old one: open, and closed, where its rows can't tell.
func TestALongHistory(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "old\n")
	away, other := newAuthor(t, d), newAuthor(t, d)
	away.admit(t)
	other.admit(t)
	const n = compactAfter + 600
	for range n {
		_, seen := d.Snapshot()
		if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "n"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.index()
	soon(t, "it is compacted", func() bool {
		held, err := p.store.Load(t.Context(), d.id)
		return err == nil && held.Snapshot != nil && len(held.Changes) == 0
	})
	var lately *author
	const m = 300 // more than the compact form knows by their hash
	for i := range m {
		if i == 10 { // behind the snapshot
			lately = newAuthor(t, d)
			lately.admit(t)
		}
		_, seen := d.Snapshot()
		if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "m"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	shut(t, d)
	want := strings.Repeat("m", m) + strings.Repeat("n", n) + "old\n"
	again, err := p.OpenDocument(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	if again.text() == d.text() || !again.partial || again.unformed > 0 {
		t.Errorf("not opened from a compact form of all: %d behind it", again.unformed)
	}
	wantText(t, again, want)
	live := newAuthor(t, again)
	live.admit(t)
	again.mustReceive(t, live.sends(append(live.write(t, 0, "l"), live.write(t, 0, "l")...)...))
	want = "ll" + want
	wantText(t, again, want)
	if !again.partial {
		t.Error("what came all in one message had the whole history read")
	}
	receiveUnderOrder(t, again, lately.sends(lately.write(t, 10+n+4, "lately\n")...))
	want += "lately\n"
	wantText(t, again, want)
	again.partial = true
	again.mustReceive(t, away.sends(away.write(t, 4, "away\n")...))
	want += "away\n"
	wantText(t, again, want)
	shut(t, again)
	p.mustReceive(t, other.sends(other.write(t, 4, "other\n")...))
	if text, err := p.Text(t.Context(), d.id); err != nil || len(text) != len(want)+len("other\n") || !strings.HasPrefix(text, "llmmm") {
		t.Errorf("%d bytes: %v", len(text), err)
	}
}

// receiveUnderOrder receives changes that build on an old one. All that has to be
// read for that is read without order, for which the UI may wait.
func receiveUnderOrder(t *testing.T, d *Doc, r protocol.Received) {
	t.Helper()
	c, err := crdt.ParseChange(r.Chunks[0])
	if err != nil {
		t.Fatal(err)
	}
	d.order.Lock()
	received := make(chan error, 1)
	go func() {
		_, err := d.p.receive(t.Context(), r)
		received <- err
	}()
	for deadline := time.Now().Add(30 * time.Second); !d.text().Has(c.Deps[0]); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Error("what the change builds on is not read while something is written here")
			break
		}
	}
	d.order.Unlock()
	if err := <-received; err != nil {
		t.Fatal(err)
	}
}

// Nothing is compacted while the person here writes, and soon after.
func TestCompactionWaitsForWriters(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "x")
	resting(t, p)
	p.behind.due = []crdt.DocID{d.id}
	d.mu.Lock()
	d.edited = time.Now().Add(time.Hour)
	d.mu.Unlock()
	if next := p.compactDue(t.Context()); next != liveRest || !p.behind.anyDue() {
		t.Errorf("compacted at once, the next time in %v", next)
	}
	d.mu.Lock()
	d.edited = time.Now().Add(-time.Hour)
	d.mu.Unlock()
	if next := p.compactDue(t.Context()); next != 0 || p.behind.anyDue() {
		t.Errorf("not compacted, the next time in %v", next)
	}
}
