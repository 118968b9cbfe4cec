package peer

import (
	"context"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// put has a branch take changes, and what they build on, as from a peer. If some of
// that is not here, they wait.
func (b *brancher) put(ctx context.Context, branch crdt.DocID, own []crdt.Change) error {
	held, err := b.heldBelow(ctx, own)
	if err != nil {
		return err
	}
	r := protocol.Received{From: b.p.ID(), Space: b.space, Doc: branch}
	changes := append(held, own...)
	if r.Heads, err = b.over(ctx, changes); err != nil {
		return err
	}
	for _, c := range changes {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	if err := b.p.receiveAll(ctx, r); err != nil {
		return fmt.Errorf("fill branch %v: %w", branch, err)
	}
	b.p.log.Warn("a device has numbered changes of a document twice, as a copied home does; the other text is a document of its own",
		"doc", b.doc, "branch", branch)
	return nil
}

// receiveAll receives a message of any length, part by part.
func (p *Peer) receiveAll(ctx context.Context, r protocol.Received) error {
	for part := range slices.Chunk(r.Chunks, checkStep) {
		r.Chunks = part
		if _, err := p.receive(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// heldBelow are the changes of the document on which some others build, each after
// those it builds on.
func (b *brancher) heldBelow(ctx context.Context, others []crdt.Change) (below []crdt.Change, err error) {
	var held []crdt.Change
	known := make(map[crdt.Hash]int)
	err = b.p.store.ChangesSince(ctx, b.doc, nil, func(c crdt.Change) error {
		known[c.Hash] = len(held)
		held = append(held, c)
		return ctx.Err()
	})
	needed := make([]bool, len(held))
	need := func(deps []crdt.Hash) {
		for _, dep := range deps {
			if i, ok := known[dep]; ok {
				needed[i] = true
			}
		}
	}
	for _, c := range others {
		need(c.Deps)
	}
	for i, c := range slices.Backward(held) {
		if needed[i] {
			need(c.Deps)
		}
	}
	for i, c := range held {
		if needed[i] {
			below = append(below, c)
		}
	}
	return below, err
}

// over are the heads over some changes.
func (b *brancher) over(ctx context.Context, changes []crdt.Change) (heads []trust.Head, err error) {
	held, err := b.p.store.HeadsSince(ctx, b.doc, nil)
	all := slices.Clone(b.heads)
	for _, h := range held {
		all = append(all, toTrustHead(h))
	}
	in := make(map[crdt.Hash]bool, len(changes))
	for _, c := range changes {
		in[c.Hash] = true
	}
	for _, h := range all {
		if in[h.Hash] {
			heads = append(heads, h)
		}
	}
	return heads, err
}
