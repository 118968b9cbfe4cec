package store

import (
	"bytes"
	"context"
	"database/sql"
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
			_ = file.free(n)
			file.cells(n, func(kind byte, c rawCell) {
				for i := range rawShapes {
					_ = rawShapes[i].fits(kind, c.values)
				}
			})
		}
		for at := 0; at < min(len(b), 64); at++ {
			if v, ok := record(b[at:]); ok && len(v) > len(b) {
				t.Errorf("%d values of %d bytes", len(v), len(b))
			}
			_, _ = file.cell(rawLeaf, file.page(1), at)
		}
	})
}

// leaves tells which change stands on which page of a sound store, from 1, and the
// pages of which each row is needed for its document.
func leaves(f rawFile) (changes map[crdt.Hash]int, needed map[int]bool) {
	changes, needed = map[crdt.Hash]int{}, map[int]bool{}
	for n := 1; n <= f.pages(); n++ {
		f.cells(n, func(kind byte, c rawCell) {
			for i := range rawShapes {
				if s := &rawShapes[i]; !f.free(n) && s.fits(kind, c.values) {
					switch s.table {
					case "changes":
						changes[crdt.Hash(c.values.bytes(6))] = n
					case "documents", "actors":
						needed[n] = true
					}
				}
			}
		})
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
