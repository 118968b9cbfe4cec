package store_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// salvaged salvages a home, opens it and reads it.
func salvaged(t *testing.T, home string) (*store.Store, content, store.Salvaged) {
	t.Helper()
	o := store.Options{Expand: storetest.Expand}
	out, err := store.Salvage(t.Context(), home, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), home, o)
	if err != nil {
		t.Fatalf("open what was saved: %v", err)
	}
	got, err := read(t, s)
	if err != nil {
		t.Fatalf("read what was saved: %v", err)
	}
	return s, got, out
}

// What is saved of a damaged file is right; what is not lost is there; the damaged
// file is kept as it was; and what was lost can come again.
func TestSalvage(t *testing.T) {
	t.Parallel()
	from, want := stopped(t)
	sound, err := os.ReadFile(filepath.Join(from, store.File))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 7))
	page := func(n int) []byte { return sound[n*4096 : (n+1)*4096] }
	damages := map[string]func(db []byte) []byte{
		"nothing":              func(db []byte) []byte { return db },
		"a flipped bit":        func(db []byte) []byte { db[len(db)/2] ^= 8; return db },
		"the first page":       func(db []byte) []byte { clear(db[:4096]); return db },
		"half of it":           func(db []byte) []byte { return db[:len(db)/8192*4096] },
		"a part of a page":     func(db []byte) []byte { return db[:len(db)-1000] },
		"everything":           func(db []byte) []byte { return db[:0] },
		"another kind of file": func([]byte) []byte { return []byte(strings.Repeat("no store ", 999)) },
	}
	for range 4 {
		n := 1 + r.IntN(len(sound)/4096-1)
		damages["zeros instead of page "+string(rune('A'+n))] = func(db []byte) []byte { clear(db[n*4096 : (n+1)*4096]); return db }
		other := page(1 + r.IntN(len(sound)/4096-1))
		damages["another page instead of page "+string(rune('A'+n))] = func(db []byte) []byte { copy(db[n*4096:], other); return db }
	}
	changes, files := 0, 0
	for name, damage := range damages {
		for _, sums := range []bool{true, false} {
			if testing.Short() && sums == (len(name)%2 == 0) {
				continue
			}
			files++
			db := damage(append([]byte(nil), sound...))
			home := spoilt(t, from, db, sums)
			write(t, filepath.Join(home, "damaged"), []byte("found before\n"))
			s, got, out := salvaged(t, home)
			if s.Resumable() {
				t.Errorf("%s: actors go on", name)
			}
			checkSalvaged(t, name, s, got, want)
			if kept, err := os.ReadFile(out.Kept); err != nil || (sums == false && string(kept) != string(db)) {
				t.Errorf("%s: the damaged file is not kept: %v", name, err)
			}
			for id, c := range got.Loaded {
				changes += len(c) + len(got.Beside[id])
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if changes < files*100 {
		t.Errorf("%d changes were saved of %d damaged files", changes, files)
	}
}

// checkSalvaged checks what was saved against what there was, and gives what was
// lost again.
func checkSalvaged(t *testing.T, name string, s *store.Store, got, want content) {
	t.Helper()
	for id, changes := range got.Loaded {
		known := map[crdt.Hash]crdt.Change{}
		for _, c := range append(want.Loaded[id], want.Beside[id]...) {
			known[c.Hash] = c
		}
		for _, c := range append(changes, got.Beside[id]...) {
			if !reflect.DeepEqual(known[c.Hash], c) {
				t.Errorf("%s: change %d of actor %q is told wrong", name, c.Seq, c.Actor)
			}
		}
		s.Submit(store.Entry{
			Doc: id, Space: storetest.Key(1), Changes: want.Loaded[id], Heads: want.Heads[id],
			Done: func(_ []store.Head, err error) {
				if err != nil {
					t.Errorf("%s: what was lost comes again: %v", name, err)
				}
			},
		})
	}
	flush(t, s)
	again, err := read(t, s)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for id := range got.Loaded {
		if !again.Vectors[id].Equal(want.Vectors[id]) {
			t.Errorf("%s: with what was lost it is at %v, and was at %v", name, again.Vectors[id], want.Vectors[id])
		}
		if _, _, found, err := s.OwnActor(t.Context(), id, storetest.Key(1)); found || err != nil {
			t.Errorf("%s: an actor may go on: %v", name, err)
		}
	}
}

// A log that was cut off loses what it had, and no more; no actor goes on.
func TestCutLog(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	s := open(t, from)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, from)
	a := storetest.NewAuthor("a", 1)
	all := a.Take(100) // too few for a checkpoint, after which no such log is ever cut
	for i := range all {
		s.Submit(store.Entry{Doc: storetest.ID(1), Changes: all[i : i+1], Seal: storetest.Seal(1)})
		flush(t, s)
	}
	running := copyHome(t, from)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(running, store.File))
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(running, store.File+"-wal"))
	if err != nil || len(log) < 100*4096 {
		t.Fatalf("a log of %d bytes: %v", len(log), err)
	}
	r := rand.New(rand.NewPCG(4, 8))
	last := -1
	for i := range 30 {
		home := t.TempDir()
		write(t, filepath.Join(home, store.File), db)
		cut := log[:len(log)*i/29]
		if i%2 == 1 && len(cut) > 0 {
			cut = append([]byte(nil), cut...)
			cut[r.IntN(len(cut))] ^= 16
		}
		write(t, filepath.Join(home, store.File+"-wal"), cut)
		s, err := store.Open(t.Context(), home, store.Options{Expand: storetest.Expand})
		if err != nil {
			if !typed(err) {
				t.Errorf("cut to %d bytes: %v", len(cut), err)
			}
			continue
		}
		if s.Resumable() {
			t.Errorf("cut to %d bytes: actors go on", len(cut))
		}
		l, err := s.Load(t.Context(), storetest.ID(1))
		if err != nil && !typed(err) && !errors.Is(err, store.ErrNoDocument) {
			t.Errorf("cut to %d bytes: %v", len(cut), err)
		}
		for k, c := range l.Changes {
			if !reflect.DeepEqual(c, all[k]) {
				t.Fatalf("cut to %d bytes: change %d is told wrong", len(cut), k)
			}
		}
		if i == 0 && len(l.Changes) > 0 {
			t.Fatalf("%d changes are in the database: a checkpoint came", len(l.Changes))
		}
		if i%2 == 0 {
			if len(l.Changes) < last {
				t.Errorf("cut to %d bytes: %d changes, and %d with less", len(cut), len(l.Changes), last)
			}
			last = len(l.Changes)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if last < 90 {
		t.Errorf("%d changes of a log that is nearly whole", last)
	}
}
