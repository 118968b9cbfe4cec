package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// Dep is a change that another one builds on, as rows tell of it.
type Dep struct {
	// Held says that the change is stored; the rest is zero if it isn't.
	Held  bool
	Actor crdt.ActorID
	Seq   uint64
	MaxOp uint64
	// Clock is what it builds on, directly or not: the last change of each other
	// actor. It may be shared and must not be written to.
	Clock map[crdt.ActorID]uint64
}

// maxClocks bounds the entries of all the clocks that one question is answered
// with.
const maxClocks = 1 << 16

// Ancestry looks changes up in the rows of a document, after everything that
// was submitted before. It returns [ErrNeedDocument] if the rows cannot tell: a
// change may be inside the snapshot, or what it builds on is not known or too
// much.
func (s *Store) Ancestry(ctx context.Context, doc crdt.DocID, deps []crdt.Hash) ([]Dep, error) {
	var found []Dep
	err := s.await(ctx, job{look: func(t *txn) (err error) {
		found, err = t.ancestry(doc, deps)
		return err
	}})
	if err != nil {
		return nil, fmt.Errorf("look up %d changes of document %v: %w", len(deps), doc, err)
	}
	return found, nil
}

func (t *txn) ancestry(doc crdt.DocID, deps []crdt.Hash) ([]Dep, error) {
	found := make([]Dep, len(deps))
	d, err := t.doc(doc)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, ErrNoDocument
	}
	names := make(map[int64]crdt.ActorID, len(d.actors))
	for id, a := range d.actors {
		names[a.num] = id
	}
	entries := 0
	for i, dep := range deps {
		p, all, err := t.locate(d, dep)
		if err != nil {
			return nil, err
		}
		if p.actor == nil {
			if len(d.snap) > 0 || !all {
				return nil, ErrNeedDocument
			}
			continue
		}
		below, err := t.clockAt(d, p.actor, p.seq)
		if err != nil {
			return nil, err
		}
		if entries += len(below); below == nil || !p.opKnown || entries > maxClocks {
			return nil, ErrNeedDocument
		}
		found[i] = Dep{Held: true, Actor: p.actor.id, Seq: p.seq, MaxOp: p.maxOp, Clock: below.named(names)}
	}
	return found, nil
}

// named gives a clock by the actors' IDs.
func (c clock) named(names map[int64]crdt.ActorID) map[crdt.ActorID]uint64 {
	named := make(map[crdt.ActorID]uint64, len(c))
	for _, r := range c {
		named[names[r.actor]] = r.seq
	}
	return named
}

// place is where a change stands; actor is nil for one that was not found.
type place struct {
	actor   *actorState
	seq     uint64
	maxOp   uint64
	opKnown bool
}

const (
	// searchRows is how many of the newest rows of a document are searched for
	// a hash, the newest first: at half a microsecond each that is better than one
	// more index for each keystroke to write to, as nearly all changes build on tips,
	// and most others on what is hardly older.
	searchRows = 8192
	// searches is how often that may happen in one transaction.
	searches = 4
)

// locate finds a change by its hash among the tips, what was inserted last, and the
// newest rows. all says that no row was left out.
func (t *txn) locate(d *docState, hash crdt.Hash) (p place, all bool, err error) {
	if p = d.tipWith(hash); p.actor != nil {
		err = t.findOp(d, &p)
		return p, true, err
	}
	if p = t.w.recent.find(d, hash); p.actor != nil {
		return p, true, nil
	}
	if t.searches >= searches || d.lost {
		return place{}, false, nil
	}
	t.searches++
	if err := t.insertHeld(); err != nil {
		return place{}, false, err
	}
	from := max(d.low(), d.next-searchRows)
	all = from <= d.low()+firstPlace && d.refill == d.low()
	var actor, seq, maxOp int64
	const query = "SELECT actor, seq, max_op FROM changes WHERE num >= ? AND num < ? AND hash = ? AND bytes IS NOT NULL ORDER BY num DESC LIMIT 1"
	err = t.conn.row(query, []any{from, d.high(), hash[:]}, &actor, &seq, &maxOp)
	if a := d.byNum(actor); err == nil && a != nil && uint64(seq) <= a.tip.Seq {
		p = place{a, uint64(seq), uint64(maxOp), true}
	}
	return p, all, ignoreNoRows(err)
}

// findOp finds the greatest operation of a tip, which may be the last change
// inside the snapshot.
func (t *txn) findOp(d *docState, p *place) error {
	var maxOp int64
	err := t.conn.row("SELECT max_op FROM changes WHERE actor = ? AND seq = ?", []any{p.actor.num, int64(p.seq)}, &maxOp)
	p.maxOp, p.opKnown = uint64(maxOp), err == nil
	if b, ok := d.bases[p.actor.num]; ok && errors.Is(err, sql.ErrNoRows) && p.seq == d.snap[p.actor.id].Seq {
		p.maxOp, p.opKnown = b.maxOp, true
	}
	return ignoreNoRows(err)
}

// tipWith finds the actor whose last change has the hash, among few.
func (d *docState) tipWith(hash crdt.Hash) place {
	for _, a := range d.actors {
		if a.tip.Hash == hash && a.tip.Seq > 0 {
			return place{actor: a, seq: a.tip.Seq}
		}
	}
	return place{}
}

func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

func (d *docState) byNum(num int64) *actorState {
	for _, a := range d.actors {
		if a.num == num {
			return a
		}
	}
	return nil
}
