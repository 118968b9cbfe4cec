package peer_test

import (
	"errors"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/judge"
	"starling/sync/peer"
)

// hashesIn are the hashes of the changes in a document chunk.
func hashesIn(t *testing.T, chunk []byte) []crdt.Hash {
	t.Helper()
	var hashes []crdt.Hash
	if err := crdt.Expand(chunk, func(c crdt.Change) error {
		hashes = append(hashes, c.Hash)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return hashes
}

// An export has every change of the imported file, and says the same when it is
// imported again. All the documents that this makes are in order.
func TestExportsWhatWasImported(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for _, f := range fixtures(t) {
		id := importFile(t, p, space, f)
		write(t, p, id, f.Text+"\nmore")
		chunk, err := p.Export(t.Context(), id, peer.FormatAutomerge)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		judged(t, f.name, chunk, f.Text+"\nmore")
		again := importFile(t, p, space, fixture{name: f.name, data: chunk})
		if got := text(t, p, again); got != f.Text+"\nmore" {
			t.Errorf("%s: imported again, the text is %q", f.name, got)
		}
		exported := hashesIn(t, chunk)
		if f.name != "incremental.automerge" && f.name != "changesOnly.automerge" {
			for _, h := range hashesIn(t, f.data) {
				if !slices.Contains(exported, h) {
					t.Errorf("%s: the export lacks change %v", f.name, h)
				}
			}
		}
		for _, doc := range []crdt.DocID{id, again} {
			report, err := p.Verify(t.Context(), doc)
			if err != nil || len(report.Problems) > 0 {
				t.Errorf("%s: %q, %v", f.name, report.Problems, err)
			}
		}
	}
}

// judged has automerge-go read an export, where it is linked.
func judged(t *testing.T, name string, chunk []byte, want string) {
	t.Helper()
	if !judge.Available() {
		return
	}
	verdict, err := judge.Ask(t.Context(), chunk, "content") // as in all fixtures
	if err != nil || verdict.Text != want {
		t.Errorf("%s: automerge-go reads %q, %v", name, verdict.Text, err)
	}
}

func TestExportsText(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	for _, test := range []struct{ text, md, txt string }{
		{"", "", ""},
		{"# Zoë", "# Zoë", "# Zoë\n"},
		{"one\n", "one\n", "one\n"},
	} {
		id := newDoc(t, p, space, test.text)
		for format, want := range map[peer.Format]string{peer.FormatMarkdown: test.md, peer.FormatText: test.txt} {
			if got, err := p.Export(t.Context(), id, format); err != nil || string(got) != want {
				t.Errorf("%q as %s: %q, %v", test.text, format, got, err)
			}
		}
		if _, err := p.Export(t.Context(), id, "pdf"); !errors.Is(err, peer.ErrFormat) {
			t.Errorf("as pdf: %v", err)
		}
	}
	for _, format := range []peer.Format{peer.FormatAutomerge, peer.FormatText} {
		if _, err := p.Export(t.Context(), crdt.DocID{1}, format); !errors.Is(err, peer.ErrNoDocument) {
			t.Errorf("a document that is not there, as %s: %v", format, err)
		}
	}
}

// JavaScript's Automerge loads no document chunk in which what a change builds on
// is not in the order of the hashes.
func TestExportsDependenciesByHash(t *testing.T) {
	p := open(t, t.TempDir(), "Ada")
	defer p.Close()
	space := newSpace(t, p)
	several := 0
	for _, f := range fixtures(t) {
		chunk, err := p.Export(t.Context(), importFile(t, p, space, f), peer.FormatAutomerge)
		if err != nil {
			t.Fatal(err)
		}
		hashes := hashesIn(t, chunk)
		doc, err := format.ParseDocument(chunk)
		if err != nil {
			t.Fatal(err)
		}
		err = doc.EachChange(func(i int, c *format.DocChange) error {
			if len(c.Deps) > 1 {
				several++
			}
			if !slices.IsSortedFunc(c.Deps, func(a, b uint32) int { return hashes[a].Compare(hashes[b]) }) {
				t.Errorf("%s: change %d builds on %v, which are not in the order of their hashes", f.name, i, c.Deps)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if several < 5 {
		t.Errorf("only %d changes build on several", several)
	}
}
