package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
)

// What lies beyond a line counts once a change that counts names it by hash. Taking
// in is to write such a change: all that waits comes into the document, and on top of
// it one change of ours that alters nothing. Its heads name what has come, so every
// peer counts that by the same rule as what somebody wrote on top by chance
// (lines.go), whatever it hears first, and however late.

// ErrNothingWaits says that nothing waits beside a document that could be taken in.
var ErrNothingWaits = errors.New("nothing waits beside this document")

// errAnew says that a document is being read anew.
var errAnew = fmt.Errorf("the document is being read anew, try again in a moment: %w", crdt.ErrBroken)

// TakeIn takes what waits beside a document, since its author was removed or may no
// longer write, into the document again, on all peers, and returns how many changes
// that were. It stays there whatever lines are drawn later of the same people, but not
// if one is drawn of the person here. One who may not write fails with [ErrReadOnly].
// What stands beside a document because of a fork is left there. It returns when all is
// committed.
func (p *Peer) TakeIn(ctx context.Context, doc crdt.DocID) (changes int, err error) {
	changes, err = p.takeIn(ctx, doc)
	if err != nil {
		return 0, fmt.Errorf("take in what waits beside document %v: %w", doc, err)
	}
	p.hub.emit(StateChanged{doc})
	return changes, nil
}

func (p *Peer) takeIn(ctx context.Context, doc crdt.DocID) (int, error) {
	d, err := p.openStored(ctx, doc)
	if err != nil {
		return 0, err
	}
	defer p.docs.release(d)
	if err := p.readOnly(d.space); err != nil {
		return 0, err
	}
	if err := p.readBesides(ctx, d.space); err != nil {
		return 0, err
	}
	if err := d.commit(ctx); err != nil {
		return 0, err
	}
	d.mend(ctx)
	changes, err := d.takeIn(ctx)
	if err != nil {
		return 0, err
	}
	return changes, d.commit(ctx)
}

// takeIn does that at once: in between nobody looks whether what has come counts.
func (d *openDoc) takeIn(ctx context.Context) (int, error) {
	box := d.slot.inbox
	box.mu.Lock()
	defer box.mu.Unlock()
	if d.stale() {
		return 0, errAnew
	}
	if err := d.stopped(ErrNotWritten); err != nil {
		return 0, err // nothing would name what has come
	}
	in := box.begin(d.p, d.space)
	in.looks = true
	d.p.recallFor(ctx, box, d.live(ctx))
	carried := in.carryBeyond(d.live(ctx))
	err := d.take(ctx, DeviceID{})
	in.dismiss()
	in.trim()
	taken := 0
	for _, w := range carried {
		if d.text().Has(w.Hash) {
			taken++
		}
	}
	switch {
	case err != nil:
		return 0, err
	case taken == 0 && d.stale():
		return 0, errAnew
	case taken == 0:
		return 0, ErrNothingWaits
	}
	_, err = d.edit(nameAll)
	return taken, err
}

// takenKey is a root key that a change writes and takes off again, since a change
// without operations is none.
const takenKey = "starling.taken in"

// nameAll writes a change that alters nothing, on top of all that is held.
func nameAll(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
	return doc.Change(now, func(tx *crdt.Tx) error {
		if err := tx.Put(crdt.ObjID{}, takenKey, true); err != nil {
			return err
		}
		return tx.Delete(crdt.ObjID{}, takenKey)
	})
}

// carryBeyond has all count that lies beyond a line, waits here and lacks nothing, as
// if a change that counts built on it. Of a fork it has none count that gives way.
func (in *intake) carryBeyond(held holding) (carried []*waitingChange) {
	sound := in.sound(held)
	for _, w := range sound {
		if w.isBeyond() && !w.carried {
			carried = append(carried, w)
		}
	}
	for _, w := range carried {
		w.carried = true
		in.ripen(w)
	}
	return carried
}

// sound are the changes that wait, count if others build on them and lack nothing,
// each after what it builds on.
func (in *intake) sound(held holding) (sound []*waitingChange) {
	first := in.firsts(held)
	for _, k := range in.knots {
		if w := k.change; w != nil && w.missing == 0 && w.claimed() && first[w.number()] == w {
			sound = append(sound, w)
		}
	}
	below := make(map[*waitingChange]int)
	for i := 0; i < len(sound); i++ {
		for _, kid := range in.knots[sound[i].Hash].kids {
			w := kid.change
			if below[w]++; below[w] == w.missing && w.claimed() && first[w.number()] == w {
				sound = append(sound, w)
			}
		}
	}
	return sound
}

// number is what no two changes have in common but for a fork.
type number struct {
	actor crdt.ActorID
	seq   uint64
}

func (w *waitingChange) number() number { return number{w.Actor, w.Seq} }

// firsts are the changes that wait by their number: of two the one with the smaller
// hash, and none where one of that number is held.
func (in *intake) firsts(held holding) map[number]*waitingChange {
	first := make(map[number]*waitingChange)
	for _, k := range in.knots {
		w := k.change
		if w == nil || w.Seq <= held.Last(w.Actor) {
			continue
		}
		if other := first[w.number()]; other == nil || bytes.Compare(w.Hash[:], other.Hash[:]) < 0 {
			first[w.number()] = w
		}
	}
	return first
}
