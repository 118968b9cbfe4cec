package crdt_test

import (
	"testing"

	"starling/crdt"
)

// Undo and redo go on working however often they are pressed.
func TestUndoAndRedoWithoutEnd(t *testing.T) {
	d := openAs(t, "writer", crdt.Config{})
	if _, err := d.Found(noon); err != nil {
		t.Fatal(err)
	}
	_, seen := d.Text()
	if _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "again and"}, noon); err != nil {
		t.Fatal(err)
	}
	for i := range 400 {
		for _, step := range []struct {
			do   func() (crdt.Edited, error)
			want string
		}{
			{func() (crdt.Edited, error) { _, seen := d.Text(); return d.Undo(seen, noon) }, ""},
			{func() (crdt.Edited, error) { _, seen := d.Text(); return d.Redo(seen, noon) }, "again and"},
		} {
			if _, err := step.do(); err != nil {
				t.Fatalf("round %d: %v", i, err)
			}
			if got, _ := d.Text(); got != step.want {
				t.Fatalf("round %d: the text is %q, want %q", i, got, step.want)
			}
		}
	}
}
