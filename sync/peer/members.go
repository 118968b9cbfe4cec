package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"starling/sync/trust"
)

// startsID reports whether text is the start of a device's ID, of four digits at
// least.
func startsID(id DeviceID, text string) bool {
	return len(text) >= 4 && strings.HasPrefix(id.String(), strings.ToLower(text))
}

// parseRole reads a role's name; "" is an editor.
func parseRole(role string) (trust.Role, error) {
	if role == "" {
		return trust.Editor, nil
	}
	if r, ok := trust.ParseRole(role); ok {
		return r, nil
	}
	return 0, fmt.Errorf("%q: %w", role, ErrNoRole)
}

// inWords gives errors of the roster in words of ours.
func inWords(err error) error {
	switch {
	case errors.Is(err, trust.ErrLastOwner):
		return fmt.Errorf("%w: %w", ErrLastOwner, err)
	case errors.Is(err, trust.ErrNotMember):
		return fmt.Errorf("%w: %w", ErrNoMember, err)
	}
	return err
}

// ChangeRole gives a person in a space another role: "owner", "editor", "commenter"
// or "viewer". person is their name or the start of the ID of one of their
// devices. Only an owner may. Of one who may write no more, all that is held here
// goes on counting; it is first waited for what those who are connected hold, and
// fails with [ErrNotAllHere] after 20 s.
func (p *Peer) ChangeRole(ctx context.Context, id SpaceID, person, role string, o LineOptions) (LineReport, error) {
	to, err := parseRole(role)
	if err != nil {
		return LineReport{}, err
	}
	m, err := p.findMember(id, person)
	if err != nil || m.Role == to {
		return LineReport{}, err
	}
	lines, report, err := p.linesFor(ctx, id, m, to, o)
	if err != nil {
		return LineReport{}, err
	}
	return report, inWords(p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Admit(p.id, trust.Admission{
			Subject: m.ID, Name: p.whoLocked(m.ID).Name, Role: to, Lines: lines,
		}, p.now())
	}))
}

// linesFor are the lines of a change to a role: none unless it takes writing away.
// Whether we may change it is seen before anything is waited for.
func (p *Peer) linesFor(ctx context.Context, id SpaceID, m trust.Member, to trust.Role, o LineOptions) ([]trust.Line, LineReport, error) {
	if !m.Role.Writes() || to.Writes() {
		return nil, LineReport{}, nil
	}
	if err := p.mayRemove(id, m.Devices); err != nil {
		return nil, LineReport{}, err
	}
	return p.drawLines(ctx, id, p.devicesOf(id, m.ID), o)
}

// drawLines are the lines of some devices, after all has come that can. Of a person
// these are all that were ever theirs: an actor of a device that was revoked before is
// the person's, too, and would else have no line but 0.
func (p *Peer) drawLines(ctx context.Context, id SpaceID, devices []DeviceID, o LineOptions) ([]trust.Line, LineReport, error) {
	report, err := p.catchUp(ctx, id, devices, o)
	if err != nil {
		return nil, LineReport{}, err
	}
	lines, err := p.linesOf(ctx, id, devices)
	return lines, report, err
}

func (p *Peer) findMember(id SpaceID, person string) (trust.Member, error) {
	sp, err := p.space(id)
	if err != nil {
		return trust.Member{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.memberLocked(sp, person)
}

// Remove takes a person with all their devices out of a space, and renews
// its secret for those who stay. What they have stays with them. Only an owner
// may. It is first waited for what others hold, as by [Peer.ChangeRole].
func (p *Peer) Remove(ctx context.Context, id SpaceID, person string, o LineOptions) (LineReport, error) {
	m, err := p.findMember(id, person)
	if err != nil {
		return LineReport{}, err
	}
	if slices.Contains(m.Devices, p.ID()) {
		return p.LeaveSpace(ctx, id, o)
	}
	return p.remove(ctx, id, m.ID, true, m.Devices, o)
}

// remove states a removal of a person, or of one device, with the lines of the
// devices that go.
func (p *Peer) remove(ctx context.Context, id SpaceID, subject DeviceID, whole bool, devices []DeviceID, o LineOptions) (LineReport, error) {
	if err := p.mayRemove(id, devices); err != nil {
		return LineReport{}, err
	}
	if whole {
		devices = p.devicesOf(id, subject)
	}
	lines, report, err := p.drawLines(ctx, id, devices, o)
	if err != nil {
		return LineReport{}, err
	}
	err = p.renewSecret(ctx, id, func(sp *space, secret trust.Secret) ([]*trust.Statement, error) {
		return sp.roster.Remove(p.id, trust.Removal{Subject: subject, Whole: whole, Lines: lines, Secret: secret}, p.now())
	})
	if err != nil {
		return LineReport{}, inWords(err)
	}
	return report, nil
}

// mayRemove refuses early, before a secret is drawn, what the roster would.
func (p *Peer) mayRemove(id SpaceID, devices []DeviceID) error {
	sp, err := p.space(id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	role, in := sp.roster.Role(p.me.ID)
	me, _ := sp.roster.Person(p.me.ID)
	switch {
	case !in:
		return fmt.Errorf("space %q: %w", sp.roster.Name(), ErrRemoved)
	case role != trust.Owner && slices.ContainsFunc(devices, func(d DeviceID) bool {
		who, _ := sp.roster.Person(d)
		return who != me
	}):
		return fmt.Errorf("space %q: %w", sp.roster.Name(), ErrNotOwner)
	}
	return nil
}

// LeaveSpace takes us, with all our devices, out of a space. What it holds stays
// here, to be read and exported. The last owner can't leave. It is first waited for
// what others hold of ours, as by [Peer.ChangeRole].
func (p *Peer) LeaveSpace(ctx context.Context, id SpaceID, o LineOptions) (LineReport, error) {
	sp, err := p.space(id)
	if err != nil {
		return LineReport{}, err
	}
	p.mu.Lock()
	me, in := sp.roster.Person(p.me.ID)
	name := sp.roster.Name()
	p.mu.Unlock()
	if !in {
		return LineReport{}, fmt.Errorf("leave %q: %w", name, ErrRemoved)
	}
	lines, report, err := p.drawLines(ctx, id, p.devicesOf(id, me), o)
	if err != nil {
		return LineReport{}, err
	}
	err = p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		// We know the secret whatever we draw, so it is for others to renew.
		out, err := sp.roster.Remove(p.id, trust.Removal{Subject: me, Whole: true, Lines: lines}, p.now())
		sp.left = err == nil
		return out, err
	})
	if err != nil {
		return LineReport{}, inWords(err)
	}
	return report, p.storeSpace(ctx, sp)
}

// AddMember makes a person whom we know, paired or from another space, a member
// of a space with a role ("" is editor), or one again who was removed, however they
// had come. One who has left is not taken back without being asked: it fails with
// [ErrLeft]. Only an owner may. It is stored at once, and they learn of it when they are
// met: see [Member.Devices] for whether they are now.
func (p *Peer) AddMember(ctx context.Context, id SpaceID, person, role string) error {
	as, err := parseRole(role)
	if err != nil {
		return err
	}
	if err := p.mayShare(id); err != nil {
		return err
	}
	who, err := p.newcomer(id, person)
	if err != nil {
		return err
	}
	return p.admitAs(ctx, id, who, as, trust.StatementHash{})
}

// findKnown finds someone paired with us or in a space of ours by the start of
// their ID or by their name.
func (p *Peer) findKnown(person string) (PeerInfo, error) {
	var found []PeerInfo
	for _, info := range p.Peers() {
		if info.Known && !info.ID.IsZero() && (info.Name == person || startsID(info.ID, person)) {
			found = append(found, info)
		}
	}
	switch len(found) {
	case 0:
		return PeerInfo{}, fmt.Errorf("add %q: %w; pair with them, or send them an invitation", person, ErrNoPeer)
	case 1:
		return found[0], nil
	default:
		return PeerInfo{}, fmt.Errorf("add %q: %w", person, ErrAmbiguous)
	}
}

// admit makes a device an editor of a space of ours, unless it belongs already.
func (p *Peer) admit(ctx context.Context, id SpaceID, subject Person) error {
	return p.admitAs(ctx, id, subject, trust.Editor, trust.StatementHash{})
}

// admitAs gives a device a role in a space of ours, unless it belongs already.
func (p *Peer) admitAs(ctx context.Context, id SpaceID, subject Person, role trust.Role, invite trust.StatementHash) error {
	return p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		if sp.has(subject.ID) {
			return nil, nil
		}
		return sp.roster.Admit(p.id, trust.Admission{
			Subject: subject.ID, Name: subject.Name, Role: role, Invite: invite,
		}, p.now())
	})
}
