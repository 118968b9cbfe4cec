package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

func TestOpenNeedsTheHome(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := store.Open(t.Context(), missing, store.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing home: %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a missing home was made")
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	if _, err := store.Open(t.Context(), file, store.Options{}); err == nil {
		t.Error("a file was taken for a home")
	}
}

func TestModes(t *testing.T) {
	home := t.TempDir()
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, home)
	defer s.Close()
	if err := s.Set(t.Context(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	want := map[string]os.FileMode{
		".": 0o700, "lock": 0o600, "starling.db": 0o600, "starling.db-wal": 0o600,
	}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), mode)
		}
	}
	_, err := os.Stat(filepath.Join(home, "starling.db-shm"))
	if alone := errors.Is(err, os.ErrNotExist); alone != (runtime.GOOS != "windows") {
		t.Errorf("the index of the log is shared with other processes, which costs locks: %v", err)
	}
}

// An awkward folder name must not be taken for a part of SQLite's URI.
func TestAwkwardPath(t *testing.T) {
	home := filepath.Join(t.TempDir(), "a b?mode=memory&x#y%41é")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := open(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(home, "starling.db")); err != nil {
		t.Error(err)
	}
}

func TestInUse(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	if _, err := store.Open(t.Context(), home, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second store on one home: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, home, store.Options{Wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was cancelled: %v", err)
	}
	// One that waits gets the home as soon as it is free.
	got := make(chan error, 1)
	go func() {
		second, err := store.Open(context.Background(), home, store.Options{Wait: 30 * time.Second})
		if err == nil {
			err = second.Close()
		}
		got <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("a store that waited: %v", err)
	}
}

func TestSchemas(t *testing.T) {
	tests := []struct {
		name, sql string
		want      error
	}{
		{"ours", "", nil},
		{"newer", "PRAGMA user_version = 99", store.ErrTooNew},
		{"of another program", "PRAGMA application_id = 1", store.ErrForeign},
		{"of a program without a mark", "PRAGMA application_id = 0; PRAGMA user_version = 0", store.ErrForeign},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			if err := open(t, home).Close(); err != nil {
				t.Fatal(err)
			}
			meddle(t, home, test.sql)
			s, err := store.Open(t.Context(), home, store.Options{})
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("open: %v, want %v", err, test.want)
			}
			if err == nil {
				s.Close()
				return
			}
			// A failed Open leaves the home free.
			meddle(t, home, "PRAGMA user_version = 5; PRAGMA application_id = 0x53746c67")
			if err := open(t, home).Close(); err != nil {
				t.Error(err)
			}
		})
	}
	home := t.TempDir()
	write(t, filepath.Join(home, "starling.db"), []byte(strings.Repeat("not a database ", 100)))
	if _, err := store.Open(t.Context(), home, store.Options{}); err == nil {
		t.Error("a file that is no database was opened")
	}
}

func TestResumable(t *testing.T) {
	tests := []struct {
		name string
		// between runs after a clean stop and returns the home to open.
		between func(t *testing.T, home string) string
		want    bool
	}{
		{"a clean stop", func(_ *testing.T, home string) string { return home }, true},
		{"two clean stops", func(t *testing.T, home string) string {
			if err := open(t, home).Close(); err != nil {
				t.Fatal(err)
			}
			return home
		}, true},
		{"the folder was renamed", func(t *testing.T, home string) string {
			moved := filepath.Join(t.TempDir(), "moved")
			if err := os.Rename(home, moved); err != nil {
				t.Fatal(err)
			}
			return moved
		}, true},
		{"the process died", func(t *testing.T, home string) string {
			s := open(t, home)
			running := copyHome(t, home)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			overwrite(t, running, home)
			restamp(t, home)
			return home
		}, false},
		{"a copy", func(t *testing.T, home string) string {
			copied := copyHome(t, home)
			restamp(t, copied)
			return copied
		}, false},
		{"a backup put back in place", func(t *testing.T, home string) string {
			backup := copyHome(t, home)
			if err := open(t, home).Close(); err != nil {
				t.Fatal(err)
			}
			overwrite(t, backup, home)
			return home
		}, false},
		{"another machine", func(t *testing.T, home string) string {
			meddle(t, home, "UPDATE stop SET machine = randomblob(32)")
			restamp(t, home)
			return home
		}, false},
		{"another file", func(t *testing.T, home string) string {
			meddle(t, home, "UPDATE stop SET file = randomblob(16)")
			restamp(t, home)
			return home
		}, false},
		{"an unknown machine", func(t *testing.T, home string) string {
			meddle(t, home, "UPDATE stop SET machine = x''")
			restamp(t, home)
			return home
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			s := open(t, home)
			if s.Resumable() {
				t.Error("a new store has nothing to resume")
			}
			e := store.Entry{Doc: storetest.ID(1), Changes: storetest.NewAuthor("a", 1).Take(3)}
			s.Submit(e)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, test.between(t, home))
			defer s.Close()
			if s.Resumable() != test.want {
				t.Errorf("resumable: %v, want %v", s.Resumable(), test.want)
			}
			if !s.Committed(e.Doc).Has("a", 3) {
				t.Error("the changes are gone")
			}
		})
	}
}

// TestCopyWhileRunning opens copies of the files taken at random moments, as a
// crash would leave them: what was committed by then must be there. The log is
// copied before the database and compared with what had been committed before.
func TestCopyWhileRunning(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	defer s.Close()
	a := storetest.NewAuthor("a", 1)
	for range 20 {
		for range 50 {
			s.Submit(store.Entry{Doc: storetest.ID(1), Changes: a.Take(1), Seal: storetest.Seal(1)})
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := s.Committed(storetest.ID(1))
		crashed := open(t, copyHome(t, home))
		if got := crashed.Committed(storetest.ID(1)); !got.Equal(want) {
			t.Errorf("after a crash %v, want %v", got, want)
		}
		l, err := crashed.Load(t.Context(), storetest.ID(1))
		if err != nil || uint64(len(l.Changes)) != a.Tip.Seq {
			t.Errorf("after a crash %d changes of %d, %v", len(l.Changes), a.Tip.Seq, err)
		}
		if crashed.Resumable() {
			t.Error("a crash is taken for a clean stop")
		}
		if err := crashed.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// meddle runs SQL on the closed store of a home.
func meddle(t *testing.T, home, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(home, "starling.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// restamp makes a home look as if nothing had touched it since its last stop.
func restamp(t *testing.T, home string) {
	t.Helper()
	if err := store.Restamp(home); err != nil {
		t.Fatal(err)
	}
}

// copyHome copies the files of a home into a new one.
func copyHome(t *testing.T, home string) string {
	t.Helper()
	copied := t.TempDir()
	overwrite(t, home, copied)
	return copied
}

// overwrite copies the files over those in another folder, which keep their
// inodes. The log comes first: what a checkpoint moves out of it meanwhile is
// then in both. Another process copies, as closing the database in this one
// would drop the locks of an open store.
func overwrite(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"starling.db-wal", "starling.db", "clean-stop"} {
		if _, err := os.Stat(filepath.Join(from, name)); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if out, err := exec.Command("cp", filepath.Join(from, name), to).CombinedOutput(); err != nil {
			t.Fatalf("copy: %v: %s", err, out)
		}
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
