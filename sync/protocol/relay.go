package protocol

import (
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/identity"
)

// withhold leaves a commit to the device that it came from; under mu.
func (s *Session) withhold(d *docState, c Commit) {
	if d.withheld != nil {
		if d.later == nil {
			d.later = crdt.Vector{}
		}
		d.later.Merge(tips(c.Changes))
		return
	}
	d.withheld, d.checkAt = tips(c.Changes), time.Now().Add(relayCheck)
	s.relays[d] = struct{}{}
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
	clear(s.reaches)
	for _, id := range m.Devices {
		if !id.IsZero() && id != s.me { // what we write only we can pass on
			s.reaches[id] = struct{}{}
		}
	}
	return nil
}
