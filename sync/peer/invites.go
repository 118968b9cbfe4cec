package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"starling/sync/protocol"
	"starling/sync/trust"
)

// Invite makes an invitation to a space of which we are an owner, and its link.
// The link is a secret: whoever has it may come, as often as the options allow.
// It names neither the space nor anyone; it holds our addresses, for networks on
// which neighbours don't hear each other. One for a single person is redeemed
// only by our devices, others by any owner's.
func (p *Peer) Invite(ctx context.Context, id SpaceID, o InviteOptions) (Invite, error) {
	role, err := parseRole(o.Role)
	if err != nil {
		return Invite{}, err
	}
	if err := p.mayShare(id); err != nil {
		return Invite{}, err
	}
	seed, err := trust.NewTicketSeed()
	if err != nil {
		return Invite{}, err
	}
	ticket := trust.Ticket{Seed: seed, Space: id, Inviter: p.ID(), Addrs: p.ticketAddresses(ctx)}
	want := trust.Invitation{Key: ticket.Key(), Role: role, Count: o.Count}
	now := p.now()
	if o.Expires > 0 {
		want.Expiry = now.Add(o.Expires).Unix()
	}
	err = p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) { return sp.roster.Invite(p.id, want, now) })
	if err != nil {
		return Invite{}, err
	}
	all, err := p.Invites(ctx, id)
	for _, i := range all {
		if i.key == ticket.Key() {
			i.Link = ticket.String()
			return i, nil
		}
	}
	return Invite{}, errors.Join(err, ErrNoInvite)
}

// maxTicketAddresses keeps a link short enough for a code that a camera reads.
const maxTicketAddresses = 4

// ticketAddresses are where we may be reached now.
func (p *Peer) ticketAddresses(ctx context.Context) []string {
	st, err := p.Status(ctx)
	if err != nil {
		return nil // the newcomer may hear us without
	}
	return st.Listen[:min(len(st.Listen), maxTicketAddresses)]
}

// Invites lists the invitations to a space, in the order in which they were
// made.
func (p *Peer) Invites(_ context.Context, id SpaceID) ([]Invite, error) {
	sp, err := p.space(id)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Invite
	for _, i := range sp.roster.Invitations() {
		invite := Invite{
			Hash: i.Hash.String(), By: p.whoLocked(i.By), Role: i.Role.String(), Count: i.Count,
			Cancelled: i.Cancelled, key: i.Key,
		}
		if i.Expiry != 0 {
			invite.Expiry = time.Unix(i.Expiry, 0)
		}
		for _, who := range i.Came {
			invite.Came = append(invite.Came, p.whoLocked(who))
		}
		out = append(out, invite)
	}
	return out, nil
}

// CancelInvite takes an invitation back, named by the start of its hash. Who has
// come by it stays.
func (p *Peer) CancelInvite(ctx context.Context, id SpaceID, hash string) error {
	return p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		var found []trust.StatementHash
		for _, i := range sp.roster.Invitations() {
			if len(hash) >= 4 && strings.HasPrefix(i.Hash.String(), strings.ToLower(hash)) {
				found = append(found, i.Hash)
			}
		}
		switch len(found) {
		case 0:
			return nil, fmt.Errorf("invitation %q: %w", hash, ErrNoInvite)
		case 1:
			return sp.roster.Cancel(p.id, found[0], p.now())
		default:
			return nil, fmt.Errorf("invitation %q: %w", hash, ErrAmbiguous)
		}
	})
}

// redeem lets a newcomer in who shows that it has a link, if that is for us to
// do. Whoever is in the space already is welcome again: it may have lost the
// answer.
func (p *Peer) redeem(ctx context.Context, r protocol.Redemption) error {
	now := p.now()
	p.mu.Lock()
	id, _, _, err := p.judgeLocked(r, now)
	p.mu.Unlock()
	if err != nil || id == (SpaceID{}) {
		return err
	}
	p.log.Info("an invitation is redeemed", "space", id, "by", r.From.Tag())
	return p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) {
		id, who, invite, err := p.judgeLocked(r, now) // of two who come at once with a link for one, one comes in
		if err != nil || id != sp.id {
			return nil, err
		}
		return sp.roster.Admit(p.id, trust.Admission{
			Subject: who, Name: p.whoLocked(r.From).Name, Role: sp.returnRole(who, invite), Invite: invite.Hash,
		}, now)
	})
}

// judgeLocked finds the invitation, whom it brings in, and whether it may be redeemed
// here and now. The space is zero if there is nothing to do.
func (p *Peer) judgeLocked(r protocol.Redemption, now time.Time) (id SpaceID, who DeviceID, invite trust.Invitation, err error) {
	for _, sp := range p.spaces {
		all := sp.roster.Invitations()
		n := slices.IndexFunc(all, func(i trust.Invitation) bool { return i.Key == r.Invitation })
		if n < 0 || !sp.has(p.me.ID) {
			continue
		}
		if trust.CheckRedeem(r.Invitation, r.From, r.Exporter, r.Sig) != nil {
			break // it knows the roster, and not the link
		}
		if sp.has(r.From) {
			return SpaceID{}, r.From, all[n], nil
		}
		who, err := sp.returner(r.From, all[n].Hash)
		if err != nil {
			return SpaceID{}, r.From, all[n], err
		}
		return sp.id, who, all[n], toInviteError(sp.roster.MayRedeem(p.me.ID, all[n].Hash, now))
	}
	return SpaceID{}, r.From, invite, protocol.ErrInviteUnknown
}

// toInviteError tells in the protocol's words why an invitation can't be
// redeemed.
func toInviteError(err error) error {
	for _, e := range []struct{ is, says error }{
		{trust.ErrCancelled, protocol.ErrInviteCancelled},
		{trust.ErrExpired, protocol.ErrInviteExpired},
		{trust.ErrUsed, protocol.ErrInviteUsed},
		{trust.ErrNotRedeemer, protocol.ErrInviteElsewhere},
		{trust.ErrNotOwner, protocol.ErrInviteElsewhere},
		{trust.ErrNoInvite, protocol.ErrInviteUnknown},
	} {
		if errors.Is(err, e.is) {
			return e.says
		}
	}
	return err
}
