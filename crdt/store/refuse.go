package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
)

// Refuse moves changes that were stored unchecked and have failed, and all
// stored changes of the document that build on them, directly or not, to the
// things set aside, with the reason; it returns them in the order of commits. In
// the same transaction the vector steps back, heads that sign them go, and so
// does a compact form that has them. They are refused from then on, with
// [ErrRefused], and their actors must not number new changes. A change that is
// not among the rows is passed over; one inside the snapshot has been checked.
func (s *Store) Refuse(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, reason string) ([]crdt.Change, error) {
	var out []crdt.Change
	err := s.do(ctx, func(t *txn) (err error) {
		out, err = t.takeBack(doc, changes, reason, false)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("set changes of document %v aside: %w", doc, err)
	}
	return out, nil
}

// refusal is one run of [Store.Refuse] or [Store.Retreat].
type refusal struct {
	reason string
	beside bool // they are kept beside the document
	bad    map[crdt.Hash]bool
	from   map[int64]uint64 // of each actor the first change that goes
	nums   []int64
	out    []crdt.Change
}

func (t *txn) takeBack(id crdt.DocID, changes []crdt.Hash, reason string, beside bool) ([]crdt.Change, error) {
	d, err := t.doc(id)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, ErrNoDocument
	}
	if err := t.insertHeld(); err != nil {
		return nil, err
	}
	if beside {
		if d, err = t.unpackFor(d, changes); err != nil {
			return nil, err
		}
	}
	r := refusal{reason: reason, beside: beside, bad: map[crdt.Hash]bool{}, from: map[int64]uint64{}}
	for _, hash := range changes {
		r.bad[hash] = true
	}
	if err := r.collect(t, d); err != nil || len(r.out) == 0 {
		return nil, err
	}
	t.keep(d)
	if err := r.move(t, d); err != nil {
		return nil, err
	}
	if err := r.stepBack(t, d); err != nil {
		return nil, err
	}
	if d, err = t.anew(d); err != nil {
		return nil, err
	}
	if err := t.noteUnindexed(d); err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(r.out, func(c crdt.Change) bool { return c.Bytes == nil })
	return out, t.trimBehind(d)
}

// collect finds what goes. A change stands after those it builds on, but where
// some were lost and came again; then it takes more than one pass.
func (r *refusal) collect(t *txn, d *docState) error {
	for before := -1; before != len(r.out); {
		before = len(r.out)
		r.nums, r.out = nil, nil
		if err := r.pass(t, d); err != nil {
			return err
		}
	}
	return nil
}

func (r *refusal) pass(t *txn, d *docState) error {
	reader := readerOf(d)
	snap := d.snapByNum()
	return t.conn.each(rowColumns+"WHERE num >= ? AND num < ? ORDER BY num", []any{d.low(), d.high()}, func(rows *sql.Rows) error {
		row, err := reader.scan(rows)
		if err != nil || !r.goes(&row) || (!d.lost && row.change.Seq <= snap[row.actor]) {
			return err
		}
		c := &row.change
		r.bad[c.Hash] = true
		if first, ok := r.from[row.actor]; !ok || c.Seq < first {
			r.from[row.actor] = c.Seq
		}
		r.nums = append(r.nums, row.num)
		r.out = append(r.out, *c)
		return nil
	})
}

// goes reports whether a change is refused or builds on one that is. What a
// damaged row builds on is not known; the actor's number tells then.
func (r *refusal) goes(row *changeRow) bool {
	if r.bad[row.change.Hash] {
		return true
	}
	if first, ok := r.from[row.actor]; ok && row.change.Seq >= first {
		return true
	}
	if !row.sound {
		return false
	}
	for _, dep := range row.change.Deps {
		if r.bad[dep] {
			return true
		}
	}
	return false
}

// readerOf makes a reader of rows out of what the writer knows.
func readerOf(d *docState) *reader {
	r := newReader(d.id)
	r.num, r.actors = d.num, map[int64]readActor{}
	for _, a := range d.actors {
		r.actors[a.num] = readActor{id: a.id, tip: a.tip.Seq, hash: a.tip.Hash, lost: a.lost}
	}
	return r
}

// move takes the rows out and puts what they held elsewhere.
func (r *refusal) move(t *txn, d *docState) error {
	now := time.Now()
	if r.beside {
		if err := r.headsBeside(t, d); err != nil {
			return err
		}
	}
	for i := range r.out {
		if _, err := t.conn.exec("DELETE FROM changes WHERE num = ?", r.nums[i]); err != nil {
			return err
		}
		c := &r.out[i]
		if c.Bytes == nil { // set aside before, for damage
			continue
		}
		put := r.refuse
		if r.beside {
			put = r.putBeside
		}
		if err := put(t, d, c, now); err != nil {
			return err
		}
	}
	return nil
}

// refuse puts a change among the things set aside.
func (r *refusal) refuse(t *txn, d *docState, c *crdt.Change, now time.Time) error {
	aside := Aside{Kind: KindChange, Doc: d.id, Device: d.actors[c.Actor].device, Reason: r.reason, Bytes: c.Bytes, At: now}
	if err := t.setAside(aside); err != nil {
		return err
	}
	hash := contentHash(c.Bytes)
	_, err := t.conn.exec("UPDATE aside SET change = ? WHERE kind = ? AND doc = ? AND hash = ?",
		c.Hash[:], KindChange, d.id[:], hash[:])
	return err
}

// stepBack lets the vector, the heads and the form know.
func (r *refusal) stepBack(t *txn, d *docState) error {
	for _, a := range d.actors {
		first, ok := r.from[a.num]
		if !ok {
			continue
		}
		if _, err := t.conn.exec("DELETE FROM heads WHERE actor = ? AND seq >= ?", a.num, int64(first)); err != nil {
			return err
		}
		tip, err := t.tipBefore(d, a, first)
		if err != nil {
			return err
		}
		_, err = t.conn.exec("UPDATE actors SET seq = ?, hash = ?, retired = retired | 2 WHERE num = ?",
			int64(tip.Seq), tip.Hash[:], a.num)
		if err != nil {
			return err
		}
		a.dirty = false // what was to be written is outdated
	}
	return t.dropFormWith(d, r)
}

// tipBefore is the last change of an actor before the one numbered seq, or its
// tip if that comes first.
func (t *txn) tipBefore(d *docState, a *actorState, seq uint64) (crdt.Tip, error) {
	if seq > a.tip.Seq {
		return a.tip, nil
	}
	if seq == 1 {
		return crdt.Tip{}, nil
	}
	tip := crdt.Tip{Seq: seq - 1}
	if inside := d.snap[a.id]; inside.Seq == tip.Seq && !d.lost {
		return inside, nil
	}
	var hash []byte
	err := t.conn.row("SELECT hash FROM changes WHERE actor = ? AND seq = ?", []any{a.num, int64(tip.Seq)}, &hash)
	if err != nil {
		return tip, err
	}
	return tip, fixed(tip.Hash[:], hash)
}

// dropFormWith deletes the compact form if it has any of what goes.
func (t *txn) dropFormWith(d *docState, r *refusal) error {
	var covers []byte
	err := t.conn.row("SELECT covers FROM forms WHERE doc = ?", []any{d.num}, &covers)
	if err != nil {
		return ignoreNoRows(err)
	}
	v, err := decodeVector(covers)
	drop := err != nil
	for _, a := range d.actors {
		first, ok := r.from[a.num]
		drop = drop || (ok && v[a.id].Seq >= first)
	}
	if !drop {
		return nil
	}
	_, err = t.conn.exec("DELETE FROM forms WHERE doc = ?", d.num)
	return err
}

// trimBehind forgets unchecked changes that are no longer held.
func (t *txn) trimBehind(d *docState) error {
	if d.behind == nil {
		return nil
	}
	kept := crdt.Vector{}
	for id, tip := range d.behind {
		if a := d.actors[id]; a != nil && a.tip.Seq >= 1 {
			if !reaches(a.tip, tip) {
				tip = a.tip
			}
			kept[id] = tip
		}
	}
	d.behind, d.behindDirty = kept, true
	d.behindFrom = min(d.behindFrom, d.next) // places come again once they are free
	t.keep(d)
	return t.save()
}

func (t *txn) loadRefused(d *docState) error {
	d.refused = nil
	const query = "SELECT change FROM aside WHERE doc = ? AND change IS NOT NULL"
	return t.conn.each(query, []any{d.id[:]}, func(rows *sql.Rows) error {
		var stored sql.RawBytes
		var hash crdt.Hash
		if err := rows.Scan(&stored); err != nil {
			return err
		}
		if d.refused == nil {
			d.refused = map[crdt.Hash]bool{}
		}
		err := fixed(hash[:], stored)
		d.refused[hash] = true
		return err
	})
}
