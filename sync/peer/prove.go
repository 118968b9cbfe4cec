package peer

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// prove states a split by two heads with one number, one over each branch. A device
// whose own actor has split signs both. It reports whether nothing is left to do:
// without such heads it is tried again, since others may bring them.
func (p *Peer) prove(ctx context.Context, id SpaceID, f trust.ForkInfo) (done bool, err error) {
	if isProved(p.proved(id), f) {
		return true, nil
	}
	one, err := p.headsOn(ctx, id, f, f.Counts)
	if err != nil {
		return false, err
	}
	other, err := p.headsOn(ctx, id, f, f.Other)
	if err != nil {
		return false, err
	}
	if all := append(one, other...); f.Device == p.ID() && len(all) > 0 {
		sign := func(hash crdt.Hash) []trust.Head {
			return []trust.Head{trust.SignHead(p.id, id, f.Doc, all[0].Nonce, f.Seq, hash, p.frontier(id).statements)}
		}
		one, other = sign(f.Counts), sign(f.Other)
	}
	a, b, ok := pairOf(one, other)
	if !ok {
		return false, nil
	}
	err = p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Fork(f.Doc, a, b, trust.Parting{Seq: f.Seq, Hashes: [2][32]byte{f.Counts, f.Other}})
	})
	if errors.Is(err, ErrRemoved) || errors.Is(err, ErrNoSpace) {
		err = nil
	}
	return err == nil, err
}

// headsOn are the heads of a split's actor on the side of one of its two changes, from
// that on, in the document that holds it.
func (p *Peer) headsOn(ctx context.Context, space SpaceID, f trust.ForkInfo, side crdt.Hash) ([]trust.Head, error) {
	docs := []crdt.DocID{f.Doc}
	for _, other := range p.forks(space) {
		if other.Doc == f.Doc && other.Actor == f.Actor {
			branches := branchesOf(other)
			docs = append(docs, branches[:]...)
		}
	}
	for _, doc := range docs {
		held, err := p.heldAs(ctx, doc, crdt.ActorID(f.Actor), f.Seq)
		if err != nil {
			return nil, err
		}
		if held != side {
			continue
		}
		since := p.store.Committed(doc)
		since[crdt.ActorID(f.Actor)] = crdt.Tip{Seq: f.Seq - 1}
		all, err := p.store.HeadsSince(ctx, doc, since)
		var heads []trust.Head
		for _, h := range all {
			if string(h.Actor) == f.Actor && !h.Import {
				heads = append(heads, toTrustHead(h))
			}
		}
		if err != nil && !errors.Is(err, store.ErrNoDocument) || len(heads) > 0 {
			return heads, err
		}
	}
	return nil, nil
}

// pairOf are two heads of the least number that prove a split.
func pairOf(one, other []trust.Head) (a, b trust.Head, ok bool) {
	least := func(x, y trust.Head) int { return bytes.Compare(x.Sig, y.Sig) }
	slices.SortFunc(one, least)
	slices.SortFunc(other, least)
	for _, x := range one {
		for _, y := range other {
			if x.Seq == y.Seq && x.Hash != y.Hash && (!ok || x.Seq < a.Seq) {
				a, b, ok = x, y, true
			}
		}
	}
	return a, b, ok
}
