package store

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
)

// stoppedFile closes a store and returns its database.
func stoppedFile(t *testing.T, s *Store) rawFile {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(s.home, File))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// leavesOf returns the leaves of a table or an index of a sound file.
func leavesOf(t *testing.T, f rawFile, name string) []int {
	t.Helper()
	var leaves []int
	for n, tree := range f.trees(nil).of {
		if tree != nil && tree.name == name {
			if kind, _ := f.kind(n); kind == rawLeaf || kind == rawIndexLeaf {
				leaves = append(leaves, n)
			}
		}
	}
	if len(leaves) == 0 {
		t.Fatalf("%s has no leaves", name)
	}
	return leaves
}

// without returns the file with zeros for pages.
func (f rawFile) without(pages ...int) rawFile {
	f = bytes.Clone(f)
	for _, n := range pages {
		clear(f.page(n))
	}
	return f
}

// saved salvages a file and opens what was saved.
func saved(t *testing.T, f rawFile) (*Store, Salvaged) {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, File), f, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := Salvage(t.Context(), home, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := openHere(t, home)
	t.Cleanup(func() { s.Close() })
	return s, out
}

// What leads to the changes of a document, its row and its actors', stands in indices
// once more, so that no leaf of either table takes a change with it.
func TestLostRowsStandInIndices(t *testing.T) {
	t.Parallel()
	const docs, authors = 24, 2
	s := openHere(t, t.TempDir())
	space := func(n int) [32]byte { return [32]byte{byte(n%2 + 1)} }
	want := map[crdt.DocID][]crdt.Change{}
	for n := range docs {
		id, title := crdt.DocID{byte(n + 1)}, strings.Repeat("title ", 40)
		for k := range authors {
			next := author(string(rune('a'+k)) + strings.Repeat(" actor", 10))
			changes := []crdt.Change{next(60), next(60)}
			want[id] = append(want[id], changes...)
			s.Submit(Entry{Doc: id, Space: space(n), Changes: changes, Title: &title, Seal: sealHere})
		}
	}
	flushHere(t, s)
	f := stoppedFile(t, s)
	for _, table := range []string{"documents", "actors"} {
		leaves := leavesOf(t, f, table)
		if len(leaves) < 2 {
			t.Fatalf("%d leaves of %s", len(leaves), table)
		}
		short := f.without() // it has one row less, and looks sound
		short.page(leaves[0])[4]--
		swapped, other := f.without(), leavesOf(t, f, "changes")[1]
		copy(swapped.page(leaves[0]), f.page(other))
		copy(swapped.page(other), f.page(leaves[0]))
		for name, f := range map[string]rawFile{
			"the first leaf": f.without(leaves[0]), "a row": short, "its place": swapped,
			"all leaves and the schema": f.without(append([]int{1}, leaves...)...),
		} {
			s, _ := saved(t, f)
			heads := 0
			for n := range docs {
				id := crdt.DocID{byte(n + 1)}
				if d, err := s.Document(t.Context(), id); err != nil || d.Space != space(n) || d.Created.IsZero() {
					t.Fatalf("%s without %s: %+v, %v", table, name, d, err)
				}
				wantLoad(t, s, id, want[id], DamageError{})
				h, err := s.HeadsSince(t.Context(), id, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range h {
					if h.Device != deviceOf(h.Actor) {
						t.Fatalf("a head is said to be of device %x", h.Device)
					}
				}
				heads += len(h)
			}
			// Whose an actor is stands nowhere else.
			if all := table == "documents" || name == "its place"; (heads == docs*authors) != all {
				t.Errorf("%s without %s: %d heads", table, name, heads)
			}
		}
	}
}

// retreated makes a file in which the last of a document's changes stand beside it; the
// pages that they were on are free and still hold them.
func retreated(t *testing.T) (f rawFile, all []crdt.Change, stay int) {
	t.Helper()
	const stays = 60
	s := openHere(t, t.TempDir())
	next := author("a")
	for range 120 {
		all = append(all, next(400))
	}
	s.Submit(Entry{Doc: crdt.DocID{1}, Changes: all[:stays], Seal: sealHere})
	flushHere(t, s)
	s.Submit(Entry{Doc: crdt.DocID{1}, Changes: all[stays:], Seal: sealHere})
	flushHere(t, s)
	if err := s.PutPerson(t.Context(), Person{Device: [32]byte{5}, Name: "Ann"}); err != nil {
		t.Fatal(err)
	}
	// As Retreat does it, but that no sweep gives the pages back.
	f = meddled(t, stoppedFile(t, s), `INSERT INTO beside (doc, actor, seq, start_op, max_op, time, hash, deps, bytes, why)
			SELECT 1, CAST('a' AS BLOB), seq, start_op, max_op, time, hash, deps, bytes, '' FROM changes WHERE seq > ?1;
		INSERT INTO beside_heads (doc, actor, seq, hash, sig, device, nonce, import)
			SELECT 1, CAST('a' AS BLOB), c.seq, c.hash, sig, device, nonce, 0 FROM changes c JOIN actors WHERE c.seq > ?1 AND sig IS NOT NULL;
		UPDATE actors SET seq = ?1, hash = (SELECT hash FROM changes WHERE seq = ?1);
		DELETE FROM changes WHERE seq > ?1`, stays)
	old := 0
	for n := 3; n <= f.pages(); n++ {
		if f.mapped(n) == mapFree {
			f.cells(n, f.allowance(), func(kind byte, c rawCell) {
				if shapeOf("changes").fits(kind, c.values) {
					old++
				}
			})
		}
	}
	if old < 10 {
		t.Fatalf("%d deleted changes are on free pages", old)
	}
	return f, all, stays
}

// Changes that stand beside a document since are not put back into it out of pages
// that are free, though nothing tells any more that they are; and their heads stay.
func TestDeletedRowsStayDeleted(t *testing.T) {
	t.Parallel()
	f, all, stays := retreated(t)
	changes := leavesOf(t, f, "changes")
	for name, test := range map[string]struct {
		lost  []int
		least int // of the document's changes that are saved
	}{
		"a page of people":                      {leavesOf(t, f, "people"), stays},
		"the map":                               {append(leavesOf(t, f, "people"), 2), stays},
		"the map and the first leaf of changes": {[]int{2, changes[0]}, 0},
		"the map and the last leaf of changes":  {[]int{2, slices.Max(changes)}, 0},
		"the map, and what names the tables":    {[]int{1, 2}, stays},
	} {
		s, _ := saved(t, f.without(test.lost...))
		l, err := s.Load(t.Context(), crdt.DocID{1})
		if err != nil || len(l.Changes) > stays || len(l.Changes) < test.least {
			t.Errorf("%s: %d changes, %v", name, len(l.Changes), err)
		}
		beside, heads, err := s.Beside(t.Context(), crdt.DocID{1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		stand := map[crdt.Hash]bool{}
		for i := range beside {
			stand[beside[i].Hash] = true
		}
		for i := stays; i < len(all); i++ {
			if !stand[all[i].Hash] {
				t.Errorf("%s: change %d does not stand beside", name, i+1)
			}
		}
		if want := sealHere(all[len(all)-1]); len(heads) == 0 || !sameHead(heads[len(heads)-1], want) {
			t.Errorf("%s: heads beside %v", name, heads)
		}
	}
}

// meddled runs SQL on a file.
func meddled(t *testing.T, f rawFile, statement string, args ...any) rawFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), File)
	if err := os.WriteFile(path, f, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(statement, args...)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if f, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return f
}

// rawAnswer reads the leaves of a file, and asks for one value.
func rawAnswer(t *testing.T, f rawFile, query string, args ...any) (answer string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), File)
	if err := os.WriteFile(path, f, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := readRaw(t.Context(), path, nil, map[string]bool{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query, args...).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// A row on a page to which nothing leads is taken only if its table has lost pages,
// and nothing on the others says that it was deleted.
func TestPagesToWhichNothingLeads(t *testing.T) {
	t.Parallel()
	s, next := openHere(t, t.TempDir()), author("a")
	for range 60 {
		s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{next(400)}})
	}
	flushHere(t, s)
	f := stoppedFile(t, s)
	leaves := leavesOf(t, f, "changes")
	first, last := leaves[0], slices.Max(leaves)
	var seqs []int64 // on the last leaf
	f.cells(last, f.allowance(), func(_ byte, c rawCell) { seqs = append(seqs, c.values.int(2)) })
	if len(leaves) < 4 || len(seqs) < 3 {
		t.Fatalf("%d leaves, %d changes on the last", len(leaves), len(seqs))
	}
	const (
		gone   = "DELETE FROM changes WHERE seq >= ?"
		beside = `INSERT INTO beside (doc, actor, seq, start_op, max_op, time, hash, deps, bytes, why)
			SELECT 1, x'61', seq, start_op, max_op, time, hash, deps, bytes, '' FROM changes WHERE seq >= ?1; `
		aside = `INSERT INTO aside (kind, doc, device, reason, hash, bytes, at, change)
			SELECT '', x'', x'', '', hash, x'', 0, hash FROM changes WHERE seq >= ?1; `
	)
	for name, test := range map[string]struct {
		statement string
		from      int64
		lost      []int
		want      string
	}{
		"the table is whole":                {gone, seqs[0], nil, "0"},
		"the page is lost":                  {"", 0, []int{last}, "1"},
		"the page may be lost":              {gone, seqs[0], []int{first}, "1"},
		"its place on a leaf is empty":      {"DELETE FROM changes WHERE seq = ?", seqs[1], []int{first}, "0"},
		"the change stands beside":          {beside + gone, seqs[0], []int{first}, "0"},
		"the change was refused":            {aside + gone, seqs[0], []int{first}, "0"},
		"the table is whole, but not named": {gone, seqs[0], []int{1}, "1"},
	} {
		f, old := f, f.page(last)
		if test.statement != "" {
			f = meddled(t, f, test.statement, test.from)
		}
		f = append(f.without(test.lost...), old...)
		if got := rawAnswer(t, f, "SELECT count(*) FROM changes WHERE seq = ?", seqs[1]); got != test.want {
			t.Errorf("%s: it was taken %s times, want %s", name, got, test.want)
		}
	}
}

// A leaf to which nothing leads, as what leads to it is wrong, is read nevertheless.
func TestWrongChild(t *testing.T) {
	t.Parallel()
	s, next := openHere(t, t.TempDir()), author("a")
	for range 60 {
		s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{next(400)}})
	}
	flushHere(t, s)
	f := stoppedFile(t, s)
	root := f.trees(nil).trees["changes"].root
	children, _ := f.children(root)
	if len(children) < 4 {
		t.Fatalf("children %v", children)
	}
	page := f.page(root)
	binary.BigEndian.PutUint32(page[binary.BigEndian.Uint16(page[12:]):], uint32(children[1]))
	if got := rawAnswer(t, f, "SELECT count(*) FROM changes"); got != "60" {
		t.Errorf("%s changes", got)
	}
}

// An old copy of a row does not stand in the way of the one to which pages lead, be it
// on an earlier page.
func TestOldCopyGivesWay(t *testing.T) {
	t.Parallel()
	s := openHere(t, t.TempDir())
	if err := s.PutPerson(t.Context(), Person{Device: [32]byte{5}, Name: "Ann"}); err != nil {
		t.Fatal(err)
	}
	f := stoppedFile(t, s)
	page := leavesOf(t, f, "people")[0]
	now := meddled(t, f, "UPDATE people SET name = 'Bea'")
	stop := leavesOf(t, now, "stop")[0]
	if stop >= page {
		t.Fatalf("page %d is not before %d", stop, page)
	}
	copy(now.page(stop), f.page(page))
	for _, lost := range [][]int{nil, {1}} {
		if got := rawAnswer(t, now.without(lost...), "SELECT name FROM people"); got != "Bea" {
			t.Errorf("without %v: %q", lost, got)
		}
	}
}

func sameHead(a, b Head) bool {
	return a.Actor == b.Actor && a.Seq == b.Seq && a.Hash == b.Hash && a.Device == b.Device && a.Import == b.Import && bytes.Equal(a.Sig, b.Sig)
}

// The roots of tables are where they are in a file that holds nothing.
func TestLikelyTrees(t *testing.T) {
	t.Parallel()
	f, _, _ := retreated(t)
	empty := stoppedFile(t, openHere(t, t.TempDir()))
	want := f.trees(nil).trees
	var likely []rawTree
	for _, tree := range empty.trees(nil).trees {
		if shapeOf(tree.name) != nil {
			likely = append(likely, *tree)
		}
	}
	if len(likely) != len(rawShapes)+len(rawIndices) {
		t.Errorf("of %d tables and indices: %v", len(rawShapes)+len(rawIndices), slices.Collect(maps.Keys(want)))
	}
	for name, tree := range f.without(1).trees(likely).trees {
		if !tree.broken || tree.root != want[name].root || tree.index != want[name].index {
			t.Errorf("%s: %+v, want %+v", name, tree, want[name])
		}
	}
}

// No pages whatever keep what looks for trees from coming to its end.
func FuzzRawTrees(f *testing.F) {
	f.Add([]byte{rawInner, 0, 0, 0, 1, 0, 10, 0, 0, 0, 0, 2, 15, 250}, 1)
	f.Add([]byte{rawIndexInner, 0, 0, 255, 255, 15, 240, 0, 0, 0, 0, 1, 15, 240}, 2)
	f.Fuzz(func(t *testing.T, b []byte, root int) {
		file := rawFile(append(b, make([]byte, 3*pageSize-len(b)%pageSize)...))
		m := file.trees([]rawTree{{name: "changes", root: root}, {name: "heads", root: root + 1, index: true}})
		for n, tree := range m.of {
			if tree != nil && (n < 1 || m.trees[tree.name] != tree && tree.name != "sqlite_schema") {
				t.Errorf("page %d is of %+v", n, tree)
			}
		}
	})
}
