package peer

import (
	"context"
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// branchesOf are the documents that the branches of a fork become if they do not
// count, of the one that counts the last.
func branchesOf(f trust.ForkInfo) [2]crdt.DocID {
	return [2]crdt.DocID{
		crdt.DocID(trust.BranchID(f.Doc, f.Actor, f.Seq, f.Other)),
		crdt.DocID(trust.BranchID(f.Doc, f.Actor, f.Seq, f.Counts)),
	}
}

// originOf is the document that another one branched off from, or itself. Heads in
// a branch may be signed for that.
func (p *Peer) originOf(space SpaceID, doc crdt.DocID) crdt.DocID {
	for _, f := range p.forks(space) {
		if branches := branchesOf(f); slices.Contains(branches[:], doc) {
			return p.originOf(space, crdt.DocID(f.Doc)) // a branch may fork, too
		}
	}
	return doc
}

// sideOf is the change that a branch is made for, which counts there in any case.
func (p *Peer) sideOf(space SpaceID, doc crdt.DocID) (side crdt.Hash, ok bool) {
	for _, f := range p.forks(space) {
		for i, branch := range branchesOf(f) {
			if branch == doc {
				return [2]crdt.Hash{f.Other, f.Counts}[i], true
			}
		}
	}
	return side, false
}

// signedFor is the document that a head was signed for, of a branch and its origin.
func signedFor(h trust.Head, doc, origin crdt.DocID) crdt.DocID {
	if doc == origin {
		return doc
	}
	if own := trust.ActorID(h.Device, doc, h.Nonce); !h.Import && h.Actor == string(own[:]) {
		return doc
	}
	return origin
}

// makeBranches has the documents of a space follow its forks after the roster has
// changed: what was chosen comes in, what does not count goes into branches, and those
// forks are told of that are news.
func (p *Peer) makeBranches(ctx context.Context, space SpaceID) {
	forks := p.forks(space)
	p.docs.choose(forks)
	for _, f := range forks {
		if err := p.bringChosen(ctx, space, f); err != nil && ctx.Err() == nil {
			p.log.Error("the chosen text of a fork could not be brought into its document", "doc", crdt.DocID(f.Doc), "err", err)
		}
		p.lookAtForks(space, f.Doc)
	}
	for _, doc := range p.docs.besides.of(space) {
		p.lookAtForks(space, doc)
	}
	for _, f := range p.splits.of(space) {
		p.proveLater(space, f)
	}
	p.tellForks(ctx, space)
}

// tellForks tells of the forks of a space that are news.
func (p *Peer) tellForks(ctx context.Context, space SpaceID) {
	for _, f := range p.forks(space) {
		p.noteForked(space, f.Doc, crdt.ActorID(f.Actor))
		if !p.docs.isNews(branchesOf(f)[0]) {
			continue
		}
		info, err := p.forkInfo(ctx, space, f)
		if err != nil && ctx.Err() == nil {
			p.log.Error("it is not known which branch of a fork counts", "doc", crdt.DocID(f.Doc), "err", err)
		}
		p.hub.emit(ForkFound{info.Doc, info.Branch, info.Device})
	}
}

// isNews reports whether a branch is heard of for the first time in this run.
func (r *registry) isNews(branch crdt.DocID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forks == nil {
		r.forks = make(map[crdt.DocID]bool)
	}
	was := r.forks[branch]
	r.forks[branch] = true
	return !was
}

// noteForked notes that an actor of a document has forked. If that is news, all are
// sent what they may lack of it: by numbers they need not lack anything.
func (p *Peer) noteForked(space SpaceID, doc crdt.DocID, a crdt.ActorID) {
	if !p.docs.noteForked(doc, a) {
		return
	}
	for _, s := range p.sessions() {
		s.Differs(space, doc)
	}
}

// noteForked reports whether it is news that an actor of a document has forked.
func (r *registry) noteForked(doc crdt.DocID, a crdt.ActorID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forked == nil {
		r.forked = make(map[crdt.DocID][]crdt.ActorID)
	}
	if slices.Contains(r.forked[doc], a) {
		return false
	}
	r.forked[doc] = append(slices.Clip(r.forked[doc]), a)
	return true
}

// forkedIn are the actors of a document that are known to have forked.
func (r *registry) forkedIn(doc crdt.DocID) []crdt.ActorID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forked[doc]
}
