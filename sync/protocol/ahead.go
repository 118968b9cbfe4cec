package protocol

import (
	"time"

	"starling/crdt"
)

// noteAhead sees to it that we ask for what the peer says that it has and we lack,
// if it has not come by another way after a while. Else it might never: whoever
// sent it to the peer may have been an earlier run of ours, whose disk lost it.
func (s *Session) noteAhead(d *docState, theirs crdt.Vector) {
	if s.host.Committed(d.space.id, d.id).Covers(theirs) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.ahead[d]; !ok {
		s.ahead[d] = time.Now().Add(maxPatience)
		s.nudge()
	}
}

// checkAhead asks for what has not come.
func (s *Session) checkAhead(now time.Time) time.Duration {
	next := never
	var due []*docState
	s.mu.Lock()
	for d, at := range s.ahead {
		if wait := at.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		due = append(due, d)
		delete(s.ahead, d)
	}
	s.mu.Unlock()
	for _, d := range due {
		held := s.host.Committed(d.space.id, d.id)
		s.mu.Lock()
		if s.spaces[d.space.id] == d.space && !held.Covers(d.theirs) {
			s.wantLocked(d, held, true)
		}
		s.mu.Unlock()
	}
	return next
}
