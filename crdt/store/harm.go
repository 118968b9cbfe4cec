package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// harm is what was found to be damaged in the file itself.
type harm struct {
	mu    sync.Mutex
	found error
	tell  func(error) // nil for nobody
}

// harmName is a file in the home that says what was found to be damaged, until
// [Salvage]: the next Open then fails, though it may not come upon it itself.
const harmName = "damaged"

// noteDamage keeps the first error that says that the file is damaged, and returns
// the error.
func (s *Store) noteDamage(err error) error {
	if errors.Is(err, ErrCorrupt) && s.tellDamage(err) {
		if err := os.WriteFile(filepath.Join(s.home, harmName), []byte(err.Error()+"\n"), 0o600); err != nil {
			s.log.Error("note that the store is damaged", "home", s.home, "error", err)
		}
	}
	return err
}

// tellDamage tells of damage, but for the first alone, and reports whether it was.
// What was mended before does not count.
func (s *Store) tellDamage(err error) bool {
	s.harm.mu.Lock()
	first := s.harm.found == nil || errors.Is(s.harm.found, ErrMended)
	if first {
		s.harm.found = err
	}
	s.harm.mu.Unlock()
	if first {
		s.log.Error("the file of the store is damaged", "home", s.home, "error", err)
		if s.harm.tell != nil {
			s.harm.tell(err)
		}
	}
	return first
}

// foundBefore returns what an earlier run has found to be damaged.
func foundBefore(home string) error {
	what, err := os.ReadFile(filepath.Join(home, harmName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w, as was found before: %s", ErrCorrupt, bytes.TrimSpace(what))
}

// Damaged returns what was first found to be damaged in the file itself since Open,
// or nil. Unless it was mended, the next Open fails with it until [Salvage]. Rows that could be set aside are not meant: [Store.Asides] has them.
func (s *Store) Damaged() error {
	s.harm.mu.Lock()
	defer s.harm.mu.Unlock()
	return s.harm.found
}

// Examine reads the whole file for damage that nothing has come upon yet, and
// returns [ErrCorrupt], wrapped, if there is any. Writers go on meanwhile; it takes
// about a second for each 500 MB.
func (s *Store) Examine(ctx context.Context) error {
	var first string
	err := s.view(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&first); err != nil {
			return explain(err)
		}
		if first != "ok" {
			return fmt.Errorf("%w: %s", ErrCorrupt, first)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("examine store %s: %w", s.home, err)
	}
	return nil
}

// readOnly adds [ErrReadOnly] to a failure to write to a file or folder.
func readOnly(err error) error {
	if err != nil && !errors.Is(err, ErrReadOnly) && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}
