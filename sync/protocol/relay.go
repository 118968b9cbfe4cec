package protocol

import (
	"time"

	"starling/crdt"
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
