package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

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
	// headEvery is how many changes there are to one signed head that stays,
	// so that a receiver can verify a long chain piece by piece.
	headEvery = 1024
	// sweepHeads is how many such pieces a slice looks at.
	sweepHeads = 2
	// sweepPages is how many free pages a slice gives back.
	sweepPages = 64
)

// sweeper deletes what the snapshot of one document has replaced. It is used on
// the writer's goroutine alone.
type sweeper struct {
	doc  crdt.DocID
	num  int64 // the snapshot's
	from int64 // the num where the next slice of changes starts; 0 at first

	swept  bool           // all changes are looked at
	actors []crdt.ActorID // whose heads are still to be looked at
	piece  uint64         // of the heads of actors[0]: those from piece*headEvery on

	pruned bool // all heads are looked at
	done   bool // the pages are given back too
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
	switch {
	case !w.swept:
		return w.changes(t, d)
	case !w.pruned:
		return w.heads(t, d)
	}
	return w.pages(t, d)
}

// changes deletes those covered among the next rows.
func (w *sweeper) changes(t *txn, d *docState) error {
	if w.from == 0 {
		w.from = d.low()
	}
	slice := slice{snap: d.snapByNum(), stays: map[piece]signed{}}
	const query = "SELECT num, actor, seq, sig IS NOT NULL FROM changes WHERE num >= ? AND num < ? ORDER BY num LIMIT ?"
	if err := t.conn.each(query, []any{w.from, d.high(), int64(sweepRows)}, slice.add); err != nil {
		return err
	}
	if slice.rows < sweepRows {
		w.swept, w.actors = true, d.snap.Actors()
	}
	first := w.from
	w.from = slice.last + 1
	return slice.delete(t, first)
}

// slice is a number of rows of changes that follow each other.
type slice struct {
	snap    map[int64]uint64
	rows    int
	last    int64   // num
	covered []int64 // the nums of those to be deleted
	// stays is which of their heads stay: the last in each piece.
	stays map[piece]signed
}

// signed is a change with a head.
type signed struct {
	num int64
	seq uint64
}

// piece is a part of an actor's chain in which one head stays.
type piece struct {
	actor int64
	n     uint64
}

func (s *slice) add(r *sql.Rows) error {
	var num, actor int64
	var seq uint64
	var hasHead bool
	if err := r.Scan(&num, &actor, &seq, &hasHead); err != nil {
		return err
	}
	s.rows, s.last = s.rows+1, num
	if seq > s.snap[actor] {
		return nil
	}
	s.covered = append(s.covered, num)
	p := piece{actor, (seq - 1) / headEvery}
	if hasHead && seq > s.stays[p].seq {
		s.stays[p] = signed{num, seq}
	}
	return nil
}

// delete moves the heads that stay and deletes the rows, of which first is the
// lowest num.
func (s *slice) delete(t *txn, first int64) error {
	for _, head := range s.stays {
		_, err := t.conn.exec(`INSERT OR IGNORE INTO heads (actor, seq, hash, sig)
			SELECT actor, seq, hash, sig FROM changes WHERE num = ?`, head.num)
		if err != nil {
			return err
		}
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

// heads deletes, of each piece of an actor's chain that the snapshot covers, all
// heads but the last.
func (w *sweeper) heads(t *txn, d *docState) error {
	for range sweepHeads {
		if len(w.actors) == 0 {
			w.pruned = true
			_, err := t.conn.exec("UPDATE compacted SET sweep = 0 WHERE doc = ? AND sweep = ?", d.num, w.num)
			return err
		}
		if err := w.nextHeads(t, d); err != nil {
			return err
		}
	}
	return nil
}

func (w *sweeper) nextHeads(t *txn, d *docState) error {
	id := w.actors[0]
	a, covered := d.actors[id], d.snap[id].Seq
	from, to := w.piece*headEvery, min((w.piece+1)*headEvery, covered)
	if a == nil || from >= covered {
		w.actors, w.piece = w.actors[1:], 0
		return nil
	}
	w.piece++
	_, err := t.conn.exec(`DELETE FROM heads WHERE actor = ? AND seq > ? AND seq <
		(SELECT max(seq) FROM heads WHERE actor = ? AND seq > ? AND seq <= ?)`,
		a.num, int64(from), a.num, int64(from), int64(min(to, math.MaxInt64)))
	return err
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
