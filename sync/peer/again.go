package peer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"starling/sync/protocol"
	"starling/sync/trust"
)

// ErrRevoked says that a device was removed by itself: it returns by a link to its
// person and no other way.
var ErrRevoked = errors.New("that device was taken out of the space by itself; link it again from another device of its person")

// ErrLeft says that somebody has left a space by themselves: to take them back, they
// are to be asked.
var ErrLeft = errors.New("they have left this space themselves; send them an invitation, or pair with them again and share it: both ask them")

// newcomer finds who is to be added to a space: somebody whom its roster names as
// removed, near or not, with all the devices that it names; or one whom we know, paired
// or from another space. named is a name or the start of a device's ID. One who has
// left is not added so, with [ErrLeft]: nobody has asked them.
func (p *Peer) newcomer(id SpaceID, named string) (Person, error) {
	sp, err := p.space(id)
	if err != nil {
		return Person{}, err
	}
	known := p.Peers()
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.goneLocked(sp, named)
	for _, info := range known {
		if info.Known && !info.ID.IsZero() && (info.Name == named || startsID(info.ID, named)) {
			found = append(found, Person{ID: sp.personOf(info.ID), Name: info.Name})
		}
	}
	slices.SortFunc(found, func(a, b Person) int { return a.ID.Compare(b.ID) })
	found = slices.CompactFunc(found, func(a, b Person) bool { return a.ID == b.ID || p.samePersonLocked(a.ID, b.ID) })
	found = sp.withoutRevoked(found)
	switch {
	case len(found) == 0:
		return Person{}, fmt.Errorf("add %q: %w; pair with them, or send them an invitation", named, ErrNoPeer)
	case len(found) > 1:
		return Person{}, fmt.Errorf("add %q: %w", named, ErrAmbiguous)
	case sp.revoked(found[0].ID), sp.namesTakenOut(found[0].ID, named):
		return Person{}, fmt.Errorf("add %q: %w", named, ErrRevoked)
	case sp.leftBy(found[0].ID):
		return Person{}, fmt.Errorf("add %q: %w", named, ErrLeft)
	}
	return found[0], nil
}

// withoutRevoked leaves out devices that were taken out by themselves, where their
// person, whose name they have, is there too; under mu.
func (sp *space) withoutRevoked(all []Person) []Person {
	ever := func(of, device DeviceID) bool { return slices.Contains(sp.roster.Ever(of), device) }
	return slices.DeleteFunc(slices.Clone(all), func(who Person) bool {
		return sp.revoked(who.ID) && slices.ContainsFunc(all, func(stays Person) bool {
			return !sp.revoked(stays.ID) && (ever(stays.ID, who.ID) || ever(who.ID, stays.ID))
		})
	})
}

// goneLocked lists those who were removed from a space, or have left it, whom a name
// or the start of the ID of one of their devices means.
func (p *Peer) goneLocked(sp *space, named string) (found []Person) {
	for _, m := range sp.roster.Removed() {
		name := CleanName(m.Name)
		if who := p.people[m.ID]; who != nil {
			name = cmp.Or(who.name, name)
		}
		starts := func(d DeviceID) bool { return startsID(d, named) }
		if name == named || p.whoLocked(m.ID).Name == named || starts(m.ID) || slices.ContainsFunc(m.Devices, starts) {
			found = append(found, Person{ID: m.ID, Name: name})
		}
	}
	return found
}

// namesTakenOut reports whether the start of an ID means, of a person's devices, only one
// that was taken out by itself: who returns does so without it.
func (sp *space) namesTakenOut(person DeviceID, named string) bool {
	out := false
	for _, d := range sp.roster.Ever(person) {
		switch {
		case !startsID(d, named):
		case !sp.takenOut(d):
			return false
		default:
			out = true
		}
	}
	return out
}

// gone is the person who was removed, or has left, with a device among theirs.
func (sp *space) gone(device DeviceID) (trust.Member, bool) {
	all := sp.roster.Removed()
	i := slices.IndexFunc(all, func(m trust.Member) bool { return slices.Contains(m.Devices, device) })
	if i < 0 {
		return trust.Member{}, false
	}
	return all[i], true
}

// leftBy reports whether the person of a device has left by themselves.
func (sp *space) leftBy(device DeviceID) bool {
	m, ok := sp.gone(device)
	return ok && m.Left
}

// personOf is whose device one is or was in the space; the device itself for one of
// whom it says nothing.
func (sp *space) personOf(device DeviceID) DeviceID {
	if at, in := sp.roster.Person(device); in {
		return at
	}
	if m, ok := sp.gone(device); ok {
		return m.ID
	}
	return device
}

// revoked reports whether a device was removed by itself, and not with its person:
// no admission brings it back.
func (sp *space) revoked(device DeviceID) bool {
	_, removed := sp.roster.RemovedBy(device)
	_, whole := sp.gone(device)
	return removed && !whole
}

// takenOut reports whether a device was removed by itself and not linked since, whatever
// became of its person.
func (sp *space) takenOut(device DeviceID) bool {
	var linked map[trust.StatementHash]bool
	for _, s := range slices.Backward(sp.roster.Statements()) {
		switch {
		case s.Subject != device:
		case s.Kind == trust.Link:
			for h := range sp.namedBy(s.Hash()) {
				if linked == nil {
					linked = make(map[trust.StatementHash]bool)
				}
				linked[h] = true
			}
		case s.Kind == trust.Remove && !s.Whole && !linked[s.Hash()]:
			return true
		}
	}
	return false
}

// returner is whom an invitation brings back by one of their devices, or in for the
// first time. Whoever has left may come by any. One whom somebody else has removed
// comes only by one whose author knew of all their removals: a link from before is
// not that author's leave. A device that was removed by itself is out.
func (sp *space) returner(device DeviceID, invite trust.StatementHash) (DeviceID, error) {
	if sp.revoked(device) || sp.takenOut(device) {
		return DeviceID{}, protocol.ErrInviteRemoved
	}
	m, ok := sp.gone(device)
	if !ok {
		return device, nil
	}
	own := sp.roster.Ever(m.ID)
	var knew map[trust.StatementHash]bool
	for _, s := range sp.roster.Statements() {
		if s.Kind != trust.Remove || !s.Whole || s.Subject != m.ID || slices.Contains(own, s.Author) {
			continue
		}
		if knew == nil {
			knew = sp.namedBy(invite)
		}
		if !knew[s.Hash()] {
			return DeviceID{}, protocol.ErrInviteRemoved
		}
	}
	return m.ID, nil
}

// returnRole is the role in which an invitation brings somebody in. Who was in the space
// before gets no more than they had there at the end, unless the invitation's author
// knew of every role that others gave them: else who was made a viewer would leave, and
// come back by a link from before.
func (sp *space) returnRole(who DeviceID, invite trust.Invitation) trust.Role {
	m, ok := sp.gone(who)
	if !ok {
		return invite.Role
	}
	own, knew := sp.roster.Ever(m.ID), sp.namedBy(invite.Hash)
	for _, s := range sp.roster.Statements() {
		if s.Kind == trust.Admit && s.Subject == m.ID && !slices.Contains(own, s.Author) && !knew[s.Hash()] {
			return max(invite.Role, m.Role)
		}
	}
	return invite.Role
}

// namedBy are the statements that one names, directly or through others.
func (sp *space) namedBy(hash trust.StatementHash) map[trust.StatementHash]bool {
	named := map[trust.StatementHash]bool{hash: true}
	for _, s := range slices.Backward(sp.roster.Statements()) { // each is before those that name it
		if named[s.Hash()] {
			for _, h := range s.Known {
				named[h] = true
			}
		}
	}
	return named
}

// back reports whether a member has been out of the space before: it remembers the
// space, and may know none of the secrets that we show.
func (sp *space) back(device DeviceID) bool {
	at, in := sp.roster.Person(device)
	return in && slices.ContainsFunc(sp.roster.Statements(), func(s *trust.Statement) bool {
		return s.Kind == trust.Remove && s.Whole && s.Subject == at
	})
}

// bringsLocked reports whether a device and we expect that one of us brings the other
// into a space: our people have paired, we have asked it with a link, or one of the two
// was out of the space and both remember it.
func (p *Peer) bringsLocked(sp *space, device DeviceID) bool {
	if who := p.people[device]; who != nil && who.paired || p.awaitsLocked(device, sp.id) {
		return true
	}
	if !sp.has(p.me.ID) {
		return sp.has(device)
	}
	return sp.back(device)
}

// familiarLocked reports whether a device is no stranger to us: it is known, or it
// belongs to a space that others took us out of, as far as we have heard, and may be
// about to tell us that we are back. Of a space that we have left nobody is.
func (p *Peer) familiarLocked(id DeviceID) bool {
	return p.knownLocked(id) || p.remainsLocked(id, func(sp *space) bool { return !sp.leftBy(p.me.ID) })
}

// remembersLocked reports whether a device is known, or belongs to a space that we
// are out of: it may be about to tell us that we are back, or have not heard yet that we
// have left.
func (p *Peer) remembersLocked(id DeviceID) bool {
	return p.knownLocked(id) || p.remainsLocked(id, func(*space) bool { return true })
}

// remainsLocked reports whether a device belongs to one of some spaces that we are out of.
func (p *Peer) remainsLocked(id DeviceID, some func(*space) bool) bool {
	for _, sp := range p.spaces {
		if !sp.has(p.me.ID) && sp.has(id) && some(sp) {
			return true
		}
	}
	return false
}
