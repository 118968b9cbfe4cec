package peer

import (
	"context"
	"slices"

	"starling/crdt"
)

// A founder vouches for the actors of the file that it founds a document with, and
// all of that is below the founding change. What else it says so of, such as the
// actor of another member, is none of the file: else it could speak for anyone,
// and what that member really wrote would find its number taken.
//
//   - Once the founding change is held, the founder's word for others counts for
//     nothing (late). What it is over waits for a head of its own.
//   - Where the founding change could be taken, what is held by the founder's word
//     alone and not below it stands beside the document first, and nothing more is
//     taken by that word meanwhile.

// late takes the founder's word off a change that is not of the file, as the
// founding change is held or about to be. It reports whether it counts no more.
func (in *intake) late(w *waitingChange, founded bool) bool {
	w.late = w.late || founded && w.imported != nothing
	return w.late && !w.vouched()
}

func (in *intake) founded(held holding) bool {
	return in.begins != crdt.Hash{} || held.Last(in.founder) > 0
}

// mayBegin reports whether a change is the founding one, and it is yet to be
// found out whether something is held that is not below it.
func (in *intake) mayBegin(w *waitingChange) bool {
	founder, ok := in.founding()
	return ok && w.Actor == founder && w.Seq == 1 && in.begins != w.Hash
}

// unfounded returns what is to retreat so that the founding change can be taken, if
// that waits; under inbox.mu, when all that is held is stored.
func (p *Peer) unfounded(ctx context.Context, in *intake) ([]crdt.Hash, error) {
	for _, k := range in.knots {
		if w := k.change; w != nil && w.ripe() && in.mayBegin(w) {
			gone, err := p.notBelow(ctx, in.by.doc, w.Change)
			if err == nil {
				in.begins = w.Hash
			}
			return gone, err
		}
	}
	return nil, nil
}

// notBelow are the changes that are held by a founder's word alone and on which a
// change does not build.
func (p *Peer) notBelow(ctx context.Context, doc crdt.DocID, c crdt.Change) (gone []crdt.Hash, err error) {
	devices, err := p.store.ActorDevices(ctx, doc)
	if err != nil {
		return nil, err
	}
	var all []crdt.Change
	err = p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
		c.Bytes = nil // it may be long
		all = append(all, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	below := make(map[crdt.Hash]bool)
	for _, h := range c.Deps {
		below[h] = true
	}
	for _, held := range slices.Backward(all) {
		_, signed := devices[held.Actor]
		switch {
		case below[held.Hash]:
			for _, h := range held.Deps {
				below[h] = true
			}
		case !signed:
			gone = append(gone, held.Hash)
		}
	}
	return gone, nil
}
