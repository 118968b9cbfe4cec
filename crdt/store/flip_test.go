package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// content is all that a store tells of.
type content struct {
	Docs       []store.DocumentInfo
	Loaded     map[crdt.DocID][]crdt.Change
	Heads      map[crdt.DocID][]store.Head
	Beside     map[crdt.DocID][]crdt.Change
	Vectors    map[crdt.DocID]crdt.Vector
	Acks       map[[32]byte]crdt.Vector
	Spaces     []store.Space
	Statements []store.Statement
	People     []store.Person
	Asides     []store.Aside
	Setting    []byte
}

// read reads everything, and gives up at the first error, as a person would.
func read(t *testing.T, s *store.Store) (c content, err error) {
	t.Helper()
	ctx := context.Background()
	c.Loaded, c.Heads = map[crdt.DocID][]crdt.Change{}, map[crdt.DocID][]store.Head{}
	c.Beside = map[crdt.DocID][]crdt.Change{}
	get := func(what string, f func() error) {
		if err == nil {
			if err = f(); err != nil {
				err = fmt.Errorf("%s: %w", what, err)
			}
		}
	}
	get("documents", func() (err error) { c.Docs, err = s.Documents(ctx, storetest.Key(1)); return err })
	get("vectors", func() (err error) { c.Vectors, err = s.Vectors(ctx, storetest.Key(1)); return err })
	for _, d := range c.Docs {
		get("changes", func() error {
			var all []crdt.Change
			err := s.ChangesSince(ctx, d.ID, nil, func(c crdt.Change) error { all = append(all, c); return nil })
			c.Loaded[d.ID] = all
			return err
		})
		get("heads", func() (err error) { c.Heads[d.ID], err = s.HeadsSince(ctx, d.ID, nil); return err })
		get("beside", func() (err error) { c.Beside[d.ID], _, err = s.Beside(ctx, d.ID); return err })
	}
	get("acks", func() (err error) { c.Acks, err = s.Acks(ctx, storetest.ID(1)); return err })
	get("spaces", func() (err error) { c.Spaces, err = s.Spaces(ctx); return err })
	get("statements", func() (err error) { c.Statements, err = s.Statements(ctx, storetest.Key(1)); return err })
	get("people", func() (err error) { c.People, err = s.People(ctx); return err })
	get("asides", func() (err error) { c.Asides, err = s.Asides(ctx); return err })
	get("setting", func() (err error) { c.Setting, err = s.Get(ctx, "k"); return err })
	return c, err
}

// typed reports whether an error says what is the matter.
func typed(err error) bool {
	return errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrForeign) ||
		errors.Is(err, store.ErrTooNew) || errors.Is(err, store.ErrNoDocument)
}

// stopped makes a home of a store that was stopped cleanly, and what it holds.
func stopped(t *testing.T) (home string, want content) {
	t.Helper()
	home = t.TempDir()
	s, _ := filled(t, home)
	want, err := read(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return home, want
}

// spoilt copies a home with other bytes in its database, and with its page sums or
// without.
func spoilt(t *testing.T, from string, db []byte, sums bool) string {
	t.Helper()
	home := t.TempDir()
	names := []string{"clean-stop"}
	if sums {
		names = append(names, "page-sums")
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(home, name), b)
	}
	write(t, filepath.Join(home, store.File), db)
	return home
}

// After a clean stop, a flipped bit anywhere in the file is found and flipped back.
func TestFlippedBit(t *testing.T) {
	t.Parallel()
	from, want := stopped(t)
	sound, err := os.ReadFile(filepath.Join(from, store.File))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 5))
	for n := range fewer(50) {
		at, bit := r.IntN(len(sound)), r.IntN(8)
		if n < 20 {
			at = n * 5 // SQLite's header
		}
		db := append([]byte(nil), sound...)
		db[at] ^= 1 << bit
		s, err := store.Open(t.Context(), spoilt(t, from, db, true), store.Options{Expand: storetest.Expand})
		if err != nil {
			t.Fatalf("bit %d of byte %d: %v", bit, at, err)
		}
		got, err := read(t, s)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("bit %d of byte %d: %v\n got %v\nwant %v", bit, at, err, got, want)
		}
		if !errors.Is(s.Damaged(), store.ErrMended) {
			t.Errorf("bit %d of byte %d: not told", bit, at)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Without page sums, as after a crash, no change is ever told wrong: it is right,
// or missing with an error.
func TestFlippedBitUnsummed(t *testing.T) {
	t.Parallel()
	from, want := stopped(t)
	sound, err := os.ReadFile(filepath.Join(from, store.File))
	if err != nil {
		t.Fatal(err)
	}
	known := map[crdt.Hash]crdt.Change{}
	for _, changes := range want.Loaded {
		for _, c := range changes {
			known[c.Hash] = c
		}
	}
	r := rand.New(rand.NewPCG(2, 6))
	whole, refused, tries := 0, 0, fewer(100)
	for range tries {
		at, bit := r.IntN(len(sound)), r.IntN(8)
		db := append([]byte(nil), sound...)
		db[at] ^= 1 << bit
		told, home := 0, spoilt(t, from, db, false)
		s, err := store.Open(t.Context(), home, store.Options{
			Expand: storetest.Expand, Corrupt: func(error) { told++ },
		})
		if err != nil {
			if !typed(err) {
				t.Errorf("bit %d of byte %d: open: %v", bit, at, err)
			}
			if refused++; refused > 3 { // TestSalvage does many
				continue
			}
			s, saved, _ := salvaged(t, home)
			checkSalvaged(t, fmt.Sprintf("bit %d of byte %d", bit, at), s, saved, want)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		got, err := read(t, s)
		if err != nil && !typed(err) {
			t.Errorf("bit %d of byte %d: read: %v", bit, at, err)
		}
		for id, changes := range got.Loaded {
			for _, c := range changes {
				if !reflect.DeepEqual(known[c.Hash], c) {
					t.Errorf("bit %d of byte %d: change %d of actor %q is told wrong", bit, at, c.Seq, c.Actor)
				}
			}
			if err == nil && len(changes) != len(want.Loaded[id]) {
				t.Errorf("bit %d of byte %d: %d of %d changes of %v, and no error", bit, at, len(changes), len(want.Loaded[id]), id)
			}
		}
		if err == nil && len(got.Loaded) == len(want.Loaded) {
			whole++
		}
		if errors.Is(err, store.ErrCorrupt) && (s.Damaged() == nil || told != 1) {
			t.Errorf("bit %d of byte %d: told %d times of %v, noted %v", bit, at, told, err, s.Damaged())
		}
		if err := s.Examine(t.Context()); err != nil && !typed(err) {
			t.Errorf("bit %d of byte %d: examine: %v", bit, at, err)
		}
		damaged := s.Damaged()
		_ = s.Close() // a damaged file may not take the mark
		if damaged != nil {
			if _, err := store.Open(t.Context(), home, store.Options{}); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("bit %d of byte %d: opened again: %v", bit, at, err)
			}
		}
	}
	if whole == 0 || whole == tries || refused > tries/2 {
		t.Errorf("%d of %d files are whole, %d could not be opened", whole, tries, refused)
	}
}

// fewer is n, or a third of it where the race detector makes all slow.
func fewer(n int) int {
	if testing.Short() {
		return n / 3
	}
	return n
}
