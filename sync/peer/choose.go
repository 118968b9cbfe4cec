package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// An owner may choose which of two changes with one number counts. What the choice
// names may be above the first numbers that differ, so it counts for all that its
// change builds on. Of several choices about one actor that disagree, the one with
// the least number holds. Until what was chosen has come, the smaller hash counts.

// ForkInfo is a document of which a device has numbered changes twice, as a copied
// home or a restored machine does.
type ForkInfo struct {
	Doc    crdt.DocID
	Branch crdt.DocID // the text that does not count in Doc
	Here   bool       // the branch has come
	Device DeviceID
	Person Person // whose device it is, or the device if that is not known
	Chosen bool   // an owner said which counts; else it is the smaller hash
}

// Forks lists the forks of all spaces, as far as they are proved.
func (p *Peer) Forks(ctx context.Context) ([]ForkInfo, error) {
	var all []ForkInfo
	for _, space := range p.spaceIDs() {
		for _, f := range p.forks(space) {
			info, err := p.forkInfo(ctx, space, f)
			if err != nil {
				return nil, fmt.Errorf("forks of document %v: %w", crdt.DocID(f.Doc), err)
			}
			if !slices.ContainsFunc(all, func(other ForkInfo) bool { return other.Branch == info.Branch }) {
				all = append(all, info)
			}
		}
	}
	return all, nil
}

func (p *Peer) forkInfo(ctx context.Context, space SpaceID, f trust.ForkInfo) (ForkInfo, error) {
	info := ForkInfo{Doc: f.Doc, Branch: branchesOf(f)[0], Device: f.Device, Chosen: f.Chosen}
	_, err := p.store.Document(ctx, info.Branch)
	if info.Here = err == nil; errors.Is(err, store.ErrNoDocument) {
		err = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	person := f.Device
	if sp := p.spaces[space]; sp != nil {
		if of, ok := sp.roster.Person(f.Device); ok {
			person = of
		}
	}
	info.Person = p.whoLocked(person)
	return info, err
}

// heldAs is an actor's change of a number that is held, zero if there is none.
func (p *Peer) heldAs(ctx context.Context, doc crdt.DocID, a crdt.ActorID, seq uint64) (held crdt.Hash, err error) {
	since := p.store.Committed(doc)
	if !since.Has(a, seq) {
		return held, nil
	}
	delete(since, a)
	if seq > 1 {
		since[a] = crdt.Tip{Seq: seq - 1}
	}
	err = p.store.ChangesSince(ctx, doc, since, func(c crdt.Change) error {
		if c.Actor == a && c.Seq == seq {
			held = c.Hash
		}
		return ctx.Err()
	})
	return held, err
}

// ErrNoFork says that a document is not the branch of another one.
var ErrNoFork = errors.New("this document is not the other text of a forked one")

// ChooseBranch has the text of a branch count in the document that it branched off
// from. What counted there becomes a branch in its place. What was written in the
// branch since stays there. Only an owner may. It returns when that is stated; the
// documents follow on each peer as soon as all has come.
func (p *Peer) ChooseBranch(ctx context.Context, branch crdt.DocID) error {
	for _, space := range p.spaceIDs() {
		for _, f := range p.forks(space) {
			switch branches := branchesOf(f); branch {
			case branches[0]:
				return p.choose(ctx, space, f, f.Other)
			case branches[1]:
				return p.choose(ctx, space, f, f.Counts)
			}
		}
	}
	return fmt.Errorf("choose branch %v: %w", branch, ErrNoFork)
}

// choose states a choice at a fork, and the same at all others of the actor's that
// it decides as far as is known here, so that no other choice stands against it.
func (p *Peer) choose(ctx context.Context, id SpaceID, f trust.ForkInfo, hash crdt.Hash) error {
	line, err := p.actorLine(ctx, f, hash)
	if err != nil {
		return fmt.Errorf("choose a branch of document %v: %w", crdt.DocID(f.Doc), err)
	}
	if _, err := p.prove(ctx, id, f); err != nil {
		return err
	}
	if !isProved(p.proved(id), f) {
		return fmt.Errorf("choose a branch of document %v: %w", crdt.DocID(f.Doc), ErrForkUnproved)
	}
	err = p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		var all []*trust.Statement
		now, done := time.Now(), make(map[uint64]bool)
		for _, other := range sp.roster.Forks() {
			to, ok := line[other.Seq]
			if other.Doc != f.Doc || other.Actor != f.Actor || !ok || done[other.Seq] || to != other.Counts && to != other.Other {
				continue
			}
			said, err := sp.roster.Choose(p.id, other.Statement, to, now)
			if err != nil {
				return all, err
			}
			done[other.Seq] = true
			all = append(all, said...)
		}
		return all, nil
	})
	return inWords(err)
}

// ErrForkUnproved says that a fork cannot be proved to others yet, so nothing can be said
// of it.
var ErrForkUnproved = errors.New("this other text is known here alone until its device, or somebody who has more of its signatures, is heard of")

// actorLine are the changes of a fork's actor below and above one of its sides, by
// number, as far as they are in its branch.
func (p *Peer) actorLine(ctx context.Context, f trust.ForkInfo, side crdt.Hash) (map[uint64]crdt.Hash, error) {
	line := map[uint64]crdt.Hash{f.Seq: side}
	branch := crdt.DocID(trust.BranchID(f.Doc, f.Actor, f.Seq, side))
	for _, doc := range []crdt.DocID{branch, f.Doc} {
		held, err := p.heldAs(ctx, doc, crdt.ActorID(f.Actor), f.Seq)
		if err != nil {
			return nil, err
		}
		if held != side {
			continue
		}
		err = p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
			if c.Actor == crdt.ActorID(f.Actor) {
				line[c.Seq] = c.Hash
			}
			return ctx.Err()
		})
		return line, err
	}
	return line, nil
}

// choose notes the forks of a space of which an owner chose what counts.
func (r *registry) choose(forks []trust.ForkInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range forks {
		delete(r.chosen, crdt.DocID(f.Doc))
	}
	for _, f := range forks {
		if !f.Chosen {
			continue
		}
		if r.chosen == nil {
			r.chosen = make(map[crdt.DocID][]trust.ForkInfo)
		}
		r.chosen[f.Doc] = append(r.chosen[f.Doc], f)
	}
}

// chosenIn are those of one document, by actor and number.
func (r *registry) chosenIn(doc crdt.DocID) []trust.ForkInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chosen[doc]
}

// hopeAgain has what was chosen and waits be tried again, with all that it builds
// on: when that was found to give way, the choice may not have been known, or not
// all of it been here.
func (in *intake) hopeAgain(chosen []trust.ForkInfo) {
	for _, f := range chosen {
		in.below(f.Counts, func(w *waitingChange) bool {
			if w.lost {
				w.lost, in.stirred = false, true
				in.ripen(w)
			}
			return false
		})
	}
}

// below visits a change that waits, and all that waits below it, until visit
// returns true. It reports whether it did.
func (in *intake) below(from crdt.Hash, visit func(*waitingChange) bool) bool {
	k := in.knots[from]
	if k == nil || k.change == nil {
		return false
	}
	seen := map[*knot]bool{k: true}
	for stack := []*knot{k}; len(stack) > 0; {
		k := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if visit(k.change) {
			return true
		}
		for _, dep := range k.change.deps {
			if dep != nil && dep.change != nil && !seen[dep] {
				seen[dep] = true
				stack = append(stack, dep)
			}
		}
	}
	return false
}

// counts reports whether a change that waits counts, and not the one that is held
// of its number.
func (b *batch) counts(w *waitingChange, held crdt.Hash) bool {
	if side, ok := b.d.p.sideOf(b.d.space, b.d.id); ok && (side == held || side == w.Hash) {
		return side == w.Hash
	}
	for _, f := range b.d.p.docs.chosenIn(b.d.id) {
		if f.Actor != string(w.Actor) || f.Seq < w.Seq {
			continue
		}
		if h, ok := b.d.text().Held(w.Actor, f.Seq); ok && h == f.Counts {
			return false
		}
		if b.in.below(f.Counts, func(other *waitingChange) bool { return other == w }) {
			return true
		}
	}
	return bytes.Compare(w.Hash[:], held[:]) < 0
}

// bringChosen brings what an owner chose into the document, if it is not there:
// from beside that, or from the branch that it was.
func (p *Peer) bringChosen(ctx context.Context, space SpaceID, f trust.ForkInfo) error {
	if !f.Chosen {
		return nil
	}
	held, err := p.heldAs(ctx, f.Doc, crdt.ActorID(f.Actor), f.Seq)
	if err != nil || held == f.Counts {
		return err
	}
	r := protocol.Received{From: p.ID(), Space: space, Doc: f.Doc}
	beside, heads, err := p.store.Beside(ctx, f.Doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return err
	}
	for _, c := range beside {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	for _, h := range heads {
		r.Heads = append(r.Heads, toTrustHead(h))
	}
	if !slices.ContainsFunc(beside, func(c crdt.Change) bool { return c.Hash == f.Counts }) {
		r.Chunks, r.Heads = nil, nil
		if err := p.fromBranch(ctx, f, &r); err != nil {
			return err
		}
	}
	if len(r.Chunks) == 0 {
		return nil // it comes from others
	}
	p.pardon(r.Doc)
	return p.receiveAll(ctx, r)
}

// fromBranch finds what counts in a document in the branch that it was: all that
// its origin's actors wrote.
func (p *Peer) fromBranch(ctx context.Context, f trust.ForkInfo, r *protocol.Received) error {
	branch, origin := branchesOf(f)[1], r.Doc
	heads, err := p.store.HeadsSince(ctx, branch, nil)
	if errors.Is(err, store.ErrNoDocument) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, held := range heads {
		if h := toTrustHead(held); signedFor(h, branch, origin) == origin {
			r.Heads = append(r.Heads, h)
		}
	}
	signed := func(a crdt.ActorID) bool {
		return slices.ContainsFunc(r.Heads, func(h trust.Head) bool { return h.Actor == string(a) && !h.Import })
	}
	err = p.store.ChangesSince(ctx, branch, nil, func(c crdt.Change) error {
		if signed(c.Actor) {
			r.Chunks = append(r.Chunks, c.Bytes)
		}
		return ctx.Err()
	})
	if errors.Is(err, store.ErrNoDocument) {
		return nil
	}
	return err
}

// pardon lets what was barred from a document come again.
func (p *Peer) pardon(doc crdt.DocID) {
	box := p.docs.enterBox(doc)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	if box.intake != nil {
		clear(box.intake.barred)
		clear(box.intake.branched)
	}
}
