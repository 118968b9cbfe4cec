package peer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// What is held of an actor mostly has a head over its last change, by which everybody
// else can take it. It has none where the only one came over a later change, which
// gave way to another branch, or lies beyond a line. That vouches for what comes
// before it, but is over what is no part of this document. So
//
//   - what our own device has written is signed anew;
//   - of what others wrote a head is asked for, by saying that what no head is over
//     is not here: whoever has one sends it;
//   - such a head is taken although what it is over is held, and passed on;
//   - who lacks what no head is over is sent all from there up to the next head, which
//     it need not count to follow the hashes (proof.go).

// headless are the documents in which something is held that no held head is over. The
// zero value is none.
type headless struct {
	lacking map[crdt.DocID]*lackedHeads
	here    map[DeviceID]meeting
	met     int // how many meetings there were
}

// meeting is a connection to a device, and the how manyth it is of all.
type meeting struct {
	session *protocol.Session
	number  int
}

// lackedHeads are those that one document lacks.
type lackedHeads struct {
	// covered is the last change that a head is over, of each actor that has later
	// ones; its zero value where there is none.
	covered map[crdt.ActorID]crdt.Tip
	space   SpaceID
	asked   map[DeviceID]headsAsked
	repeats int
}

// headsAsked is how often a device was asked since when, in which meeting first, when
// last, and how long to wait before the next time.
type headsAsked struct {
	times   int
	began   time.Time
	meeting int
	repeats int // in all
	at      time.Time
	wait    time.Duration
}

// spent reports whether a device is asked no more for a time.
func (a headsAsked) spent() bool { return a.times >= maxHeadsTimes || a.repeats >= maxHeadsRepeats }

const (
	// headsWait is after what time the same one is asked again for a head, then after
	// twice as long: all that it is to be over may come as an answer, without one.
	headsWait = time.Second
	// maxHeadsTimes is how often one is asked, within a quarter of an hour or so, until
	// it connects anew: it may hold more then. That begins over at most each headsAnew.
	maxHeadsTimes = 10
	headsAnew     = time.Minute
	// maxHeadsRepeats is how often one is asked again in all, and maxAllRepeats how
	// often all are, until it is another change that lacks a head. Nobody may have it:
	// who comes to it later passes it on, and who connects is still asked once.
	maxHeadsRepeats = 64
	maxAllRepeats   = 1024
)

// setHeadless notes what a document lacks.
func (b *besides) setHeadless(space SpaceID, doc crdt.DocID, covered map[crdt.ActorID]crdt.Tip) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch l := b.headless.lacking[doc]; {
	case len(covered) == 0:
		delete(b.headless.lacking, doc)
	case l != nil && maps.Equal(l.covered, covered):
	default:
		if b.headless.lacking == nil {
			b.headless.lacking = make(map[crdt.DocID]*lackedHeads)
		}
		b.headless.lacking[doc] = &lackedHeads{covered: covered, space: space, asked: make(map[DeviceID]headsAsked)}
	}
}

// lacksHead reports whether a head is over more of what a document holds than those
// that it has.
func (b *besides) lacksHead(doc crdt.DocID, h trust.Head) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.headless.lacking[doc]
	if l == nil || h.Import {
		return false
	}
	covered, lacks := l.covered[crdt.ActorID(h.Actor)]
	return lacks && h.Seq > covered.Seq
}

// meet notes who is connected.
func (b *besides) meet(here map[DeviceID]*protocol.Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := &b.headless
	maps.DeleteFunc(h.here, func(d DeviceID, m meeting) bool { return here[d] != m.session })
	for d, s := range here {
		if _, known := h.here[d]; known {
			continue
		}
		if h.here == nil {
			h.here = make(map[DeviceID]meeting)
		}
		h.met++
		h.here[d] = meeting{s, h.met}
	}
}

// askedNow is how often a device was asked, anew if it has connected again since.
func (h *headless) askedNow(l *lackedHeads, device DeviceID, now time.Time) headsAsked {
	was, meeting := l.asked[device], h.here[device].number
	if was.times > 0 && was.meeting != meeting && now.Sub(was.began) >= headsAnew {
		was = headsAsked{repeats: was.repeats}
	}
	if was.times == 0 {
		was.began, was.meeting = now, meeting
	}
	return was
}

// toAsk are those of some devices whose turn it is to be asked for what a document
// lacks, and whether any is to be asked again.
func (b *besides) toAsk(doc crdt.DocID, devices []DeviceID, now time.Time) (due []DeviceID, again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.headless.lacking[doc]
	if l == nil {
		return nil, false
	}
	for _, d := range devices {
		was := b.headless.askedNow(l, d, now)
		if was.times > 0 && (was.spent() || l.repeats >= maxAllRepeats) {
			continue
		}
		again = true
		if now.Sub(was.at) < was.wait {
			continue
		}
		if was.times > 0 {
			l.repeats++
			was.repeats++
		}
		was.times, was.at, was.wait = was.times+1, now, max(2*was.wait, headsWait)
		l.asked[d] = was
		due = append(due, d)
	}
	return due, again
}

// unasked are the documents that lack a head for which a device was not asked since it
// has connected, with their spaces.
func (b *besides) unasked(device DeviceID, now time.Time) map[crdt.DocID]SpaceID {
	b.mu.Lock()
	defer b.mu.Unlock()
	docs := make(map[crdt.DocID]SpaceID)
	for doc, l := range b.headless.lacking {
		if b.headless.askedNow(l, device, now).times == 0 {
			docs[doc] = l.space
		}
	}
	return docs
}

// seekOf has heads be sought that were given up, when somebody is there who was not
// asked for them since they have connected.
func (p *Peer) seekOf(sessions []*protocol.Session) {
	p.noteSessions(sessions)
	for _, s := range sessions {
		for doc, space := range p.docs.besides.unasked(s.Peer(), time.Now()) {
			if s.Shares(space) {
				p.lookAtForks(space, doc)
			}
		}
	}
}

// noteSessions notes with whom there is one.
func (p *Peer) noteSessions(sessions []*protocol.Session) {
	here := make(map[DeviceID]*protocol.Session, len(sessions))
	for _, s := range sessions {
		here[s.Peer()] = s
	}
	p.docs.besides.meet(here)
}

// seekHeads sees to heads over what a document holds without. It reports whether
// nothing is left to do, be it that all who are here were asked in vain.
func (p *Peer) seekHeads(ctx context.Context, space SpaceID, doc crdt.DocID) (done bool, err error) {
	at := p.store.Committed(doc)
	covered, err := p.headlessOf(ctx, space, doc, at)
	if err != nil {
		return false, err
	}
	if err := p.signHeadless(ctx, space, doc, at, covered); err != nil {
		return false, fmt.Errorf("sign anew what is left of document %v: %w", doc, err)
	}
	p.docs.besides.setHeadless(space, doc, covered)
	if len(covered) == 0 {
		return true, nil
	}
	for a, tip := range covered {
		if at[a] = tip; tip.Seq == 0 {
			delete(at, a)
		}
	}
	return !p.askForHeads(space, doc, at), nil
}

// askForHeads asks those of the space whose turn it is, and reports whether anybody is
// to be asked again.
func (p *Peer) askForHeads(space SpaceID, doc crdt.DocID, at crdt.Vector) (again bool) {
	sharing := make(map[DeviceID]*protocol.Session)
	sessions := p.sessions()
	p.noteSessions(sessions)
	for _, s := range sessions {
		switch {
		case s.Together(space):
			sharing[s.Peer()] = s
		case s.Shares(space):
			again = true // it is about to tell what it holds
		}
	}
	due, more := p.docs.besides.toAsk(doc, slices.Collect(maps.Keys(sharing)), time.Now())
	for _, d := range due {
		sharing[d].Ask(space, doc, at)
	}
	return again || more
}

// headlessOf are the actors over whose last change, as at tells, no head is held, with
// the last one that a head is over. In a branch, what counts in its origin needs none.
func (p *Peer) headlessOf(ctx context.Context, space SpaceID, doc crdt.DocID, at crdt.Vector) (map[crdt.ActorID]crdt.Tip, error) {
	before, lacking := at.Clone(), make(map[crdt.ActorID]crdt.Tip)
	for a, tip := range at {
		lacking[a] = crdt.Tip{}
		before[a] = crdt.Tip{Seq: tip.Seq - 1}
	}
	heads, err := p.store.HeadsSince(ctx, doc, before)
	if errors.Is(err, store.ErrNoDocument) {
		return nil, nil
	}
	for _, h := range heads {
		delete(lacking, h.Actor)
	}
	if origin := p.originOf(space, doc); err == nil && origin != doc && len(lacking) > 0 {
		err = p.dropHeldIn(ctx, origin, at, lacking)
	}
	if err != nil || len(lacking) == 0 {
		return nil, err
	}
	for a := range lacking {
		delete(before, a)
	}
	heads, err = p.store.HeadsSince(ctx, doc, before)
	for _, h := range heads {
		if tip, ok := lacking[h.Actor]; ok && h.Seq > tip.Seq && h.Seq <= at[h.Actor].Seq {
			lacking[h.Actor] = crdt.Tip{Seq: h.Seq, Hash: h.Hash}
		}
	}
	return lacking, err
}

// dropHeldIn drops the actors whose last change another document holds.
func (p *Peer) dropHeldIn(ctx context.Context, doc crdt.DocID, at crdt.Vector, of map[crdt.ActorID]crdt.Tip) error {
	held := make(map[crdt.Hash]bool)
	for a := range of {
		held[at[a].Hash] = false
	}
	err := p.lookUp(ctx, doc, held)
	maps.DeleteFunc(of, func(a crdt.ActorID, _ crdt.Tip) bool { return held[at[a].Hash] })
	return err
}

// signHeadless signs what is left of our own actors, and takes them out of those that
// lack a head. One who may not write any more signs nothing: such a head would name the
// roster that says so, and be worth nothing.
func (p *Peer) signHeadless(ctx context.Context, space SpaceID, doc crdt.DocID, at crdt.Vector, lacking map[crdt.ActorID]crdt.Tip) error {
	now := p.frontier(space)
	if len(lacking) == 0 || !now.writes {
		return nil
	}
	makers, err := p.store.Makers(ctx, doc)
	if err != nil {
		return err
	}
	origin := p.originOf(space, doc)
	for _, m := range makers {
		for _, of := range []crdt.DocID{doc, origin} {
			actor := trust.ActorID(p.ID(), of, m.Nonce)
			a := crdt.ActorID(actor[:])
			if _, lacks := lacking[a]; !lacks || m.Device != p.ID() {
				continue
			}
			tip := at[a]
			h := trust.SignHead(p.id, space, of, m.Nonce, tip.Seq, tip.Hash, now.statements)
			if err := p.putHead(ctx, space, doc, h, DeviceID{}); err != nil {
				return err
			}
			delete(lacking, a)
		}
	}
	return nil
}

// takeHead takes a verified head over what is held, if its device could write and it
// is within its line, and passes it on.
func (p *Peer) takeHead(ctx context.Context, a *arrival, h trust.Head) {
	st := p.standing(a.Space, signedFor(h, a.Doc, p.originOf(a.Space, a.Doc)), h)
	if !st.known || !st.writes && !st.remarks || h.Seq > st.line {
		return
	}
	err := p.putHead(ctx, a.Space, a.Doc, h, a.From)
	if err != nil && !refusedByStore(err) && ctx.Err() == nil { // it is asked for again
		p.log.Warn("a head over what is held could not be kept", "doc", a.Doc, "err", err)
	}
	p.lookAtForks(a.Space, a.Doc)
}

// putHead stores a head over a change that is held, and passes it on with that.
func (p *Peer) putHead(ctx context.Context, space SpaceID, doc crdt.DocID, h trust.Head, from DeviceID) error {
	e := store.Entry{Doc: doc, Space: space, Heads: []store.Head{toStoreHead(h)}}
	passed := e
	since := p.store.Committed(doc)
	since[crdt.ActorID(h.Actor)] = crdt.Tip{Seq: h.Seq - 1}
	err := p.store.ChangesSince(ctx, doc, since, func(c crdt.Change) error {
		if c.Hash == h.Hash {
			passed.Changes = append(passed.Changes, c)
		}
		return ctx.Err()
	})
	if err != nil || len(passed.Changes) == 0 {
		return err // another one is held of its number
	}
	done := make(chan error, 1)
	e.Done = func(heads []store.Head, err error) {
		if err == nil {
			p.committed(passed, heads, from)
		}
		done <- err
	}
	p.store.Submit(e)
	return <-done // as the disk allows
}
