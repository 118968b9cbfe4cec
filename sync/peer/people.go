package peer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"starling/crdt/store"
	"starling/sync/identity"
)

// appearTime is how long someone who is asked for may take to appear.
const appearTime = 2 * time.Second

// person is a device that we have met, or that is in a space of ours; under
// Peer.mu.
type person struct {
	id           DeviceID
	name, colour string
	paired       bool
	address      string // where it was last reached
	typed        string // what the person here typed to reach it
	seen         time.Time
	// consent is the device's word that it is ours too, the zero value for none,
	// and same whether we take it for that.
	consent []byte
	same    bool
	// writing is held while the row is stored, so that the last one written is the
	// newest. Nobody who has Peer.mu waits for it.
	writing rowLock
}

func (p *Peer) loadPeople(ctx context.Context) error {
	rows, err := p.store.People(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.people[r.Device] = &person{
			id: r.Device, name: CleanName(r.Name), colour: cleanColour(r.Colour), paired: r.Paired,
			address: r.Address, typed: r.Typed, seen: r.Seen, consent: r.Consent, same: r.Same,
		}
	}
	return nil
}

// personLocked finds or makes the entry of a device.
func (p *Peer) personLocked(id DeviceID) *person {
	who := p.people[id]
	if who == nil {
		who = &person{id: id}
		p.people[id] = who
	}
	return who
}

// whoLocked is how a device is shown.
func (p *Peer) whoLocked(id DeviceID) Person {
	if id == p.me.ID {
		return p.me
	}
	who := Person{ID: id}
	if known := p.people[id]; known != nil {
		who.Name, who.Colour = known.name, known.colour
	}
	if who.Name == "" {
		if of := p.personKnownLocked(id); of.Name != "" {
			who.Name, who.Colour = of.Name, cmp.Or(who.Colour, of.Colour)
		}
	}
	if who.Name == "" {
		who.Name = "Someone " + id.Tag()[:4]
	}
	if who.Colour == "" {
		who.Colour = colourFor(id)
	}
	return who
}

// personKnownLocked is the name and the colour of another device of the person whose one
// is or was, or else the name under which they were let into a space, for a device that
// we have never met. Both are "" for one of whom no space tells.
func (p *Peer) personKnownLocked(id DeviceID) (of Person) {
	for _, sp := range p.byAge() {
		if !sp.tells(id) {
			continue
		}
		person, let := sp.everOf(id), ""
		for _, m := range slices.Concat(sp.roster.Members(), sp.roster.Removed()) {
			if m.ID != person {
				continue
			}
			let = CleanName(m.Name)
			for _, d := range slices.Concat(m.Devices, sp.roster.Ever(person)) {
				if d == p.me.ID {
					return p.me
				}
				if known := p.people[d]; known != nil && known.name != "" {
					return Person{Name: known.name, Colour: known.colour}
				}
			}
		}
		of.Name = cmp.Or(of.Name, let)
	}
	return of
}

func (p *Peer) who(id DeviceID) Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whoLocked(id)
}

// knownLocked reports whether a device is paired with us or in a space of ours.
func (p *Peer) knownLocked(id DeviceID) bool {
	if who := p.people[id]; who != nil && who.paired {
		return true
	}
	return len(p.sharedLocked(id)) > 0
}

// sharedLocked are the spaces to which a device and we belong.
func (p *Peer) sharedLocked(id DeviceID) []SpaceID {
	var ids []SpaceID
	for _, sp := range p.spaces {
		if sp.has(id) && sp.has(p.me.ID) {
			ids = append(ids, sp.id)
		}
	}
	slices.SortFunc(ids, SpaceID.Compare)
	return ids
}

// row is the person as it is stored.
func (w *person) row() store.Person {
	return store.Person{
		Device: w.id, Name: w.name, Colour: w.colour, Paired: w.paired,
		Address: w.address, Typed: w.typed, Seen: w.seen, Consent: w.consent, Same: w.same,
	}
}

// remember changes what we know of a device and, if it is worth keeping,
// stores it.
func (p *Peer) remember(id DeviceID, change func(*person)) {
	p.mu.Lock()
	who := p.personLocked(id)
	change(who)
	keep := p.knownLocked(id) || who.typed != "" || len(who.consent) > 0
	p.mu.Unlock()
	if keep {
		p.storeSoon(who)
	}
}

// storePerson stores what we know of a device by now. Two who do so at the same
// time write one after the other, so that none writes over what is newer.
func (p *Peer) storePerson(ctx context.Context, who *person) error {
	who.writing.Lock()
	defer who.writing.Unlock()
	p.mu.Lock()
	row := who.row()
	p.mu.Unlock()
	return p.store.PutPerson(ctx, row)
}

func (p *Peer) storeSoon(who *person) {
	p.background.Go(func() {
		if err := p.storePerson(context.Background(), who); err != nil {
			p.log.Error("a person could not be stored", "id", who.id.Tag(), "err", err)
		}
	})
}

// Peers lists everyone nearby or known, the nearest first.
func (p *Peer) Peers() []PeerInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	byTag := make(map[string]*PeerInfo)
	for id, who := range p.people {
		known := p.knownLocked(id)
		if id == p.me.ID || !known && who.typed == "" {
			continue
		}
		byTag[id.Tag()] = p.infoLocked(id)
	}
	if n := p.net; n != nil {
		for id := range n.links {
			if byTag[id.Tag()] == nil {
				byTag[id.Tag()] = p.infoLocked(id)
			}
		}
		for tag, near := range n.nearby {
			info := byTag[tag]
			if info == nil {
				info = &PeerInfo{Tag: tag}
				if !near.id.IsZero() {
					info = p.infoLocked(near.id)
				}
				byTag[tag] = info
			}
			near.describe(info)
		}
	}
	looks := p.looksLocked()
	out := make([]PeerInfo, 0, len(byTag))
	for _, info := range byTag {
		like := p.takenForLocked(info.ID, info.Name, looks)
		info.LooksLike, info.LooksLikeID = like.name, like.id
		out = append(out, *info)
	}
	slices.SortFunc(out, comparePeers)
	return out
}

func comparePeers(a, b PeerInfo) int {
	rank := func(i PeerInfo) int {
		switch {
		case i.Connected && i.Known:
			return 0
		case i.Known:
			return 1
		default:
			return 2
		}
	}
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
		cmp.Compare(a.Tag, b.Tag),
	)
}

// infoLocked describes a device whose ID is known.
func (p *Peer) infoLocked(id DeviceID) *PeerInfo {
	shown := p.whoLocked(id)
	info := &PeerInfo{
		ID: id, Tag: id.Tag(), Name: shown.Name, Colour: shown.Colour,
		Known: p.knownLocked(id), Spaces: p.sharedLocked(id), Mine: p.mineLocked(id),
		Paired: p.provedLocked(id), NewDeviceOf: p.newDeviceOfLocked(id),
	}
	if who := p.people[id]; who != nil {
		info.Address, info.LastSeen = cmp.Or(who.address, who.typed), who.seen
		if who.seen.Unix() <= 0 {
			info.LastSeen = time.Time{}
		}
	}
	if n := p.net; n != nil {
		if l := n.links[id]; l != nil {
			info.Connected, info.LastSeen = true, time.Now()
			info.Address = l.address
		}
	}
	return info
}

// findPeer resolves the start of an ID among everyone nearby or known. The ID
// is zero while a neighbour has only shown its tag.
func (p *Peer) findPeer(start string) (PeerInfo, error) {
	start = strings.ToLower(strings.TrimSpace(start))
	var found []PeerInfo
	for _, info := range p.Peers() {
		full := info.Tag
		if !info.ID.IsZero() {
			full = info.ID.String()
		}
		// A longer start than the tag fits as far as the tag goes.
		if start != "" && (strings.HasPrefix(full, start) || info.ID.IsZero() && strings.HasPrefix(start, full)) {
			found = append(found, info)
		}
	}
	switch len(found) {
	case 0:
		if start != "" && strings.HasPrefix(p.ID().String(), start) {
			return PeerInfo{}, ErrSelf
		}
		return PeerInfo{}, ErrNoPeer
	case 1:
		if id, err := identity.ParseDeviceID(start); err == nil {
			found[0].ID = id // so that the handshake must show it
		}
		return found[0], nil
	default:
		return PeerInfo{}, ErrAmbiguous
	}
}

// awaitPeer is findPeer for someone who may be about to appear.
func (p *Peer) awaitPeer(ctx context.Context, start string) (PeerInfo, error) {
	sub := p.Subscribe(8)
	defer sub.Close()
	timeout := time.NewTimer(appearTime)
	defer timeout.Stop()
	for {
		info, err := p.findPeer(start)
		if !errors.Is(err, ErrNoPeer) {
			return info, err
		}
		select {
		case <-sub.C():
		case <-timeout.C:
			return info, err
		case <-ctx.Done():
			return info, ctx.Err()
		}
	}
}
