package store

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"starling/crdt"
)

// clock says what a change builds on: for each actor the last change among its
// ancestors, in the order of the actors' nums. The change's own actor is left
// out, as its earlier changes always are ancestors. A nil clock is not known.
type clock []reached

type reached struct {
	actor int64
	seq   uint64
}

// unknownClock is what the row of a change has whose clock is not known.
var unknownClock = []byte{}

// encode writes a clock as rows have it: the number of actors, and for each the
// difference of its num to the one before, and seq, all as varints.
func (c clock) encode() []byte {
	if c == nil {
		return unknownClock
	}
	b := binary.AppendUvarint(nil, uint64(len(c)))
	last := int64(0)
	for _, r := range c {
		b = binary.AppendUvarint(b, uint64(r.actor-last))
		b = binary.AppendUvarint(b, r.seq)
		last = r.actor
	}
	return b
}

// decodeClock reads what encode wrote.
func decodeClock(b []byte) (clock, error) {
	if len(b) == 0 {
		return nil, nil
	}
	r := varints{b: b}
	n := r.next()
	if n > uint64(len(b)) {
		return nil, fmt.Errorf("a clock of %d actors: %w", n, ErrDamaged)
	}
	c := make(clock, 0, n)
	last := int64(0)
	for range n {
		last += int64(r.next())
		c = append(c, reached{last, r.next()})
	}
	if r.bad || len(r.b) > 0 {
		return nil, fmt.Errorf("a clock of %d bytes: %w", len(b), ErrDamaged)
	}
	return c, nil
}

// varints reads numbers until one is bad; from then on all are 0.
type varints struct {
	b   []byte
	bad bool
}

func (r *varints) next() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (c clock) find(actor int64) (int, bool) {
	return slices.BinarySearchFunc(c, actor, func(r reached, actor int64) int { return cmp.Compare(r.actor, actor) })
}

// advance notes a change as an ancestor. c must be known.
func (c clock) advance(actor int64, seq uint64) clock {
	i, ok := c.find(actor)
	if !ok {
		return slices.Insert(c, i, reached{actor, seq})
	}
	c[i].seq = max(c[i].seq, seq)
	return c
}

// without returns c without an actor. It writes to c.
func (c clock) without(actor int64) clock {
	if i, ok := c.find(actor); ok {
		return slices.Delete(c, i, i+1)
	}
	return c
}

// clockOf returns the clock of a change that is about to be inserted, as its
// row has it.
func (t *txn) clockOf(d *docState, a *actorState, c *crdt.Change) ([]byte, error) {
	switch {
	case c.Seq == 1 && len(c.Deps) == 0:
		a.clock, a.clockRead = clock{}, true
		return nil, nil
	case c.Seq > 1 && len(c.Deps) == 1 && c.Deps[0] == a.tip.Hash:
		return nil, nil
	}
	union := clock{}
	for _, dep := range c.Deps {
		p := d.tipWith(dep)
		var err error
		if p.actor == nil {
			p, _, err = t.locate(d, dep)
		}
		if err != nil {
			return nil, err
		}
		if p.actor == nil || union == nil {
			union = nil
			break
		}
		if union, err = t.join(union, d, p); err != nil {
			return nil, err
		}
	}
	a.clock, a.clockRead = union.without(a.num), true
	return a.clock.encode(), nil
}

// join adds a change, and what it builds on, to a clock, which becomes nil if
// that is not known.
func (t *txn) join(c clock, d *docState, p place) (clock, error) {
	below, err := t.clockAt(d, p.actor, p.seq)
	if err != nil || below == nil || c == nil {
		return nil, err
	}
	for _, r := range below {
		c = c.advance(r.actor, r.seq)
	}
	return c.advance(p.actor.num, p.seq), nil
}

// clockAt returns what a change that is held builds on. The caller must not
// write to it.
func (t *txn) clockAt(d *docState, a *actorState, seq uint64) (clock, error) {
	if seq == a.tip.Seq && a.clockRead {
		return a.clock, nil
	}
	if c, ok := t.w.recent.clockAt(a, seq); ok {
		return c, nil
	}
	c, err := t.readClock(d, a, seq)
	if err == nil && seq == a.tip.Seq {
		a.clock, a.clockRead = c, true
	}
	return c, err
}

// level is a stretch of an actor's changes that build on the same of others. The search
// for the last row that has a clock would pass all rows of one who writes alone.
type level struct {
	from, to uint64
	clock    clock // nil for no stretch
}

func (t *txn) readClock(d *docState, a *actorState, seq uint64) (clock, error) {
	inside := d.snap[a.id].Seq
	if d.lost || seq < inside {
		return nil, nil
	}
	if l := a.level; l.clock != nil && l.from <= seq && seq <= l.to {
		return l.clock, nil
	}
	if err := t.insertHeld(); err != nil {
		return nil, err
	}
	found := level{from: inside, to: seq, clock: clock{}}
	above := inside
	switch {
	case a.level.clock != nil && a.level.to >= inside && a.level.to < seq:
		above, found.from, found.clock = a.level.to, a.level.from, a.level.clock
	case inside > 0:
		found.clock = d.bases[a.num].clock
	}
	var stored []byte
	err := t.conn.row(`SELECT seq, clock FROM changes WHERE actor = ? AND seq > ? AND seq <= ? AND clock IS NOT NULL
		ORDER BY seq DESC LIMIT 1`, []any{a.num, int64(above), int64(seq)}, &found.from, &stored)
	if err == nil {
		found.clock, err = decodeClock(stored)
	}
	if err = ignoreNoRows(err); err != nil {
		return nil, err
	}
	if !a.lost { // else rows come back of which it isn't known
		a.level = found
	}
	return found.clock, nil
}
