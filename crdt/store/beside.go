package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
)

// Retreat takes changes out of a document that do not count any more, and all of
// its changes that build on them, directly or not, and returns them in the order
// of commits. They are kept beside the document, with the heads that sign them and
// why they are there, until [Store.Submit] is given one again: it is then taken
// from there in the same transaction, and so are its heads. In the transaction of
// Retreat the vector steps back, and a compact form that has any of them goes; their
// actors must not number new changes. If one is inside the snapshot, this becomes
// rows again first, which takes the writer about 20 µs for each change in it. What
// is not held is passed over.
func (s *Store) Retreat(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, why string) ([]crdt.Change, error) {
	var out []crdt.Change
	err := s.do(ctx, func(t *txn) (err error) {
		out, err = t.takeBack(doc, changes, why, true)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take changes of document %v back: %w", doc, err)
	}
	return out, nil
}

// Besides lists the documents of a space beside which changes are kept.
func (s *Store) Besides(ctx context.Context, space [32]byte) ([]crdt.DocID, error) {
	var docs []crdt.DocID
	err := s.view(ctx, func(tx *sql.Tx) error {
		const query = "SELECT id FROM documents WHERE space = ? AND num IN (SELECT doc FROM beside) ORDER BY id"
		return readEach(ctx, tx, query, []any{space[:]}, func(rows *sql.Rows) error {
			var raw sql.RawBytes
			var id crdt.DocID
			err := errors.Join(rows.Scan(&raw), fixed(id[:], raw))
			docs = append(docs, id)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list what stands beside documents: %w", err)
	}
	return docs, nil
}

// Beside returns the changes that are kept beside a document, each after those of
// them that it builds on, and the heads that sign them. With a [DamageError] it
// lacks those that could not be read, which are set aside by then.
func (s *Store) Beside(ctx context.Context, doc crdt.DocID) ([]crdt.Change, []Head, error) {
	var changes []crdt.Change
	var heads []Head
	var bad []int64
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		if changes, bad, err = readBeside(ctx, tx, doc); err != nil {
			return err
		}
		heads, err = s.readBesideHeads(ctx, tx, doc)
		return err
	})
	if err == nil && len(bad) > 0 {
		err = s.do(ctx, func(t *txn) error { return t.loseBeside(doc, bad) })
		err = errors.Join(&DamageError{Doc: doc, Lost: len(bad)}, err)
	}
	if err != nil {
		err = fmt.Errorf("read what stands beside document %v: %w", doc, err)
	}
	return changes, heads, err
}

func readBeside(ctx context.Context, tx *sql.Tx, doc crdt.DocID) (changes []crdt.Change, bad []int64, err error) {
	const query = `SELECT b.num, b.actor, b.seq, b.start_op, b.max_op, b.time, b.hash, b.deps, b.bytes
		FROM beside b JOIN documents d ON d.num = b.doc WHERE d.id = ? ORDER BY b.num`
	err = readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
		var num int64
		var actor, hash, deps sql.RawBytes
		var c crdt.Change
		err := rows.Scan(&num, &actor, &c.Seq, &c.StartOp, &c.MaxOp, &c.Time, &hash, &deps, &c.Bytes)
		if err != nil {
			return err
		}
		c.Actor = crdt.ActorID(actor)
		for ; len(deps) >= 32; deps = deps[32:] {
			c.Deps = append(c.Deps, crdt.Hash(deps[:32]))
		}
		if len(deps) > 0 || fixed(c.Hash[:], hash) != nil || !hashes(c.Bytes, c.Hash) {
			bad = append(bad, num)
		} else {
			changes = append(changes, c)
		}
		return nil
	})
	return changes, bad, err
}

func (s *Store) readBesideHeads(ctx context.Context, tx *sql.Tx, doc crdt.DocID) ([]Head, error) {
	var heads []Head
	var rosters []sql.NullInt64
	const query = besideHeadColumns + `JOIN documents d ON d.num = h.doc WHERE d.id = ? ORDER BY h.actor, h.seq, h.num`
	err := readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
		h, roster, err := scanBesideHead(rows)
		heads, rosters = append(heads, h), append(rosters, roster)
		return err
	})
	for i := 0; i < len(heads) && err == nil; i++ {
		if rosters[i].Valid {
			heads[i].Roster, err = s.rosterOf(ctx, tx, rosters[i].Int64)
		}
	}
	return heads, err
}

const besideHeadColumns = "SELECT h.actor, h.seq, h.hash, h.sig, h.device, h.nonce, h.import, h.roster FROM beside_heads h "

func scanBesideHead(rows *sql.Rows) (h Head, roster sql.NullInt64, err error) {
	var actor, hash, device, nonce sql.RawBytes
	if err = rows.Scan(&actor, &h.Seq, &hash, &h.Sig, &device, &nonce, &h.Import, &roster); err != nil {
		return h, roster, err
	}
	h.Actor = crdt.ActorID(actor)
	return h, roster, errors.Join(fixed(h.Hash[:], hash), fixed(h.Device[:], device), fixed(h.Nonce[:], nonce))
}

// loseBeside sets damaged changes aside that stood beside a document.
func (t *txn) loseBeside(doc crdt.DocID, nums []int64) error {
	d, err := t.doc(doc)
	if err != nil || d == nil {
		return err
	}
	for _, num := range nums {
		var bytes []byte
		err := t.conn.row("SELECT bytes FROM beside WHERE num = ? AND doc = ?", []any{num, d.num}, &bytes)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			err = t.setAside(Aside{Kind: KindChange, Doc: doc, Reason: "the bytes do not have the stored hash", Bytes: bytes, At: time.Now()})
		}
		if err == nil {
			_, err = t.conn.exec("DELETE FROM beside WHERE num = ?", num)
		}
		if err != nil {
			return err
		}
	}
	t.keep(d)
	return t.loadBeside(d)
}

func (t *txn) loadBeside(d *docState) error {
	d.beside = nil
	return t.conn.each("SELECT hash FROM beside WHERE doc = ?", []any{d.num}, func(rows *sql.Rows) error {
		var stored sql.RawBytes
		if err := rows.Scan(&stored); err != nil {
			return err
		}
		if len(stored) != len(crdt.Hash{}) {
			return nil // told when it is read
		}
		d.stands(crdt.Hash(stored))
		return nil
	})
}

func (d *docState) stands(hash crdt.Hash) {
	if d.beside == nil {
		d.beside = map[crdt.Hash]bool{}
	}
	d.beside[hash] = true
}

// headsBeside copies the heads of what goes.
func (r *refusal) headsBeside(t *txn, d *docState) error {
	const into = "INSERT OR IGNORE INTO beside_heads (doc, actor, seq, hash, sig, device, nonce, import, roster) "
	for _, a := range d.actors {
		first, ok := r.from[a.num]
		if !ok {
			continue
		}
		var device, nonce []byte
		if a.owned {
			device, nonce = a.device[:], a.nonce[:]
			_, err := t.conn.exec(into+`SELECT ?1, ?2, seq, hash, sig, ?3, ?4, 0, roster FROM changes
				WHERE actor = ?5 AND seq >= ?6 AND sig IS NOT NULL`, d.num, []byte(a.id), device, nonce, a.num, int64(first))
			if err != nil {
				return err
			}
		}
		_, err := t.conn.exec(into+`SELECT ?1, ?2, seq, hash, sig, coalesce(device, ?3), coalesce(nonce, ?4), device IS NOT NULL, roster
			FROM heads WHERE actor = ?5 AND seq >= ?6 AND coalesce(device, ?3) IS NOT NULL`,
			d.num, []byte(a.id), device, nonce, a.num, int64(first))
		if err != nil {
			return err
		}
	}
	return nil
}

// putBeside keeps a change beside the document.
func (r *refusal) putBeside(t *txn, d *docState, c *crdt.Change, _ time.Time) error {
	_, err := t.conn.exec(`INSERT OR IGNORE INTO beside (doc, actor, seq, start_op, max_op, time, hash, deps, bytes, why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.num, []byte(c.Actor), int64(c.Seq), int64(c.StartOp), int64(c.MaxOp), c.Time,
		c.Hash[:], joinHashes(c.Deps), c.Bytes, r.reason)
	return err
}

// fromBeside takes changes that have just been entered from where they stood, with
// their heads, which it returns.
func (t *txn) fromBeside(d *docState, fresh []*crdt.Change) ([]Head, error) {
	var back []Head
	for _, c := range fresh {
		if !d.beside[c.Hash] {
			continue
		}
		heads, err := t.headsOfBeside(d, c.Hash)
		if err != nil {
			return nil, err
		}
		delete(d.beside, c.Hash)
		if _, err := t.conn.exec("DELETE FROM beside WHERE doc = ? AND hash = ?", d.num, c.Hash[:]); err != nil {
			return nil, err
		}
		if _, err := t.conn.exec("DELETE FROM beside_heads WHERE doc = ? AND hash = ?", d.num, c.Hash[:]); err != nil {
			return nil, err
		}
		for i := range heads {
			if !heads[i].Import && !d.ownedBy(&heads[i]) {
				continue
			}
			if err := t.insertHead(d, &heads[i]); err != nil {
				return nil, err
			}
			back = append(back, heads[i])
		}
	}
	return back, nil
}

// headsOfBeside reads the heads of a change that stands beside a document.
func (t *txn) headsOfBeside(d *docState, hash crdt.Hash) ([]Head, error) {
	var heads []Head
	var rosters []sql.NullInt64
	err := t.conn.each(besideHeadColumns+"WHERE h.doc = ? AND h.hash = ?", []any{d.num, hash[:]}, func(rows *sql.Rows) error {
		h, roster, err := scanBesideHead(rows)
		heads, rosters = append(heads, h), append(rosters, roster)
		return err
	})
	for i := 0; i < len(heads) && err == nil; i++ {
		if rosters[i].Valid {
			var stored []byte
			err = t.conn.row("SELECT hashes FROM rosters WHERE num = ?", []any{rosters[i].Int64}, &stored)
			heads[i].Roster = splitRoster(stored)
		}
	}
	return heads, err
}
