package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/trust"
)

// mineLocked reports whether a device is another one of the person here: linked
// with this one, or in a space of ours by the word of one that is.
func (p *Peer) mineLocked(id DeviceID) bool {
	if who := p.people[id]; who != nil && who.same {
		return true
	}
	for _, sp := range p.spaces {
		me, in := sp.roster.Person(p.me.ID)
		if their, ok := sp.roster.Person(id); in && ok && their == me && id != p.me.ID {
			return true
		}
	}
	return false
}

// deviceLocked is how a device is shown.
func (p *Peer) deviceLocked(id DeviceID) Device {
	d := Device{ID: id, Name: p.whoLocked(id).Name, This: id == p.me.ID, Connected: id == p.me.ID}
	who := p.people[id]
	if who != nil && who.seen.Unix() > 0 {
		d.LastSeen = who.seen
	}
	if who != nil && len(who.consent) > 0 {
		d.Revoked = !p.mineLocked(id)
	}
	if n := p.net; n != nil && n.links[id] != nil {
		d.Connected = true
	}
	if d.Connected {
		d.LastSeen = time.Now()
	}
	return d
}

// Devices lists the devices of the person here, this one first, then those that
// were revoked.
func (p *Peer) Devices(context.Context) ([]Device, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := []Device{p.deviceLocked(p.me.ID)}
	for id, who := range p.people {
		if id != p.me.ID && (len(who.consent) > 0 || p.mineLocked(id)) {
			all = append(all, p.deviceLocked(id))
		}
	}
	slices.SortFunc(all[1:], func(a, b Device) int {
		revoked := func(d Device) int {
			if d.Revoked {
				return 1
			}
			return 0
		}
		return cmp.Or(revoked(a)-revoked(b), cmp.Compare(a.Name, b.Name), a.ID.Compare(b.ID))
	})
	return all, nil
}

// LinkDevice asks another device of the person here, which is nearby or whose
// address is known, to be linked with this one, and returns when the code is
// known on both. When both have confirmed it, both are the same person: each
// brings the other into all its spaces, now and later. See [Peer.StartPairing].
func (p *Peer) LinkDevice(ctx context.Context, start string) (PairingInfo, error) {
	return p.startPairing(ctx, start, wish{link: true})
}

// linked notes that a device is ours, by the consent that it gave, and brings it
// into all our spaces: into those, too, from which it was removed before.
func (p *Peer) linked(ctx context.Context, id DeviceID, consent []byte) error {
	p.mu.Lock()
	who := p.personLocked(id)
	who.same, who.consent = true, consent
	paired := who.paired
	var spaces []SpaceID
	for _, sp := range p.spaces {
		if sp.has(p.me.ID) {
			spaces = append(spaces, sp.id)
		}
	}
	p.mu.Unlock()
	err := p.storePerson(ctx, who)
	for _, s := range spaces {
		err = errors.Join(err, p.link(ctx, s, id, consent))
	}
	p.mu.Lock()
	lost := err == nil && !who.same && !p.revokedLocked(id) // by a space that was not told yet
	if lost {
		who.same, who.paired = true, paired
	}
	p.mu.Unlock()
	if lost {
		err = p.storePerson(ctx, who)
	}
	return err
}

// link states that a device is ours.
func (p *Peer) link(ctx context.Context, to SpaceID, id DeviceID, consent []byte) error {
	return p.amend(ctx, to, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Link(p.id, id, DeviceID{}, consent, p.now())
	})
}

// linkDevices brings our other devices into a space that we have come to, or in
// which somebody else has admitted us anew. One that was removed from it stays
// out, and one that somebody else has linked since is theirs: else both would
// state the opposite without end.
func (p *Peer) linkDevices(ctx context.Context, sp *space) {
	type lacking struct {
		id      DeviceID
		consent []byte
	}
	var lack []lacking
	p.mu.Lock()
	if me, in := sp.roster.Person(p.me.ID); in {
		for id, who := range p.people {
			if !who.same || p.revokedLocked(id) { // the former may not have been noticed yet
				continue
			}
			their, there := sp.roster.Person(id)
			_, removed := sp.roster.RemovedBy(id)
			if !removed && their != me && (!there || their == id) {
				lack = append(lack, lacking{id, who.consent})
			}
		}
	}
	p.mu.Unlock()
	for _, l := range lack {
		if err := p.link(ctx, sp.id, l.id, l.consent); err != nil {
			p.log.Warn("our other device could not be brought into a space", "space", sp.id, "device", l.id.Tag(), "err", err)
		}
	}
}

// noticeRevoked takes a device no longer for ours that another one of ours has
// removed from a space.
func (p *Peer) noticeRevoked() {
	var revoked []*person
	p.mu.Lock()
	for id, who := range p.people {
		if who.same && p.revokedLocked(id) {
			who.same, who.paired = false, false
			revoked = append(revoked, who)
		}
	}
	p.mu.Unlock()
	for _, who := range revoked {
		p.storeSoon(who)
	}
}

func (p *Peer) revokedLocked(id DeviceID) bool {
	for _, sp := range p.spaces {
		me, in := sp.roster.Person(p.me.ID)
		by, removed := sp.roster.RemovedBy(id)
		if author, ok := sp.roster.Person(by); in && removed && ok && author == me {
			return true
		}
	}
	return false
}

// Revoke takes a device, named by the start of its ID or by its name, no
// longer for ours: it is removed from all our spaces, whose secrets are renewed.
// What it holds stays on it. It is first waited for what others hold of it, in each
// space, as by [Peer.ChangeRole]; a device that was stolen may be revoked at once.
func (p *Peer) Revoke(ctx context.Context, start string, o LineOptions) (LineReport, error) {
	id, err := p.findDevice(ctx, start)
	if err != nil {
		return LineReport{}, fmt.Errorf("revoke %q: %w", start, err)
	}
	spaces := p.spacesOfMine(id)
	for _, s := range spaces { // before anything is changed
		if _, err := p.catchUp(ctx, s, []DeviceID{id}, o); err != nil {
			return LineReport{}, fmt.Errorf("revoke %q: %w", start, err)
		}
	}
	p.mu.Lock()
	who := p.personLocked(id)
	who.same, who.paired = false, false
	p.mu.Unlock()
	err = p.storePerson(ctx, who)
	var report LineReport
	for _, s := range spaces {
		drawn, failed := p.remove(ctx, s, id, false, []DeviceID{id}, LineOptions{Now: true}) // it was waited for
		report.Alone = report.Alone || drawn.Alone
		err = errors.Join(err, failed)
	}
	p.hub.emit(PeersChanged{})
	return report, err
}

// spacesOfMine are the spaces in which a device is ours.
func (p *Peer) spacesOfMine(id DeviceID) (spaces []SpaceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, sp := range p.spaces {
		me, in := sp.roster.Person(p.me.ID)
		if their, ok := sp.roster.Person(id); in && ok && their == me {
			spaces = append(spaces, sp.id)
		}
	}
	return spaces
}

func (p *Peer) findDevice(ctx context.Context, start string) (DeviceID, error) {
	all, err := p.Devices(ctx)
	if err != nil {
		return DeviceID{}, err
	}
	var found []DeviceID
	for _, d := range all {
		switch {
		case d.Revoked || d.Name != start && !startsID(d.ID, start):
		case d.This && startsID(d.ID, start):
			return DeviceID{}, ErrRevokeSelf
		default: // this one too: of two that have one name neither is meant
			found = append(found, d.ID)
		}
	}
	if len(found) == 1 && found[0] == p.ID() {
		return DeviceID{}, ErrRevokeSelf
	}
	switch len(found) {
	case 0:
		return DeviceID{}, ErrNoDevice
	case 1:
		return found[0], nil
	default:
		return DeviceID{}, ErrAmbiguous
	}
}
