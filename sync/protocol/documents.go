package protocol

import (
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// docState is what a session knows of a document at the peer.
type docState struct {
	space *spaceState
	id    crdt.DocID
	// theirs is what the peer said it has committed; sent is that and what it
	// was sent on this connection. Neither has gaps: of each actor the peer has,
	// or was sent with a head, all changes up to the one named.
	theirs, sent crdt.Vector

	queue  []Commit // live, to be sent
	queued int      // bytes in queue
	inLive bool     // s.live has it

	// behind says that the peer must be caught up with from the store, and that
	// s.late has it, not to be begun before notBefore; catching that this goes
	// on; requested that the peer has asked for it, and again what it held when it
	// did so while this went on, and had lost what it had said it has.
	behind, catching, requested bool
	again                       crdt.Vector
	notBefore                   time.Time
	// only are the actors of whom something is missing at the peer, nil if that may
	// be all, and doing those of the catch-up that goes on. coming is what the catch-up that goes on will bring, nil if that is
	// much or not known: what is on top of it goes live.
	only, doing map[crdt.ActorID]struct{}
	coming      crdt.Vector
	fresh       bool // something was committed since, which doesn't wait
	failures    int  // in a row
	first       bool // the peer looks at it

	told   crdt.Vector // what we have acknowledged or sent
	inOwed bool        // s.owed has it: there is more
	showed bool        // the peer has sent, so it has committed, more than it said

	// withheld is what another was to pass on to the peer, or what it asked for
	// while it was on its way, to be looked after at checkAt; later is what has come
	// since. Of both, missed is what it asked for. See checkRelays.
	withheld, later, missed crdt.Vector
	checkAt                 time.Time
	// seen is what it had acknowledged of that when we looked last, and patience how
	// long the next look waits, 0 for the least.
	seen     crdt.Vector
	patience time.Duration

	// want is what we hold of a document of which we lack something, to be said
	// at wantAt; lost that we had it and could not take it. asked, wantedAt and
	// wantWait tell of the last time.
	lost             bool
	want, asked      crdt.Vector
	wantAt, wantedAt time.Time
	wantWait         time.Duration
}

// doc finds the state of a document, beginning with what the peer said it
// holds; under mu.
func (sp *spaceState) doc(id crdt.DocID) *docState {
	d := sp.docs[id]
	if d == nil {
		theirs := sp.base(id)
		delete(sp.other, id)
		d = &docState{space: sp, id: id, theirs: theirs.Clone(), sent: theirs.Clone(), told: crdt.Vector{}}
		if sp.synced {
			d.told = sp.ours.Vector(id).Clone() // by our digest or in our vectors
		}
		sp.docs[id] = d
	}
	return d
}

// named is doc for an ID that the peer has named; under mu.
func (sp *spaceState) named(id crdt.DocID) (*docState, error) {
	if _, ok := sp.docs[id]; !ok && sp.other[id] == nil {
		if err := atMost("documents in a space", len(sp.docs)+len(sp.other)+1, MaxDocuments); err != nil {
			return nil, err
		}
	}
	return sp.doc(id), nil
}

// learn notes that the peer has committed what v says. Its room in memory is
// bounded; under mu.
func (d *docState) learn(v crdt.Vector) error {
	before := len(d.theirs) + len(d.sent)
	d.learnMore(v)
	return d.space.grow(len(d.theirs) + len(d.sent) - before)
}

// learnTip is learn of one actor.
func (d *docState) learnTip(a crdt.ActorID, tip crdt.Tip) error {
	before := len(d.theirs) + len(d.sent)
	d.theirs.Advance(a, tip)
	d.sent.Advance(a, tip)
	return d.space.grow(len(d.theirs) + len(d.sent) - before)
}

// learnMore is learn for what we know ourselves; under mu.
func (d *docState) learnMore(v crdt.Vector) {
	d.theirs.Merge(v)
	d.sent.Merge(v)
}

// grow counts what the peer makes us remember; under mu.
func (sp *spaceState) grow(entries int) error {
	sp.entries += entries
	return atMost("actors in a space", sp.entries, 2*MaxEntries)
}

// Push passes on what was just committed, if the peer lacks it. Call it in the
// order of the commits, from one goroutine at a time; it never waits.
func (s *Session) Push(c Commit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[c.Space]
	if sp == nil || s.over {
		return // the comparison to come will find it
	}
	if !sp.synced {
		sp.miss(c, s.peer)
		return
	}
	d := sp.doc(c.Doc)
	s.owe(d)
	// Where many write, most of what is committed has nothing sent at once. To
	// wake every session's writer for each of those would be half of the work.
	wake := !s.ackTimed
	switch {
	case c.From == s.peer:
		advance(d.theirs, c.Changes)
		advance(d.sent, c.Changes)
		d.showed = true
	case d.far() || s.forked(c):
		s.fallBehind(d)
		d.fresh = true
		wake = true
	case s.leftToAnother(c):
		wake = s.withhold(d, c) || wake
	default:
		s.enqueue(d, c)
		wake = true
	}
	if wake {
		s.nudge()
	}
}

// advance adds changes to a vector.
func advance(v crdt.Vector, changes []crdt.Change) {
	for i := range changes {
		c := &changes[i]
		v.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
}

func tips(changes []crdt.Change) crdt.Vector {
	v := make(crdt.Vector, 1)
	advance(v, changes)
	return v
}

// miss notes a commit while it is not known what the peer holds; under mu.
func (sp *spaceState) miss(c Commit, peer [32]byte) {
	if sp.missed[c.Doc] == nil {
		sp.missed[c.Doc] = crdt.Vector{}
	}
	if c.From == peer {
		sp.missed[c.Doc].Merge(tips(c.Changes))
	}
}

// enqueue keeps a commit until the writer comes; a peer too slow for that is
// caught up with from the store later. Under mu.
func (s *Session) enqueue(d *docState, c Commit) {
	size := 0
	for _, ch := range c.Changes {
		size += len(ch.Bytes) + queueCost
	}
	if s.queued+size > maxQueued {
		s.fallBehind(d)
		return
	}
	s.queued += size
	d.queued += size
	d.queue = append(d.queue, c)
	if !d.inLive {
		d.inLive = true
		s.live = append(s.live, d)
	}
}

// dropQueue forgets what waits for the writer; under mu.
func (s *Session) dropQueue(d *docState) {
	s.queued -= d.queued
	d.queue, d.queued = nil, 0
}

// fallBehind leaves all that is missing to a catch-up from the store; under mu.
func (s *Session) fallBehind(d *docState) {
	s.dropQueue(d)
	s.beLate(d)
	d.only = nil
}

// repair leaves what is missing of some actors to a catch-up; under mu.
func (s *Session) repair(d *docState, actors ...crdt.ActorID) {
	if d.behind && d.only == nil {
		return // which brings all
	}
	if d.only == nil {
		d.only = make(map[crdt.ActorID]struct{})
	}
	for _, a := range actors {
		d.only[a] = struct{}{}
	}
	s.beLate(d)
}

func (s *Session) beLate(d *docState) {
	if !d.behind && s.spaces[d.space.id] == d.space {
		d.behind = true
		s.late = append(s.late, d)
	}
}

// far reports whether what is committed now waits for a catch-up too, as much may
// be missing at the peer on which it builds. Where little is, it goes live: else
// one change that is late would bring each later one to the peer in a catch-up of
// its own, for as long as somebody writes. Under mu.
func (d *docState) far() bool { return d.behind && d.only == nil || d.catching && d.coming == nil }

// liveChanges empties the queues; under mu.
func (s *Session) liveChanges() []message {
	var out []message
	for _, d := range s.live {
		d.inLive = false
		queue := d.queue
		s.dropQueue(d)
		p := packer{d: d}
		for _, c := range queue {
			if p.gapBefore(c) { // none of it goes live, so the store brings all of it
				s.repair(d, slices.Collect(maps.Keys(tips(c.Changes)))...)
				continue
			}
			if p.pack(c) {
				s.probeBy(d, c)
			}
		}
		for _, m := range p.finish() {
			out = append(out, s.shorten(m))
		}
	}
	s.live = s.live[:0]
	return out
}

// packer turns commits into messages. The newest head of each actor covers what
// came before it, and one of each span goes with it; changes whose head did not
// fit wait at the peer for the next message.
type packer struct {
	d      *docState
	out    []*changes
	m      *changes
	size   int
	newest []trust.Head // one of each actor and span
}

// pack adds a commit without what the peer has, and reports whether anything is left.
func (p *packer) pack(c Commit) bool {
	added := false
	for _, ch := range c.Changes {
		if ch.Seq > p.d.sent[ch.Actor].Seq {
			p.add(ch)
			added = true
		}
	}
	if !added {
		return false
	}
	for _, h := range c.Heads {
		if len(p.newest) == MaxHeads {
			p.flush()
		}
		p.open()
		p.cover(h)
	}
	return true
}

// cover notes a head, in place of an older one of its span.
func (p *packer) cover(h trust.Head) {
	for i := range slices.Backward(p.newest) {
		if old := &p.newest[i]; old.Actor == h.Actor && sameSpan(old.Seq, h.Seq) {
			if old.Seq < h.Seq {
				*old = h
			}
			return
		}
	}
	p.newest = append(p.newest, h)
}

// gapBefore reports whether something of an actor before a commit neither was sent
// nor is on its way, but was withheld: the store knows what.
func (p *packer) gapBefore(c Commit) bool {
	tip := make(map[crdt.ActorID]uint64, 1)
	for _, ch := range c.Changes {
		at := max(tip[ch.Actor], p.d.sent[ch.Actor].Seq, p.d.coming[ch.Actor].Seq)
		if ch.Seq > at+1 {
			return true
		}
		tip[ch.Actor] = max(at, ch.Seq)
	}
	return false
}

func (p *packer) open() {
	if p.m == nil {
		p.m = &changes{Space: p.d.space.id, Doc: p.d.id}
	}
}

func (p *packer) add(ch crdt.Change) {
	if p.size > 0 && p.size+len(ch.Bytes) > batchSize || p.m != nil && len(p.m.Changes) == MaxChanges {
		p.flush()
	}
	p.open()
	p.m.Changes = append(p.m.Changes, ch.Bytes)
	p.size += len(ch.Bytes)
	tip := crdt.Tip{Seq: ch.Seq, Hash: ch.Hash}
	p.d.sent.Advance(ch.Actor, tip)
	p.d.told.Advance(ch.Actor, tip)
}

func (p *packer) flush() {
	if p.m == nil {
		return
	}
	for _, h := range p.newest {
		p.m.Heads = append(p.m.Heads, toHead(h))
	}
	p.out = append(p.out, p.m)
	p.m, p.newest, p.size = nil, nil, 0
}

func (p *packer) finish() []*changes {
	p.flush()
	return p.out
}
