package peer

import (
	"context"
	"errors"
	"maps"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// Proof finds what vouches for the changes of some actors of a document over which no
// head is held: a head that went with a later change, and all from there down. That
// stands beside the document, or is held in a branch.
func (h host) Proof(ctx context.Context, space SpaceID, doc crdt.DocID, of crdt.Vector) ([]crdt.Change, []trust.Head, error) {
	if is, err := h.n.p.isOf(ctx, space, doc); !is {
		return nil, nil, err
	}
	return h.n.p.proofOf(ctx, doc, of)
}

func (p *Peer) proofOf(ctx context.Context, doc crdt.DocID, of crdt.Vector) (changes []crdt.Change, heads []trust.Head, err error) {
	info, err := p.store.Document(ctx, doc)
	if errors.Is(err, store.ErrNoDocument) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	beside, over, err := p.store.Beside(ctx, doc)
	if err != nil {
		return nil, nil, err
	}
	of = of.Clone()
	b := &brancher{loose: make(map[crdt.Hash]crdt.Change, len(beside))}
	for _, c := range beside {
		b.loose[c.Hash] = c
	}
	from := make(map[crdt.Hash]bool)
	for _, h := range over { // of each actor the first
		if _, here := b.loose[h.Hash]; !here || h.Import || of[h.Actor].Seq == 0 || h.Seq <= of[h.Actor].Seq {
			continue
		}
		delete(of, h.Actor)
		from[h.Hash] = true
		heads = append(heads, toTrustHead(h))
	}
	changes = inOrder(b.loose, b.below(from))
	for _, branch := range p.branchesFrom(info.Space, doc) {
		for _, a := range of.Actors() {
			more, h, err := p.proofIn(ctx, branch, a, of[a])
			if err != nil {
				return nil, nil, err
			}
			if len(more) > 0 {
				delete(of, a)
				changes, heads = append(changes, more...), append(heads, toTrustHead(h))
			}
		}
	}
	return changes, heads, nil
}

// branchesFrom are the documents that may hold branches of one, without that.
func (p *Peer) branchesFrom(space SpaceID, doc crdt.DocID) (all []crdt.DocID) {
	origin, found := p.originOf(space, doc), make(map[crdt.DocID]bool)
	for _, f := range p.forks(space) {
		if f.Doc != doc && f.Doc != origin {
			continue
		}
		for _, branch := range branchesOf(f) {
			found[branch] = branch != doc
		}
	}
	maps.DeleteFunc(found, func(_ crdt.DocID, is bool) bool { return !is })
	return slices.SortedFunc(maps.Keys(found), crdt.DocID.Compare)
}

// proofIn is what a branch holds of an actor's changes from a held one up to the next
// that a head is over, and that head.
func (p *Peer) proofIn(ctx context.Context, branch crdt.DocID, a crdt.ActorID, tip crdt.Tip) (changes []crdt.Change, h store.Head, err error) {
	since := p.store.Committed(branch)
	if since[a].Seq <= tip.Seq {
		return nil, h, nil
	}
	since[a] = tip
	heads, err := p.store.HeadsSince(ctx, branch, since)
	i := slices.IndexFunc(heads, func(h store.Head) bool { return h.Actor == a && !h.Import })
	if err != nil || i < 0 {
		return nil, h, err
	}
	if held, err := p.heldAs(ctx, branch, a, tip.Seq); err != nil || held != tip.Hash {
		return nil, h, err // it is another one's branch
	}
	err = p.store.ChangesSince(ctx, branch, since, func(c crdt.Change) error {
		if c.Actor == a && c.Seq <= heads[i].Seq {
			changes = append(changes, c)
		}
		return ctx.Err()
	})
	return changes, heads[i], err
}
