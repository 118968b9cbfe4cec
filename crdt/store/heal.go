package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// HasLost reports whether any change of a document was ever lost to damage, so
// that what comes may be it ([Store.Heal]). It reads the database at most once for
// a document that is held: this is asked for each message that comes.
func (s *Store) HasLost(ctx context.Context, doc crdt.DocID) (bool, error) {
	lost, ok := s.vectors.getLost(doc)
	if ok {
		return lost, nil
	}
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT EXISTS (SELECT 1 FROM actors a JOIN documents d ON d.num = a.doc
			WHERE d.id = ? AND a.retired & 1)`
		return explain(tx.QueryRowContext(ctx, query, doc[:]).Scan(&lost))
	})
	if err != nil {
		return false, fmt.Errorf("look for losses of document %v: %w", doc, err)
	}
	s.vectors.offerLost(doc, lost)
	return lost, nil
}

// hasLost is HasLost for what the writer knows.
func (d *docState) hasLost() bool {
	for _, a := range d.actors {
		if a.lost {
			return true
		}
	}
	return false
}

// Heal puts changes back into the rows that they were lost from, and says of each
// given one whether a row holds it now, within the vector. They need no other
// check: a row keeps the hash of what it held, which was checked when it came, and
// its heads. The vector goes on over the rows that follow. healed says whether any
// was put back. What stands in no row is passed over.
func (s *Store) Heal(ctx context.Context, doc crdt.DocID, changes []crdt.Change) (held []bool, healed bool, err error) {
	err = s.do(ctx, func(t *txn) (err error) {
		held, healed, err = t.heal(doc, changes)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("put changes of document %v back: %w", doc, err)
	}
	return held, healed, nil
}

func (t *txn) heal(id crdt.DocID, changes []crdt.Change) (held []bool, healed bool, err error) {
	held = make([]bool, len(changes))
	d, err := t.doc(id)
	if err != nil || d == nil {
		return held, false, err
	}
	if err := t.insertHeld(); err != nil {
		return nil, false, err
	}
	for i := range changes {
		c := &changes[i]
		a := d.actors[c.Actor]
		if a == nil || checkChange(c) != nil {
			continue
		}
		var filled bool
		if held[i], filled, err = t.putBack(a, c); err != nil {
			return nil, false, err
		}
		if filled {
			healed = true
			t.keep(d)
			if err := t.extend(a, a.tip); err != nil {
				return nil, false, err
			}
			if err := t.noteUnindexed(d); err != nil {
				return nil, false, err
			}
		}
	}
	for i := range changes {
		held[i] = held[i] && changes[i].Seq <= d.actors[changes[i].Actor].tip.Seq
	}
	return held, healed, nil
}

// putBack fills the row of a change, if it is empty and was the change's by either
// of the names that it may have had: the row's hash or, where that was what was
// damaged, the one that its bytes had. The row keeps its clock.
func (t *txn) putBack(a *actorState, c *crdt.Change) (held, filled bool, err error) {
	var num int64
	var hash, other []byte
	var hole bool
	err = t.conn.row("SELECT num, hash, deps, bytes IS NULL FROM changes WHERE actor = ? AND seq = ?",
		[]any{a.num, int64(c.Seq)}, &num, &hash, &other, &hole)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	own := string(c.Hash[:])
	if !hole || (own != string(hash) && own != string(other)) {
		return !hole && own == string(hash), false, nil
	}
	_, err = t.conn.exec(`UPDATE changes SET start_op = ?, max_op = ?, time = ?, hash = ?, deps = ?, bytes = ?, sum = ? WHERE num = ?`,
		int64(c.StartOp), int64(c.MaxOp), c.Time, c.Hash[:], joinHashes(c.Deps), c.Bytes, rowSum(c), num)
	return err == nil, err == nil, err
}
