package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// filled opens a store with some of everything.
func filled(t *testing.T, home string) (s *store.Store, all []crdt.Change) {
	t.Helper()
	s = open(t, home)
	all = storetest.NewAuthor("a", 1).Take(300)
	s.Submit(store.Entry{Doc: storetest.ID(1), Space: storetest.Key(1), Changes: all, Seal: storetest.Seal(1)})
	b := storetest.NewAuthor("b", 2)
	s.Submit(store.Entry{Doc: storetest.ID(2), Space: storetest.Key(1), Changes: b.Take(5), Seal: storetest.Seal(1)})
	flush(t, s)
	covers := crdt.Vector{"a": {Seq: 200, Hash: all[199].Hash}}
	last := crdt.Vector{"b": b.Tip}
	for _, err := range []error{
		s.Compact(t.Context(), storetest.ID(1), storetest.Pack(all[:200]), covers),
		s.PutSpace(t.Context(), store.Space{ID: storetest.Key(1), Name: "Team", Secrets: [][]byte{{1}, {2}}}),
		s.PutStatements(t.Context(), storetest.Key(1), []store.Statement{{Hash: storetest.Key(2), Bytes: []byte("s")}}),
		s.PutPerson(t.Context(), store.Person{Device: storetest.Key(3), Name: "Ann"}),
		s.Set(t.Context(), "k", []byte("v")),
		s.SetAside(t.Context(), store.Aside{Kind: "message", Bytes: []byte("odd")}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Retreat(t.Context(), storetest.ID(2), []crdt.Hash{last["b"].Hash}, "why"); err != nil {
		t.Fatal(err)
	}
	s.PutForm(storetest.ID(1), store.Form{Covers: covers, Bytes: []byte("form")})
	s.SetText(storetest.ID(1), nil, "First", "a starling")
	s.PutAcks(storetest.Key(3), map[crdt.DocID]crdt.Vector{storetest.ID(1): covers})
	flush(t, s)
	return s, all
}

func flush(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A backup of a store in use has all that was committed before, names no machine,
// and opens as a store in which no actor goes on.
func TestBackup(t *testing.T) {
	s, all := filled(t, t.TempDir())
	defer s.Close()
	a := storetest.NewAuthor("more", 3)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				s.Submit(store.Entry{Doc: storetest.ID(3), Space: storetest.Key(1), Changes: a.Take(3)})
				if err := s.Flush(context.Background()); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	home := t.TempDir()
	path := filepath.Join(home, store.File)
	sum, err := s.Backup(t.Context(), path)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	if sum.Documents < 2 || sum.Changes < 104 || sum.Snapshots != 1 || sum.Besides != 1 || sum.Spaces != 1 || sum.People != 1 || sum.Newest.IsZero() {
		t.Errorf("summary: %+v", sum)
	}
	if again, err := store.Check(t.Context(), path); err != nil || again != sum {
		t.Errorf("checked again: %+v, %v", again, err)
	}
	if entries, err := os.ReadDir(home); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info.Mode(), err)
	}
	if _, err := s.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that exists: %v", err)
	}
	if _, err := s.Backup(t.Context(), filepath.Join(home, "missing", "file")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that does not exist: %v", err)
	}

	restored := open(t, home)
	defer restored.Close()
	if restored.Resumable() {
		t.Error("the actors of a backup may go on")
	}
	l, err := restored.Load(t.Context(), storetest.ID(1))
	if err != nil || len(l.Changes) != 100 || l.Changes[99].Hash != all[299].Hash || l.Snapshot == nil {
		t.Errorf("%d changes: %v", len(l.Changes), err)
	}
	if _, n, err := restored.Search(t.Context(), "starling", 5); err != nil || n != 0 {
		t.Errorf("search: %d, %v", n, err)
	}
}

// A backup of a store that was stopped cleanly before names no machine either.
func TestBackupOfStopped(t *testing.T) {
	home := t.TempDir()
	s, _ := filled(t, home)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "file")
	s = open(t, home)
	if _, err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), path+"2"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("of a closed store: %v", err)
	}
}

func TestCheck(t *testing.T) {
	s, _ := filled(t, t.TempDir())
	defer s.Close()
	sound := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(t.Context(), sound); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, sql string
		want      error
	}{
		{"nothing", "SELECT 1", nil},
		{"a change", "UPDATE changes SET bytes = CAST('x' || bytes AS BLOB) WHERE seq = 250", store.ErrCorrupt},
		{"a change's number", "UPDATE changes SET start_op = 7 WHERE seq = 250", store.ErrCorrupt},
		{"a change's actor", "UPDATE actors SET id = x'7777' WHERE num = 1", store.ErrCorrupt},
		{"a snapshot", "UPDATE snapshots SET hash = zeroblob(32)", store.ErrCorrupt},
		{"a form", "UPDATE forms SET bytes = x'00'", store.ErrCorrupt},
		{"a thing set aside", "UPDATE aside SET bytes = x'00'", store.ErrCorrupt},
		{"a change beside", "UPDATE beside SET bytes = x'00'", store.ErrCorrupt},
		{"an actor", "PRAGMA foreign_keys = 0; DELETE FROM actors WHERE num = 1", store.ErrCorrupt},
		{"the version", "PRAGMA user_version = 99", store.ErrTooNew},
		{"the program", "PRAGMA application_id = 9", store.ErrForeign},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			write(t, filepath.Join(home, store.File), raw)
			meddle(t, home, test.sql)
			_, err := store.Check(t.Context(), filepath.Join(home, store.File))
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
	if _, err := store.Check(t.Context(), sound+"missing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	text := filepath.Join(t.TempDir(), "text")
	write(t, text, []byte(strings.Repeat("not a store ", 1000)))
	if _, err := store.Check(t.Context(), text); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("another file: %v", err)
	}
	if _, err := store.Check(t.Context(), filepath.Join(unpack(t, "testdata/schema3.db.gz"), store.File)); err != nil {
		t.Errorf("a file of the version before: %v", err)
	}
}
