package peer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// maxBranches is how many branches of one document are made of what one device alone
// has written: each holds all that it builds on. Where somebody else has written on
// top, there is no such limit, so nobody's honest text waits for a document; the rest
// waits as what can't be taken yet does, and may be let go of as that.
const maxBranches = 16

// keepBranches puts what does not count in a document since its actor has forked, and
// all that builds on that, into documents of their own, and sees to heads over what is
// left. It reports whether nothing is left to do.
func (p *Peer) keepBranches(ctx context.Context, space SpaceID, doc crdt.DocID) (done bool, err error) {
	back, moved, err := p.moveBranches(ctx, space, doc)
	if err != nil {
		return false, err
	}
	if back != nil {
		p.pardon(doc)
		return false, p.receiveAll(ctx, *back)
	}
	signed, err := p.seekHeads(ctx, space, doc)
	return moved && signed, err
}

// moveBranches is keepBranches but for what counts and stands beside the document,
// which it returns, nil if there is nothing: that is to come in again.
func (p *Peer) moveBranches(ctx context.Context, space SpaceID, doc crdt.DocID) (back *protocol.Received, done bool, err error) {
	box := p.docs.enterBox(doc)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	if d := p.docs.ifOpen(doc); d != nil {
		stale := d.stale()
		p.docs.release(d)
		if stale {
			return nil, false, nil // what is held may be about to give way
		}
	}
	if err := p.store.Flush(ctx); err != nil {
		return nil, false, err
	}
	b := &brancher{p: p, space: space, doc: doc, origin: p.originOf(space, doc), box: box}
	if err := b.gather(ctx); err != nil || len(b.loose) == 0 {
		return nil, err == nil, err
	}
	if err := b.split(ctx); err != nil {
		return nil, false, err
	}
	branches := b.branches()
	for _, branch := range slices.SortedFunc(maps.Keys(branches), crdt.DocID.Compare) {
		if err := b.fill(ctx, branch, branches[branch]); err != nil {
			return nil, false, err
		}
	}
	return b.back(), b.release(), nil
}

// brancher makes documents of changes that do not count in another one, and of all
// that they build on; under inbox.mu.
type brancher struct {
	p           *Peer
	space       SpaceID
	doc, origin crdt.DocID
	box         *inbox
	// loose are the changes beside the document, and those that wait for it.
	loose map[crdt.Hash]crdt.Change
	// waits are those of them that wait.
	waits map[crdt.Hash]*waitingChange
	heads []trust.Head
	held  map[crdt.Hash]bool // of what is loose and what that builds on
	// losers are the first changes that differ, by the document that each becomes.
	losers map[crdt.DocID]crdt.Hash
	// wins are the changes that count and are not held yet, and all that builds on
	// them: they are no branch's.
	wins map[crdt.Hash]bool
	// owed are those that belong into branches, and safe are those that are there.
	owed, safe map[crdt.Hash]bool
}

// gather finds what is loose.
func (b *brancher) gather(ctx context.Context) error {
	b.loose, b.waits, b.losers = make(map[crdt.Hash]crdt.Change), make(map[crdt.Hash]*waitingChange), make(map[crdt.DocID]crdt.Hash)
	b.owed, b.safe = make(map[crdt.Hash]bool), make(map[crdt.Hash]bool)
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
	if in := b.box.intake; in != nil {
		changes, waiting := in.everything()
		for _, w := range changes {
			if w.vouched() {
				b.loose[w.Hash], b.waits[w.Hash] = w.Change, w
			}
		}
		for _, h := range waiting {
			b.heads = append(b.heads, h.Head)
		}
	}
	if len(b.loose) == 0 {
		return nil
	}
	if b.held, err = b.heldIn(ctx, b.doc); err != nil {
		return err
	}
	counts := b.judged()
	for hash := range b.loose {
		if w := b.waits[hash]; b.held[hash] || !counts[hash] && (w == nil || !w.vouched()) {
			delete(b.loose, hash)
		}
	}
	return nil
}

// judged are the loose changes that would be taken but for their numbers. Others stand
// beside the document since they are beyond a line and nobody carries them: they belong
// into no branch, and nothing gives way to them.
func (b *brancher) judged() map[crdt.Hash]bool {
	in, _ := b.judge(b.box.begin(b.p, b.space).by)
	in.carryAll()
	counts := make(map[crdt.Hash]bool)
	changes, _ := in.everything()
	for _, w := range changes {
		counts[w.Hash] = w.vouched()
	}
	return counts
}

// judge has what is loose wait by itself, with the heads that are here.
func (b *brancher) judge(by terms) (*intake, looseHolding) {
	held := looseHolding{b.p.store.Committed(b.doc), b.held}
	in := newIntake(by, new(room))
	for _, c := range b.loose {
		in.addChange(c, DeviceID{}, held)
	}
	for _, h := range b.heads {
		_ = in.addHead(h, DeviceID{}) // what is over another's change vouches for nothing
	}
	return &in, held
}

// looseHolding is what a document holds of what is loose and what that builds on.
type looseHolding struct {
	at   crdt.Vector
	held map[crdt.Hash]bool
}

func (l looseHolding) Last(a crdt.ActorID) uint64 { return l.at[a].Seq }

func (l looseHolding) Has(h crdt.Hash) bool { return l.held[h] }

// heldIn tells which of what is loose, and of what that builds on, a document holds.
func (b *brancher) heldIn(ctx context.Context, doc crdt.DocID) (map[crdt.Hash]bool, error) {
	ask := make(map[crdt.Hash]bool)
	for hash, c := range b.loose {
		ask[hash] = false
		for _, dep := range c.Deps {
			ask[dep] = false
		}
	}
	err := b.p.lookUp(ctx, doc, ask)
	return ask, err
}

// lookUp notes which of some changes a document holds.
func (p *Peer) lookUp(ctx context.Context, doc crdt.DocID, held map[crdt.Hash]bool) error {
	hashes := slices.Collect(maps.Keys(held))
	found, err := p.store.Ancestry(ctx, doc, hashes)
	switch {
	case errors.Is(err, store.ErrNoDocument):
		return nil
	case errors.Is(err, store.ErrNeedDocument): // they may be inside its snapshot
		return p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
			if _, asked := held[c.Hash]; asked {
				held[c.Hash] = true
			}
			return ctx.Err()
		})
	case err != nil:
		return err
	}
	for i, hash := range hashes {
		held[hash] = found[i].Held
	}
	return nil
}

// split finds the changes that are loose since another one has their number: those
// that build on nothing else that is loose.
func (b *brancher) split(ctx context.Context) error {
	at := b.p.store.Committed(b.doc)
	devices, err := b.p.store.ActorDevices(ctx, b.doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return err
	}
	won := b.chosen()
	for _, hash := range slices.SortedFunc(maps.Keys(b.loose), crdt.Hash.Compare) {
		c := b.loose[hash]
		device, known := devices[c.Actor]
		if !known || !at.Has(c.Actor, c.Seq) || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !b.held[dep] }) {
			continue
		}
		if own, ok := b.p.sideOf(b.space, b.doc); ok && own == hash {
			won[hash] = true
			continue
		}
		held, err := b.p.heldAs(ctx, b.doc, c.Actor, c.Seq)
		if err != nil {
			return err
		}
		if held == (crdt.Hash{}) || held == hash {
			continue
		}
		if b.counts(ctx, c, held) {
			won[hash] = true // it comes in when the document is read anew
			continue
		}
		f := trust.ForkInfo{Doc: b.rootOf(c.Actor), Actor: string(c.Actor), Seq: c.Seq, Device: device, Counts: held, Other: hash}
		if bytes.Compare(held[:], hash[:]) > 0 {
			f.Counts, f.Other = f.Other, f.Counts // an owner chose
		}
		if err := b.note(ctx, c, f); err != nil {
			return err
		}
	}
	b.wins = b.above(won)
	return nil
}

// chosen are what an owner chose of what is loose, and not against it elsewhere.
func (b *brancher) chosen() map[crdt.Hash]bool {
	won := make(map[crdt.Hash]bool)
	for _, f := range b.p.docs.chosenIn(b.doc) {
		if _, loose := b.loose[f.Counts]; loose {
			won[f.Counts] = true
		}
	}
	return won
}

// back is what counts and stands beside the document, with what that builds on there.
func (b *brancher) back() *protocol.Received {
	r := protocol.Received{From: b.p.ID(), Space: b.space, Doc: b.doc, Heads: b.heads}
	for _, c := range inOrder(b.loose, b.below(b.wins)) {
		if b.waits[c.Hash] == nil {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
	}
	if len(r.Chunks) == 0 {
		return nil
	}
	return &r
}

// inOrder are some changes, each after what it builds on.
func inOrder(all map[crdt.Hash]crdt.Change, some map[crdt.Hash]bool) (in []crdt.Change) {
	for hash := range some {
		in = append(in, all[hash])
	}
	slices.SortFunc(in, func(x, y crdt.Change) int {
		return cmp.Or(cmp.Compare(x.StartOp, y.StartOp), cmp.Compare(x.Actor, y.Actor), cmp.Compare(x.Seq, y.Seq))
	})
	return in
}

// note notes a split whose side c does not count.
func (b *brancher) note(ctx context.Context, c crdt.Change, f trust.ForkInfo) error {
	branch := crdt.DocID(trust.BranchID(f.Doc, f.Actor, f.Seq, c.Hash))
	if branch == b.doc {
		return nil // it belongs here, and comes in when what is held gives way
	}
	if b.crowded(branch, c, f) {
		return nil // it waits, lest what others have written on top of it is refused when that comes
	}
	if room, err := b.p.noteSplit(ctx, b.space, f); err != nil || !room {
		return err
	}
	b.losers[branch] = c.Hash
	b.p.proveLater(b.space, f)
	b.p.noteForked(b.space, b.doc, c.Actor)
	b.p.tellForks(ctx, b.space)
	return nil
}

// crowded reports whether there are too many branches already, and nobody else has
// written on top of this one.
func (b *brancher) crowded(branch crdt.DocID, c crdt.Change, f trust.ForkInfo) bool {
	n := 0
	for _, other := range b.p.forks(b.space) {
		if branches := branchesOf(other); slices.Contains(branches[:], branch) {
			return false
		}
		if other.Doc == f.Doc && other.Device == f.Device {
			n++
		}
	}
	if n < maxBranches {
		return false
	}
	for hash := range b.above(map[crdt.Hash]bool{c.Hash: true}) {
		if b.loose[hash].Actor != c.Actor {
			return false
		}
	}
	return true
}

// counts reports whether a loose change counts and not the held one of its number.
func (b *brancher) counts(ctx context.Context, c crdt.Change, held crdt.Hash) bool {
	if own, ok := b.p.sideOf(b.space, b.doc); ok && own != c.Hash && own == held {
		return false
	}
	for _, f := range b.p.docs.chosenIn(b.doc) {
		if f.Actor != string(c.Actor) || f.Seq < c.Seq {
			continue
		}
		if h, err := b.p.heldAs(ctx, b.doc, c.Actor, f.Seq); err == nil && h == f.Counts {
			return false
		}
		if b.above(map[crdt.Hash]bool{c.Hash: true})[f.Counts] {
			return true
		}
	}
	return bytes.Compare(c.Hash[:], held[:]) < 0
}

// rootOf is the document that an actor's heads are signed for: where a branch splits
// in its turn, the same documents come of it whatever came first.
func (b *brancher) rootOf(a crdt.ActorID) crdt.DocID {
	for _, h := range b.heads {
		if h.Actor == string(a) {
			return signedFor(h, b.doc, b.origin)
		}
	}
	return b.origin
}

// branches are the documents into which something may go, each with its side of a
// split: the first change of it that differs.
func (b *brancher) branches() map[crdt.DocID]crdt.Hash {
	all := maps.Clone(b.losers)
	for _, f := range b.p.forks(b.space) {
		if doc := crdt.DocID(f.Doc); doc != b.doc && doc != b.origin {
			continue
		}
		for i, branch := range branchesOf(f) {
			if branch != b.doc && branch != b.origin && len(b.p.store.Committed(branch)) > 0 {
				all[branch] = [2]crdt.Hash{f.Other, f.Counts}[i]
			}
		}
	}
	return all
}

// fill puts into a branch what belongs there: its side of the split, and what builds
// on that.
func (b *brancher) fill(ctx context.Context, branch crdt.DocID, side crdt.Hash) error {
	there, err := b.p.onSide(ctx, branch, side)
	if err != nil {
		return err
	}
	from := map[crdt.Hash]bool{side: true}
	for hash, c := range b.loose {
		if there[hash] || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return there[dep] }) {
			from[hash] = true
		}
	}
	on := b.above(from)
	maps.DeleteFunc(on, func(hash crdt.Hash, _ bool) bool { return b.wins[hash] })
	lacks := maps.Clone(on)
	maps.DeleteFunc(lacks, func(hash crdt.Hash, _ bool) bool { return there[hash] || b.safe[hash] })
	if own := inOrder(b.loose, b.below(lacks)); len(own) > 0 {
		if err := b.put(ctx, branch, own); err != nil {
			return err
		}
		if there, err = b.p.onSide(ctx, branch, side); err != nil {
			return err
		}
	}
	for hash := range on {
		b.owed[hash] = true
		b.safe[hash] = b.safe[hash] || there[hash]
	}
	return nil
}

// release has nothing wait that is held in a branch, and reports whether all is that
// belongs there.
func (b *brancher) release() (all bool) {
	all = true
	for hash := range b.owed {
		if !b.safe[hash] {
			all = false
		} else if b.waits[hash] != nil {
			b.box.intake.moved(hash)
		}
	}
	return all
}

// onSide are the changes that a branch holds of its side of the split.
func (p *Peer) onSide(ctx context.Context, branch crdt.DocID, side crdt.Hash) (map[crdt.Hash]bool, error) {
	on := make(map[crdt.Hash]bool)
	if len(p.store.Committed(branch)) == 0 {
		return on, nil
	}
	err := p.store.ChangesSince(ctx, branch, nil, func(c crdt.Change) error {
		if c.Hash == side || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return on[dep] }) {
			on[c.Hash] = true
		}
		return ctx.Err()
	})
	return on, err
}

// above are loose changes and all that builds on any of them.
func (b *brancher) above(from map[crdt.Hash]bool) map[crdt.Hash]bool {
	kids := make(map[crdt.Hash][]crdt.Hash)
	for hash, c := range b.loose {
		for _, dep := range c.Deps {
			kids[dep] = append(kids[dep], hash)
		}
	}
	return b.spread(from, func(hash crdt.Hash) []crdt.Hash { return kids[hash] })
}

// below are loose changes and all loose ones on which they build.
func (b *brancher) below(from map[crdt.Hash]bool) map[crdt.Hash]bool {
	return b.spread(from, func(hash crdt.Hash) []crdt.Hash { return b.loose[hash].Deps })
}

// spread follows ties between loose changes.
func (b *brancher) spread(from map[crdt.Hash]bool, next func(crdt.Hash) []crdt.Hash) map[crdt.Hash]bool {
	in := make(map[crdt.Hash]bool)
	for stack := slices.Collect(maps.Keys(from)); len(stack) > 0; {
		hash := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if _, loose := b.loose[hash]; !loose || in[hash] {
			continue
		}
		in[hash] = true
		stack = append(stack, next(hash)...)
	}
	return in
}
