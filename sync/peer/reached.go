package peer

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// Reached says who has a document as it is committed here. It is told by what
// the devices themselves have acknowledged, or by what others say that these have
// told them, and never guessed.
type Reached struct {
	Saved bool // everything is committed here
	// Err is why editing has stopped, nil while it goes on.
	Err error
	// Reached are the people of whom a device has said that it has committed all
	// that is committed here; Missing are the others. Of the person here each other
	// device is in one of them.
	Reached, Missing []ReachedMember
}

// ReachedMember is a person whom a document has reached, or has not, or another
// device of the person here.
type ReachedMember struct {
	Person
	Mine      bool      // one device, of the person here
	LastSeen  time.Time // a device of theirs; zero for never
	Connected bool      // a device of theirs is
	// By is who says that they have it, in words; "" if they said so here themselves.
	By string

	alike string // a device of mine that is called as the one here is
}

// String is how the person here is told of them.
func (m ReachedMember) String() string {
	words := m.Name
	switch {
	case m.alike != "":
		words = m.alike
	case m.Mine:
		words = "your " + m.Name
	}
	if m.By != "" {
		words += " (as " + m.By + " says)"
	}
	return words
}

// Reach says who has a document. After a restart it knows what it knew before, but
// for what others had said of others; they are asked once more.
func (p *Peer) Reach(ctx context.Context, doc crdt.DocID) (Reached, error) {
	r, _, err := p.reach(ctx, doc)
	return r, err
}

// reach also gives what is closed when those have answered who were asked.
func (p *Peer) reach(ctx context.Context, doc crdt.DocID) (r Reached, answers []<-chan struct{}, err error) {
	held, err := p.store.Document(ctx, doc)
	if err != nil {
		return r, nil, fmt.Errorf("who has document %v: %w", doc, err)
	}
	if err := p.reached.recall(ctx, p.store, doc); err != nil {
		return r, nil, fmt.Errorf("who has document %v: %w", doc, err)
	}
	r.Saved = true
	if d := p.docs.ifOpen(doc); d != nil {
		defer p.docs.release(d)
		r.Saved, r.Err = d.saved(), d.stopped(ErrStopped)
	}
	p.sortMembers(held.Space, doc, &r)
	return r, p.askAround(held.Space, doc, r), nil
}

// sortMembers sorts the members of a space by whether a document has reached them.
func (p *Peer) sortMembers(space SpaceID, doc crdt.DocID, r *Reached) {
	committed, forked := p.store.Committed(doc), p.docs.forkedIn(doc)
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil {
		return
	}
	has := func(d DeviceID) bool { return p.reached.has(d, space, doc, committed, forked) }
	digest := sync.OnceValue(func() [32]byte { return committed.Digest() })
	sort := func(who ReachedMember, devices ...DeviceID) {
		p.seenLocked(&who, devices)
		if !slices.ContainsFunc(devices, has) {
			by, ok := p.hearsay.who(doc, devices, digest(), sp.has)
			if !ok {
				r.Missing = append(r.Missing, who)
				return
			}
			who.By = p.shownLocked(sp, by).String()
		}
		r.Reached = append(r.Reached, who)
	}
	for _, m := range sp.roster.Members() {
		if !slices.Contains(m.Devices, p.me.ID) {
			sort(ReachedMember{Person: p.whoLocked(m.ID)}, m.Devices...)
			continue
		}
		for _, d := range m.Devices {
			if d != p.me.ID {
				sort(p.shownLocked(sp, d), d)
			}
		}
	}
}

// shownLocked is whose device of a space one is, or which one of the person here;
// under mu.
func (p *Peer) shownLocked(sp *space, d DeviceID) ReachedMember {
	me, _ := sp.roster.Person(p.me.ID)
	whose, _ := sp.roster.Person(d)
	if whose != me {
		return ReachedMember{Person: p.whoLocked(whose)}
	}
	out := ReachedMember{Person: p.whoLocked(d), Mine: true}
	if out.Name != p.me.Name {
		return out
	}
	out.alike = "your other device"
	for _, m := range sp.roster.Members() {
		if m.ID == me && len(m.Devices) > 2 {
			out.alike += " " + d.Tag()[:4]
		}
	}
	return out
}

// seenLocked says when somebody was seen last, on any of some devices; under mu.
func (p *Peer) seenLocked(out *ReachedMember, devices []DeviceID) {
	for _, d := range devices {
		if p.net != nil && p.net.links[d] != nil {
			out.Connected = true
		}
		if who := p.people[d]; who != nil && who.seen.After(out.LastSeen) {
			out.LastSeen = who.seen
		}
	}
}

// ackStorage is what a store that remembers over restarts who has what can do
// beside the rest of [Storage]; see [store.Store].
type ackStorage interface {
	PutAcks(device [32]byte, acked map[crdt.DocID]crdt.Vector)
	Acks(ctx context.Context, doc crdt.DocID) (map[[32]byte]crdt.Vector, error)
}

// reached is what each device has said that it has committed. It is safe for
// concurrent use; the zero value is ready.
type reached struct {
	mu      sync.Mutex
	devices map[DeviceID]map[SpaceID]*acked
	// recalled is what devices had said in earlier runs, of documents that
	// somebody has asked about.
	recalled map[crdt.DocID]map[[32]byte]crdt.Vector
}

// maxRecalled is of how many documents earlier runs are remembered in memory.
const maxRecalled = 256

// acked is what a device has of a space: what it said when the two compared,
// most of which is shared with what we hold ourselves, and since.
type acked struct {
	protocol.View
	since map[crdt.DocID]crdt.Vector
	early int // documents in since that were not here then
}

// maxEarly is of how many documents of a space that are not here yet it is
// remembered that a device has them. They may be about to be stored.
const maxEarly = 4096

func (a *acked) vector(doc crdt.DocID) (crdt.Vector, bool) {
	if a == nil {
		return nil, false
	}
	if v, ok := a.since[doc]; ok {
		return v, true
	}
	return a.View.Vector(doc), a.compared()
}

// compared reports whether the device has told of the whole space.
func (a *acked) compared() bool { return a.Same != nil }

// spaces are what a device has; under mu.
func (r *reached) spaces(device DeviceID) map[SpaceID]*acked {
	if r.devices == nil {
		r.devices = make(map[DeviceID]map[SpaceID]*acked)
	}
	if r.devices[device] == nil {
		r.devices[device] = make(map[SpaceID]*acked)
	}
	return r.devices[device]
}

// compared takes what a device said of a space as a whole in place of what it
// had said before, which it returns.
func (r *reached) compared(device DeviceID, space SpaceID, held protocol.View) (before *acked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before = r.spaces(device)[space]
	r.spaces(device)[space] = &acked{View: held, since: make(map[crdt.DocID]crdt.Vector)}
	return before
}

// acknowledged takes what a device has of one document, which may be kept, and
// which may be here.
func (r *reached) acknowledged(device DeviceID, space SpaceID, doc crdt.DocID, held crdt.Vector, here bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spaces := r.spaces(device)
	if spaces[space] == nil {
		spaces[space] = &acked{since: make(map[crdt.DocID]crdt.Vector)}
	}
	a := spaces[space]
	if _, known := a.since[doc]; !known && !here {
		if a.early == maxEarly {
			return
		}
		a.early++
	}
	a.since[doc] = held
}

// has reports whether a device has all of v, by what it said last. Of actors that
// are known to have forked numbers tell nothing, only their last changes; of a fork of
// which we have not heard, a device that is further may have the other branch.
func (r *reached) has(device DeviceID, space SpaceID, doc crdt.DocID, v crdt.Vector, forked []crdt.ActorID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	held, ok := r.devices[device][space].vector(doc)
	if !ok {
		held = r.recalled[doc][device]
	}
	return held.Apart(v, forked).Covers(v)
}

// knows reports whether what earlier runs knew of a document is in memory.
func (r *reached) knows(doc crdt.DocID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.recalled[doc]
	return ok
}

// recall reads what earlier runs knew of a document.
func (r *reached) recall(ctx context.Context, from Storage, doc crdt.DocID) error {
	if r.knows(doc) {
		return nil
	}
	acks := map[[32]byte]crdt.Vector{}
	if st, ok := from.(ackStorage); ok {
		var err error
		if acks, err = st.Acks(ctx, doc); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recalled == nil || len(r.recalled) >= maxRecalled {
		r.recalled = make(map[crdt.DocID]map[[32]byte]crdt.Vector)
	}
	r.recalled[doc] = acks
	return nil
}

// takeAck notes what a device has of one document.
func (p *Peer) takeAck(from DeviceID, space SpaceID, doc crdt.DocID, held crdt.Vector) {
	here := len(p.store.Committed(doc)) > 0
	p.reached.acknowledged(from, space, doc, held, here)
	if !here {
		return // nobody asks who has it
	}
	if st, ok := p.store.(ackStorage); ok {
		st.PutAcks(from, map[crdt.DocID]crdt.Vector{doc: held})
	}
	if p.docs.isOpen(doc) {
		p.hub.emit(StateChanged{doc})
	}
	p.heardOf(protocol.Topic{Space: space, Doc: doc})
}

// takeCompared notes what a device has of a space, and has the store keep what is
// new of it.
func (p *Peer) takeCompared(from DeviceID, space SpaceID, held protocol.View) {
	before := p.reached.compared(from, space, held)
	for _, d := range p.docs.all() {
		if d.space == space {
			p.hub.emit(StateChanged{d.id})
		}
	}
	p.heardOf(protocol.Topic{Space: space})
	p.background.Go(func() {
		ctx := p.upkeep.ctx
		if err := p.keepCompared(ctx, from, space, before, held); err != nil && ctx.Err() == nil {
			p.log.Error("it could not be kept who has what; it is asked again", "space", space, "peer", from.Tag(), "err", err)
		}
	})
}

// keepCompared gives the store what it lacks of what a device has. Where all is
// as it was when that was done last, in this run or an earlier one, that is
// nothing: thousands of documents are written once, and not at each connection.
func (p *Peer) keepCompared(ctx context.Context, from DeviceID, space SpaceID, before *acked, held protocol.View) error {
	st, ok := p.store.(ackStorage)
	if !ok {
		return nil
	}
	setting := "reached/" + hex.EncodeToString(from[:]) + "/" + hex.EncodeToString(space[:])
	digest := held.Same.Digest()
	whole := len(held.Other) == 0
	if last, err := p.store.Get(ctx, setting); err != nil || whole && bytes.Equal(last, digest[:]) {
		return err
	}
	news := make(map[crdt.DocID]crdt.Vector)
	for doc, v := range held.All() {
		if was, ok := before.vector(doc); !ok || !was.Equal(v) {
			news[doc] = v.Clone()
		}
	}
	st.PutAcks(from, news)
	if !whole {
		return nil
	}
	return p.store.Set(ctx, setting, digest[:])
}
