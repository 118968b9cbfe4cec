package peer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
)

// besides are the documents beside which changes stand that did not count, as far
// as that is known. The zero value is ready, and safe for concurrent use.
type besides struct {
	mu   sync.Mutex
	docs map[crdt.DocID]SpaceID
	read map[SpaceID]bool // what an earlier run has left there is known
	headless
}

func (b *besides) note(space SpaceID, doc crdt.DocID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.docs == nil {
		b.docs, b.read = make(map[crdt.DocID]SpaceID), make(map[SpaceID]bool)
	}
	b.docs[doc] = space
}

func (b *besides) forget(doc crdt.DocID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.docs, doc)
}

func (b *besides) has(doc crdt.DocID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.docs[doc]
	return ok
}

// of lists those of a space.
func (b *besides) of(space SpaceID) (docs []crdt.DocID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for doc, in := range b.docs {
		if in == space {
			docs = append(docs, doc)
		}
	}
	return docs
}

// isRead reports whether all of a space are known, and takes it that they will be.
func (b *besides) isRead(space SpaceID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read == nil {
		b.docs, b.read = make(map[crdt.DocID]SpaceID), make(map[SpaceID]bool)
	}
	was := b.read[space]
	b.read[space] = true
	return was
}

// unread has them be looked for again.
func (b *besides) unread(space SpaceID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.read, space)
}

// overLine is why changes stand beside a document.
const overLine = "its author was removed or may no longer write, or its device has given its number to another change"

// reconsider looks again at what a space holds and at what waits there, after its
// roster has changed: what was taken may lie beyond a line now, and what was not
// may count.
//
// It fails if it is not known in which documents; then it is to be done again.
func (p *Peer) reconsider(ctx context.Context, space SpaceID) error {
	roster := p.frontier(space)
	docs, err := p.lineDocuments(ctx, space)
	for _, doc := range docs {
		if err := p.settle(ctx, space, doc); err != nil && ctx.Err() == nil {
			p.log.Error("changes beyond a line could not be taken out; trying again later", "doc", doc, "err", err)
			p.behind.again(doc)
		}
	}
	for _, d := range p.docs.all() {
		if d.space == space && !d.outdated.Load() {
			d.follow(roster)
		}
	}
	p.makeBranches(ctx, space)
	for _, box := range p.docs.waiting() {
		if err := p.retake(ctx, box, space); err != nil && ctx.Err() == nil {
			p.log.Error("what waited for a roster could not be taken", "doc", box.id, "err", err)
		}
		p.docs.leaveBox(box)
	}
	if err != nil {
		return fmt.Errorf("find in which documents of space %v a removed person has written: %w", space, err)
	}
	return nil
}

// lineDocuments are the documents of a space in which somebody has written for
// whom a line is drawn, and those beside which changes stand.
func (p *Peer) lineDocuments(ctx context.Context, space SpaceID) ([]crdt.DocID, error) {
	err := p.readBesides(ctx, space)
	docs := make(map[crdt.DocID]struct{})
	if devices := p.lined(space); len(devices) > 0 {
		held, failed := p.store.ActorsOf(ctx, space, devices)
		for _, l := range held {
			docs[l.Doc] = struct{}{}
		}
		err = errors.Join(err, failed)
	}
	for _, doc := range p.docs.besides.of(space) {
		docs[doc] = struct{}{}
	}
	return slices.SortedFunc(maps.Keys(docs), crdt.DocID.Compare), err
}

// readBesides finds what an earlier run has left beside the documents of a space.
func (p *Peer) readBesides(ctx context.Context, space SpaceID) error {
	if p.docs.besides.isRead(space) {
		return nil
	}
	docs, err := p.store.Besides(ctx, space)
	if err != nil {
		p.docs.besides.unread(space)
		return err
	}
	for _, doc := range docs {
		p.docs.besides.note(space, doc)
	}
	return nil
}

// settle has a document be what counts by the roster, both ways: what is held and
// does not count any more retreats, and what stands beside it is looked at again.
func (p *Peer) settle(ctx context.Context, space SpaceID, doc crdt.DocID) error {
	box := p.docs.enterBox(doc)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	err := p.settleHeld(ctx, space, box)
	beside := err == nil && p.docs.besides.has(doc)
	if beside {
		box.begin(p, space).looks = true
	}
	box.mu.Unlock()
	if !beside {
		return err
	}
	_, err = p.receive(ctx, protocol.Received{Space: space, Doc: doc})
	return err
}

// settleHeld has what is held and does not count retreat: now, if the document is
// closed; else when all that was written is stored, before long.
func (p *Peer) settleHeld(ctx context.Context, space SpaceID, box *inbox) error {
	gone, err := p.overLines(ctx, space, box.id)
	if err != nil || len(gone) == 0 {
		return err
	}
	d := p.docs.ifOpen(box.id)
	if d == nil {
		return p.retreat(ctx, space, box.id, box.intake, gone)
	}
	defer p.docs.release(d)
	d.outdate() // see [openDoc.mend]
	return nil
}

// retreat takes changes out of a document that nothing is on its way to; under
// inbox.mu. What waits for it, if anything does, waits anew. Views of an open
// document are told when it is read anew. It is done whole though ctx ends: what
// has retreated would not be found again, and our actor would go on numbering after
// what it holds no more.
func (p *Peer) retreat(ctx context.Context, space SpaceID, doc crdt.DocID, waiting *intake, gone []crdt.Hash) error {
	ctx = context.WithoutCancel(ctx)
	out, err := p.store.Retreat(ctx, doc, gone, overLine)
	if err != nil || len(out) == 0 {
		return err
	}
	p.docs.besides.note(space, doc)
	p.lookAtForks(space, doc)
	p.holdings.touch(space, doc)
	if _, err := p.docs.newActor(doc); err != nil { // ours may have numbered some of it
		return err
	}
	p.log.Info("changes do not count any more, and stand beside their document", "doc", doc,
		"beyond", len(gone), "gone", len(out), "first", out[0].Hash, "actor", out[0].Actor)
	if waiting != nil {
		waiting.anew(bare{p.store.Committed(doc), p, ctx, doc})
	}
	p.behind.again(doc)
	p.hub.emit(StateChanged{doc})
	return nil
}

// bare is what is held of a document as its rows alone tell.
type bare struct {
	vector crdt.Vector
	p      *Peer
	ctx    context.Context // of one call
	doc    crdt.DocID
}

func (b bare) Last(a crdt.ActorID) uint64 { return b.vector[a].Seq }

// Has counts what the rows cannot tell as held; it waits when it is applied.
func (b bare) Has(h crdt.Hash) bool {
	for _, tip := range b.vector {
		if tip.Hash == h {
			return true
		}
	}
	found, err := b.p.store.Ancestry(b.ctx, b.doc, []crdt.Hash{h})
	return err != nil && !errors.Is(err, store.ErrNoDocument) || err == nil && found[0].Held
}

// anew has all that waits wait again, after other things are held than before.
func (in *intake) anew(held holding) {
	changes, heads := in.everything()
	in.clear()
	was := *in
	*in = newIntake(was.by, was.room)
	in.founder, in.begins, in.dropped, in.steps = was.founder, was.begins, was.dropped, was.steps
	for _, w := range changes {
		in.addChange(w.Change, w.from, held)
	}
	for _, h := range heads {
		if h.Seq > held.Last(crdt.ActorID(h.Actor)) || in.isHere(h.Hash) {
			_ = in.addHead(h.Head, h.from) // whoever sent one over another's change was told
		}
	}
}

// recallFor has what stands beside a document wait with all else for as long as it
// is looked at, if something may need it or nothing new has come; under inbox.mu.
func (p *Peer) recallFor(ctx context.Context, box *inbox, held holding) {
	in := box.intake
	if in.recalled || !p.docs.besides.has(box.id) || in.lacking == 0 && !in.looks {
		return
	}
	changes, heads, err := p.store.Beside(ctx, box.id)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("what stands beside a document cannot be read", "doc", box.id, "err", err)
		}
		return // it is read when the document is looked at next
	}
	if len(changes) == 0 {
		p.docs.besides.forget(box.id)
	}
	in.recalled = true
	for _, c := range changes {
		in.addChange(c, DeviceID{}, held)
	}
	for _, h := range heads {
		if h.Seq > held.Last(h.Actor) || in.isHere(h.Hash) {
			_ = in.addHead(toTrustHead(h), DeviceID{}) // it was over the change that it is over
		}
	}
}

// dismiss has what was recalled, and did not come in, wait no longer.
func (in *intake) dismiss() {
	if !in.recalled {
		return
	}
	in.recalled, in.looks = false, false
	changes, heads := in.everything()
	for _, w := range changes {
		if w.from.IsZero() {
			in.letGo(in.knots[w.Hash])
		}
	}
	for _, h := range heads {
		if h.from.IsZero() {
			in.dropHead(h)
		}
	}
}

// everything is all that waits, as it came.
func (in *intake) everything() (changes []*waitingChange, heads []*waitingHead) {
	for _, k := range in.knots {
		if k.change != nil {
			changes = append(changes, k.change)
		}
		heads = append(heads, k.heads...)
	}
	slices.SortFunc(changes, func(a, b *waitingChange) int { return int(a.came) - int(b.came) })
	slices.SortFunc(heads, func(a, b *waitingHead) int { return int(a.came) - int(b.came) })
	return changes, heads
}

// retake is receive without anything new.
func (p *Peer) retake(ctx context.Context, box *inbox, space SpaceID) error {
	box.mu.Lock()
	waits := false
	if in := box.intake; in != nil && in.by.space == space {
		in.recount()
		waits = in.waiting > 0
	}
	box.mu.Unlock()
	if !waits {
		return nil
	}
	_, err := p.receive(ctx, protocol.Received{Space: space, Doc: box.id})
	return err
}
