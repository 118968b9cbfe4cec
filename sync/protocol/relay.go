package protocol

import (
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// leftToAnother reports whether the peer gets a commit without us: from the device
// that we have it from, from those who wrote it, or from another one that has it
// from there and is connected with the peer. Of those that could pass it on one
// does, the nearest to the document; if it fails to, the others do so after
// relayCheck. Under mu.
func (s *Session) leftToAnother(c Commit) bool {
	if _, ok := s.reaches[c.From]; ok {
		return true
	}
	if !c.From.IsZero() && len(c.Heads) > 0 && !slices.ContainsFunc(c.Heads, func(h trust.Head) bool {
		_, ok := s.reaches[h.Device]
		return !ok
	}) {
		return true
	}
	for _, other := range c.Also {
		if _, ok := s.reaches[other]; ok && other != s.peer && nearer(c.Doc, other, s.me) {
			return true
		}
	}
	return false
}

// nearer reports whether a is nearer to a document than b, in a measure that
// spreads the work of passing on over devices.
func nearer(doc crdt.DocID, a, b identity.DeviceID) bool {
	for i := range doc {
		if x, y := a[i]^doc[i], b[i]^doc[i]; x != y {
			return x < y
		}
	}
	return a.Compare(b) < 0
}

// turn is how much later than others we look whether something was passed on, so
// that not all do at the same time.
func (s *Session) turn(doc crdt.DocID) time.Duration {
	return relayCheck * time.Duration(s.me[0]^doc[0]) / 256
}

// Reaches are the devices with which the peer says that it is connected, of those
// in spaces that it shares with us. The map must not be written to.
func (s *Session) Reaches() map[identity.DeviceID]struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reaches
}

// withhold leaves a commit to the device that it came from, and reports whether
// the writer doesn't know yet when to look after the document; under mu.
func (s *Session) withhold(d *docState, c Commit) (untimed bool) {
	if d.later != nil { // each session is asked this for each change of others
		advance(d.later, c.Changes)
		return false
	}
	untimed = d.withheld == nil
	s.watch(d, tips(c.Changes), time.Now())
	return untimed
}

// watch has it looked after whether the peer has got something: in a while or, if
// there is something else that waits for that, in the turn after; under mu.
func (s *Session) watch(d *docState, v crdt.Vector, now time.Time) {
	if d.withheld != nil {
		if d.later == nil {
			d.later = crdt.Vector{}
		}
		d.later.Merge(v)
		return
	}
	d.withheld, d.checkAt = v, now.Add(max(d.patience, relayCheck)+s.turn(d.id))
	d.look()
	s.relays[d] = struct{}{}
}

// look notes what the peer has acknowledged of what is withheld; under mu.
func (d *docState) look() {
	if d.seen == nil {
		d.seen = make(crdt.Vector, len(d.withheld))
	}
	clear(d.seen)
	for a := range d.withheld {
		d.seen[a] = d.theirs[a]
	}
}

// checkRelays looks after changes that another device was to pass on, or that were
// on their way when the peer asked for them; under mu.
//
// A peer that is busy acknowledges late. To send it once more what is still on its
// way would keep it, and us, busier; so it is given twice the time by which it is
// late with what we wrote, what moves on, actor by actor, more of it, and after each
// repair the next one waits longer.
func (s *Session) checkRelays(now time.Time) time.Duration {
	next := never
	for d := range s.relays {
		if wait := d.checkAt.Add(2 * s.lateness(now)).Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		again := s.checkRelay(d, now)
		if d.later == nil && d.withheld == nil {
			delete(s.relays, d)
			continue
		}
		d.checkAt = now.Add(again)
		next = min(next, again)
	}
	return next
}

// checkRelay looks after one document, and returns when to do so again; under mu.
func (s *Session) checkRelay(d *docState, now time.Time) (again time.Duration) {
	again = max(d.patience, relayCheck)
	moving := crdt.Vector{}
	var stuck []crdt.ActorID
	for a, tip := range d.withheld {
		switch has := d.theirs[a].Seq; {
		case has >= tip.Seq:
			if has >= d.missed[a].Seq {
				delete(d.missed, a)
			}
		case d.catching || has > d.seen[a].Seq:
			moving[a] = tip
		case d.missed.Has(a, 1):
			d.unsend(a)
			stuck = append(stuck, a)
		case !d.sent.Has(a, tip.Seq): // by us, meanwhile
			stuck = append(stuck, a)
		}
	}
	switch {
	case len(stuck) > 0:
		d.patience = min(2*again, maxPatience)
		s.repair(d, stuck...)
	case len(moving) == 0:
		d.patience /= 2
	}
	d.withheld, d.later = d.later, nil
	if len(moving) > 0 {
		moving.Merge(d.withheld)
		d.withheld = moving
	}
	d.look()
	return again
}

// probe is a change that was sent live and is not acknowledged; d is nil for none.
type probe struct {
	d     *docState
	actor crdt.ActorID
	seq   uint64
	at    time.Time
}

// probeBy has a commit of which something was just sent live tell how late the peer
// acknowledges; under mu.
func (s *Session) probeBy(d *docState, c Commit) {
	last := c.Changes[len(c.Changes)-1]
	if s.probe.d != nil || d.theirs.Has(last.Actor, last.Seq) {
		return
	}
	s.probe = probe{d, last.Actor, last.Seq, time.Now()}
}

// heard sees whether the peer has acknowledged what tells how late it is; under mu.
func (s *Session) heard(d *docState) {
	if s.probe.d == d && d.theirs.Has(s.probe.actor, s.probe.seq) {
		s.lag, s.lagKnown = max(time.Since(s.probe.at)-ackAlone, s.lag/2), true
		s.probe = probe{}
	}
}

// lateness is by how much the peer acknowledges later than one that is not busy, as
// far as is known; under mu.
func (s *Session) lateness(now time.Time) time.Duration {
	age := now.Sub(s.probe.at) - ackAlone
	if s.probe.d == nil || s.probe.d.theirs.Has(s.probe.actor, s.probe.seq) || age >= maxPatience {
		// It may never be acknowledged: the peer has sent it too, the space was closed, or
		// nothing counts there.
		s.probe, age = probe{}, 0
	}
	if !s.lagKnown {
		return 0
	}
	return min(max(s.lag, age, 0), maxPatience)
}

// unsend takes it that the peer has let go of what it was sent of an actor and has
// not acknowledged; under mu.
func (d *docState) unsend(a crdt.ActorID) {
	delete(d.missed, a)
	if d.sent[a] = d.theirs[a]; d.sent[a].Seq == 0 {
		delete(d.sent, a)
	}
}

// SetReach tells the peer with whom else we are connected, unless it knows. Only
// the latest counts.
func (s *Session) SetReach(devices []identity.DeviceID) {
	devices = slices.SortedFunc(slices.Values(devices), identity.DeviceID.Compare)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach = devices[:min(len(devices), MaxReach)]
	s.nudge()
}

// movedReach is what has changed of our reach; under mu.
func (s *Session) movedReach() []message {
	if slices.Equal(s.reach, s.toldReach) {
		return nil
	}
	s.toldReach = s.reach
	return []message{&reach{s.reach}}
}

func (s *Session) onReach(m *reach) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reaches = make(map[identity.DeviceID]struct{}, len(m.Devices)) // others may hold the old one
	for _, id := range m.Devices {
		if !id.IsZero() && id != s.me { // what we write only we can pass on
			s.reaches[id] = struct{}{}
		}
	}
	return nil
}
