package store

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// Every commit is flushed within a second, and nothing is while nothing is
// committed.
func TestFlushWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var flushes []time.Duration
		f := &flusher{log: slog.New(slog.DiscardHandler), dirty: make(chan struct{}, 1), sync: func() error {
			flushes = append(flushes, time.Since(start))
			time.Sleep(100 * time.Millisecond) // a slow disk
			return nil
		}}
		f.start()
		flushedWithin := func(commit time.Duration) {
			t.Helper()
			synctest.Wait()
			for _, at := range flushes {
				if at >= commit && at < commit+time.Second {
					return
				}
			}
			t.Errorf("the commit at %v is not flushed within a second: %v", commit, flushes)
		}
		var commits []time.Duration
		for _, gap := range []time.Duration{5 * time.Second, 0, 10 * time.Millisecond, 495 * time.Millisecond, 50 * time.Millisecond, 3 * time.Second} {
			time.Sleep(gap)
			f.wrote(1)
			commits = append(commits, time.Since(start))
		}
		time.Sleep(time.Hour)
		for _, commit := range commits {
			flushedWithin(commit)
		}
		if len(flushes) > 4 {
			t.Errorf("%d flushes of four moments", len(flushes))
		}
		f.wrote(1)
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		flushedWithin(time.Since(start) - 100*time.Millisecond)
	})
}

// After a flush that failed, no stop counts as clean.
func TestFailedFlush(t *testing.T) {
	home := t.TempDir()
	s := openHere(t, home)
	if err := s.flusher.wal.Close(); err != nil { // every later flush fails
		t.Fatal(err)
	}
	s.Submit(Entry{Doc: crdt.DocID{1}})
	if err := s.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("close: %v", err)
	}
	if err := Restamp(home); err != nil {
		t.Fatal(err)
	}
	s = openHere(t, home)
	defer s.Close()
	if s.Resumable() {
		t.Error("resumable after a failed flush")
	}
}

// The log is copied into the database while the store is open, so that it does
// not grow without end.
func TestCheckpoint(t *testing.T) {
	home := t.TempDir()
	s := openHere(t, home)
	defer s.Close()
	a := author("a")
	for range 50 {
		s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{a(1 << 17)}})
	}
	flushHere(t, s)
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		info, err := os.Stat(filepath.Join(home, File))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > 50<<17 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("the database has %d bytes, all else is in the log", info.Size())
		}
	}
}

func TestMigrate(t *testing.T) {
	conn, err := openWriter(t.Context(), filepath.Join(t.TempDir(), File))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	scripts, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	version := func() (n int) {
		t.Helper()
		if err := conn.conn.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	known := len(scripts)
	scripts = append(scripts, "CREATE TABLE extra (x); INSERT INTO extra VALUES (1)")
	broken := append(scripts[:known+1:known+1], "CREATE TABLE half (x); CREATE TABLE extra (x)")
	if err := migrate(t.Context(), conn.conn, broken); err == nil {
		t.Error("a broken step succeeded")
	}
	if version() != known+1 {
		t.Errorf("schema %d after a broken step, want the one before it, %d", version(), known+1)
	}
	var n int
	const query = "SELECT (SELECT x FROM extra) + (SELECT count(*) FROM sqlite_schema WHERE name = 'half')"
	if err := conn.conn.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 1 {
		t.Errorf("the broken step left something: %d, %v", n, err)
	}
	if err := migrate(t.Context(), conn.conn, scripts); err != nil || version() != known+1 {
		t.Errorf("a second time: %v, schema %d", err, version())
	}
	if err := migrate(t.Context(), conn.conn, scripts[:known]); !errors.Is(err, ErrTooNew) {
		t.Errorf("an older program: %v", err)
	}
}

// What others are told of right after is on the disk before the call returns, or
// the call fails.
func TestFlushedBeforeTold(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	if err := s.flusher.stop(); err != nil { // it must not do it for them
		t.Fatal(err)
	}
	sync := s.flusher.sync
	calls := map[string]func() error{
		"space": func() error { return s.PutSpace(t.Context(), Space{ID: [32]byte{1}}) },
		"statements": func() error {
			return s.PutStatements(t.Context(), [32]byte{1}, []Statement{{Hash: [32]byte{2}, Bytes: []byte("b")}})
		},
	}
	for name, call := range calls {
		flushHere(t, s)
		flushes, failed := make(chan struct{}, 100), errors.New("the disk says no")
		s.flusher.sync = func() error { flushes <- struct{}{}; return sync() }
		if err := call(); err != nil || len(flushes) == 0 {
			t.Errorf("%s: %d flushes, %v", name, len(flushes), err)
		}
		s.flusher.sync = func() error { return failed }
		if err := call(); !errors.Is(err, failed) {
			t.Errorf("%s that is not flushed: %v", name, err)
		}
		s.flusher.sync = sync
	}
}
