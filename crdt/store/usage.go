package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Usage is how many bytes of the file are in use, in whole pages, not counting
// free ones.
type Usage struct {
	// Changes are the changes and snapshots of all documents with their
	// indexes, without what lies in All besides: heads, compact forms, texts,
	// the index of search, and all else.
	Changes, All int64
}

// Usage tells what takes up room. It reads every page.
func (s *Store) Usage(ctx context.Context) (Usage, error) {
	var u Usage
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT coalesce(sum(pgsize) FILTER (WHERE name IN
				('changes', 'sqlite_autoindex_changes_1', 'snapshots', 'sqlite_autoindex_snapshots_1')), 0),
				coalesce(sum(pgsize), 0)
			FROM dbstat WHERE aggregate = TRUE`
		return explain(tx.QueryRowContext(ctx, query).Scan(&u.Changes, &u.All))
	})
	if err != nil {
		return Usage{}, fmt.Errorf("measure the store: %w", err)
	}
	return u, nil
}
