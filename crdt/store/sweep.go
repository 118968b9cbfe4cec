package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// After a compaction the rows that the snapshot replaced are deleted in slices,
// each a transaction of its own, between which the writer does what else is
// queued. Whatever is left of them, readers pass over. Then the pages that have
// become free are given back to the system, again in slices.

const (
	// sweepRows is how many changes a slice looks at, so that a keystroke
	// waits no longer than some milliseconds for it.
	sweepRows = 512
	// sweepPages is how many free pages a slice gives back.
	sweepPages = 64
)

// sweeper deletes what the snapshot of one document has replaced. It is used on
// the writer's goroutine alone.
type sweeper struct {
	doc  crdt.DocID
	num  int64    // the snapshot's
	from int64    // the num where the next slice of changes starts; 0 at first
	span headSpan // of the last change that was deleted

	swept bool // all changes are looked at
	done  bool // the pages are given back too
}

// sweep deletes what the snapshot of a document has replaced and waits for it.
// If ctx ends first, the rest is deleted all the same.
func (s *Store) sweep(ctx context.Context, doc crdt.DocID) error {
	done := make(chan error, 1)
	if !s.startSweep(&sweeper{doc: doc}, func(err error) { done <- err }) {
		return ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startSweep queues slice after slice and tells done of the end.
func (s *Store) startSweep(w *sweeper, done func(error)) bool {
	before := *w // for a second attempt at a transaction
	return s.writer.add(job{
		size: sweepRows * 256,
		run: func(t *txn) error {
			*w = before
			return w.slice(t)
		},
		done: func(err error) {
			switch {
			case err != nil:
				done(fmt.Errorf("delete what the snapshot replaced: %w", err))
			case w.done || !s.startSweep(w, done): // closing: the next run goes on
				done(nil)
			}
		},
	})
}

// resumeSweeps goes on with what an earlier run has not finished.
func (s *Store) resumeSweeps(ctx context.Context) error {
	const query = "SELECT d.id FROM compacted c JOIN documents d ON d.num = c.doc WHERE c.sweep <> 0"
	docs, err := list(ctx, s, "unfinished compactions", query, nil, func(rows *sql.Rows, doc *crdt.DocID) error {
		var id sql.RawBytes
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return fixed(doc[:], id)
	})
	for _, doc := range docs {
		s.startSweep(&sweeper{doc: doc}, func(err error) {
			if err != nil {
				s.log.Error("finish a compaction", "doc", doc, "error", err)
			}
		})
	}
	return err
}

// slice does the next piece of work.
func (w *sweeper) slice(t *txn) error {
	d, err := t.doc(w.doc)
	if err != nil {
		return err
	}
	if d == nil || d.lost || len(d.snap) == 0 { // the snapshot was lost meanwhile
		w.done = true
		return nil
	}
	if w.num == 0 {
		if err := t.conn.row("SELECT sweep FROM compacted WHERE doc = ?", []any{d.num}, &w.num); err != nil {
			return err
		}
	}
	if !w.swept {
		return w.changes(t, d)
	}
	return w.pages(t, d)
}

// changes deletes those covered among the next rows.
func (w *sweeper) changes(t *txn, d *docState) error {
	if w.from == 0 {
		w.from = d.low()
	}
	slice := slice{snap: d.snapByNum(), pruner: newPruner(w.span)}
	const query = `SELECT num, actor, seq, coalesce(length(bytes), 0), sig IS NOT NULL,
			EXISTS (SELECT 1 FROM heads h WHERE h.actor = changes.actor AND h.seq = changes.seq AND h.device IS NULL)
		FROM changes WHERE num >= ? AND num < ? ORDER BY num LIMIT ?`
	if err := t.conn.each(query, []any{w.from, d.high(), int64(sweepRows)}, slice.add); err != nil {
		return err
	}
	first := w.from
	w.from, w.span = slice.last+1, slice.headSpan
	if err := slice.delete(t, first); err != nil || slice.rows == sweepRows {
		return err
	}
	w.swept = true
	_, err := t.conn.exec("UPDATE compacted SET sweep = 0 WHERE doc = ? AND sweep = ?", d.num, w.num)
	return err
}

// slice is a number of rows of changes that follow each other.
type slice struct {
	snap    map[int64]uint64
	rows    int
	last    int64   // num
	covered []int64 // the nums of those to be deleted
	pruner
}

func (s *slice) add(r *sql.Rows) error {
	var num, size int64
	var of signed
	var inRow, inHeads bool
	if err := r.Scan(&num, &of.actor, &of.seq, &size, &inRow, &inHeads); err != nil {
		return err
	}
	s.rows, s.last = s.rows+1, num
	if of.seq > s.snap[of.actor] {
		return nil
	}
	s.covered = append(s.covered, num)
	s.pass(size)
	switch {
	case inHeads:
		s.note(of, 0)
	case inRow:
		s.note(of, num)
	}
	return nil
}

// delete moves the heads that stay and deletes the rows, of which first is the
// lowest num.
func (s *slice) delete(t *txn, first int64) error {
	if err := s.prune(t); err != nil {
		return err
	}
	if len(s.covered) == s.rows {
		_, err := t.conn.exec("DELETE FROM changes WHERE num >= ? AND num <= ?", first, s.last)
		return err
	}
	for _, num := range s.covered {
		if _, err := t.conn.exec("DELETE FROM changes WHERE num = ?", num); err != nil {
			return err
		}
	}
	return nil
}

// snapByNum is what the snapshot covers of each actor, by its num.
func (d *docState) snapByNum() map[int64]uint64 {
	snap := make(map[int64]uint64, len(d.snap))
	for id, tip := range d.snap {
		if a := d.actors[id]; a != nil {
			snap[a.num] = tip.Seq
		}
	}
	return snap
}

// pages gives free pages back to the system.
func (w *sweeper) pages(t *txn, _ *docState) error {
	var free int64
	if err := t.conn.row("PRAGMA freelist_count", nil, &free); err != nil {
		return err
	}
	if free == 0 {
		w.done = true
		return nil
	}
	_, err := t.conn.exec(vacuumSlice)
	var left int64
	err = errors.Join(err, t.conn.row("PRAGMA freelist_count", nil, &left))
	w.done = left == 0 || left == free // a file that cannot shrink
	return err
}

// vacuumSlice is sqlite.org/pragma.html#pragma_incremental_vacuum.
var vacuumSlice = fmt.Sprintf("PRAGMA incremental_vacuum(%d)", sweepPages)
