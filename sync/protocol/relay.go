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
	if d.withheld != nil {
		if d.later == nil {
			d.later = crdt.Vector{}
		}
		d.later.Merge(tips(c.Changes))
		return false
	}
	d.withheld, d.checkAt = tips(c.Changes), time.Now().Add(relayCheck+s.turn(d.id))
	s.relays[d] = struct{}{}
	return true
}

// checkRelays looks after changes that another device was to pass on; under mu.
func (s *Session) checkRelays(now time.Time) time.Duration {
	next := never
	for d := range s.relays {
		if wait := d.checkAt.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		if !d.theirs.Covers(d.withheld) {
			s.fallBehind(d)
		}
		d.withheld, d.later, d.checkAt = d.later, nil, now.Add(relayCheck)
		if d.withheld == nil {
			delete(s.relays, d)
			continue
		}
		next = min(next, relayCheck)
	}
	return next
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
