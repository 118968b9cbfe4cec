package store

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// Restamp makes the stamp of a clean stop fit the file as it is now, so that a
// test can tell what else speaks against resuming.
func Restamp(home string) error {
	return new(stopMark).stamp(home, filepath.Join(home, File))
}

// Sweeping counts the documents of which a compaction is not finished.
func Sweeping(t *testing.T, s *Store) int {
	return count(t, s, "SELECT count(*) FROM compacted WHERE sweep <> 0")
}

// Rows counts the rows of changes.
func Rows(t *testing.T, s *Store) int { return count(t, s, "SELECT count(*) FROM changes") }

func count(t *testing.T, s *Store, query string) (n int) {
	t.Helper()
	err := s.view(t.Context(), func(tx *sql.Tx) error { return tx.QueryRowContext(t.Context(), query).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}
