package peer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
)

// checkBeside tells of what stands beside the document and is in no other one. What
// lies beyond a line is meant to; what gave way in a fork is on its way to a branch,
// unless its device has made too many of them.
func (v *verification) checkBeside(ctx context.Context) error {
	if err := v.p.store.Flush(ctx); err != nil {
		return err
	}
	beside, _, err := v.p.store.Beside(ctx, v.id)
	if errors.Is(err, store.ErrNoDocument) || err == nil && len(beside) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("what stands beside it cannot be read: %w", err)
	}
	left, err := v.p.inNoBranch(ctx, v.report.Space, v.id, v.origin, beside)
	if err != nil {
		return err
	}
	waiting, err := v.p.waitingIn(ctx, v.report.Space, v.id)
	if err != nil {
		return err
	}
	for _, c := range waiting {
		delete(left, c.Hash)
	}
	told, err := v.p.Waiting(ctx, v.id)
	if err != nil {
		return err
	}
	for _, w := range told {
		v.note("%v", w)
	}
	authors := make(map[crdt.ActorID]int)
	for _, c := range beside {
		if _, lone := left[c.Hash]; lone {
			authors[c.Actor]++
		}
	}
	for _, a := range slices.Sorted(maps.Keys(authors)) {
		v.note("%d changes of author %s stand beside it and in no other document, since they do not count", authors[a], short(a))
	}
	return nil
}

// signedBeside reports whether a head that stands beside the document, or in one of its
// branches, is over a later change of an actor: it vouched for that one, too, before
// what it is over gave way.
func (v *verification) signedBeside(ctx context.Context, a crdt.ActorID, seq uint64) bool {
	later := func(h store.Head) bool { return h.Actor == a && h.Seq > seq }
	if _, heads, err := v.p.store.Beside(ctx, v.id); err == nil && slices.ContainsFunc(heads, later) {
		return true
	}
	for _, f := range v.p.forks(v.report.Space) {
		for _, branch := range branchesOf(f) {
			if f.Doc != v.id && f.Doc != v.origin || branch == v.id {
				continue
			}
			if heads, err := v.p.store.HeadsSince(ctx, branch, nil); err == nil && slices.ContainsFunc(heads, later) {
				return true
			}
		}
	}
	return false
}

// inNoBranch are those of some changes that are in none of a document's branches.
func (p *Peer) inNoBranch(ctx context.Context, space SpaceID, doc, origin crdt.DocID, beside []crdt.Change) (map[crdt.Hash]bool, error) {
	left := make(map[crdt.Hash]bool)
	for _, c := range beside {
		left[c.Hash] = false
	}
	for _, f := range p.forks(space) {
		if of := crdt.DocID(f.Doc); of != doc && of != origin {
			continue
		}
		for _, branch := range branchesOf(f) {
			if err := p.lookUp(ctx, branch, left); err != nil {
				return nil, err
			}
			maps.DeleteFunc(left, func(_ crdt.Hash, there bool) bool { return there })
		}
	}
	return left, nil
}
