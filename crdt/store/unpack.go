package store

import (
	"crypto/sha256"
	"database/sql"
	"fmt"

	"starling/crdt"
)

// unpackFor turns the snapshot of a document back into rows if any of these
// changes is inside. It returns the state of the document from then on.
func (t *txn) unpackFor(d *docState, changes []crdt.Hash) (*docState, error) {
	if len(d.snap) == 0 || d.lost {
		return d, nil
	}
	wanted := make(map[crdt.Hash]bool, len(changes))
	for _, hash := range changes {
		if !d.beside[hash] && !d.refused[hash] {
			wanted[hash] = true
		}
	}
	if err := t.withoutRows(d, wanted); err != nil || len(wanted) == 0 {
		return d, err
	}
	inside, err := t.w.snapshotHashes(d)
	if err != nil {
		return nil, err
	}
	for _, hash := range inside {
		if wanted[hash] {
			return t.unpack(d, len(inside))
		}
	}
	return d, nil
}

// withoutRows leaves those of the changes that no row after the snapshot holds.
func (t *txn) withoutRows(d *docState, wanted map[crdt.Hash]bool) error {
	snap := d.snapByNum()
	const query = "SELECT actor, seq, hash FROM changes WHERE num >= ? AND num < ?"
	return t.conn.each(query, []any{d.low(), d.high()}, func(rows *sql.Rows) error {
		var actor int64
		var seq uint64
		var hash sql.RawBytes
		err := rows.Scan(&actor, &seq, &hash)
		if len(hash) == len(crdt.Hash{}) && seq > snap[actor] {
			delete(wanted, crdt.Hash(hash))
		}
		return err
	})
}

// unpack turns the snapshot of n changes back into rows, which come before all
// others, in its order. Rows that it has replaced and that are still there
// (sweep.go) stay: they come after all that are gone.
func (t *txn) unpack(d *docState, n int) (*docState, error) {
	var hash, chunk []byte
	if err := t.conn.row("SELECT hash, bytes FROM snapshots WHERE doc = ?", []any{d.num}, &hash, &chunk); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(chunk); string(sum[:]) != string(hash) {
		return nil, fmt.Errorf("the snapshot: %w", ErrDamaged)
	}
	if err := t.save(); err != nil {
		return nil, err
	}
	if err := t.makeRoom(d, int64(n)); err != nil {
		return nil, err
	}
	num := d.low()
	err := t.w.s.expand(chunk, func(c crdt.Change) error {
		a := d.actors[c.Actor]
		if a == nil {
			return fmt.Errorf("actor %v of the snapshot is not known: %w", c.Actor, ErrDamaged)
		}
		err := t.unpackRow(num, a, &c)
		num++
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	for _, statement := range []string{"DELETE FROM snapshots WHERE doc = ?", "DELETE FROM compacted WHERE doc = ?"} {
		if _, err := t.conn.exec(statement, d.num); err != nil {
			return nil, err
		}
	}
	t.w.inside = insideSnapshot{}
	return t.anew(d)
}

// makeRoom moves the rows that came again after a snapshot was lost by n places,
// in two steps, as no two rows may have the same place in between.
func (t *txn) makeRoom(d *docState, n int64) error {
	if d.refill == d.low() {
		return nil
	}
	const away = firstPlace / 2
	const move = "UPDATE changes SET num = num + ? WHERE num >= ? AND num < ?"
	if _, err := t.conn.exec(move, int64(away), d.low(), d.refill); err != nil {
		return err
	}
	_, err := t.conn.exec(move, n-away, d.low()+away, d.refill+away)
	return err
}

// unpackRow inserts the row of a change unless it is there. Its clock is known
// only if it builds on its actor's last change alone.
func (t *txn) unpackRow(num int64, a *actorState, c *crdt.Change) error {
	var before []byte
	err := t.conn.row("SELECT hash FROM changes WHERE actor = ? AND seq = ?", []any{a.num, int64(c.Seq) - 1}, &before)
	if err := ignoreNoRows(err); err != nil {
		return err
	}
	clock := unknownClock
	if (c.Seq == 1 && len(c.Deps) == 0) || (len(c.Deps) == 1 && string(before) == string(c.Deps[0][:])) {
		clock = nil
	}
	_, err = t.conn.exec(`INSERT OR IGNORE INTO changes (num, actor, seq, start_op, max_op, time, hash, deps, bytes, clock, sum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		num, a.num, int64(c.Seq), int64(c.StartOp), int64(c.MaxOp), c.Time, c.Hash[:], joinHashes(c.Deps), c.Bytes, clock, rowSum(c))
	return err
}
