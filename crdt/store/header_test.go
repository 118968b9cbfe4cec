package store_test

import (
	"bytes"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"starling/crdt/store"
)

// A header that is destroyed, in part or wholly, costs nothing: the other pages, and
// the rest of the first, are as they were.
func TestLostHeader(t *testing.T) {
	t.Parallel()
	from, want := stopped(t)
	sound, err := os.ReadFile(filepath.Join(from, store.File))
	if err != nil {
		t.Fatal(err)
	}
	var r *rand.Rand // by the damage's name
	noise := func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
	damages := map[string]func(db []byte){
		"its first 16 bytes":       func(db []byte) { noise(db[:16]) },
		"zeros for the first 16":   func(db []byte) { clear(db[:16]) },
		"its page size":            func(db []byte) { noise(db[:18]) },
		"zeros for all":            func(db []byte) { clear(db[:100]) },
		"all":                      func(db []byte) { noise(db[:100]) },
		"the number of its pages":  func(db []byte) { noise(db[:32]) },
		"ones for all":             func(db []byte) { copy(db, bytes.Repeat([]byte{255}, 100)) },
		"the schema and the marks": func(db []byte) { clear(db[:8]); noise(db[60:72]) },
	}
	for name, damage := range damages {
		r = rand.New(rand.NewPCG(uint64(crc32.ChecksumIEEE([]byte(name))), 9))
		for _, sums := range []bool{true, false} {
			db := bytes.Clone(sound)
			damage(db)
			s, got, out := salvaged(t, spoilt(t, from, db, sums))
			for _, d := range got.Docs {
				if len(got.Loaded[d.ID])+len(got.Beside[d.ID]) != len(want.Loaded[d.ID])+len(want.Beside[d.ID]) {
					t.Errorf("%s: %d changes of document %v and %d beside: %v", name, len(got.Loaded[d.ID]), d.ID, len(got.Beside[d.ID]), out)
				}
			}
			for _, part := range [][2]any{
				{len(got.Docs), len(want.Docs)},
				{got.Loaded, want.Loaded},
				{got.Heads, want.Heads},
				{got.Spaces, want.Spaces},
				{got.People, want.People},
				{got.Statements, want.Statements},
				{got.Setting, want.Setting},
			} {
				if !reflect.DeepEqual(part[0], part[1]) {
					t.Errorf("%s: not all was saved: %v, lost of %v\n got %v\nwant %v", name, out, out.Lost, part[0], part[1])
				}
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
