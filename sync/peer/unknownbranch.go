package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// unknownBranchError says that what came may be of a branch whose fork is neither
// proved nor seen here.
type unknownBranchError struct {
	doc    crdt.DocID
	origin crdt.DocID // for which heads of it are signed; zero for none here
	err    error
}

func (e *unknownBranchError) Error() string {
	return fmt.Sprintf("document %v may be a branch of one of whose fork nothing is known yet: %v", e.doc, e.err)
}

func (e *unknownBranchError) Unwrap() error { return e.err }

// receiveInOrigin takes what came of a branch that is not known here as what it was
// before: changes of the document for which its heads are signed. There they meet
// those of the other side, which shows the fork, so that the branch is made here too,
// even where nobody can prove it. What was written in the branch itself comes again.
func (p *Peer) receiveInOrigin(ctx context.Context, a *arrival, origin crdt.DocID) {
	if origin == (crdt.DocID{}) {
		return
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
	if _, err := p.receive(ctx, r); err != nil && ctx.Err() == nil {
		p.log.Warn("what may be of a branch could not be taken in its origin", "doc", a.Doc, "origin", origin, "err", err)
	}
}

// signedOrigin finds the document of the space for which the first of the heads that
// is not signed for the one that it came with is signed.
func (p *Peer) signedOrigin(ctx context.Context, a *arrival, heads []trust.Head) (origin crdt.DocID, ok bool) {
	i := slices.IndexFunc(heads, func(h trust.Head) bool {
		return !h.Import && errors.Is(h.Verify(a.Space, a.Doc), trust.ErrWrongActor)
	})
	if i < 0 {
		return origin, false
	}
	docs, err := p.store.Documents(ctx, a.Space)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Warn("the origin of what may be a branch could not be looked for", "doc", a.Doc, "err", err)
		}
		return origin, true // nobody is to blame for that
	}
	for _, d := range docs {
		own := trust.ActorID(heads[i].Device, d.ID, heads[i].Nonce)
		if d.ID != a.Doc && heads[i].Actor == string(own[:]) {
			return d.ID, true
		}
	}
	return origin, false
}
