package store

import (
	"context"
	"database/sql"

	"starling/crdt"
)

// noteUnindexed notes that the text that was given to the store may lack changes
// of the document. Only the first of them writes anything.
func (t *txn) noteUnindexed(d *docState) error {
	if d.unindexed {
		return nil
	}
	t.keep(d)
	d.unindexed = true
	_, err := t.conn.exec("INSERT OR IGNORE INTO unindexed (doc) VALUES (?)", d.num)
	return err
}

// indexed notes that a text was given that has what holds names, if that is all
// that is held by now.
func (t *txn) indexed(d *docState, holds crdt.Vector) error {
	if !d.unindexed || !holds.Covers(d.vector()) {
		return nil
	}
	t.keep(d)
	d.unindexed = false
	_, err := t.conn.exec("DELETE FROM unindexed WHERE doc = ?", d.num)
	return err
}

func (t *txn) loadUnindexed(d *docState) error {
	return t.conn.row("SELECT EXISTS (SELECT 1 FROM unindexed WHERE doc = ?)", []any{d.num}, &d.unindexed)
}

// Unindexed lists the documents with changes that are not in the text that was
// last given with [Store.SetText], the one changed last first: at the start, what
// the last run did not come to. Those that [Store.Behind] lists are left out.
func (s *Store) Unindexed(ctx context.Context) ([]crdt.DocID, error) {
	const query = `SELECT d.id FROM unindexed u JOIN documents d ON d.num = u.doc
		WHERE u.doc NOT IN (SELECT doc FROM unchecked) ORDER BY d.updated DESC, d.num DESC`
	return list(ctx, s, "documents that the search lacks changes of", query, nil, func(rows *sql.Rows, doc *crdt.DocID) error {
		var id sql.RawBytes
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return fixed(doc[:], id)
	})
}
