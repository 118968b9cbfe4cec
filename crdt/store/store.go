package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"starling/crdt"
)

// File is the name of the database in the home folder.
const File = "starling.db"

// Options are what a store needs besides its home.
type Options struct {
	// Wait is how long Open waits for another process to leave the home.
	Wait time.Duration
	// Began says that the home has held a store before: then a file that is missing or
	// empty is [ErrEmptied], and no new store.
	Began bool
	// Logger takes what no caller can be told. nil logs nothing.
	Logger *slog.Logger
	// Expand gives the changes of a snapshot, each after those it builds on,
	// until yield fails, and returns that error: [crdt.Expand]. It is called on
	// any goroutine.
	Expand Expand
	// Judge, if not nil, has the last word on a snapshot before any change is
	// deleted. If it fails while its context goes on, the snapshot is dropped
	// and the changes stay.
	Judge func(ctx context.Context, chunk []byte) error
	// Corrupt, if not nil, is told once, as soon as the file itself is found to be
	// damaged ([ErrCorrupt]): what was found. Part of it cannot be read then, and
	// [Salvage] is to be called after Close. It is called on any goroutine and must
	// not wait.
	Corrupt func(error)
	// Lost, if not nil, is told of a document of which something was found to be
	// damaged and has been set aside. It is called on the goroutine of whoever read
	// it and must not wait.
	Lost func(doc crdt.DocID)
}

// Expand is what turns a snapshot back into changes; see [Options].
type Expand func(chunk []byte, yield func(crdt.Change) error) error

// Store is the open store of one home. All methods are safe for concurrent use.
type Store struct {
	home, path string
	log        *slog.Logger
	expand     Expand
	judge      func(context.Context, []byte) error
	lost       func(crdt.DocID) // nil for nobody
	harm       harm
	lock       *flock.Flock
	read       *sql.DB
	write      *writeConn // of the writer's goroutine, and of Open and Close outside its life
	writer     *writer
	flusher    *flusher
	vectors    vectors
	texts      texts
	forms      forms
	rosters    rosters
	acks       acks
	// retreats counts how often anything stored was taken back.
	retreats  atomic.Int64
	resumable bool
	wary      bool // see becomeWary
	stop      stopMark

	// views is held for reading by each reader, and for writing while closed is
	// set, so that the files are closed only when the last reader has left.
	views     sync.RWMutex
	closed    bool
	closeOnce sync.Once
	closeErr  error
}

// Open takes the lock of a home folder, which must exist, opens the store in it
// or makes one, and brings its schema up to date. It returns [ErrInUse],
// [ErrFileInUse], [ErrTooNew], [ErrForeign], [ErrReadOnly], [ErrNoSpace] or
// [ErrCorrupt], wrapped, where they fit; with the last, which [ErrEmptied] is too,
// [Salvage] is to be called.
func Open(ctx context.Context, home string, o Options) (*Store, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", home, err)
	}
	if err := closeFolder(home); err != nil {
		return nil, fmt.Errorf("open store %s: %w", home, readOnly(err))
	}
	lock, err := takeLock(ctx, home, o.Wait)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", readOnly(err))
	}
	s := &Store{
		home: home, path: filepath.Join(home, File),
		log: o.Logger, expand: o.Expand, judge: o.Judge, lost: o.Lost, lock: lock,
		harm: harm{tell: o.Corrupt},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.expand == nil {
		s.expand = func([]byte, func(crdt.Change) error) error {
			return errors.New("no way to read snapshots was given")
		}
	}
	if err := inUse(readOnly(s.open(ctx, o.Began))); err != nil {
		return nil, fmt.Errorf("open store %s: %w", home, errors.Join(err, s.release()))
	}
	return s, nil
}

// closeFolder keeps others out of the home.
func closeFolder(home string) error {
	info, err := os.Stat(home)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("not a folder")
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return os.Chmod(home, 0o700)
}

// open does what comes after the lock. The caller releases on an error.
func (s *Store) open(ctx context.Context, began bool) error {
	untouched := s.stop.untouched(s.home, s.path)
	info, err := os.Stat(s.path)
	lost := began && (errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0)
	if err := makeFile(s.path); err != nil {
		return err
	}
	if lost {
		return ErrEmptied
	}
	if err := foundBefore(s.home); err != nil {
		return err
	}
	found, err := suspect(s.home)
	if err != nil {
		return fmt.Errorf("compare the file with its page sums: %w", err)
	}
	if s.write, err = openWriter(ctx, s.path); err != nil {
		return err
	}
	scripts, err := migrations()
	if err != nil {
		return err
	}
	if err := migrate(ctx, s.write.conn, scripts); err != nil {
		return explain(err)
	}
	if err := s.checkSums(ctx, found); err != nil {
		return err
	}
	if found.of == nil {
		if err := checkSmall(ctx, s.write.conn); err != nil {
			return err
		}
	}
	if err := makeShrinkable(ctx, s.write.conn); err != nil {
		s.log.Warn("let the file shrink", "path", s.path, "error", err)
	}
	if err := s.stop.unstamp(s.home); err != nil {
		return err
	}
	s.stop.here = identify(s.path)
	clean, err := s.stop.take(s.write)
	s.resumable = clean && untouched && err == nil
	if err != nil {
		// The writer clears the mark before its first commit or commits nothing.
		s.log.Warn("clear the mark of a clean stop", "home", s.home, "error", err)
	}
	if s.read, err = openReaders(s.path); err != nil {
		return err
	}
	if err := s.readWary(ctx); err != nil {
		return err
	}
	if s.flusher, err = newFlusher(s.path, s.log); err != nil {
		return err
	}
	s.writer = newWriter(s)
	s.flusher.start()
	s.writer.start()
	if err := s.resumeSweeps(ctx); err != nil {
		s.log.Error("finish compactions", "error", err)
	}
	return nil
}

// makeFile makes the database file if there is none, for this user alone.
// SQLite gives the log and the index beside it the same mode. Closing the file
// costs no lock, as none is held yet.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = f.Chmod(0o600)
	}
	return errors.Join(err, f.Close())
}

// Resumable reports whether the last stop of the store was clean, on this
// machine and with this very file. Only then may the actors of an earlier run
// number new changes.
func (s *Store) Resumable() bool { return s.resumable }

// Close commits everything submitted, flushes it, sets the mark of a clean
// stop and releases the home, in this order. Later calls return the first
// one's result; other methods then fail with [ErrClosed]. It must not be called
// from a Done.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.stopAcks()
		s.writer.stop()
		s.views.Lock()
		s.closed = true
		s.views.Unlock()
		flushed := s.flusher.stop()
		if flushed == nil {
			flushed = s.stop.set(s.write)
		}
		s.closeErr = errors.Join(flushed, s.release())
		if s.closeErr != nil {
			s.closeErr = fmt.Errorf("close store %s: %w", s.home, s.closeErr)
		}
	})
	return s.closeErr
}

// release closes the files, stamps a clean stop, and gives up the lock last.
func (s *Store) release() error {
	var errs []error
	if s.flusher != nil {
		errs = append(errs, s.flusher.close())
	}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.close()) // the last connection empties the log
	}
	if s.stop.marked {
		errs = append(errs, s.stop.stamp(s.home, s.path))
		if err := writeSums(s.home); err != nil {
			s.log.Warn("write the page sums", "home", s.home, "error", err)
		}
	}
	errs = append(errs, s.lock.Close())
	return errors.Join(errs...)
}
