package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"starling/crdt/store/durable"
)

// Backup writes a copy of the open store to a new file, readable by this user
// alone, and checks it ([Check]) before it gets that name. It is of one moment and
// has all that was committed before; writers and readers go on meanwhile. It lacks
// what names this machine, so that no actor can go on in it. It returns
// [os.ErrExist], wrapped, if the file exists, and leaves nothing behind on an error.
func (s *Store) Backup(ctx context.Context, path string) (Summary, error) {
	sum, err := s.backup(ctx, path)
	if err != nil {
		return Summary{}, fmt.Errorf("back the store up to %s: %w", path, err)
	}
	return sum, nil
}

func (s *Store) backup(ctx context.Context, path string) (sum Summary, err error) {
	if _, err := os.Lstat(path); err == nil {
		return sum, os.ErrExist
	}
	if err := s.Flush(ctx); err != nil {
		return sum, err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".starling-backup-*") // for this user alone
	if err != nil {
		return sum, err
	}
	name := part.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(name))
		}
	}()
	if err := part.Close(); err != nil {
		return sum, err
	}
	if err := s.copyTo(ctx, name); err != nil {
		return sum, err
	}
	if err := forgetMachine(ctx, name); err != nil {
		return sum, err
	}
	if sum, err = Check(ctx, name); err != nil {
		return sum, fmt.Errorf("the copy: %w", err)
	}
	if err := durable.SyncFile(name); err != nil {
		return sum, err
	}
	return sum, durable.Place(name, path)
}

// copyTo copies the store into an empty file, by a connection of its own, as one
// that may only query may not do so (sqlite.org/lang_vacuum.html#vacuuminto).
func (s *Store) copyTo(ctx context.Context, path string) error {
	s.views.RLock() // Close waits
	defer s.views.RUnlock()
	if s.closed {
		return ErrClosed
	}
	db, err := sql.Open("sqlite", dsn(s.path, "mode=ro&_busy_timeout=5000"+withinProcess()))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(explain(err), db.Close())
}

// forgetMachine takes the mark of a clean stop out of a copy, which is never in WAL
// mode, and overwrites it.
func forgetMachine(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "_pragma=secure_delete(1)&_pragma=journal_mode(MEMORY)"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "DELETE FROM stop")
	return errors.Join(explain(err), db.Close())
}

// removeDatabase removes a file that nobody has open, and what SQLite may have
// left beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
