package peer

import (
	"context"
	"errors"
	"slices"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// errUnknownBranch says that what came may be of a branch whose fork is neither
// proved nor seen here.
var errUnknownBranch = errors.New("the document may be a branch of one here, of whose fork nothing is known yet")

// receiveInOrigin takes what came of a branch that is not known here as what it was
// before: changes of the document for which its heads are signed. There they meet
// those of the other side, which shows the fork, so that the branch is made here too,
// even where nobody can prove it. What was written in the branch itself comes again.
func (p *Peer) receiveInOrigin(ctx context.Context, a *arrival) error {
	origin, ok, err := p.signedOrigin(ctx, a)
	if !ok || err != nil {
		return err
	}
	r := protocol.Received{From: a.From, Space: a.Space, Doc: origin}
	actors := make(map[string]bool)
	for _, h := range a.Heads {
		if h.Verify(a.Space, origin) == nil {
			r.Heads = append(r.Heads, h)
			actors[h.Actor] = true
		}
	}
	for _, c := range a.changes {
		if actors[string(c.Actor)] {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
	}
	_, err = p.receive(ctx, r)
	return err
}

// isForAnother reports whether heads came with a document that is held and are signed
// for another one here: it is a branch whose split was not noted.
func (p *Peer) isForAnother(a *arrival) bool {
	_, ok, err := p.signedOrigin(p.upkeep.ctx, a)
	return ok || err != nil
}

// signedOrigin finds the document of the space for which heads are signed that are
// not for the one that they came with.
func (p *Peer) signedOrigin(ctx context.Context, a *arrival) (origin crdt.DocID, ok bool, err error) {
	i := slices.IndexFunc(a.Heads, func(h trust.Head) bool {
		return !h.Import && errors.Is(h.Verify(a.Space, a.Doc), trust.ErrWrongActor)
	})
	if i < 0 {
		return origin, false, nil
	}
	docs, err := p.store.Documents(ctx, a.Space)
	if err != nil {
		return origin, false, err
	}
	h := a.Heads[i]
	for _, d := range docs {
		if own := trust.ActorID(h.Device, d.ID, h.Nonce); d.ID != a.Doc && h.Actor == string(own[:]) {
			return d.ID, true, nil
		}
	}
	return origin, false, nil
}
