package peer_test

import (
	"errors"
	"testing"

	"starling/crdt"
)

// Many places are edited as one action, which reaches the disk, and the pieces
// name their authors.
func TestEditsManyPlaces(t *testing.T) {
	home := t.TempDir()
	p := open(t, home, "Ada")
	doc := newDoc(t, p, newSpace(t, p), "one two one")
	d, err := p.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	_, seen := d.Snapshot()
	patches, own, err := d.EditAll(seen, []crdt.Splice{{At: 0, Delete: 3, Insert: "1"}, {At: 8, Delete: 3, Insert: "1"}})
	if err != nil || len(patches) != 2 || own != seen+1 {
		t.Fatalf("%d patches, own from %d on, after %d: %v", len(patches), own, seen, err)
	}
	if _, _, err := d.EditAll(seen+9, nil); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("from the future: %v", err)
	}
	if _, ok := d.Pieces(0, 9, seen, true); ok {
		t.Error("there are pieces of a text that is gone")
	}
	pieces, ok := d.Pieces(0, 9, seen+2, true)
	if !ok || len(pieces) != 4 || d.Author(pieces[0].Inserted.Actor).ID != p.ID() || pieces[1].Text != "one" {
		t.Errorf("the pieces are %+v", pieces)
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Close()
	p.Close()
	p = open(t, home, "Ada")
	defer p.Close()
	if got := text(t, p, doc); got != "1 two 1" {
		t.Errorf("the disk has %q", got)
	}
	if d, err = p.OpenDocument(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, seen = d.Snapshot()
	if _, _, err := d.Undo(seen); err != nil {
		t.Fatal(err)
	}
	if got := text(t, p, doc); got != "one two one" {
		t.Errorf("undo makes %q", got)
	}
}
