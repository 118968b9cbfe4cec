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
	t.keep(d)
	roster, err := t.roster(h.Roster)
	if err != nil {
		return err
	}
	if own := &t.held; own.change != nil && own.actor == a && own.change.Seq == h.Seq && !h.Import && !a.imported {
		own.sig, own.roster = nonNil(h.Sig), roster
		a.own(h)
		return nil
	}
	if err := t.insertHeld(); err != nil {
		return err
	}
	if h.Import {
		a.imported = true
		_, err = t.conn.exec(`INSERT OR IGNORE INTO heads (actor, seq, hash, sig, device, nonce, roster) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
			WHERE NOT EXISTS (SELECT 1 FROM changes WHERE actor = ?1 AND seq = ?2 AND sig IS NOT NULL)`,
			a.num, int64(h.Seq), h.Hash[:], nonNil(h.Sig), h.Device[:], h.Nonce[:], roster)
		return err
	}
	a.own(h)
	if a.imported {
		_, err := t.conn.exec("DELETE FROM heads WHERE actor = ? AND seq = ? AND device IS NOT NULL", a.num, int64(h.Seq))
		if err != nil {
			return err
		}
	}
	res, err := t.conn.exec(`UPDATE changes SET roster = CASE WHEN sig IS NULL THEN ?1 ELSE roster END, sig = coalesce(sig, ?2)
		WHERE actor = ?3 AND seq = ?4`, roster, nonNil(h.Sig), a.num, int64(h.Seq))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = t.conn.exec("INSERT OR IGNORE INTO heads (actor, seq, hash, sig, roster) VALUES (?, ?, ?, ?, ?)",
		a.num, int64(h.Seq), h.Hash[:], nonNil(h.Sig), roster)
	return err
}

// own notes whose the actor is.
func (a *actorState) own(h *Head) {
	if !a.owned {
		a.owned, a.device, a.nonce, a.dirty = true, h.Device, h.Nonce, true
	}
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
	const query = `SELECT seq, hash, sig, NULL, NULL, roster FROM changes
		WHERE actor = ?1 AND seq > ?2 AND seq <= ?3 AND sig IS NOT NULL
		UNION ALL SELECT seq, hash, sig, device, nonce, roster FROM heads WHERE actor = ?1 AND seq > ?2 AND seq <= ?3
		ORDER BY seq LIMIT ?4`
	from := max(p.after, p.since[a.id].Seq)
	args := []any{num, int64(from), int64(a.tip), pageChanges - len(*page)}
	var rosters []sql.NullInt64
	first := len(*page)
	err := readEach(ctx, tx, query, args, func(rows *sql.Rows) error {
		var roster sql.NullInt64
		h, err := a.scanHead(rows, &roster)
		*page, rosters = append(*page, h), append(rosters, roster)
		return err
	})
	for i := 0; i < len(rosters) && err == nil; i++ {
		if rosters[i].Valid {
			(*page)[first+i].Roster, err = p.s.rosterOf(ctx, tx, rosters[i].Int64)
		}
	}
	return err
}

func (a *readActor) scanHead(rows *sql.Rows, roster *sql.NullInt64) (Head, error) {
	h := Head{Actor: a.id, Device: a.device, Nonce: a.nonce}
	var device, nonce, hash sql.RawBytes
	if err := rows.Scan(&h.Seq, &hash, &h.Sig, &device, &nonce, roster); err != nil {
		return h, err
	}
	if h.Import = device != nil; h.Import {
		if err := errors.Join(fixed(h.Device[:], device), fixed(h.Nonce[:], nonce)); err != nil {
			return h, err
		}
	}
	return h, fixed(h.Hash[:], hash)
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

// Maker is a device with the nonce that ties an actor of a document, or the whole
// document, to it.
type Maker struct {
	Device [32]byte
	Nonce  [16]byte
}

// Makers are those of the actors of a document that have a signed head of their
// own, and one who vouches for the actors of a file, if there is one: so whoever
// founded the document is among them once a head of theirs is held. They stand in
// the order of the actors' IDs.
func (s *Store) Makers(ctx context.Context, doc crdt.DocID) ([]Maker, error) {
	var makers []Maker
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = `SELECT a.device, a.nonce FROM actors a JOIN documents d ON d.num = a.doc
				WHERE d.id = ?1 AND a.device IS NOT NULL
			UNION ALL SELECT * FROM (SELECT h.device, h.nonce FROM heads h
				JOIN actors a ON a.num = h.actor JOIN documents d ON d.num = a.doc
				WHERE d.id = ?1 AND h.device IS NOT NULL LIMIT 1)`
		return readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
			var device, nonce sql.RawBytes
			var m Maker
			if err := rows.Scan(&device, &nonce); err != nil {
				return err
			}
			err := errors.Join(fixed(m.Device[:], device), fixed(m.Nonce[:], nonce))
			makers = append(makers, m)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read who made document %v: %w", doc, err)
	}
	return makers, nil
}
