package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"starling/crdt"
)

// No bytes whatever keep the reader of leaves from coming to its end.
func FuzzRawPages(f *testing.F) {
	f.Add([]byte{rawLeaf, 0, 0, 0, 1, 0, 10, 0, 0, 10, 4, 1, 3, 1, 9, 9})
	f.Add([]byte{rawIndexInner, 0, 0, 255, 255, 15, 240, 0, 0, 0, 0, 0, 15, 240})
	f.Add(bytes.Repeat([]byte{rawIndexLeaf, 255, 1}, 3000))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := rawFile(append(b, make([]byte, (pageSize-len(b)%pageSize)%pageSize)...))
		copy(file[:min(len(file), 100)], make([]byte, 100)) // the header
		for n := -1; n <= file.pages()+2; n++ {
			_ = file.mapped(n)
			file.cells(n, file.allowance(), func(kind byte, c rawCell) {
				for i := range rawShapes {
					_ = rawShapes[i].fits(kind, c.values)
				}
			})
		}
		for at := 0; at < min(len(b), 64); at++ {
			if v, ok := record(b[at:]); ok && len(v) > len(b) {
				t.Errorf("%d values of %d bytes", len(v), len(b))
			}
			_, _ = file.cell(rawLeaf, file.page(1), at, file.allowance())
		}
	})
}

// leaves tells which change stands on which page of a sound store, from 1, and the
// pages of the indices that know documents and actors, which are needed where the
// pages of these are lost.
func leaves(f rawFile) (changes map[crdt.Hash]int, needed map[int]bool) {
	changes, needed = map[crdt.Hash]int{}, map[int]bool{}
	for n := 1; n <= f.pages(); n++ {
		f.cells(n, f.allowance(), func(kind byte, c rawCell) {
			for i := range rawShapes {
				if s := &rawShapes[i]; f.mapped(n) != mapFree && s.fits(kind, c.values) {
					if s.table == "changes" {
						changes[crdt.Hash(c.values.bytes(6))] = n
					}
				}
			}
		})
	}
	for n, t := range f.trees(nil).of {
		needed[n] = t != nil && slices.ContainsFunc(rawIndices, func(s rawShape) bool { return s.table == t.name })
	}
	return changes, needed
}

// Whatever pages are lost, each change on one that is not is saved.
func TestEachIntactLeafIsSaved(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := openHere(t, home)
	total := 0
	for n := range 3 {
		for k := range 2 {
			next := author(string(rune('a' + 2*n + k)))
			for range 80 {
				s.Submit(Entry{Doc: crdt.DocID{byte(n + 1)}, Space: [32]byte{7}, Changes: []crdt.Change{next(60)}, Seal: sealHere})
				total++
			}
		}
	}
	if err := s.PutSpace(t.Context(), Space{ID: [32]byte{7}, Name: "Team"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(filepath.Join(home, File))
	if err != nil {
		t.Fatal(err)
	}
	on, needed := leaves(sound)
	if len(on) != total {
		t.Fatalf("%d of %d changes are on leaves", len(on), total)
	}
	r := rand.New(rand.NewPCG(5, 5))
	all := r.Perm(len(sound) / pageSize)
	sets := [][]int{all[:len(all)/10], all[len(all)/10 : len(all)/3], all[len(all)/2:], {0}, {0, 1, 2}}
	for n := range all { // and each that leads to others
		if kind := sound[n*pageSize]; n > 0 && (kind == 5 || kind == rawIndexInner) {
			sets = append(sets, []int{n})
		}
	}
	for _, set := range sets {
		db, lost, spared := bytes.Clone(sound), map[int]bool{}, set[:0:0]
		for _, n := range set {
			if !needed[n+1] {
				clear(db[n*pageSize : (n+1)*pageSize])
				lost[n+1] = true
				spared = append(spared, n+1)
			}
		}
		saved := salvageRaw(t, db)
		for hash, page := range on {
			if !lost[page] && !saved[hash] {
				t.Errorf("without pages %v: change %v on page %d was not saved", spared, hash, page)
				break
			}
		}
	}
}

// salvageRaw salvages a database and returns the changes that it has then.
func salvageRaw(t *testing.T, db []byte) map[crdt.Hash]bool {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, File), db, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Salvage(t.Context(), home, Options{}); err != nil {
		t.Fatal(err)
	}
	s := openHere(t, home)
	defer s.Close()
	saved := map[crdt.Hash]bool{}
	docs, err := s.Documents(t.Context(), [32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		err := s.ChangesSince(context.Background(), d.ID, nil, func(c crdt.Change) error { saved[c.Hash] = true; return nil })
		if err != nil {
			t.Fatal(err)
		}
		beside, _, err := s.Beside(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range beside {
			saved[c.Hash] = true
		}
	}
	return saved
}

// What cannot be read at all is not tried again and again, as that would be once more
// for each document.
func TestUnreadableTreeIsLeft(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := rescuer{from: conn, raw: db, lost: map[string]bool{}}
	r.eachNum(t.Context(), "t", "value", "num", 1, 1<<40, func(row) bool { return true })
	if r.probes != 1 || !r.lost["t"] {
		t.Errorf("%d tries, lost %v", r.probes, r.lost)
	}
}

// A row that makes no sense does not stand in the way of the true one, which is found
// without the tree.
func TestGarbageRowGivesWay(t *testing.T) {
	t.Parallel()
	two := [2]*sql.DB{}
	for i := range two {
		db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		two[i] = db
		_, err = db.Exec("CREATE TABLE t (num INTEGER PRIMARY KEY, is_sound INTEGER); INSERT INTO t VALUES (1, 1), (2, ?), (3, 1)", i)
		if err != nil {
			t.Fatal(err)
		}
	}
	conn, err := two[0].Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := rescuer{from: conn, raw: two[1], lost: map[string]bool{}}
	var got []int64
	r.eachNum(t.Context(), "t", "is_sound", "num", 1, 9, func(v row) bool {
		if v.int(1) == 0 {
			r.lost["t"] = true
			return false
		}
		got = append(got, v.int(0))
		return true
	})
	if !slices.Equal(got, []int64{1, 3, 2}) {
		t.Errorf("rows %v", got)
	}
}

// What a row takes is bounded, whatever the pages say.
func TestRawBounds(t *testing.T) {
	t.Parallel()
	if v, ok := record(append([]byte{17}, make([]byte, 16)...)); !ok || len(v) != 16 {
		t.Errorf("16 values: %d, %v", len(v), ok)
	}
	if v, ok := record(append([]byte{18}, make([]byte, 17)...)); ok {
		t.Errorf("17 values: %d", len(v))
	}
	f := make(rawFile, 6*pageSize)
	to := func(page, next int) { binary.BigEndian.PutUint32(f[(page-1)*pageSize:], uint32(next)) }
	const size = 4 * (pageSize - 4) // of which four pages take a part
	begin := make([]byte, pageSize)
	least := (pageSize-12)*32/255 - 23
	local := least + (size-least)%(pageSize-4)
	if local > pageSize-35 {
		local = least
	}
	binary.BigEndian.PutUint32(begin[local:], 2)
	for page := 2; page < 6; page++ {
		to(page, page+1)
	}
	left := f.allowance()
	if b, ok := f.payload(rawLeaf, begin, size, left); !ok || len(b) != size || *left != 4*len(f)-4*pageSize {
		t.Errorf("%d bytes, %v, and %d left", len(b), ok, *left)
	}
	for range 5 {
		if _, ok := f.payload(rawLeaf, begin, size, left); !ok {
			t.Errorf("refused with %d left", *left)
		}
	}
	if _, ok := f.payload(rawLeaf, begin, size, left); ok || *left < 0 || *left >= pageSize {
		t.Errorf("more than the allowance was taken: %d left", *left)
	}
	to(3, 2)
	if _, ok := f.payload(rawLeaf, begin, size, f.allowance()); ok {
		t.Error("a chain goes round")
	}
}

// Rows of the search, which have the same shape, do not stand in the way of rosters,
// and a roster of which one statement is lost stays.
func TestRostersBesideTheSearch(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := openHere(t, home)
	space := [32]byte{7}
	if err := s.PutStatements(t.Context(), space, []Statement{{Hash: [32]byte{1}, Bytes: []byte("1")}, {Hash: [32]byte{2}, Bytes: []byte("2")}}); err != nil {
		t.Fatal(err)
	}
	rosters := [][][32]byte{{{1}}, {{1}, {2}}, {{9}, {2}}} // 9 is not held
	for n := range 30 {
		doc := crdt.DocID{byte(n + 1)}
		next := author("a" + string(rune('a'+n)))
		s.Submit(Entry{Doc: doc, Space: space, Changes: []crdt.Change{next(60)}, Seal: func(c crdt.Change) Head {
			h := sealHere(c)
			h.Roster = rosters[n%3]
			return h
		}})
		flushHere(t, s)
		s.SetText(doc, nil, "Title", "a starling or two")
		flushHere(t, s)
	}
	sound := stoppedFile(t, s)
	db := bytes.Clone(sound)
	clear(db[:pageSize])
	for _, n := range leavesOf(t, sound, "rosters") { // nothing leads to them any more
		other := bytes.Clone(sound.page(n)) // of the search, as may be
		for _, roster := range rosters {
			for _, hash := range roster {
				other = bytes.ReplaceAll(other, hash[:], bytes.Repeat([]byte{99}, 32))
			}
		}
		db = append(append(db, other...), sound.page(n)...)
		clear(db[(n-1)*pageSize : n*pageSize])
	}
	home = t.TempDir()
	if err := os.WriteFile(filepath.Join(home, File), db, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Salvage(t.Context(), home, Options{}); err != nil {
		t.Fatal(err)
	}
	s = openHere(t, home)
	defer s.Close()
	for n := range 30 {
		id := crdt.DocID{byte(n + 1)}
		heads, err := s.HeadsSince(t.Context(), id, nil)
		if err != nil || len(heads) != 1 || !slices.Equal(heads[0].Roster, rosters[n%3]) {
			t.Errorf("document %d: heads %v: %v", n, heads, err)
		}
	}
}
