package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID marks a database file as ours ("Stlg"; sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x53746c67

// migrations returns the embedded scripts; the one at index n leads from
// schema version n to n+1.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	scripts := make([]string, len(names))
	for i, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		scripts[i] = string(text)
	}
	return scripts, nil
}

// migrate brings the schema up to date, one transaction for each step.
func migrate(ctx context.Context, conn *sql.Conn, scripts []string) error {
	var version, app, tables int
	err := conn.QueryRowContext(ctx, `SELECT
		(SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema)`).Scan(&version, &app, &tables)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if tables > 0 && app != applicationID {
		return ErrForeign
	}
	if version > len(scripts) {
		return fmt.Errorf("schema %d, this version knows %d: %w", version, len(scripts), ErrTooNew)
	}
	for n := version; n < len(scripts); n++ {
		if err := migrateStep(ctx, conn, scripts[n], n+1); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", n+1, err)
		}
	}
	return nil
}

func migrateStep(ctx context.Context, conn *sql.Conn, script string, version int) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	// A pragma takes no bound values; both are our own integers.
	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version)
	if _, err := tx.ExecContext(ctx, marks); err != nil {
		return err
	}
	return tx.Commit()
}

// makeShrinkable rewrites a file that an earlier version has made, once, so that
// free pages can be given back to the system
// (sqlite.org/pragma.html#pragma_auto_vacuum).
func makeShrinkable(ctx context.Context, conn *sql.Conn) error {
	var mode int
	if err := conn.QueryRowContext(ctx, "PRAGMA auto_vacuum").Scan(&mode); err != nil || mode != 0 {
		return err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA auto_vacuum = INCREMENTAL"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "VACUUM")
	return explain(err)
}
