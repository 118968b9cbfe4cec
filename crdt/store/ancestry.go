package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// Ancestry is what rows tell of the changes that a new one builds on.
type Ancestry struct {
	Deps []Dep // one for each that was asked for
	// Clock is the last change of each actor among those that are held and
	// what they build on.
	Clock map[crdt.ActorID]uint64
}

// Dep is a change that another one builds on.
type Dep struct {
	// Held says that the change is stored; the rest is zero if it isn't.
	Held  bool
	Actor crdt.ActorID
	Seq   uint64
	MaxOp uint64
}

// Ancestry looks changes up in the rows of a document, after everything that
// was submitted before. It returns [ErrNeedDocument] if the rows cannot tell: a
// change may be inside the snapshot, or what it builds on is not known.
func (s *Store) Ancestry(ctx context.Context, doc crdt.DocID, deps []crdt.Hash) (Ancestry, error) {
	var found Ancestry
	err := s.await(ctx, job{look: func(t *txn) (err error) {
		found, err = t.ancestry(doc, deps)
		return err
	}})
	if err != nil {
		return Ancestry{}, fmt.Errorf("look up %d changes of document %v: %w", len(deps), doc, err)
	}
	return found, nil
}

func (t *txn) ancestry(doc crdt.DocID, deps []crdt.Hash) (Ancestry, error) {
	found := Ancestry{Deps: make([]Dep, len(deps)), Clock: map[crdt.ActorID]uint64{}}
	d, err := t.doc(doc)
	if err != nil {
		return found, err
	}
	if d == nil {
		return found, ErrNoDocument
	}
	union := clock{}
	for i, dep := range deps {
		p, all, err := t.locate(d, dep)
		if err != nil {
			return found, err
		}
		if p.actor == nil {
			if len(d.snap) > 0 || !all {
				return found, ErrNeedDocument
			}
			continue
		}
		if union, err = t.join(union, d, p); err != nil {
			return found, err
		}
		if union == nil || !p.opKnown {
			return found, ErrNeedDocument
		}
		found.Deps[i] = Dep{true, p.actor.id, p.seq, p.maxOp}
	}
	for _, a := range d.actors {
		if i, ok := union.find(a.num); ok {
			found.Clock[a.id] = union[i].seq
		}
	}
	return found, nil
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
	// a hash: at half a microsecond each that is better than one more index for
	// each keystroke to write to, as nearly all changes build on tips.
	searchRows = 8192
	// searches is how often that may happen in one transaction.
	searches = 4
)

// locate finds a change by its hash among the tips and the newest rows. all says
// that no row was left out.
func (t *txn) locate(d *docState, hash crdt.Hash) (p place, all bool, err error) {
	if p = d.tipWith(hash); p.actor != nil {
		err = t.findOp(d, &p)
		return p, true, err
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
	const query = "SELECT actor, seq, max_op FROM changes WHERE num >= ? AND num < ? AND hash = ? AND bytes IS NOT NULL"
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
