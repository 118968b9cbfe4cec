package peer

import (
	"log/slog"
	"testing"

	"starling/crdt"
)

// One's own work is undone and done again after a restart, by the same actor or
// another, and nobody else's, and not what the document began with.
func TestUndoAfterARestart(t *testing.T) {
	for name, crashed := range map[string]bool{"stopped": false, "crashed": true} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			d := openAt(t, home, crdt.DocID{})
			d.types(t, 6, "mine ")
			other := newAuthor(t, d)
			other.admit(t)
			d.mustReceive(t, other.sends(other.write(t, 8, "[theirs]")...))
			d.types(t, 0, "more ")
			wantText(t, d, "more begin mi[theirs]ne ")
			d.repairs(t, (*Doc).Undo, "begin mi[theirs]ne ", 1)
			actor := d.text().Actor()
			d.stop(t)

			d = openAt(t, home, d.id)
			if crashed {
				if err := d.readAnew(t.Context(), d.text(), false); err != nil {
					t.Fatal(err)
				}
			}
			if changed := d.text().Actor() != actor; changed != crashed {
				t.Fatalf("another actor writes: %v", changed)
			}
			d.repairs(t, (*Doc).Undo, "begin [theirs]", 2)
			d.repairs(t, (*Doc).Undo, "begin [theirs]", 0)
			d.repairs(t, (*Doc).Redo, "begin mi[theirs]ne ", 2)
			d.repairs(t, (*Doc).Redo, "more begin mi[theirs]ne ", 1)
			d.stop(t)

			d = openAt(t, home, d.id)
			wantText(t, d, "more begin mi[theirs]ne ")
			d.stop(t)
		})
	}
}

// openAt opens a home and a document in it, a new one if none is named.
func openAt(t *testing.T, home string, id crdt.DocID) *Doc {
	t.Helper()
	p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Make: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if id == (crdt.DocID{}) {
		space, err := p.NewSpace(t.Context(), "Notes")
		if err != nil {
			t.Fatal(err)
		}
		if id, err = p.NewDocument(t.Context(), space, "begin "); err != nil {
			t.Fatal(err)
		}
	}
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *Doc) stop(t *testing.T) {
	t.Helper()
	d.Close()
	if err := d.p.Close(); err != nil {
		t.Fatal(err)
	}
}

func (d *Doc) types(t *testing.T, at int, text string) {
	t.Helper()
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: at, Insert: text}); err != nil {
		t.Fatal(err)
	}
}

// repairs undoes or redoes, which must make the text want by n patches.
func (d *Doc) repairs(t *testing.T, do func(*Doc, uint64) ([]crdt.Patch, uint64, error), want string, n int) {
	t.Helper()
	_, seen := d.Snapshot()
	patches, own, err := do(d, seen)
	if err != nil || own != seen+1 || len(patches) != n {
		t.Fatalf("patches %+v, own from %d after %d: %v", patches, own, seen, err)
	}
	wantText(t, d, want)
}
