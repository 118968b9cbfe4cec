package simulation

import (
	"context"
	"errors"
	"time"

	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/protocol"
)

// rosterDeeds change who belongs to the space and what they may.
var rosterDeeds = []deed{
	{"another role", 5, (*world).changingRole, true},
	{"remove", 4, (*world).removing, true},
	{"add", 3, (*world).adding, true},
	{"invite", 3, (*world).inviting, true},
	{"cancel an invitation", 1, (*world).cancelling, true},
	{"pair", 1, (*world).pairing, true},
	{"link a device", 3, (*world).linking, true},
	{"revoke a device", 2, (*world).revoking, true},
	{"leave the space", 1, (*world).leavingSpace, true},
}

// owner draws one who is up and holds itself for an owner, nil if there is none.
func (w *world) owner() *person {
	var owners []*person
	for _, p := range w.present() {
		if p.role() == "owner" {
			owners = append(owners, p)
		}
	}
	if len(owners) == 0 {
		return nil
	}
	return owners[w.rng.IntN(len(owners))]
}

// role is what a person holds their own to be, "" outside of the space.
func (p *person) role() string {
	if s := p.space(); s != nil && !s.Left && s.RemovedBy.ID.IsZero() {
		return s.Role
	}
	return ""
}

// space is the space as a person sees it, nil if they have not come to it.
func (p *person) space() *peer.Space {
	all, err := p.Spaces(context.Background())
	if err != nil || len(all) == 0 {
		return nil
	}
	return &all[0]
}

// state has somebody do something to the roster, and notes what came of it.
func (w *world) state(p *person, what string, whom *person, do func(context.Context, string) (peer.LineReport, error)) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := do(ctx, whom.id.ID().String())
	if err != nil {
		w.log("%s can't %s %s: %v", p.name, what, whom.name, err)
		return false
	}
	w.log("%s: %s %s", p.name, what, whom.name)
	w.count.add(what)
	return true
}

func (w *world) anybody() *person { return w.people[w.rng.IntN(len(w.people))] }

func (w *world) changingRole() {
	by, whom := w.owner(), w.anybody()
	if by == nil || by == whom && w.rng.IntN(4) > 0 {
		return
	}
	role := []string{"owner", "owner", "owner", "editor", "editor", "commenter", "viewer"}[w.rng.IntN(7)]
	w.model.rule(by, whom.id.ID())
	w.model.blame(whom.id.ID())
	w.state(by, "make "+role, whom, func(ctx context.Context, who string) (peer.LineReport, error) {
		return by.ChangeRole(ctx, w.space, who, role, peer.LineOptions{})
	})
}

func (w *world) removing() {
	by, whom := w.owner(), w.anybody()
	if by == nil || by == whom {
		return
	}
	w.model.rule(by, whom.id.ID())
	w.model.blame(whom.id.ID())
	w.state(by, "remove", whom, func(ctx context.Context, who string) (peer.LineReport, error) {
		return by.Remove(ctx, w.space, who, peer.LineOptions{})
	})
}

func (w *world) adding() {
	by := w.owner()
	if by == nil {
		return
	}
	for _, whom := range w.people {
		if by != whom && (!whom.up() || whom.role() == "") {
			if w.state(by, "add", whom, func(ctx context.Context, who string) (peer.LineReport, error) {
				return peer.LineReport{}, by.AddMember(ctx, w.space, who, "")
			}) {
				return
			}
		}
	}
}

// inviting has an owner make a link, and somebody who is outside follow it.
func (w *world) inviting() {
	by, whom := w.owner(), w.outsider()
	if by == nil || whom == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	o := peer.InviteOptions{Count: w.rng.IntN(3)}
	if w.plan.clocks && w.rng.IntN(2) == 0 {
		o.Expires = time.Hour
		whom.ahead.Store(int64(2 * time.Hour)) // by whose clock it is over
	}
	invite, err := by.Invite(ctx, w.space, o)
	if err != nil {
		cancel()
		w.log("%s can't invite: %v", by.name, err)
		return
	}
	w.log("%s invites %s", by.name, whom.name)
	w.count.add("invitations")
	own := whom.Peer
	w.tasks.Go(func() {
		defer cancel()
		_, err := own.Join(ctx, invite.Link)
		w.log("%s follows the link: %v", whom.name, err)
		late := !invite.Expiry.IsZero() && !whom.now().Before(invite.Expiry)
		switch {
		case err == nil && late:
			w.count.add("joined by a link that was over by their own clock")
			fallthrough
		case err == nil:
			w.count.add("joined by a link")
		case errors.Is(err, protocol.ErrInviteExpired):
			w.count.add("links that were over")
		}
	})
}

// outsider is one who is up and has not come to the space yet, nil if all have.
func (w *world) outsider() *person {
	for _, p := range w.present() {
		if p.space() == nil {
			return p
		}
	}
	return nil
}

func (w *world) cancelling() {
	by := w.owner()
	if by == nil {
		return
	}
	invites, err := by.Invites(context.Background(), w.space)
	if err != nil || len(invites) == 0 {
		return
	}
	invite := invites[w.rng.IntN(len(invites))]
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err = by.CancelInvite(ctx, w.space, invite.Hash)
	w.log("%s cancels an invitation: %v", by.name, err)
	if err == nil {
		w.count.add("invitations cancelled")
	}
}

func (w *world) pairing() {
	by, whom := w.owner(), w.anyone()
	if by == nil || whom == by {
		return
	}
	if err := w.admit(by, whom); err != nil {
		w.log("%s can't pair with %s: %v", by.name, whom.name, err)
	}
}

// linking makes an outsider's device one of somebody inside.
func (w *world) linking() {
	by, other := w.anyone(), w.outsider()
	if by == nil || other == nil || by == other || by.role() == "" {
		return
	}
	err := w.compare(by, other, func(ctx context.Context) (peer.PairingInfo, error) {
		return by.LinkDevice(ctx, other.id.ID().String())
	})
	if err != nil {
		w.log("%s can't link %s: %v", by.name, other.name, err)
		return
	}
	w.log("%s links %s", by.name, other.name)
	w.count.add("devices linked")
	a, b := by.id.ID(), other.id.ID()
	w.links[a], w.links[b] = append(w.links[a], b), append(w.links[b], a)
	if w.model.blamed[a] || w.model.blamed[b] { // as one may not have heard yet
		w.model.blame(a)
		w.model.blame(b)
	}
}

func (w *world) revoking() {
	by := w.anyone()
	if by == nil || len(w.links[by.id.ID()]) == 0 {
		return
	}
	links := w.links[by.id.ID()]
	other := w.whose(links[w.rng.IntN(len(links))])
	w.model.rule(by, other.id.ID())
	w.model.blame(other.id.ID())
	w.state(by, "revoke", other, func(ctx context.Context, who string) (peer.LineReport, error) {
		return by.Revoke(ctx, who, peer.LineOptions{})
	})
}

func (w *world) leavingSpace() {
	p := w.anyone()
	if p == nil || p.role() == "" {
		return
	}
	w.model.rule(p, p.id.ID())
	w.model.blame(p.id.ID())
	w.state(p, "leave with", p, func(ctx context.Context, _ string) (peer.LineReport, error) {
		return p.LeaveSpace(ctx, w.space, peer.LineOptions{})
	})
}

// whose is somebody with a device, nil for nobody's.
func (w *world) whose(device identity.DeviceID) *person {
	for _, p := range w.people {
		if p.id.ID() == device {
			return p
		}
	}
	return nil
}

// compare lets two people compare a code: begin asks, and both confirm.
func (w *world) compare(by, who *person, begin func(context.Context) (peer.PairingInfo, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := by.Connect(ctx, who.addr.String()); err != nil {
		return err
	}
	info, err := begin(ctx)
	if err != nil {
		return err
	}
	if err := by.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
		return err
	}
	shown := func() bool {
		in := who.Pairings()
		return len(in) > 0 && in[0].Code == info.Code
	}
	if !w.waitFor(10*time.Second, shown) {
		return errors.New("the code does not appear")
	}
	if err := who.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
		return err
	}
	return by.WaitPairing(ctx, info.Key)
}
