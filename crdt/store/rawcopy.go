package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"starling/crdt"
)

// rawName is the file that readRaw makes.
const rawName = "raw.db"

// readRaw makes a database beside a damaged one, with the rows of all its leaves that
// are not known to be deleted, and with our schema. What it holds is checked by whoever
// reads it, as what the damaged one tells is. The log must be in the file. It notes the
// tables of which a row was found where the table's tree doesn't lead.
func readRaw(ctx context.Context, path string, expand Expand, lost map[string]bool) (db *sql.DB, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw := filepath.Join(filepath.Dir(path), rawName)
	db, err = sql.Open("sqlite", dsn(raw, "_pragma=auto_vacuum(INCREMENTAL)&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"))
	if err != nil {
		return nil, err
	}
	if err := fillRaw(ctx, db, rawFile(b), expand, lost); err != nil {
		db.Close()
		return nil, fmt.Errorf("read the leaves of a damaged store: %w", explain(err))
	}
	return db, nil
}

func fillRaw(ctx context.Context, db *sql.DB, f rawFile, expand Expand, lost map[string]bool) error {
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
	c := rawCopy{tx: tx, file: f, expand: expand, left: f.allowance(), lost: lost, inserts: map[string]*sql.Stmt{}}
	likely, err := likelyTrees(ctx, tx)
	if err != nil {
		return err
	}
	if err := c.copy(ctx, f.trees(likely)); err != nil {
		return err
	}
	return tx.Commit()
}

// rawCopy enters rows where they fit.
type rawCopy struct {
	tx      *sql.Tx
	file    rawFile
	expand  Expand
	left    *int
	lost    map[string]bool      // see readRaw
	inserts map[string]*sql.Stmt // by table and number of columns
	// rosters may be such: see settle.
	rosters []rawCell
	// gone are the hashes of changes that are known not to be in a document.
	gone map[crdt.Hash]bool
	// ids and spaces are those of documents by their numbers, and actors the number of
	// the document, ID and number of each, from indices.
	ids, spaces map[int64][]byte
	actors      []row
	err         error
}

// copy enters the rows of pages to which others lead; then those of other pages, if they
// are mapped as in a tree or their table is broken, that nothing entered speaks against,
// as they may have been deleted;
// and then what indices know of rows that are still missing.
func (c *rawCopy) copy(ctx context.Context, m *rawMap) error {
	c.gone, c.ids, c.spaces = map[crdt.Hash]bool{}, map[int64][]byte{}, map[int64][]byte{}
	for n, t := range m.of {
		if t != nil && !c.reached(ctx, t, n) {
			t.broken, m.of[n] = true, nil
		}
	}
	for _, t := range m.trees {
		slices.SortFunc(t.whole, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	}
	for n, t := range m.of {
		if kind := c.file.mapped(n); t == nil && kind != mapFree {
			used := kind == mapInTree
			c.file.cells(n, c.left, func(kind byte, cell rawCell) { c.add(ctx, m, used, kind, cell) })
		}
	}
	c.fromIndices(ctx)
	if c.err != nil {
		return c.err
	}
	return c.settle(ctx)
}

// reached enters the rows of a page of a tree, and reports whether all are the tree's.
func (c *rawCopy) reached(ctx context.Context, t *rawTree, n int) bool {
	s := shapeOf(t.name)
	if s == nil {
		return true
	}
	fit := true
	keys := [2]int64{math.MaxInt64, math.MinInt64}
	whole := c.file.cells(n, c.left, func(kind byte, cell rawCell) {
		if !s.fits(kind, cell.values) {
			fit = false
			return
		}
		keys[0], keys[1] = min(keys[0], cell.key), max(keys[1], cell.key)
		c.take(ctx, s, cell)
		c.noteGone(s, cell.values)
	})
	if whole && fit && s.rowids && keys[0] <= keys[1] {
		t.whole = append(t.whole, keys)
	}
	return whole && fit
}

// noteGone notes a change that stands beside its document, or that was refused.
func (c *rawCopy) noteGone(s *rawShape, v row) {
	switch {
	case s.table == "beside":
		c.gone[crdt.Hash(v.bytes(7))] = true
	case s.table == "aside" && len(v) > 8 && len(v.bytes(8)) == len(crdt.Hash{}):
		c.gone[crdt.Hash(v.bytes(8))] = true
	}
}

// take enters a row of a table, or notes one of an index.
func (c *rawCopy) take(ctx context.Context, s *rawShape, cell rawCell) {
	v := cell.values
	switch s.table {
	case "sqlite_autoindex_documents_1":
		c.ids[v.int(1)] = v.bytes(0)
		return
	case "documents_space":
		c.spaces[v.int(1)] = v.bytes(0)
		return
	case "sqlite_autoindex_actors_1":
		c.actors = append(c.actors, v)
		return
	}
	v = append(row(nil), v...)
	if s.rowids {
		v[0] = cell.key
	}
	c.enter(ctx, s.table, v)
}

// fromIndices enters documents and actors that are lost but for what indices say of
// them: a document lacks its title then, and an actor whose it is.
func (c *rawCopy) fromIndices(ctx context.Context) {
	for num, id := range c.ids {
		if space := c.spaces[num]; space != nil {
			c.enter(ctx, "documents", row{num, id, space, "", int64(0), int64(0)})
		}
	}
	for _, v := range c.actors {
		c.enter(ctx, "actors", row{v[2], v[0], v[1], int64(0), []byte{}, nil, nil, int64(0)})
	}
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
				c.lost["rosters"] = true
				c.enter(ctx, "rosters", row{cell.key, hashes})
				break
			}
		}
	}
	return c.err
}

// add enters a row of a page to which nothing leads into the table that it may be of, if
// that is broken or the page is used. What a column does not take, or stands there
// already, is passed over.
func (c *rawCopy) add(ctx context.Context, m *rawMap, used bool, kind byte, cell rawCell) {
	for i := range rawShapes {
		s := &rawShapes[i]
		t := m.trees[s.table]
		if c.err != nil || !s.fits(kind, cell.values) || !t.broken && !used || s.rowids && t.has(cell.key) {
			continue
		}
		switch s.table {
		case "snapshots":
			if !c.snapshot(cell.values) {
				continue
			}
		case "changes":
			if c.gone[crdt.Hash(cell.values.bytes(6))] {
				continue
			}
		case "rosters":
			if n := len(cell.values.bytes(1)); n > 0 && n%32 == 0 {
				c.rosters = append(c.rosters, cell)
			}
			continue
		}
		c.lost[s.table] = true
		c.take(ctx, s, cell)
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
