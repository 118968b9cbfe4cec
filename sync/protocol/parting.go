package protocol

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"starling/sync/trust"
)

// part speaks of a space no more in which the peer or we are not, or not by our
// roster. One who shows that it knows the space is told by which statements one
// of us has left; one of whom we have not heard is shown that we know it too, so
// that it tells us why it belongs. So is each if we are out ourselves: it may have
// been taken back, and we with it as one of its devices.
func (s *Session) part(sp Space) error {
	s.mu.Lock()
	s.closeSpace(sp.ID)
	known := s.matched[sp.ID] && s.meeting.tags > 0
	farewell := known && (sp.Removed || sp.Out) && once(&s.meeting.parted, sp.ID)
	answer := known && (sp.Out || !sp.Removed) && once(&s.meeting.shown, sp.ID)
	if known {
		once(&s.meeting.apart, sp.ID)
	}
	s.mu.Unlock()
	if farewell {
		s.sendStatements(sp.ID, s.host.Farewell(sp.ID, s.peer))
	}
	if answer {
		return s.showSpace(sp)
	}
	return nil
}

// hold says nothing more of a space in which the peer or we are not, as part does,
// while the reason can't be told yet.
func (s *Session) hold(sp Space) {
	if !sp.Member {
		s.mu.Lock()
		s.closeSpace(sp.ID)
		s.mu.Unlock()
	}
}

// showSpace shows the peer that we know a space, at a later time than others.
func (s *Session) showSpace(sp Space) error {
	var show []trust.Tag
	for _, secret := range sp.newest() {
		show = append(show, secret.Tag(s.conn.Exporter(), s.me))
	}
	return s.showTags(show)
}

func once(done *map[trust.SpaceID]bool, id trust.SpaceID) bool {
	if (*done)[id] {
		return false
	}
	if *done == nil {
		*done = make(map[trust.SpaceID]bool)
	}
	(*done)[id] = true
	return true
}

// partTime is how long a session stays when one of the two has left a space, so
// that the other hears why.
const partTime = 300 * time.Millisecond

// errParted ends a catch-up of a space that is no longer shared.
var errParted = errors.New("the space is no longer shared")

// speaksOf reports whether a space is still open.
func (s *Session) speaksOf(sp *spaceState) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spaces[sp.id] == sp
}

// watchParting ends a session from which an open space was taken: so nothing
// more of that is sent on any stream. Whatever else they share they find again.
func (s *Session) watchParting(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.meeting.left:
	}
	timer := time.NewTimer(partTime)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		s.conn.Close(nil)
	}
	return nil
}

// closeSpace forgets what was to be sent of a space; under mu.
func (s *Session) closeSpace(id trust.SpaceID) {
	if s.spaces[id] == nil {
		return
	}
	delete(s.spaces, id)
	once(&s.meeting.closed, id)
	select {
	case s.meeting.left <- struct{}{}:
	default:
	}
	here := func(d *docState) bool { return d.space.id == id }
	for _, d := range s.live {
		if here(d) {
			s.queued -= d.queued
		}
	}
	s.live = slices.DeleteFunc(s.live, here)
	s.late = slices.DeleteFunc(s.late, here)
	s.owed = slices.DeleteFunc(s.owed, here)
	maps.DeleteFunc(s.relays, func(d *docState, _ struct{}) bool { return here(d) })
	maps.DeleteFunc(s.wants, func(d *docState, _ struct{}) bool { return here(d) })
	maps.DeleteFunc(s.ahead, func(d *docState, _ time.Time) bool { return here(d) })
}
