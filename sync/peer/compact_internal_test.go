package peer

import (
	"strings"
	"testing"

	"starling/crdt"
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
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "m"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	shut(t, d)
	want := "m" + strings.Repeat("n", n) + "old\n"
	again, err := p.OpenDocument(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	if again.text() == d.text() || !again.partial || again.unformed > 0 {
		t.Errorf("not opened from a compact form of all: %d behind it", again.unformed)
	}
	wantText(t, again, want)
	again.mustReceive(t, away.sends(away.write(t, 4, "away\n")...))
	want += "away\n"
	wantText(t, again, want)
	shut(t, again)
	p.mustReceive(t, other.sends(other.write(t, 4, "other\n")...))
	if text, err := p.Text(t.Context(), d.id); err != nil || len(text) != len(want)+len("other\n") || !strings.HasPrefix(text, "mnnn") {
		t.Errorf("%d bytes: %v", len(text), err)
	}
}
