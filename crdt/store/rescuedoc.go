package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"starling/crdt"
)

// rescuedDoc is what can be read of a document.
type rescuedDoc struct {
	num     int64
	id      crdt.DocID
	space   [32]byte
	title   string
	created int64
	actors  map[int64]readActor
	changes []crdt.Change // in the order of commits
	beside  []crdt.Change // that stood there already
	heads   []Head
	known   map[crdt.Hash]bool // among changes
}

// documents saves one document after another.
func (r *rescuer) documents(ctx context.Context) error {
	var docs []*rescuedDoc
	byNum := map[int64]*rescuedDoc{}
	r.eachNum(ctx, "documents", "id, space, title, created", "num", 1, math.MaxInt32, func(v row) bool {
		d := &rescuedDoc{
			num: v.int(0), title: v.text(3), created: v.int(4),
			actors: map[int64]readActor{}, known: map[crdt.Hash]bool{},
		}
		if fixed(d.id[:], v.bytes(1)) != nil || fixed(d.space[:], v.bytes(2)) != nil {
			r.lost["documents"] = true
			return false
		}
		docs, byNum[d.num] = append(docs, d), d
		return true
	})
	slices.SortFunc(docs, func(a, b *rescuedDoc) int { return int(a.num - b.num) })
	r.eachNum(ctx, "actors", "doc, id, device, nonce", "num", 1, math.MaxInt64, func(v row) bool {
		a := readActor{id: crdt.ActorID(v.bytes(2))}
		if len(a.id) == 0 || len(a.id) > crdt.MaxActorLen || v[3] != nil && (fixed(a.device[:], v.bytes(3)) != nil || fixed(a.nonce[:], v.bytes(4)) != nil) {
			r.lost["actors"] = true
			return false
		}
		d := byNum[v.int(1)]
		if d != nil {
			d.actors[v.int(0)] = a
		}
		return d != nil
	})
	for _, d := range docs {
		if err := r.document(ctx, d); err != nil {
			return fmt.Errorf("document %v: %w", d.id, err)
		}
	}
	return nil
}

func (r *rescuer) document(ctx context.Context, d *rescuedDoc) error {
	if err := r.snapshot(ctx, d); err != nil {
		return err
	}
	r.changes(ctx, d)
	r.heads(ctx, d)
	r.beside(ctx, d)
	r.besideHeads(ctx, d)
	placed, rest := d.place()
	if err := r.submit(ctx, d, placed, r.unchecked(ctx, d)); err != nil {
		return err
	}
	rest = append(rest, d.beside...)
	r.out.Documents++
	r.out.Changes += len(placed) + len(rest)
	r.out.Beside += len(rest)
	return r.to.do(ctx, func(t *txn) error { return r.finish(t, d, rest) })
}

// add notes a change that has its hash, once.
func (d *rescuedDoc) add(c crdt.Change) {
	if !d.known[c.Hash] {
		d.known[c.Hash] = true
		d.changes = append(d.changes, c)
	}
}

// snapshot reads the changes inside the document's snapshot.
func (r *rescuer) snapshot(ctx context.Context, d *rescuedDoc) error {
	var chunk []byte
	err := r.either(ctx, "SELECT hash, bytes FROM snapshots WHERE doc = ? AND bytes IS NOT NULL", []any{d.num}, func(v row) bool {
		sound := soundContent(nil, v.bytes(0), v.bytes(1))
		if sound {
			chunk = v.bytes(1)
		}
		return sound
	})
	if err != nil {
		r.lost["snapshots"] = true
		return ctx.Err()
	}
	if chunk == nil {
		return nil
	}
	err = r.to.expand(chunk, func(c crdt.Change) error {
		d.add(c)
		return ctx.Err()
	})
	if err != nil { // it has its hash, so that is no damage
		return fmt.Errorf("read the snapshot: %w", err)
	}
	return nil
}

// changes reads the rows of the document's changes, with the heads in them.
func (r *rescuer) changes(ctx context.Context, d *rescuedDoc) {
	const columns = "actor, seq, start_op, max_op, time, hash, deps, bytes, sum, sig, roster"
	var rows []row
	r.eachNum(ctx, "changes", columns, "num", d.num<<docShift, (d.num+1)<<docShift-1, func(v row) bool {
		if v[8] == nil { // lost before
			return false
		}
		c, ok := d.change(v[1:])
		if ok = ok && (v[9] == nil || v.int(9) == rowSum(&c)); !ok {
			r.lost["changes"] = true
			return false
		}
		rows = append(rows, v)
		return true
	})
	slices.SortFunc(rows, func(a, b row) int {
		if a.int(0) < b.int(0) {
			return -1
		}
		return 1
	})
	for _, v := range rows {
		c, _ := d.change(v[1:]) // it was sound before
		d.add(c)
		if v[10] != nil {
			a := d.actors[v.int(1)]
			r.head(d, Head{Actor: a.id, Seq: c.Seq, Hash: c.Hash, Device: a.device, Nonce: a.nonce, Sig: v.bytes(10)}, v[11])
		}
	}
}

// change makes a change of actor, seq, start_op, max_op, time, hash, deps and bytes.
func (d *rescuedDoc) change(v row) (crdt.Change, bool) {
	c := crdt.Change{
		Actor: d.actors[v.int(0)].id, Seq: uint64(v.int(1)), StartOp: uint64(v.int(2)), MaxOp: uint64(v.int(3)),
		Time: v.int(4), Bytes: v.bytes(7),
	}
	deps := v.bytes(6)
	if fixed(c.Hash[:], v.bytes(5)) != nil || len(deps)%32 != 0 {
		return c, false
	}
	for ; len(deps) > 0; deps = deps[32:] {
		c.Deps = append(c.Deps, crdt.Hash(deps[:32]))
	}
	return c, checkChange(&c) == nil
}

// heads reads those heads of the document that do not lie in rows of changes.
func (r *rescuer) heads(ctx context.Context, d *rescuedDoc) {
	for num, a := range d.actors {
		const query = "SELECT seq, hash, sig, device, nonce, roster FROM heads WHERE actor = ?"
		seen := map[uint64]bool{}
		r.eachKeyed(ctx, "heads", query, "seq", []any{num}, func(v row) {
			h := Head{Actor: a.id, Seq: uint64(v.int(0)), Device: a.device, Nonce: a.nonce, Sig: v.bytes(2), Import: v[3] != nil}
			ok := fixed(h.Hash[:], v.bytes(1)) == nil && !seen[h.Seq]
			if h.Import {
				ok = ok && fixed(h.Device[:], v.bytes(3)) == nil && fixed(h.Nonce[:], v.bytes(4)) == nil
			}
			if ok && r.head(d, h, v[5]) {
				seen[h.Seq] = true
			}
		})
	}
}

// head notes a head if it is known whose it is and under which roster, and reports
// whether it is. Whose a head is stands in its actor's row alone, if it is no import's.
func (r *rescuer) head(d *rescuedDoc, h Head, roster any) bool {
	if h.Device == [32]byte{} {
		r.lost["heads"] = true
		return false
	}
	if num, ok := roster.(int64); ok {
		if h.Roster = r.rosters[num]; h.Roster == nil {
			r.lost["rosters"] = true
			return false
		}
	}
	d.heads = append(d.heads, h)
	return true
}

// beside reads what stood beside the document already.
func (r *rescuer) beside(ctx context.Context, d *rescuedDoc) {
	const columns = "actor, seq, start_op, max_op, time, hash, deps, bytes, doc"
	r.eachNum(ctx, "beside", columns, "num", 1, math.MaxInt64, func(v row) bool {
		if v.int(9) != d.num {
			return false
		}
		c, _ := d.change(v[1:])
		c.Actor = crdt.ActorID(v.bytes(1))
		if len(v.bytes(7))%32 != 0 || checkChange(&c) != nil {
			r.lost["beside"] = true
			return false
		}
		if !d.known[c.Hash] {
			d.known[c.Hash] = true
			d.beside = append(d.beside, c)
		}
		return true
	})
}

// besideHeads reads the heads of what stood beside the document already.
func (r *rescuer) besideHeads(ctx context.Context, d *rescuedDoc) {
	const query = "SELECT actor, seq, hash, sig, device, nonce, import, roster FROM beside_heads WHERE doc = ?"
	seen, stands := map[string]bool{}, map[crdt.Hash]bool{}
	for i := range d.beside {
		stands[d.beside[i].Hash] = true
	}
	r.eachKeyed(ctx, "beside_heads", query, "num", []any{d.num}, func(v row) {
		h := Head{Actor: crdt.ActorID(v.bytes(0)), Seq: uint64(v.int(1)), Sig: v.bytes(3), Import: v.int(6) != 0}
		key := string(v.bytes(2)) + string(v.bytes(4)) + fmt.Sprint(h.Import)
		switch {
		case fixed(h.Hash[:], v.bytes(2)) != nil || fixed(h.Device[:], v.bytes(4)) != nil || fixed(h.Nonce[:], v.bytes(5)) != nil:
			r.lost["beside_heads"] = true
		case stands[h.Hash] && !seen[key]:
			seen[key] = r.head(d, h, v[7])
		}
	})
}

// unchecked reports whether some of the document may not have been checked fully.
func (r *rescuer) unchecked(ctx context.Context, d *rescuedDoc) bool {
	found := false
	err := r.rows(ctx, "SELECT 1 FROM unchecked WHERE doc = ?", []any{d.num}, func(row) bool { found = true; return true })
	return found || err != nil
}

// place puts the changes into an order in which each comes after those it builds
// on; rest are those of which something is missing.
func (d *rescuedDoc) place() (placed, rest []crdt.Change) {
	tips, have := map[crdt.ActorID]uint64{}, map[crdt.Hash]bool{}
	fits := func(c *crdt.Change) bool {
		ok := tips[c.Actor]+1 == c.Seq
		for _, dep := range c.Deps {
			ok = ok && have[dep]
		}
		return ok
	}
	rest = d.changes
	for before := -1; before != len(placed); {
		before = len(placed)
		var left []crdt.Change
		for _, c := range rest {
			if !fits(&c) {
				left = append(left, c)
				continue
			}
			tips[c.Actor], have[c.Hash] = c.Seq, true
			placed = append(placed, c)
		}
		rest = left
	}
	return placed, rest
}

// rescueAtOnce is how many changes are entered in one go.
const rescueAtOnce = 1024

// submit enters changes with the heads that sign them.
func (r *rescuer) submit(ctx context.Context, d *rescuedDoc, placed []crdt.Change, unchecked bool) error {
	byHash := map[crdt.Hash][]Head{}
	for _, h := range d.heads {
		byHash[h.Hash] = append(byHash[h.Hash], h)
	}
	for first := true; first || len(placed) > 0; first = false {
		n := min(len(placed), rescueAtOnce)
		e := Entry{Doc: d.id, Space: d.space, Changes: placed[:n], Unchecked: unchecked}
		for i := range e.Changes {
			e.Heads = append(e.Heads, byHash[e.Changes[i].Hash]...)
		}
		done := make(chan error, 1)
		e.Done = func(_ []Head, err error) { done <- err }
		r.to.Submit(e)
		select {
		case err := <-done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		placed = placed[n:]
	}
	return nil
}

// finish puts the rest beside the document, and gives it its title and its age.
func (r *rescuer) finish(t *txn, d *rescuedDoc, rest []crdt.Change) error {
	to, err := t.doc(d.id)
	if err != nil || to == nil {
		return err
	}
	if _, err := t.conn.exec("UPDATE documents SET title = ?, created = coalesce(nullif(?, 0), created) WHERE num = ?", cleanText(d.title), d.created, to.num); err != nil {
		return err
	}
	put := refusal{reason: "something that it builds on was lost to damage"}
	waits := map[crdt.Hash]bool{}
	for i := range rest {
		waits[rest[i].Hash] = true
		if err := put.putBeside(t, to, &rest[i], time.Time{}); err != nil {
			return err
		}
	}
	for i := range d.heads {
		h := &d.heads[i]
		if !waits[h.Hash] {
			continue
		}
		roster, err := t.roster(h.Roster)
		if err != nil {
			return err
		}
		_, err = t.conn.exec(`INSERT OR IGNORE INTO beside_heads (doc, actor, seq, hash, sig, device, nonce, import, roster)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, to.num, []byte(h.Actor), int64(h.Seq), h.Hash[:], nonNil(h.Sig), h.Device[:], h.Nonce[:],
			h.Import, roster)
		if err != nil {
			return err
		}
	}
	return nil
}
