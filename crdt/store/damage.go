package store

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
)

// The kinds of things that the store itself sets aside.
const (
	KindChange   = "change"
	KindSnapshot = "snapshot"
)

// damage says which rows of a document a reader could not read.
type damage struct {
	changes  []int64 // by num
	snapshot int64   // by num; 0 for none
}

func (d damage) any() bool { return len(d.changes) > 0 || d.snapshot != 0 }

// lose moves the bytes of damaged rows to the things set aside and lets the
// vector fall back to before them, so that peers send them again. The rows
// keep their places, so that what comes again stands where it stood.
func (t *txn) lose(id crdt.DocID, dm damage) error {
	d, err := t.doc(id)
	if err != nil {
		return err
	}
	if d == nil {
		return ErrNoDocument
	}
	if err := t.save(); err != nil {
		return err
	}
	if dm.snapshot != 0 {
		if err := t.loseSnapshot(d, dm.snapshot); err != nil {
			return err
		}
	}
	for _, num := range dm.changes {
		if err := t.loseChange(d, num); err != nil {
			return err
		}
	}
	if d, err = t.anew(d); err != nil {
		return err
	}
	for _, a := range d.actors {
		if a.lost {
			if err := t.recount(d, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// anew reads the state of a document again of which something was taken back.
func (t *txn) anew(old *docState) (*docState, error) {
	delete(t.w.docs, old.id)
	d, err := t.doc(old.id)
	if err != nil {
		return nil, err
	}
	t.keep(d)
	d.fellBack = true
	t.w.s.retreats.Add(1)
	return d, nil
}

func (t *txn) loseChange(d *docState, num int64) error {
	reader := readerOf(d)
	var row changeRow
	err := t.conn.each(rowColumns+"WHERE num = ? AND bytes IS NOT NULL", []any{num}, func(rows *sql.Rows) (err error) {
		row, err = reader.scan(rows)
		return err
	})
	if err != nil || row.change.Bytes == nil || row.sound {
		return err // another reader's report came first, or it reads well now
	}
	bytes := row.change.Bytes
	if err := t.setAside(Aside{Kind: KindChange, Doc: d.id, Reason: "the stored change does not have its checksum", Bytes: bytes, At: time.Now()}); err != nil {
		return err
	}
	other := contentHash(bytes[min(len(bytes), hashHeader):])
	if _, err := t.conn.exec("UPDATE changes SET bytes = NULL, deps = ? WHERE num = ?", other[:], num); err != nil {
		return err
	}
	_, err = t.conn.exec("UPDATE actors SET retired = retired | 1 WHERE num = ?", row.actor)
	return err
}

func (t *txn) loseSnapshot(d *docState, num int64) error {
	var hash, bytes []byte
	err := t.conn.row("SELECT hash, bytes FROM snapshots WHERE num = ? AND doc = ? AND bytes IS NOT NULL",
		[]any{num, d.num}, &hash, &bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(bytes); string(sum[:]) == string(hash) {
		return nil
	}
	if err := t.setAside(Aside{Kind: KindSnapshot, Doc: d.id, Reason: "the bytes do not have the stored hash", Bytes: bytes, At: time.Now()}); err != nil {
		return err
	}
	if _, err := t.conn.exec("UPDATE snapshots SET bytes = NULL WHERE num = ?", num); err != nil {
		return err
	}
	if _, err := t.conn.exec("DELETE FROM compacted WHERE doc = ?", d.num); err != nil {
		return err
	}
	_, err = t.conn.exec("UPDATE actors SET retired = retired | 1 WHERE doc = ?", d.num)
	return err
}

// refill enters a change of an actor that has lost some: into the row that was
// damaged, or, if a lost snapshot covered it, before all others.
func (t *txn) refill(d *docState, a *actorState, c *crdt.Change) error {
	var num int64
	var hash []byte
	var hole bool
	err := t.conn.row("SELECT num, hash, bytes IS NULL FROM changes WHERE actor = ? AND seq = ?",
		[]any{a.num, int64(c.Seq)}, &num, &hash, &hole)
	switch {
	case errors.Is(err, sql.ErrNoRows) && d.lost && d.snap.Has(a.id, c.Seq):
		err = t.insertAt(d.refill, a, c, unknownClock)
		d.refill++
	case errors.Is(err, sql.ErrNoRows):
		err = t.insertAt(d.next, a, c, unknownClock)
		d.next++
	case err != nil:
	case hole:
		_, err = t.conn.exec(`UPDATE changes SET start_op = ?, max_op = ?, time = ?, hash = ?, deps = ?, bytes = ?, clock = ?, sum = ?
			WHERE num = ?`, int64(c.StartOp), int64(c.MaxOp), c.Time, c.Hash[:], joinHashes(c.Deps), c.Bytes, unknownClock, rowSum(c), num)
	case string(hash) != string(c.Hash[:]):
		err = fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, ErrConflict)
	}
	if err != nil {
		return err
	}
	return t.extend(a, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
}

// recount finds the last change that an actor has without a gap.
func (t *txn) recount(d *docState, a *actorState) error {
	tip := crdt.Tip{}
	if !d.lost {
		tip = d.snap[a.id]
	}
	return t.extend(a, tip)
}

// extend advances an actor to tip and over the rows that follow it.
func (t *txn) extend(a *actorState, tip crdt.Tip) error {
	const query = "SELECT seq, hash, bytes IS NULL FROM changes WHERE actor = ? AND seq > ? ORDER BY seq"
	err := t.conn.each(query, []any{a.num, int64(tip.Seq)}, func(rows *sql.Rows) error {
		var seq uint64
		var hash sql.RawBytes
		var hole bool
		if err := rows.Scan(&seq, &hash, &hole); err != nil {
			return err
		}
		if hole || seq != tip.Seq+1 {
			return errGap
		}
		tip.Seq = seq
		return fixed(tip.Hash[:], hash)
	})
	if err != nil && !errors.Is(err, errGap) {
		return err
	}
	if tip != a.tip {
		a.clock, a.clockRead = nil, false
	}
	t.advance(a, tip)
	return nil
}

// errGap ends extend's loop.
var errGap = errors.New("a gap")
