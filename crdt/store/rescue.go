package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rescue saves what a copy of a damaged database holds into a store in the folder
// fresh.
func rescue(ctx context.Context, path, fresh string, o Options) (out Salvaged, err error) {
	if out, err = rescueWhole(ctx, path, fresh); err == nil {
		return out, nil
	}
	if !errors.Is(err, ErrCorrupt) {
		return out, err
	}
	o.Corrupt, o.Lost, o.Began = nil, nil, false
	to, err := Open(ctx, fresh, o)
	if err != nil {
		return out, err
	}
	r := rescuer{to: to, lost: map[string]bool{}, rosters: map[int64][][32]byte{}}
	err = r.run(ctx, path)
	r.out.Lost = slices.Sorted(func(yield func(string) bool) {
		for table := range r.lost {
			if !yield(table) {
				return
			}
		}
	})
	return r.out, errors.Join(err, to.Close())
}

// retireAll keeps every actor from going on: some of what it numbered may be lost.
const retireAll = "UPDATE actors SET retired = retired | 2"

// becomeWary has actors that come from elsewhere retired, from the next Open on: one
// of them may be this device's own, of which not all is known again.
const becomeWary = "INSERT OR REPLACE INTO settings (key, value) VALUES ('store/wary', x'01')"

// knownSpaces enters the spaces whose own rows are lost: their documents would be there
// and nobody could see them. The statements have the name, and who belongs to it.
const knownSpaces = `INSERT OR IGNORE INTO spaces (id, name, joined, gone) SELECT DISTINCT space, '', 0, 0 FROM statements
	WHERE space IN (SELECT space FROM documents UNION SELECT space FROM secrets)`

// readWary reads what becomeWary wrote.
func (s *Store) readWary(ctx context.Context) (err error) {
	value, err := s.Get(ctx, "store/wary")
	s.wary = value != nil
	return err
}

// retireReceived retires the actors whose heads have come from elsewhere, if the
// store is wary.
func (t *txn) retireReceived(d *docState, e *Entry) error {
	if !t.w.s.wary || e.Seal != nil {
		return nil
	}
	for i := range e.Heads {
		if a := d.actors[e.Heads[i].Actor]; a != nil {
			if _, err := t.conn.exec("UPDATE actors SET retired = retired | 2 WHERE num = ?", a.num); err != nil {
				return err
			}
		}
	}
	return nil
}

// rescueWhole moves the copy itself, if nothing in it is damaged: only the log was,
// or single bits that have been flipped back.
func rescueWhole(ctx context.Context, path, fresh string) (Salvaged, error) {
	c, err := openWriter(ctx, path)
	if err != nil {
		return Salvaged{}, err
	}
	for _, statement := range []string{retireAll, becomeWary, "DELETE FROM stop", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if err == nil {
			_, err = c.conn.ExecContext(ctx, statement)
		}
	}
	if err != nil && !explainsMore(err) { // a row holds what none may hold
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if err := errors.Join(explain(err), c.close()); err != nil {
		return Salvaged{}, err
	}
	sum, err := Check(ctx, path)
	if err != nil {
		return Salvaged{}, err
	}
	out := Salvaged{Whole: true, Documents: sum.Documents, Changes: sum.Changes, Beside: sum.Besides}
	return out, os.Rename(path, filepath.Join(fresh, File))
}

// rescuer reads a damaged database row by row.
type rescuer struct {
	from *sql.Conn // nil if it cannot be opened at all
	raw  *sql.DB   // what its leaves hold: see readRaw
	to   *Store
	out  Salvaged
	lost map[string]bool // tables of which some could not be read
	// rosters are those that could be read, by their numbers. Heads name them, and no
	// query is asked in the midst of another, that of the heads.
	rosters map[int64][][32]byte
	// probes are how often it has started to read, for one table.
	probes int
}

// maxProbes bounds how often reading starts anew within a table.
const maxProbes = 4096

func (r *rescuer) run(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "_pragma=cell_size_check(1)"))
	if err != nil {
		return err
	}
	defer db.Close() // it is a copy
	if r.raw, err = readRaw(ctx, path, r.to.expand, r.lost); err != nil {
		return err
	}
	defer r.raw.Close()
	if r.from, err = db.Conn(ctx); err != nil {
		r.lost["all"] = true
	} else {
		defer r.from.Close()
		r.modernise(ctx)
	}
	for _, t := range plainTables {
		if err := r.copyTable(ctx, t); err != nil {
			return err
		}
	}
	if err := r.documents(ctx); err != nil {
		return err
	}
	err = r.to.do(ctx, func(t *txn) error {
		statements := []string{retireAll, becomeWary}
		if r.lost["spaces"] {
			statements = append(statements, knownSpaces)
		}
		for _, statement := range statements {
			if _, err := t.conn.exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, ctx.Err())
}

// modernise brings the copy's tables up to date as far as they can be read. What
// fails leaves a table as it was, and then some of it is lost.
func (r *rescuer) modernise(ctx context.Context) {
	var version int
	scripts, err := migrations()
	if err == nil {
		err = r.from.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	}
	if err != nil || version < 1 || version >= len(scripts) {
		return
	}
	for _, script := range scripts[version:] {
		for statement := range strings.SplitSeq(script, ";\n") {
			if _, err := r.from.ExecContext(ctx, statement); err != nil {
				r.lost["schema"] = true
			}
		}
	}
}

// row is one row as the driver gives it: int64, string, []byte, float64 or nil.
type row []any

// eachNum gives the rows of a table whose key, an integer, is from lo to hi: those
// that the table's tree leads to and then those that are found without it: it may have
// lost some though all of it can be read. yield reports whether a row is sound: if not,
// another with its key may be.
func (r *rescuer) eachNum(ctx context.Context, table, columns, key string, lo, hi int64, yield func(row) bool) {
	r.probes = 0
	seen := map[int64]bool{}
	take := func(v row) bool {
		if num := v.int(0); !seen[num] {
			seen[num] = yield(v)
		}
		return true
	}
	r.probe(ctx, table, columns, key, lo, hi, func(v row) { take(v) })
	query := "SELECT " + key + ", " + columns + " FROM " + table + " WHERE " + key + " BETWEEN ? AND ? ORDER BY " + key
	if rowsOf(ctx, r.raw, query, []any{lo, hi}, take) != nil {
		r.lost[table] = true
	}
}

// probe is eachNum through the tree. Where a part cannot be read, it goes on behind
// that part; but if nothing can be at either end, what is between is left to what is
// found without the tree.
func (r *rescuer) probe(ctx context.Context, table, columns, key string, lo, hi int64, yield func(row)) {
	r.probes++
	if lo > hi || r.probes > maxProbes || ctx.Err() != nil {
		return
	}
	query := "SELECT " + key + ", " + columns + " FROM " + table + " WHERE " + key + " BETWEEN ? AND ? ORDER BY " + key
	next, last := lo, hi
	err := r.rows(ctx, query, []any{lo, hi}, func(v row) bool {
		num, ok := v[0].(int64)
		if ok = ok && num >= next && num <= hi; ok {
			next = num + 1
			yield(v)
		}
		return ok
	})
	if err == nil || next > hi {
		return
	}
	r.lost[table] = true
	err = r.rows(ctx, query+" DESC", []any{next, hi}, func(v row) bool {
		num, ok := v[0].(int64)
		if ok = ok && num >= next && num <= last; ok {
			last = num - 1
			yield(v)
		}
		return ok
	})
	if err == nil || last-next < 1 || next == lo && last == hi {
		return
	}
	middle := next + (last-next)/2
	r.probe(ctx, table, columns, key, next, middle, yield)
	r.probe(ctx, table, columns, key, middle+1, last, yield)
}

// eachKeyed gives the rows of a query on a table with another key, in that order
// until one cannot be read, and then from the end, and what is found without its
// tree, so some come twice.
func (r *rescuer) eachKeyed(ctx context.Context, table, query, order string, args []any, yield func(row)) {
	take := func(v row) bool { yield(v); return true }
	if err := r.rows(ctx, query+" ORDER BY "+order, args, take); err != nil {
		r.lost[table] = true
		backward := strings.ReplaceAll(order, ",", " DESC,") + " DESC"
		_ = r.rows(ctx, query+" ORDER BY "+backward, args, take) // it is noted
	}
	if rowsOf(ctx, r.raw, query, args, take) != nil {
		r.lost[table] = true
	}
}

// errGarbage says that a row cannot be one of its table.
var errGarbage = errors.New("not a row of this table")

// rows gives the rows of a query until one cannot be read or yield says that it
// makes no sense.
func (r *rescuer) rows(ctx context.Context, query string, args []any, yield func(row) bool) error {
	if r.from == nil {
		return ErrCorrupt
	}
	return rowsOf(ctx, r.from, query, args, yield)
}

// either is rows, for one row that yield likes, and if there is none, the one that is
// found without the tree. If there is none either, it fails unless the tree could be
// read and had none at all.
func (r *rescuer) either(ctx context.Context, query string, args []any, yield func(row) bool) error {
	found, refused := false, false
	once := func(v row) bool {
		found = found || yield(v)
		refused = refused || !found
		return true
	}
	err := r.rows(ctx, query, args, once)
	if found {
		return nil
	}
	rawErr := rowsOf(ctx, r.raw, query, args, once)
	switch {
	case found:
		return nil
	case err != nil:
		return err
	case rawErr != nil:
		return rawErr
	case refused:
		return ErrCorrupt
	}
	return nil
}

// source is what rows are read from.
type source interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func rowsOf(ctx context.Context, from source, query string, args []any, yield func(row) bool) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		v := make(row, len(columns))
		to := make([]any, len(columns))
		for i := range v {
			to[i] = &v[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i := range v {
			if b, ok := v[i].([]byte); ok {
				v[i] = nonNil(b) // the driver gives nil for an empty one, and takes that for NULL
			}
		}
		if !yield(v) {
			return errGarbage
		}
	}
	return rows.Err()
}

// bytes returns a value of a row, nil if it is something else.
func (v row) bytes(i int) []byte {
	b, _ := v[i].([]byte)
	return b
}

func (v row) int(i int) int64 {
	n, _ := v[i].(int64)
	return n
}

func (v row) text(i int) string {
	s, _ := v[i].(string)
	return s
}
