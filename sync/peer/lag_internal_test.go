package peer

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// finds reports whether a search for the word finds the document, and nothing is
// behind.
func finds(t *testing.T, p *Peer, id crdt.DocID, word string) bool {
	t.Helper()
	hits, behind, err := p.Search(t.Context(), word, 10)
	if err != nil {
		t.Fatal(err)
	}
	return behind == 0 && holds(hits, id)
}

// killed opens what a process leaves that is killed now, past all that it would
// still have done.
func killed(t *testing.T, home string) *Peer {
	t.Helper()
	left := t.TempDir()
	for _, name := range []string{"device.key", store.File, store.File + "-wal"} {
		data, err := os.ReadFile(filepath.Join(home, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(left, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(t.Context(), Config{Home: left, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// What was typed in the last moments before a kill is found soon after the next
// start, without anybody opening the document.
func TestSearchAfterAKill(t *testing.T) {
	home := t.TempDir()
	p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Make: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	space, err := p.NewSpace(t.Context(), "Notes")
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, p, space, "# One\n")
	d.index()
	typed(t, d, "lastwords ")
	q := killed(t, home)
	soon(t, "the last words are found", func() bool { return finds(t, q, d.id, "lastwords") })
	soon(t, "it is closed again", func() bool { return !q.docs.isOpen(d.id) })
	if left, err := q.store.Unindexed(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("still noted as behind: %v, %v", left, err)
	}
	if r := verified(t, q, d.id); len(r.Problems) > 0 {
		t.Errorf("the problems are %q", r.Problems)
	}
}

// typed writes at the start and waits until that is committed.
func typed(t *testing.T, d *Doc, text string) {
	t.Helper()
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: text}); err != nil {
		t.Fatal(err)
	}
	if err := d.commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A document of which the search lacks changes is told to it when it is opened,
// or verified, for which that is no problem.
func TestASearchThatIsBehind(t *testing.T) {
	for _, test := range []struct {
		name  string
		note  bool // verify tells of it
		spoil func(t *testing.T, p *Peer, d *Doc)
	}{
		{"changes that it was not told of", true, func(t *testing.T, p *Peer, d *Doc) {
			friend := newAuthor(t, d)
			friend.admit(t)
			c := friend.write(t, 0, "new ")
			submit(t, p, d, store.Entry{Changes: c, Heads: []store.Head{toStoreHead(friend.sends(c...).Heads[0])}})
		}},
		{"a title that an earlier version made", false, func(_ *testing.T, p *Peer, d *Doc) {
			p.store.SetText(d.id, d.text().Vector(), "---", "words")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, verify := range []bool{false, true} {
				p, space := alone(t)
				d := begin(t, p, space, "title words\nand new lines\n")
				shut(t, d)
				test.spoil(t, p, d)
				if err := p.store.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				if verify {
					r := verified(t, p, d.id)
					if len(r.Problems) > 0 || slices.Contains(r.Notes, lagNote) != test.note {
						t.Errorf("the report is %+v", r)
					}
				} else if again, err := p.OpenDocument(t.Context(), d.id); err != nil {
					t.Fatal(err)
				} else {
					defer again.Close()
				}
				soon(t, "the new words are found", func() bool { return finds(t, p, d.id, "new title words and lines") })
				soon(t, "the title is right", func() bool {
					row, err := p.Document(t.Context(), d.id)
					return err == nil && row.Title != "---"
				})
			}
		})
	}
}

// What the search's rows have wrong, though all was told, is mended too.
func TestVerifyMendsTheSearch(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "title\nsome words")
	d.index()
	p.store.SetText(d.id, d.text().Vector(), "title", "something else")
	if err := p.store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := verified(t, p, d.id)
	if len(r.Problems) > 0 || !slices.Contains(r.Notes, lagNote) || !finds(t, p, d.id, "some words") {
		t.Errorf("the report is %+v", r)
	}
}
