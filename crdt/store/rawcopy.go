package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"starling/crdt"
)

// rawName is the file that readRaw makes.
const rawName = "raw.db"

// readRaw makes a database beside a damaged one, with the rows of all its leaves that
// are not known to be free, and with our schema. What it holds is checked by whoever
// reads it, as what the damaged one tells is. The log must be in the file.
func readRaw(ctx context.Context, path string, expand Expand) (db *sql.DB, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw := filepath.Join(filepath.Dir(path), rawName)
	db, err = sql.Open("sqlite", dsn(raw, "_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := fillRaw(ctx, db, rawFile(b), expand); err != nil {
		db.Close()
		return nil, fmt.Errorf("read the leaves of a damaged store: %w", explain(err))
	}
	return db, nil
}

func fillRaw(ctx context.Context, db *sql.DB, f rawFile, expand Expand) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	scripts, err := migrations()
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, scripts); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	c := rawCopy{tx: tx, expand: expand, inserts: map[string]*sql.Stmt{}}
	left := f.allowance()
	for n := 1; n <= f.pages() && c.err == nil; n++ {
		if !f.free(n) {
			f.cells(n, left, func(kind byte, cell rawCell) { c.add(ctx, kind, cell) })
		}
	}
	if c.err != nil {
		return c.err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	return tx.Commit()
}

// rawCopy enters rows where they fit.
type rawCopy struct {
	tx      *sql.Tx
	expand  Expand
	inserts map[string]*sql.Stmt // by table and number of columns
	// rosters may be such: see settle.
	rosters []rawCell
	err     error
}

// settle enters those rows that are rosters: they name a statement that was found.
// The search keeps rows of that shape, too, and the same keys, so that they are told
// apart once all statements are in.
func (c *rawCopy) settle(ctx context.Context) error {
	rows, err := c.tx.QueryContext(ctx, "SELECT hash FROM statements")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	err = scanAll(rows, func(rows *sql.Rows) error {
		var hash []byte
		err := rows.Scan(&hash)
		known[string(hash)] = true
		return err
	})
	if err != nil {
		return err
	}
	for _, cell := range c.rosters {
		hashes := cell.values.bytes(1)
		for at := 0; at < len(hashes); at += 32 {
			if known[string(hashes[at:at+32])] {
				c.enter(ctx, "rosters", row{cell.key, hashes})
				break
			}
		}
	}
	return c.err
}

// add enters a row into the table that it may be of. What a column does not take, or
// stands there already, is passed over.
func (c *rawCopy) add(ctx context.Context, kind byte, cell rawCell) {
	for i := range rawShapes {
		s := &rawShapes[i]
		if c.err != nil || !s.fits(kind, cell.values) {
			continue
		}
		if s.table == "snapshots" && !c.snapshot(cell.values) {
			continue
		}
		if s.table == "rosters" {
			if n := len(cell.values.bytes(1)); n > 0 && n%32 == 0 {
				c.rosters = append(c.rosters, cell)
			}
			continue
		}
		values := append(row(nil), cell.values...)
		if s.rowids {
			values[0] = cell.key
		}
		c.enter(ctx, s.table, values)
	}
}

// enter enters a row into a table.
func (c *rawCopy) enter(ctx context.Context, table string, values row) {
	insert, err := c.insert(ctx, table, len(values))
	if err == nil {
		_, err = insert.ExecContext(ctx, values...)
	}
	if err != nil && explainsMore(err) {
		c.err = err
	}
}

// explainsMore reports whether it was not for the row itself that it failed.
func explainsMore(err error) bool {
	const constraint = "constraint failed"
	return !strings.Contains(err.Error(), constraint) && !strings.Contains(err.Error(), "datatype mismatch")
}

// snapshot reports whether a row is a snapshot's, and not a compact form's.
func (c *rawCopy) snapshot(v row) bool {
	return soundContent(nil, v.bytes(3), v.bytes(4)) && c.expand(v.bytes(4), func(crdt.Change) error { return nil }) == nil
}

// insert prepares a statement that enters the first columns of a table.
func (c *rawCopy) insert(ctx context.Context, table string, columns int) (*sql.Stmt, error) {
	key := fmt.Sprint(table, columns)
	if s := c.inserts[key]; s != nil {
		return s, nil
	}
	var names []string
	rows, err := c.tx.QueryContext(ctx, "SELECT name FROM pragma_table_info(?) LIMIT ?", table, columns)
	if err != nil {
		return nil, err
	}
	err = scanAll(rows, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ")
	s, err := c.tx.PrepareContext(ctx, "INSERT OR IGNORE INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+places+")")
	c.inserts[key] = s
	return s, err
}
