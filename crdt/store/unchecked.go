package store

import (
	"context"
	"database/sql"
	"errors"

	"starling/crdt"
)

// noteUnchecked notes a document as behind by changes that are about to be
// inserted.
func (t *txn) noteUnchecked(d *docState, fresh []*crdt.Change) error {
	if len(fresh) == 0 {
		return nil
	}
	t.keep(d)
	if d.behind == nil {
		d.behind, d.behindFrom = crdt.Vector{}, d.next
		_, err := t.conn.exec("INSERT INTO unchecked (doc, first, covers) VALUES (?, ?, x'')", d.num, d.behindFrom)
		if err != nil {
			return err
		}
	}
	for _, c := range fresh {
		d.behind.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
		if a := d.actors[c.Actor]; a != nil && a.lost {
			d.behindFrom = d.low() // it may go anywhere
		}
	}
	d.behindDirty = true
	return nil
}

func (t *txn) saveBehind(d *docState) error {
	if !d.behindDirty {
		return nil
	}
	_, err := t.conn.exec("UPDATE unchecked SET first = ?, covers = ? WHERE doc = ?",
		d.behindFrom, encodeVector(d.behind), d.num)
	d.behindDirty = false
	return err
}

func (t *txn) loadBehind(d *docState) error {
	var covers []byte
	err := t.conn.row("SELECT first, covers FROM unchecked WHERE doc = ?", []any{d.num}, &d.behindFrom, &covers)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		d.behind, err = decodeVector(covers)
	}
	return err
}

// Behind lists the documents with changes that were stored with
// [Entry].Unchecked, those that have been so for longest first.
func (s *Store) Behind(ctx context.Context) ([]crdt.DocID, error) {
	const query = "SELECT d.id FROM unchecked u JOIN documents d ON d.num = u.doc ORDER BY u.num"
	return list(ctx, s, "documents that are behind", query, nil, func(rows *sql.Rows, doc *crdt.DocID) error {
		var id sql.RawBytes
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return fixed(doc[:], id)
	})
}

// CaughtUp tells that everything that upTo names has been checked and is in the
// text that was given to the store. A document with an unchecked change beyond
// that stays behind. It is queued like an entry; a failure is logged.
func (s *Store) CaughtUp(doc crdt.DocID, upTo crdt.Vector) {
	upTo = upTo.Clone()
	s.writer.add(job{
		size: pageSize,
		plain: func(t *txn) (refused, failed error) {
			d, err := t.doc(doc)
			if err != nil || d == nil || d.behind == nil || !upTo.Covers(d.behind) {
				return nil, err
			}
			return nil, t.clearBehind(d)
		},
		done: func(err error) {
			if err != nil {
				s.log.Error("note that a document has caught up", "doc", doc, "error", err)
			}
		},
	})
}

func (t *txn) clearBehind(d *docState) error {
	t.keep(d)
	d.behind, d.behindDirty = nil, false
	_, err := t.conn.exec("DELETE FROM unchecked WHERE doc = ?", d.num)
	return err
}
