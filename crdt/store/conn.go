package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers is how many read-only connections there can be.
const readers = 4

// dsn names the database file with the driver's parameters.
func dsn(path, params string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // a drive letter
		slashed = "/" + slashed
	}
	return "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?" + params
}

// withinProcess has SQLite keep the index of the log in the memory of this process
// and lock the file once, for as long as a connection is open, where the system has
// that (sqlite.org/vfs.html#standard_unix_vfses). The home belongs to one process
// anyway, and no commit or read asks the kernel for locks then. All connections to an
// open store need it.
func withinProcess() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	return "&vfs=unix-excl"
}

// openReaders opens the pool of read-only connections.
func openReaders(path string) (*sql.DB, error) {
	db, err := openCached(dsn(path, "mode=ro&_busy_timeout=5000&_query_only=1"+withinProcess()))
	if err != nil {
		return nil, fmt.Errorf("open for reading: %w", err)
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

// writeConn is a connection with its prepared statements. One goroutine at a
// time may use it.
type writeConn struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	execs map[string]driver.StmtExecContext
	args  []driver.NamedValue // used again by each exec
}

// openWriter opens a connection that may write. It never checkpoints by
// itself: flush.go does that away from the writer.
func openWriter(ctx context.Context, path string) (*writeConn, error) {
	const params = "_txlock=immediate&_busy_timeout=5000&_foreign_keys=1&_synchronous=NORMAL" +
		"&_pragma=auto_vacuum(INCREMENTAL)&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)&_pragma=journal_size_limit(16777216)" +
		"&_pragma=cache_size(-8000)"
	db, err := sql.Open("sqlite", dsn(path, params+withinProcess()))
	if err != nil {
		return nil, fmt.Errorf("open for writing: %w", err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open for writing: %w", explain(err))
	}
	c := &writeConn{db: db, conn: conn, stmts: map[string]*sql.Stmt{}, execs: map[string]driver.StmtExecContext{}}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		c.close()
		return nil, fmt.Errorf("open for writing: journal mode %q instead of wal: %w", mode, err)
	}
	return c, nil
}

func (c *writeConn) stmt(query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, explain(err)
	}
	c.stmts[query] = s
	return s, nil
}

// exec runs one constant statement, without what database/sql does for any
// driver and any value, as a keystroke runs five of them. Cancelling a write
// half-way would only cost a goroutine for each call, so it takes no context.
func (c *writeConn) exec(query string, args ...any) (res driver.Result, err error) {
	s, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	c.args = c.args[:0]
	for i, arg := range args {
		if !driver.IsValue(arg) {
			if arg, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return nil, err
			}
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	err = c.conn.Raw(func(any) error {
		res, err = s.ExecContext(context.Background(), c.args)
		return err
	})
	return res, explain(err)
}

// prepared returns the driver's statement for a query.
func (c *writeConn) prepared(query string) (driver.StmtExecContext, error) {
	if s := c.execs[query]; s != nil {
		return s, nil
	}
	err := c.conn.Raw(func(conn any) error {
		s, err := conn.(driver.Conn).Prepare(query)
		if err != nil {
			return err
		}
		direct, ok := s.(driver.StmtExecContext)
		if !ok {
			return errors.Join(errors.ErrUnsupported, s.Close())
		}
		c.execs[query] = direct
		return nil
	})
	return c.execs[query], explain(err)
}

// row reads one row into dst; it returns sql.ErrNoRows if there is none.
func (c *writeConn) row(query string, args []any, dst ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	return explain(s.QueryRow(args...).Scan(dst...))
}

// each calls scan for every row.
func (c *writeConn) each(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return explain(err)
	}
	return scanAll(rows, scan)
}

func (c *writeConn) begin() error  { _, err := c.exec("BEGIN IMMEDIATE"); return err }
func (c *writeConn) commit() error { _, err := c.exec("COMMIT"); return err }

// rollback ends a transaction if one is open: SQLite itself has ended it after
// some failures, and then this one fails for no harm.
func (c *writeConn) rollback() { _, _ = c.exec("ROLLBACK") }

// sync makes every later commit flush the log to the disk, or none.
func (c *writeConn) sync(each bool) error {
	query := "PRAGMA synchronous = NORMAL"
	if each {
		query = "PRAGMA synchronous = FULL"
	}
	_, err := c.conn.ExecContext(context.Background(), query)
	return explain(err)
}

func (c *writeConn) close() error {
	for _, s := range c.stmts {
		s.Close()
	}
	err := c.conn.Raw(func(any) error {
		var errs []error
		for _, s := range c.execs {
			errs = append(errs, s.(driver.Stmt).Close())
		}
		return errors.Join(errs...)
	})
	if e := c.conn.Close(); err == nil {
		err = e
	}
	if e := c.db.Close(); err == nil {
		err = e
	}
	return err
}

// scanAll calls scan for every row and closes rows.
func scanAll(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

// view runs f in one read transaction: everything that it reads is of one moment.
func (s *Store) view(ctx context.Context, f func(*sql.Tx) error) error {
	s.views.RLock()
	defer s.views.RUnlock()
	if s.closed {
		return ErrClosed
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.noteDamage(explain(err))
	}
	defer tx.Rollback() // there is nothing to commit
	return s.noteDamage(explain(f(tx)))
}

// readEach calls scan for every row of a query in tx.
func readEach(ctx context.Context, tx *sql.Tx, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	return scanAll(rows, scan)
}

// fixed copies a stored value of fixed length.
func fixed(dst, src []byte) error {
	if len(src) != len(dst) {
		return fmt.Errorf("a value of %d bytes instead of %d: %w", len(src), len(dst), ErrDamaged)
	}
	copy(dst, src)
	return nil
}
