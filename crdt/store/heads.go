package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// insertHead keeps a head; one that is held already stays, but a device's own
// word takes the place of an importer's.
func (t *txn) insertHead(d *docState, h *Head) error {
	a, err := t.actor(d, h.Actor)
	if err != nil {
		return err
	}
	t.touch(d)
	if h.Import {
		_, err = t.conn.exec("INSERT OR IGNORE INTO heads (actor, seq, hash, sig, device, nonce) VALUES (?, ?, ?, ?, ?, ?)",
			a.num, int64(h.Seq), h.Hash[:], nonNil(h.Sig), h.Device[:], h.Nonce[:])
		return err
	}
	if !a.owned {
		a.owned, a.device, a.nonce, a.dirty = true, h.Device, h.Nonce, true
	}
	_, err = t.conn.exec(`INSERT INTO heads (actor, seq, hash, sig) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET hash = excluded.hash, sig = excluded.sig, device = NULL, nonce = NULL
		WHERE device IS NOT NULL`,
		a.num, int64(h.Seq), h.Hash[:], nonNil(h.Sig))
	return err
}

// HeadsSince returns the signed heads of changes that since lacks, by actor and
// number. [Store.EachHead] needs less memory.
func (s *Store) HeadsSince(ctx context.Context, doc crdt.DocID, since crdt.Vector) ([]Head, error) {
	var heads []Head
	err := s.EachHead(ctx, doc, since, func(h Head) error {
		heads = append(heads, h)
		return nil
	})
	return heads, err
}

// EachHead gives the signed heads of changes that since lacks, by actor and
// number. It stops at the first error of yield and returns it. No transaction is
// open while yield runs, so it may take its time.
func (s *Store) EachHead(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(Head) error) error {
	p := headPager{s: s, r: newReader(doc), since: since}
	for more := true; more; {
		page, err := p.next(ctx)
		if err != nil {
			return fmt.Errorf("read heads of document %v: %w", doc, err)
		}
		for i := range page {
			if err := yield(page[i]); err != nil {
				return err
			}
		}
		more = len(p.actors) > 0
	}
	return nil
}

// headPager reads heads page by page, each in a transaction of its own.
type headPager struct {
	s      *Store
	r      *reader
	since  crdt.Vector
	opened bool
	actors []int64 // still to be read, in order
	after  uint64  // the last head given of actors[0]; 0 for none
}

func (p *headPager) next(ctx context.Context) ([]Head, error) {
	var page []Head
	err := p.s.view(ctx, func(tx *sql.Tx) error {
		if err := p.r.open(ctx, tx); err != nil {
			return err
		}
		if !p.opened {
			p.actors, p.opened = p.r.byID(), true
		}
		for len(p.actors) > 0 && len(page) < pageChanges {
			n := len(page)
			if err := p.read(ctx, tx, &page); err != nil {
				return err
			}
			if len(page) < pageChanges {
				p.actors, p.after = p.actors[1:], 0
			} else if len(page) > n {
				p.after = page[len(page)-1].Seq
			}
		}
		return nil
	})
	return page, err
}

// read fills up the page with heads of the first actor.
func (p *headPager) read(ctx context.Context, tx *sql.Tx, page *[]Head) error {
	num := p.actors[0]
	a := p.r.actors[num]
	if p.since.Has(a.id, a.tip) {
		return nil
	}
	const query = `SELECT a.id, coalesce(h.device, a.device), coalesce(h.nonce, a.nonce), h.seq, h.hash, h.sig,
			h.device IS NOT NULL
		FROM actors a CROSS JOIN heads h ON h.actor = a.num AND h.seq > ? AND h.seq <= ?
		WHERE a.num = ? ORDER BY h.seq LIMIT ?`
	from := max(p.after, p.since[a.id].Seq)
	args := []any{int64(from), int64(a.tip), num, pageChanges - len(*page)}
	return readEach(ctx, tx, query, args, func(rows *sql.Rows) error {
		h, err := scanHead(rows)
		*page = append(*page, h)
		return err
	})
}

func scanHead(rows *sql.Rows) (Head, error) {
	var h Head
	var id, device, nonce, hash sql.RawBytes
	if err := rows.Scan(&id, &device, &nonce, &h.Seq, &hash, &h.Sig, &h.Import); err != nil {
		return h, err
	}
	h.Actor = crdt.ActorID(id)
	return h, errors.Join(fixed(h.Device[:], device), fixed(h.Nonce[:], nonce), fixed(h.Hash[:], hash))
}

// Imported says which actors of a document are known from an imported file
// alone: some head of theirs has Import, and none is a device's own.
func (s *Store) Imported(ctx context.Context, doc crdt.DocID) (map[crdt.ActorID]bool, error) {
	imported := map[crdt.ActorID]bool{}
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT a.id FROM actors a JOIN documents d ON d.num = a.doc
			WHERE d.id = ? AND a.device IS NULL
			AND EXISTS (SELECT 1 FROM heads h WHERE h.actor = a.num AND h.device IS NOT NULL)`
		return readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
			var id sql.RawBytes
			err := rows.Scan(&id)
			imported[crdt.ActorID(id)] = true
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read imported authors of document %v: %w", doc, err)
	}
	return imported, nil
}
