package peer

import (
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

// inbox is where the changes to a document arrive, whether it is open or not.
// There is one for each document that is open, or that something waits for.
type inbox struct {
	id crdt.DocID
	// mu is held while received changes are judged and applied, which may take
	// a while, and while the document is opened: so under it the document stays
	// closed if it is. It is outside of the document's own locks.
	mu     workLock
	intake *intake // nil until something comes; under mu
	users  int     // under registry.mu
}

// begin returns the intake for a document of a space; under mu. Someone may have
// named the document in another space, where it could never begin; what waits
// for that is forgotten.
func (box *inbox) begin(p *Peer, space SpaceID) *intake {
	if box.intake == nil || box.intake.by.space != space {
		box.empty()
		origin := p.originOf(space, box.id)
		in := newIntake(terms{
			space: space, doc: box.id, origin: origin,
			standing: func(h trust.Head) standing {
				return p.standing(space, signedFor(h, box.id, origin), h)
			},
			elsewhere: p.elsewhere(p.upkeep.ctx, box.id, origin),
		}, &p.room)
		box.intake = &in
	}
	if e := box.intake.by.elsewhere; e != nil && box.intake.waiting > 0 && !e.at.Equal(p.store.Committed(box.intake.by.origin)) {
		box.intake.by.elsewhere = p.elsewhere(p.upkeep.ctx, box.id, box.intake.by.origin)
		box.intake.recount() // more of the origin is here
	}
	return box.intake
}

// empty forgets all that waits; under mu.
func (box *inbox) empty() {
	if box.intake != nil {
		box.intake.clear()
		box.intake = nil
	}
}

// idle reports whether nothing is lost with the inbox.
func (box *inbox) idle() bool {
	return box.intake == nil || box.intake.waiting == 0 && box.intake.nHeads == 0
}

// arrival is what one message brought.
type arrival struct {
	protocol.Received
	changes []crdt.Change
	large   []largeChange // that are not read yet
	heads   []trust.Head
	put     bool // into the intake
	dropped bool // some of it will be asked for again
}

// receive judges changes from a peer and takes those that can be taken: into the
// open document or, where it is not open, into the store as far as its rows can
// tell (rows.go). It returns what is held if something is missing that nothing
// waiting will bring.
func (p *Peer) receive(ctx context.Context, r protocol.Received) (want crdt.Vector, err error) {
	a := &arrival{Received: r}
	home, held, err := p.homeOf(ctx, r.Doc)
	if err != nil {
		return nil, err
	}
	if held && home != r.Space {
		return nil, wrongSpace(a)
	}
	if err := p.check(ctx, a); err != nil {
		if unknown := (*unknownBranchError)(nil); errors.As(err, &unknown) {
			p.receiveInOrigin(ctx, a, unknown.origin)
		}
		return nil, err
	}
	box := p.docs.enterBox(r.Doc)
	defer p.docs.leaveBox(box)
	if err := p.readLarge(box, a); err != nil {
		return nil, err
	}
	if err := p.heal(ctx, box, a); err != nil {
		return nil, err
	}
	for {
		want, more, err := p.deliver(ctx, box, a)
		switch {
		case errors.Is(err, store.ErrNeedDocument):
			d, err := p.openStored(ctx, r.Doc)
			if err != nil {
				return nil, err
			}
			defer p.docs.release(d) // after deliver has found it open
		case err != nil || !more:
			return want, err
		}
	}
}

// check reads what a peer sent and verifies its heads, without a lock. Heads
// over what is held are left out, but for those that it lacks (headless.go).
func (p *Peer) check(ctx context.Context, a *arrival) error {
	for _, chunk := range a.Chunks {
		c, err := crdt.ParseSmall(chunk)
		if many := (*crdt.ManyOpsError)(nil); errors.As(err, &many) {
			a.large = append(a.large, largeChange{chunk, *many})
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		a.changes = append(a.changes, c)
	}
	held, forked := p.heldFor(a), p.docs.forkedIn(a.Doc)
	for i, h := range a.Heads {
		here := held.Has(crdt.ActorID(h.Actor), h.Seq)
		known := here && !a.forks(h, held) && !slices.Contains(forked, crdt.ActorID(h.Actor))
		lacked := here && p.docs.besides.lacksHead(a.Doc, h)
		if known && !lacked {
			continue
		}
		if err := p.verify(ctx, a, i); err != nil {
			return err
		}
		if lacked {
			p.takeHead(ctx, a, h)
		}
		if !known {
			a.heads = append(a.heads, h)
		}
	}
	return nil
}

// heldFor is what is committed of a message's document, nil where its heads are over
// nothing of that.
func (p *Peer) heldFor(a *arrival) crdt.Vector {
	lacked := func(h trust.Head) bool { return p.docs.besides.lacksHead(a.Doc, h) }
	if d := p.docs.ifOpen(a.Doc); d != nil {
		defer p.docs.release(d)
		if d.storesNone(a.Heads) && !slices.ContainsFunc(a.Heads, lacked) {
			return nil
		}
	}
	return p.store.Committed(a.Doc)
}

// verify checks who signed a head of the message. In a branch that may be for its
// origin; of which document one branched off the roster tells, which may come later:
// then it returns an [unknownBranchError].
func (p *Peer) verify(ctx context.Context, a *arrival, i int) error {
	h := a.Heads[i]
	err := h.Verify(a.Space, a.Doc)
	if err == nil {
		return nil
	}
	fresh := len(p.store.Committed(a.Doc)) == 0 // before it is asked: the branch may be made meanwhile
	if origin := p.originOf(a.Space, a.Doc); origin != a.Doc {
		err = h.Verify(a.Space, origin)
	} else if errors.Is(err, trust.ErrWrongActor) {
		origin, known := p.signedOrigin(ctx, a, a.Heads[i:])
		if known || fresh {
			return &unknownBranchError{doc: a.Doc, origin: origin, err: err}
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
	}
	return nil
}

// forks reports whether a head is over a change of the message that is not the one
// held of its number, as far as can be told at once.
func (a *arrival) forks(h trust.Head, held crdt.Vector) bool {
	tip := held[crdt.ActorID(h.Actor)]
	return (tip.Seq != h.Seq || tip.Hash != h.Hash) &&
		slices.ContainsFunc(a.changes, func(c crdt.Change) bool { return c.Hash == h.Hash })
}

// isHere reports whether a change waits.
func (in *intake) isHere(h crdt.Hash) bool {
	k := in.knots[h]
	return k != nil && k.change != nil
}

// deliver does one step: it takes a part of what can be taken, and says whether
// there is more. Between two steps the document may be opened or closed.
func (p *Peer) deliver(ctx context.Context, box *inbox, a *arrival) (want crdt.Vector, more bool, err error) {
	box.mu.Lock()
	defer box.mu.Unlock()
	want, more, err = p.deliverTo(ctx, box, a)
	if !more && box.intake != nil && box.intake.waiting > 0 && len(p.docs.forkedIn(box.id)) > 0 {
		p.lookAtForks(box.intake.by.space, box.id) // it may belong to a branch
	}
	if err == nil && !more && box.intake != nil && box.intake.forgot(a.From) {
		err = protocol.ErrLetGo
	}
	return want, more, err
}

// deliverTo is deliver under the inbox's mu.
func (p *Peer) deliverTo(ctx context.Context, box *inbox, a *arrival) (want crdt.Vector, more bool, err error) {
	if d := p.docs.ifOpen(box.id); d != nil {
		defer p.docs.release(d)
		if d.space != a.Space {
			return nil, false, wrongSpace(a)
		}
		in, held := box.begin(p, a.Space), d.live(ctx)
		blamed := a.putInto(in, held)
		p.recallFor(ctx, box, held)
		if err := d.takeOver(held, a.From); blamed == nil {
			blamed = err
		}
		in.dismiss()
		in.trim()
		return in.wanted(a.From, func() crdt.Vector { return held.vector }), false, blamed
	}
	return p.deliverRows(ctx, box, a)
}

func wrongSpace(a *arrival) error {
	return fmt.Errorf("document %v belongs to another space: %w", a.Doc, protocol.ErrMalformed)
}

// putInto has what came wait, once. It fails if a head is not what it says.
func (a *arrival) putInto(in *intake, held holding) (blamed error) {
	if a.put {
		return nil
	}
	a.put = true
	in.trim() // after an error
	if a.dropped {
		in.drop(a.From)
	}
	for _, c := range a.changes {
		in.addChange(c, a.From, held)
	}
	for _, h := range a.heads {
		if h.Seq <= held.Last(crdt.ActorID(h.Actor)) && !in.isHere(h.Hash) {
			continue
		}
		if err := in.addHead(h, a.From); err != nil {
			blamed = fmt.Errorf("%w: change %x: %w", protocol.ErrMalformed, h.Hash, err)
		}
	}
	return blamed
}

// wanted is what is held, if something is missing that nothing waiting brings, or
// something of the device's was let go of.
func (in *intake) wanted(from DeviceID, held func() crdt.Vector) crdt.Vector {
	if _, dropped := in.dropped[from]; dropped || in.lacking > 0 {
		return in.admit(held())
	}
	return nil
}

// forgot reports once whether something of the device's was let go of.
func (in *intake) forgot(from DeviceID) bool {
	_, dropped := in.dropped[from]
	delete(in.dropped, from)
	return dropped
}

// refuse sets aside a change that can't be taken, where people can find it as far
// as there is room, and bars it and what builds on it. It returns an error if from is to blame.
func (p *Peer) refuse(in *intake, r refusal, from DeviceID) (blamed error) {
	if r.blame == from && !from.IsZero() {
		blamed = fmt.Errorf("%w: change %v: %w", protocol.ErrMalformed, r.Hash, r.cause)
	}
	if r.gone {
		return blamed
	}
	in.bar(r.Hash)
	if !p.asides.room(r.from, len(r.Bytes)) {
		return blamed
	}
	doc := in.by.doc
	p.log.Error("a change was refused and set aside, with what builds on it", "doc", doc,
		"change", r.Hash, "actor", r.Actor, "seq", r.Seq, "from", r.from.Tag(), "err", r.cause)
	aside := store.Aside{
		Kind: store.KindChange, Doc: doc, Device: r.from,
		Reason: r.cause.Error(), Bytes: r.Bytes, At: time.Now(),
	}
	p.background.Go(func() { // no I/O under a document's lock
		if err := p.store.SetAside(context.Background(), aside); err != nil {
			p.log.Error("a refused change could not be set aside", "doc", doc, "err", err)
		}
	})
	return blamed
}

// blameOf is who should have refused a change that the guard refuses: its
// author. Others may have passed it on before they could know.
func (w *waitingChange) blameOf() DeviceID {
	if w.from == w.device {
		return w.from
	}
	return DeviceID{}
}
