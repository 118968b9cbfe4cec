package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// that were: those that a person was shown, by the tips that [Peer.Waiting] gave, and
// what these build on. What has come since then goes on waiting. What is taken in stays
// there whatever lines are drawn later of the same people, but not if one is drawn of
// the person here. One who may not write fails with [ErrReadOnly]. What stands beside
// a document because of a fork is left there. It returns when all is committed.
func (p *Peer) TakeIn(ctx context.Context, doc crdt.DocID, shown []crdt.Hash) (changes int, err error) {
	changes, err = p.takeIn(ctx, doc, shown)
	if err != nil {
		return 0, fmt.Errorf("take in what waits beside document %v: %w", doc, err)
	}
	p.hub.emit(StateChanged{doc})
	return changes, nil
}

func (p *Peer) takeIn(ctx context.Context, doc crdt.DocID, shown []crdt.Hash) (int, error) {
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
	changes, err := d.takeIn(ctx, shown)
	if err != nil {
		return 0, err
	}
	return changes, d.commit(ctx)
}

// takeIn does that at once: in between nobody looks whether what has come counts.
func (d *openDoc) takeIn(ctx context.Context, shown []crdt.Hash) (int, error) {
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
	carried := in.carryShown(d.live(ctx), d.p.choicesOf(d.space, d.id), shown)
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

// carryShown has those count of what can be taken in that were shown, and what they
// build on, as if a change that counts built on them.
func (in *intake) carryShown(held holding, by choices, shown []crdt.Hash) []*waitingChange {
	below := make(map[crdt.Hash]bool)
	for stack := slices.Clone(shown); len(stack) > 0; {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !below[h] && in.isHere(h) {
			below[h] = true
			stack = append(stack, in.knots[h].change.Deps...)
		}
	}
	carried := in.takeable(held, by, func(h crdt.Hash) bool { return below[h] })
	for _, w := range carried {
		w.carried = true
		in.ripen(w)
	}
	return carried
}
