package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"starling/crdt"
)

// Summary is what a checked file holds.
type Summary struct {
	Schema                      int
	Spaces, Documents, People   int
	Changes, Snapshots, Besides int
	// Newest is when a document was last changed; zero if none was.
	Newest time.Time
}

// Check reads the whole file of a store that nobody has open, such as a backup:
// whether SQLite finds it sound, and each change, snapshot, compact form and thing
// set aside has its hash. It writes nothing. It returns [ErrCorrupt], [ErrForeign]
// or [ErrTooNew], wrapped, where they fit. What was lost before, and is known to be
// missing, is no fault.
func Check(ctx context.Context, path string) (Summary, error) {
	sum, err := check(ctx, path)
	if err != nil {
		return Summary{}, fmt.Errorf("check store file %s: %w", path, err)
	}
	return sum, nil
}

func check(ctx context.Context, path string) (sum Summary, err error) {
	if _, err := os.Stat(path); err != nil { // SQLite would say less
		return sum, err
	}
	db, err := sql.Open("sqlite", dsn(path, "mode=ro&immutable=1&_query_only=1"))
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return sum, explain(err)
	}
	defer tx.Rollback() // there is nothing to commit
	if sum.Schema, err = checkSchema(ctx, tx); err != nil {
		return sum, err
	}
	if err := checkPages(ctx, tx); err != nil {
		return sum, err
	}
	if err := checkRows(ctx, tx, sum.Schema); err != nil {
		return sum, err
	}
	return sum, sum.count(ctx, tx)
}

// checkSchema returns the version of the schema, which must be ours.
func checkSchema(ctx context.Context, tx *sql.Tx) (int, error) {
	var version, app int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id)`).Scan(&version, &app)
	if err != nil {
		return 0, explain(err)
	}
	if app != applicationID || version == 0 {
		return 0, ErrForeign
	}
	scripts, err := migrations()
	if err == nil && version > len(scripts) {
		err = fmt.Errorf("schema %d, this version knows %d: %w", version, len(scripts), ErrTooNew)
	}
	return version, err
}

// checkPages asks SQLite itself (sqlite.org/pragma.html#pragma_integrity_check).
func checkPages(ctx context.Context, tx *sql.Tx) error {
	var first string
	if err := tx.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&first); err != nil {
		return explain(err)
	}
	if first != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, first)
	}
	return readEach(ctx, tx, "PRAGMA foreign_key_check", nil, func(rows *sql.Rows) error {
		return fmt.Errorf("%w: a row without the one that it belongs to", ErrCorrupt)
	})
}

// checkRows compares what rows hold with their hashes.
func checkRows(ctx context.Context, tx *sql.Tx, schema int) error {
	checks := []struct {
		since       int // the schema
		what, query string
		sound       func(id, hash, stored []byte) bool
	}{
		{1, "snapshot", "SELECT num, hash, bytes FROM snapshots WHERE bytes IS NOT NULL", soundContent},
		{1, "thing set aside", "SELECT num, hash, bytes FROM aside", soundContent},
		{2, "compact form", "SELECT doc, hash, bytes FROM forms", soundContent},
		{4, "change beside a document", "SELECT num, hash, bytes FROM beside", soundChunk},
	}
	if err := checkChanges(ctx, tx, schema); err != nil {
		return err
	}
	for _, c := range checks {
		if schema < c.since {
			continue
		}
		err := readEach(ctx, tx, c.query, nil, func(rows *sql.Rows) error {
			var id, hash, stored sql.RawBytes
			if err := rows.Scan(&id, &hash, &stored); err != nil {
				return err
			}
			if !c.sound(id, hash, stored) {
				return fmt.Errorf("%w: %s %s does not have its hash", ErrCorrupt, c.what, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func soundContent(_, hash, stored []byte) bool {
	sum := sha256.Sum256(stored)
	return string(sum[:]) == string(hash)
}

func soundChunk(_, hash, stored []byte) bool {
	return len(hash) == len(crdt.Hash{}) && hashes(stored, crdt.Hash(hash))
}

// checkChanges compares the rows of changes with their hashes and checksums.
func checkChanges(ctx context.Context, tx *sql.Tx, schema int) error {
	r := newReader(crdt.DocID{})
	r.actors = map[int64]readActor{}
	err := readEach(ctx, tx, "SELECT num, id FROM actors", nil, func(rows *sql.Rows) error {
		var num int64
		var id sql.RawBytes
		err := rows.Scan(&num, &id)
		r.actors[num] = readActor{id: crdt.ActorID(id)}
		return err
	})
	if err != nil {
		return err
	}
	query := rowColumns
	if schema < 4 {
		query = "SELECT num, actor, seq, start_op, max_op, time, hash, deps, bytes, NULL FROM changes "
	}
	return readEach(ctx, tx, query+"WHERE bytes IS NOT NULL", nil, func(rows *sql.Rows) error {
		row, err := r.scan(rows)
		if err == nil && !row.sound {
			err = fmt.Errorf("%w: change %d of actor %v does not have its hash", ErrCorrupt, row.change.Seq, row.change.Actor)
		}
		return err
	})
}

// count fills the rest of a summary in.
func (sum *Summary) count(ctx context.Context, tx *sql.Tx) error {
	var newest int64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM spaces), (SELECT count(*) FROM documents),
			(SELECT count(*) FROM people), (SELECT count(*) FROM changes), (SELECT count(*) FROM snapshots),
			(SELECT coalesce(max(updated), 0) FROM documents)`).
		Scan(&sum.Spaces, &sum.Documents, &sum.People, &sum.Changes, &sum.Snapshots, &newest)
	if newest > 0 {
		sum.Newest = time.Unix(newest, 0)
	}
	if err == nil && sum.Schema >= 4 {
		err = tx.QueryRowContext(ctx, "SELECT count(*) FROM beside").Scan(&sum.Besides)
	}
	return explain(err)
}
