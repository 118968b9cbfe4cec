package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// indexPages returns the only pages of the indices that lead to documents and their
// actors, from 0.
func indexPages(t *testing.T, home string) (pages []int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(home, store.File)+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('documents', 'actors')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var root int
		if err := rows.Scan(&root); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, root-1)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return pages
}

// After an unclean stop, no flipped bit in what leads to a document and its actors
// makes the document shorter without a word.
func TestNothingIsShortInSilence(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	s := open(t, from)
	want := map[crdt.DocID]uint64{}
	for n := 1; n <= 4; n++ {
		covers := crdt.Vector{}
		for k := range n {
			a := storetest.NewAuthor(fmt.Sprintf("a%d%d", n, k), uint64(10*n+k))
			s.Submit(store.Entry{Doc: storetest.ID(n), Space: storetest.Key(1), Changes: a.Take(6), Seal: storetest.Seal(1)})
			want[storetest.ID(n)] += 6
			if k == 0 {
				covers[a.Actor] = a.Tip
			}
		}
		if n == 3 {
			s.PutForm(storetest.ID(n), store.Form{Covers: covers, Bytes: []byte("form")})
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(filepath.Join(from, store.File))
	if err != nil {
		t.Fatal(err)
	}
	var at []int // in bits
	for _, page := range indexPages(t, from) {
		for i := page * 4096; i < (page+1)*4096; i++ {
			for bit := 0; bit < 8 && sound[i] != 0; bit++ {
				at = append(at, i*8+bit)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	r.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
	told := 0
	for _, bit := range at[:60] {
		db := bytes.Clone(sound)
		db[bit/8] ^= 1 << (bit % 8)
		if !openWhole(t, spoilt(t, from, db, false), want) {
			told++
		}
	}
	if told < 30 {
		t.Errorf("%d flipped bits were told", told)
	}
}

// openWhole opens a home, and reports false if it is said to be damaged. Else each
// document must be found, with as many changes as are wanted.
func openWhole(t *testing.T, home string, want map[crdt.DocID]uint64) bool {
	t.Helper()
	s, err := store.Open(t.Context(), home, store.Options{})
	if err != nil {
		if !typed(err) {
			t.Error(err)
		}
		return false
	}
	defer s.Close()
	for doc, n := range want {
		o, err := s.LoadForm(t.Context(), doc, 0)
		if err != nil {
			if !typed(err) {
				t.Error(err)
			}
			return false
		}
		got := uint64(len(o.Changes))
		for _, tip := range o.Covers {
			got += tip.Seq
		}
		if got != n {
			t.Errorf("document %v has %d changes of %d, and no error", doc, got, n)
		}
	}
	return true
}
