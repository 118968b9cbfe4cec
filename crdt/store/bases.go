package store

import (
	"cmp"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
)

// base is what is known of the last change of an actor inside the snapshot.
type base struct {
	actor int64
	maxOp uint64
	clock clock
}

// maxBases bounds, roughly, the bytes that the clocks of one document's bases
// take, which could grow with the square of its actors. What does not fit is not
// known, and the document has to be opened for it.
const maxBases = 16 << 10

// encodeBases writes bases as rows have it: for each the actor's num, the
// greatest operation, the length of the clock and the clock.
func encodeBases(bases []base) []byte {
	b := []byte{}
	for i := range bases {
		c := bases[i].clock.encode()
		if len(b)+len(c) > maxBases {
			c = unknownClock
		}
		b = binary.AppendUvarint(b, uint64(bases[i].actor))
		b = binary.AppendUvarint(b, bases[i].maxOp)
		b = binary.AppendUvarint(b, uint64(len(c)))
		b = append(b, c...)
	}
	return b
}

// decodeBases reads what encodeBases wrote.
func decodeBases(b []byte) (map[int64]base, error) {
	bases := map[int64]base{}
	r := varints{b: b}
	for len(r.b) > 0 {
		next := base{actor: int64(r.next()), maxOp: r.next()}
		n := r.next()
		if r.bad || n > uint64(len(r.b)) {
			return nil, fmt.Errorf("what is known of a snapshot ends early: %w", ErrDamaged)
		}
		var err error
		if next.clock, err = decodeClock(r.b[:n]); err != nil {
			return nil, err
		}
		r.b = r.b[n:]
		bases[next.actor] = next
	}
	if r.bad {
		return nil, fmt.Errorf("what is known of a snapshot is not numbers: %w", ErrDamaged)
	}
	return bases, nil
}

func (t *txn) loadBases(d *docState) error {
	var stored []byte
	err := t.conn.row("SELECT tips FROM compacted WHERE doc = ?", []any{d.num}, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		d.bases = nil
		return nil
	}
	if err == nil {
		d.bases, err = decodeBases(stored)
	}
	return err
}

// putBases keeps what rows tell of the changes that the snapshot of this num
// replaces. It must run while d still knows the snapshot before.
func (c *compaction) putBases(t *txn, d *docState, snapshot int64) error {
	var bases []base
	for id, tip := range c.covers {
		b, ok, err := c.base(t, d, d.actors[id], tip)
		if err != nil {
			return err
		}
		if ok {
			bases = append(bases, b)
		}
	}
	// Those that others are likely to build on come first.
	slices.SortFunc(bases, laterOp)
	_, err := t.conn.exec("INSERT OR REPLACE INTO compacted (doc, tips, sweep) VALUES (?, ?, ?)",
		d.num, encodeBases(bases), snapshot)
	return err
}

// laterOp puts first what has the greater operation.
func laterOp(a, b base) int { return cmp.Compare(b.maxOp, a.maxOp) }

// base finds out what is known of an actor's last change that is covered.
func (c *compaction) base(t *txn, d *docState, a *actorState, tip crdt.Tip) (base, bool, error) {
	b := base{actor: a.num}
	var maxOp int64
	err := t.conn.row("SELECT max_op FROM changes WHERE actor = ? AND seq = ?", []any{a.num, int64(tip.Seq)}, &maxOp)
	old, kept := d.bases[a.num]
	switch {
	case err == nil:
		b.maxOp = uint64(maxOp)
	case !errors.Is(err, sql.ErrNoRows):
		return b, false, err
	case kept && d.snap[a.id].Seq == tip.Seq:
		b.maxOp = old.maxOp
	default:
		return b, false, nil
	}
	if tip.Hash == c.top {
		b.clock = clock{}
		for id, other := range c.covers {
			if id != a.id {
				b.clock = b.clock.advance(d.actors[id].num, other.Seq)
			}
		}
		return b, true, nil
	}
	b.clock, err = t.clockAt(d, a, tip.Seq)
	return b, true, err
}
