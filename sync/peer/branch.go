package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
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

// forks are what a space's roster proves.
func (p *Peer) forks(space SpaceID) []trust.ForkInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[space]; sp != nil {
		return sp.roster.Forks()
	}
	return nil
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

// makeBranches makes documents of what does not count of a space's forks, where all
// of it is here, and tells of those forks that are news.
func (p *Peer) makeBranches(ctx context.Context, space SpaceID) {
	forks := p.forks(space)
	p.docs.choose(forks)
	for _, f := range forks {
		if err := p.bringChosen(ctx, space, f); err != nil && ctx.Err() == nil {
			p.log.Error("the chosen text of a fork could not be brought into its document", "doc", crdt.DocID(f.Doc), "err", err)
		}
		p.docs.noteFork(f)
		if err := p.makeBranch(ctx, space, f); err != nil && ctx.Err() == nil {
			p.log.Error("a branch of a document could not be kept as one of its own", "doc", crdt.DocID(f.Doc), "err", err)
		}
		p.tellFork(ctx, space, f)
	}
}

// tellFork tells of a fork that is news, by the branch that does not count as far as
// that is known now: again, should it turn out to be the other one.
func (p *Peer) tellFork(ctx context.Context, space SpaceID, f trust.ForkInfo) {
	info, err := p.forkInfo(ctx, space, f)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("it is not known which text of a forked document counts", "doc", crdt.DocID(f.Doc), "err", err)
		}
		return
	}
	if p.docs.isNews(info.Branch) {
		p.hub.emit(ForkFound{info.Doc, info.Branch, info.Device})
	}
}

// noteFork notes that an actor has forked.
func (r *registry) noteFork(f trust.ForkInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forked == nil {
		r.forked = make(map[crdt.DocID][]crdt.ActorID)
	}
	if doc, a := crdt.DocID(f.Doc), crdt.ActorID(f.Actor); !slices.Contains(r.forked[doc], a) {
		r.forked[doc] = append(r.forked[doc], a)
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

// forkedIn are the actors of a document that are proved to have forked.
func (r *registry) forkedIn(doc crdt.DocID) []crdt.ActorID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forked[doc]
}

// makeBranch makes a document of the branch of a fork that gave way here.
func (p *Peer) makeBranch(ctx context.Context, space SpaceID, f trust.ForkInfo) error {
	doc := crdt.DocID(f.Doc)
	box := p.docs.enterBox(doc)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	b := brancher{p: p, space: space, doc: doc, loose: make(map[crdt.Hash]crdt.Change)}
	if err := b.gather(ctx, box); err != nil {
		return err
	}
	for i, hash := range [2]crdt.Hash{f.Other, f.Counts} {
		if _, ok := b.loose[hash]; !ok {
			continue // it is the one that is held, or has not come
		}
		if f.Chosen && hash == f.Counts {
			continue // it comes into the document
		}
		if err := b.put(ctx, branchesOf(f)[i], b.around(hash)); err != nil {
			return err
		}
		if box.intake != nil {
			box.intake.bar(hash) // more of it comes as of any document
		}
	}
	return nil
}

// brancher makes a document of changes that do not count in another one, and of all
// that they build on.
type brancher struct {
	p     *Peer
	space SpaceID
	doc   crdt.DocID
	// loose are the changes beside the document, and those that wait for it.
	loose map[crdt.Hash]crdt.Change
	heads []trust.Head
}

func (b *brancher) gather(ctx context.Context, box *inbox) error {
	beside, heads, err := b.p.store.Beside(ctx, b.doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return err
	}
	for _, c := range beside {
		b.loose[c.Hash] = c
	}
	for _, h := range heads {
		b.heads = append(b.heads, toTrustHead(h))
	}
	if box.intake == nil {
		return nil
	}
	changes, waiting := box.intake.everything()
	for _, w := range changes {
		if w.vouched() {
			b.loose[w.Hash] = w.Change
		}
	}
	for _, h := range waiting {
		b.heads = append(b.heads, h.Head)
	}
	return nil
}

// put has the other document take what it lacks of the branch, as from a peer. If
// some of what that builds on is not here, it waits.
func (b *brancher) put(ctx context.Context, branch crdt.DocID, in map[crdt.Hash]bool) error {
	all := b.p.store.Committed(branch)
	var own []crdt.Change
	lacks := false
	for hash := range in {
		c := b.loose[hash]
		own, lacks = append(own, c), lacks || !all.Has(c.Actor, c.Seq)
	}
	if !lacks {
		return nil
	}
	slices.SortFunc(own, func(x, y crdt.Change) int { // each after what it builds on
		return cmp.Or(cmp.Compare(x.StartOp, y.StartOp), cmp.Compare(x.Actor, y.Actor), cmp.Compare(x.Seq, y.Seq))
	})
	below, err := b.below(ctx, own)
	if err != nil {
		return err
	}
	r := protocol.Received{From: b.p.ID(), Space: b.space, Doc: branch}
	changes := append(below, own...)
	if r.Heads, err = b.over(ctx, changes); err != nil {
		return err
	}
	for part := range slices.Chunk(changes, checkStep) {
		r.Chunks = nil
		for _, c := range part {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
		if _, err := b.p.receive(ctx, r); err != nil {
			return fmt.Errorf("fill branch %v: %w", branch, err)
		}
	}
	b.p.log.Warn("a device has numbered changes of a document twice, as a copied home does; the other text is a document of its own",
		"doc", b.doc, "branch", branch)
	return nil
}

// below are the changes of the document on which some others build, each after those
// it builds on.
func (b *brancher) below(ctx context.Context, others []crdt.Change) (below []crdt.Change, err error) {
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

// around are the loose changes that belong to a branch: on which the given one
// builds, and what builds on any of them.
func (b *brancher) around(from crdt.Hash) map[crdt.Hash]bool {
	kids := make(map[crdt.Hash][]crdt.Hash)
	for hash, c := range b.loose {
		for _, dep := range c.Deps {
			kids[dep] = append(kids[dep], hash)
		}
	}
	in := make(map[crdt.Hash]bool)
	for stack := []crdt.Hash{from}; len(stack) > 0; {
		hash := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c, loose := b.loose[hash]
		if !loose || in[hash] {
			continue
		}
		in[hash] = true
		stack = append(append(stack, c.Deps...), kids[hash]...)
	}
	return in
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

// elsewhere are the changes of the document that another one branched off from:
// what counts there counts in the branch, whatever heads are here.
type elsewhere struct {
	held    map[crdt.Hash]bool
	devices map[crdt.ActorID][32]byte
}

// elsewhere reads them, nothing for a document that is no branch.
func (p *Peer) elsewhere(ctx context.Context, doc, origin crdt.DocID) *elsewhere {
	if doc == origin {
		return nil
	}
	e := &elsewhere{held: make(map[crdt.Hash]bool)}
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
