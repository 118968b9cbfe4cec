package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

const (
	// maxClaims is of how many devices it is remembered whose they are said to be,
	// and maxClaimsBy of how many of them by one device's word.
	maxClaims   = 64
	maxClaimsBy = 8
	// consentTime is how long a device may take to say whose it is.
	consentTime = 10 * time.Second
	// keyClaims is where claims are stored.
	keyClaims = "claims"
)

var (
	// ErrNoClaim says that nobody says of a device whose new one it is.
	ErrNoClaim = errors.New("no such device waits to be taken for somebody's new one")
	// ErrNothingShared says that a device can't be linked anywhere.
	ErrNothingShared = errors.New("you share no space with that person, so there is nothing that the device could be linked in")
	// ErrUnproved says that a name is somebody's with whom no code was compared.
	ErrUnproved = errors.New("you have compared no code with anybody of that name, who may be anyone; let them link the device from one of theirs, or give the start of their ID")
	// ErrOwnDevice says that a device is said to be of the person here.
	ErrOwnDevice = errors.New("that is you; to make it a device of yours, link it")
	// ErrNoConsent says that a device does not say whose it is.
	ErrNoConsent = errors.New("the device does not say that it is that person's; pair with it first, or link it from one of theirs")
)

// NewDevice is a device of which somebody says that it is a known person's new
// one. It waits until that person, on a device that is trusted already, or an
// owner of the space says so too: see [Peer.AcceptDevice].
type NewDevice struct {
	Device Person // as it calls itself
	Of     Person
	By     Person // who says so
	// Spaces are those in which it waits, Mine those of them for which the person
	// here may answer.
	Spaces, Mine []SpaceID
}

// newDevice is the word of the device by that another one is a new one of the person
// whose device to is; under Peer.mu.
type newDevice struct {
	protocol.Claim
	by      DeviceID
	refused bool // by the person here
	told    map[*protocol.Session]bool
}

// waitsLocked lists the spaces in which a claim is still to be signed: both who
// makes it and the person belong, and the device is neither that person's nor
// was removed, nor would it lose a role by the link.
func (p *Peer) waitsLocked(c *newDevice) []*space {
	var out []*space
	for _, sp := range p.spaces {
		person, in := sp.roster.Person(c.To)
		if !in || !sp.has(p.me.ID) || !sp.has(c.by) {
			continue
		}
		theirs, _ := sp.roster.Role(c.To)
		role, has := sp.roster.Role(c.Device)
		at, _ := sp.roster.Person(c.Device)
		if _, removed := sp.roster.RemovedBy(c.Device); removed || has && (at == person || role < theirs) {
			continue
		}
		out = append(out, sp)
	}
	slices.SortFunc(out, func(a, b *space) int { return a.id.Compare(b.id) })
	return out
}

// signs reports whether a device may say in a space whose another one is: an
// owner's, or that person's.
func (sp *space) signs(device, to DeviceID) bool {
	role, in := sp.roster.Role(device)
	person, known := sp.roster.Person(to)
	mine, _ := sp.roster.Person(device)
	return in && known && (role == trust.Owner || mine == person)
}

// ConfirmAs is [Peer.ConfirmPairing] with the answer to the question whose new
// device a stranger is that looks like somebody known: person is the start of the ID
// of one of that one's devices, or their name if the person here has compared a code
// with them. When both have confirmed, the
// stranger is asked for its consent and linked in all spaces of that person's of
// which we are an owner; in the others that we are in it waits for one, or for
// that person: see [Peer.NewDevices].
func (p *Peer) ConfirmAs(code, person string, space SpaceID) error {
	if err := p.mayShare(space); err != nil {
		return err
	}
	pa, err := p.onlyByCode(code)
	if err != nil {
		return err
	}
	p.mu.Lock()
	to, err := p.deviceOfLocked(pa.id, person)
	link := pa.link || pa.seen.Link
	switch {
	case err != nil:
	case link:
		err = protocol.ErrPairingOther
	default:
		if err = p.answerLocked(pa, to); err == nil && space != (SpaceID{}) {
			pa.space = space
		}
	}
	p.mu.Unlock()
	if errors.Is(err, ErrAnswered) {
		return err // which says it all
	}
	if err != nil {
		return fmt.Errorf("confirm %s as a device of %q: %w", code, person, err)
	}
	return pa.session.ConfirmPairing()
}

// AddDevice says of somebody with whom we have paired that it is a known person's
// new device, as [Peer.ConfirmAs] does. Both are named by their names or the
// starts of their IDs. It returns when the device has consented and is linked
// where we are an owner.
func (p *Peer) AddDevice(ctx context.Context, device, person string) error {
	info, err := p.findKnown(device)
	if err != nil {
		return err
	}
	p.mu.Lock()
	to, err := p.deviceOfLocked(info.ID, person)
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("add %s as a device of %q: %w", info.Tag, person, err)
	}
	n, err := p.network()
	if err != nil {
		return err
	}
	s, err := n.reach(ctx, info)
	if err != nil {
		return fmt.Errorf("add %s as a device of %q: %w", info.Tag, person, err)
	}
	return p.takeAs(ctx, s, to)
}

// deviceOfLocked finds a person in our spaces, other than the newcomer, by a device
// of theirs. A name finds only those with whom the person here has compared a code:
// others have come to a space under a name of their choice.
func (p *Peer) deviceOfLocked(newcomer DeviceID, named string) (DeviceID, error) {
	found, others := p.namedLocked(newcomer, named)
	if len(found) == 0 {
		if others {
			return DeviceID{}, ErrUnproved
		}
		return DeviceID{}, ErrNoPeer
	}
	for _, id := range found[1:] {
		if !p.samePersonLocked(found[0], id) {
			return DeviceID{}, ErrAmbiguous
		}
	}
	of := slices.MinFunc(found, DeviceID.Compare)
	switch {
	case of == p.me.ID || p.mineLocked(of):
		return DeviceID{}, ErrOwnDevice
	case len(p.sharedLocked(of)) == 0:
		return DeviceID{}, ErrNothingShared
	}
	return of, nil
}

// namedLocked lists the known devices, other than the newcomer, that a name or the
// start of an ID means. others says that the name is somebody's with whom no code was
// compared.
func (p *Peer) namedLocked(newcomer DeviceID, named string) (found []DeviceID, others bool) {
	_, err := identity.ParseDeviceID(named)
	whole := err == nil
	consider := func(id DeviceID, name string) {
		switch {
		case startsID(id, named):
			found = append(found, id)
		case whole || name != named:
		case p.provedLocked(id):
			found = append(found, id)
		default:
			others = true
		}
	}
	consider(p.me.ID, p.me.Name)
	for id := range p.people {
		if id != newcomer && id != p.me.ID && p.knownLocked(id) {
			consider(id, p.whoLocked(id).Name)
		}
	}
	return found, others
}

// asking is a question to a device whose it is; under Peer.mu.
type asking struct {
	device, to DeviceID
	answer     chan *protocol.Claim // takes one, nil for no
}

// takeAs asks a device for its consent to be the same person as another one, and
// links it where we may.
func (p *Peer) takeAs(ctx context.Context, s *protocol.Session, to DeviceID) error {
	ctx, cancel := context.WithTimeout(ctx, consentTime)
	defer cancel()
	a := &asking{device: s.Peer(), to: to, answer: make(chan *protocol.Claim, 1)}
	p.mu.Lock()
	p.asks = append(p.asks, a)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.asks = slices.DeleteFunc(p.asks, func(b *asking) bool { return b == a })
		p.mu.Unlock()
	}()
	s.AskConsent(to)
	var got *protocol.Claim
	select {
	case got = <-a.answer:
	case <-ctx.Done():
	}
	if got == nil {
		return fmt.Errorf("device %s: %w", s.Peer().Tag(), ErrNoConsent)
	}
	p.mu.Lock()
	c := &newDevice{Claim: *got, by: p.me.ID}
	p.claims[c.Device] = c
	p.mu.Unlock()
	return p.sign(ctx, c)
}

// answered hands an answer to those who wait for it.
func (p *Peer) answered(device, to DeviceID, got *protocol.Claim) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.asks {
		if a.device == device && a.to == to {
			select {
			case a.answer <- got:
			default: // it has one
			}
		}
	}
}

// sign links a device in all spaces in which it waits and we may say so. The
// others are told by the refresher.
func (p *Peer) sign(ctx context.Context, c *newDevice) error {
	p.mu.Lock()
	waits := p.waitsLocked(c)
	p.mu.Unlock()
	var err error
	for _, sp := range waits {
		err = errors.Join(err, p.amend(ctx, sp.id, func(sp *space) ([]*trust.Statement, error) {
			if !sp.signs(p.me.ID, c.To) {
				return nil, nil
			}
			person, _ := sp.roster.Person(c.To)
			return sp.roster.Link(p.id, c.Device, person, c.Consent[:], p.now())
		}))
	}
	p.log.Info("taken for a known person's device", "device", c.Device.Tag(), "of", c.To.Tag(), "by", c.by.Tag(), "err", err)
	p.refreshSessions()
	p.hub.emit(PeersChanged{})
	return errors.Join(err, p.storeClaims(ctx))
}

// consentFor gives our consent to be the same person as a device to somebody with
// whom the person here has paired: they say so, and it is for an owner or that
// person to believe it. It opens nothing of ours to anyone.
func (p *Peer) consentFor(peer, to DeviceID) []byte {
	p.mu.Lock()
	who := p.people[peer]
	paired := who != nil && who.paired
	p.mu.Unlock()
	if !paired || to.IsZero() || to == p.ID() {
		return nil
	}
	p.log.Info("said to be a person's device", "by", peer.Tag(), "of", to.Tag())
	return trust.Consent(p.id, to)
}

// takeClaim takes an answer to a question of ours, or what a member of a space
// says of another device there. That waits for the person here, if it is for them
// to say.
func (p *Peer) takeClaim(ctx context.Context, from DeviceID, got protocol.Claim) error {
	if got.Device == from {
		p.answered(from, got.To, &got)
		return nil
	}
	c := &newDevice{Claim: got, by: from}
	p.mu.Lock()
	welcome := got.Device != p.me.ID && p.roomForLocked(c) &&
		slices.ContainsFunc(p.waitsLocked(c), func(sp *space) bool { return sp.signs(p.me.ID, c.To) })
	if welcome {
		p.claims[c.Device] = c
	}
	p.mu.Unlock()
	if !welcome {
		return nil
	}
	p.hub.emit(PeersChanged{})
	return p.storeClaims(ctx)
}

// roomForLocked reports whether a claim that came is to be kept: nobody here has
// said anything of the device, and there are not too many.
func (p *Peer) roomForLocked(c *newDevice) bool {
	if old := p.claims[c.Device]; old != nil {
		return !old.refused && old.by == c.by && old.Claim != c.Claim
	}
	by := 0
	for _, other := range p.claims {
		if other.by == c.by {
			by++
		}
	}
	return len(p.claims) < maxClaims && by < maxClaimsBy
}

// tellClaims tells those who may sign what the person here says of a device. It
// is called by the refresher alone.
func (p *Peer) tellClaims(sessions []*protocol.Session) {
	type news struct {
		to    *protocol.Session
		claim protocol.Claim
	}
	var all []news
	p.mu.Lock()
	for _, c := range p.claims {
		if c.by != p.me.ID {
			continue
		}
		waits := p.waitsLocked(c)
		told := make(map[*protocol.Session]bool)
		for _, s := range sessions {
			told[s] = c.told[s]
			signs := func(sp *space) bool { return sp.signs(s.Peer(), c.To) && s.Shares(sp.id) }
			if !told[s] && slices.ContainsFunc(waits, signs) {
				told[s] = true
				all = append(all, news{s, c.Claim})
			}
		}
		c.told = told
	}
	p.mu.Unlock()
	for _, n := range all {
		n.to.PushClaim(n.claim)
	}
}

// NewDevices lists the devices that wait to be taken for a known person's new
// ones, by their names.
func (p *Peer) NewDevices() []NewDevice {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []NewDevice
	for _, c := range p.claims {
		if c.refused {
			continue
		}
		d := NewDevice{Device: p.whoLocked(c.Device), Of: p.whoLocked(c.To), By: p.whoLocked(c.by)}
		for _, sp := range p.waitsLocked(c) {
			d.Spaces = append(d.Spaces, sp.id)
			if sp.signs(p.me.ID, c.To) {
				d.Mine = append(d.Mine, sp.id)
			}
		}
		if len(d.Spaces) > 0 {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b NewDevice) int {
		return cmp.Or(cmp.Compare(a.Device.Name, b.Device.Name), a.Device.ID.Compare(b.Device.ID))
	})
	return out
}

// newDeviceOfLocked is the name of the person whose new device somebody says that
// a device is, while that waits, "" for none.
func (p *Peer) newDeviceOfLocked(id DeviceID) string {
	if c := p.claims[id]; c != nil && !c.refused && len(p.waitsLocked(c)) > 0 {
		return p.whoLocked(c.To).Name
	}
	return ""
}

// AcceptDevice says of a device that waits, named by the start of its ID or by its
// name, that it is that person's: it is linked in those spaces of which we are an
// owner, or in which it is to be ours. It gets no other spaces of ours.
func (p *Peer) AcceptDevice(ctx context.Context, start string) error {
	d, err := p.findNewDevice(start)
	if err != nil {
		return err
	}
	if len(d.Mine) == 0 {
		return fmt.Errorf("accept %q as a device of %q: %w", start, d.Of.Name, ErrNotOwner)
	}
	p.mu.Lock()
	c := p.claims[d.Device.ID]
	p.mu.Unlock()
	return p.sign(ctx, c)
}

// RefuseDevice says that a device that waits is not that person's. Nobody is told;
// the person here is not asked again.
func (p *Peer) RefuseDevice(ctx context.Context, start string) error {
	d, err := p.findNewDevice(start)
	if err != nil {
		return err
	}
	p.mu.Lock()
	if c := p.claims[d.Device.ID]; c.by == p.me.ID {
		delete(p.claims, c.Device)
	} else {
		c.refused = true
	}
	p.mu.Unlock()
	p.hub.emit(PeersChanged{})
	return p.storeClaims(ctx)
}

func (p *Peer) findNewDevice(start string) (NewDevice, error) {
	var found []NewDevice
	for _, d := range p.NewDevices() {
		if d.Device.Name == start || startsID(d.Device.ID, start) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return NewDevice{}, fmt.Errorf("%q: %w", start, ErrNoClaim)
	case 1:
		return found[0], nil
	default:
		return NewDevice{}, fmt.Errorf("%q: %w", start, ErrAmbiguous)
	}
}
