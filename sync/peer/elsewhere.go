package peer

import (
	"context"
	"errors"

	"starling/crdt"
	"starling/crdt/store"
)

// elsewhere are the changes of the document that another one branched off from:
// what counts there counts in the branch, whatever heads are here.
type elsewhere struct {
	at      crdt.Vector // as of when it was read
	held    map[crdt.Hash]bool
	devices map[crdt.ActorID][32]byte
}

// elsewhere reads them, nothing for a document that is no branch.
func (p *Peer) elsewhere(ctx context.Context, doc, origin crdt.DocID) *elsewhere {
	if doc == origin {
		return nil
	}
	e := &elsewhere{at: p.store.Committed(origin), held: make(map[crdt.Hash]bool)}
	err := p.store.ChangesSince(ctx, origin, nil, func(c crdt.Change) error {
		e.held[c.Hash] = true
		return ctx.Err()
	})
	if err == nil {
		e.devices, err = p.store.ActorDevices(ctx, origin)
	}
	if err != nil && !errors.Is(err, store.ErrNoDocument) && ctx.Err() == nil {
		p.log.Error("it is not known what a branch shares with its origin", "doc", doc, "err", err)
	}
	return e
}

// vouch has a change count that counts in the origin.
func (e *elsewhere) vouch(w *waitingChange) {
	if e == nil || !e.held[w.Hash] {
		return
	}
	if device, ok := e.devices[w.Actor]; ok {
		w.device, w.written = device, within
		return
	}
	w.imported = within
}
