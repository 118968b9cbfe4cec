package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/peer"
)

// SpaceArgs names a space by its ID, the start of that, or its name, as all that
// names a space does.
type SpaceArgs struct {
	Space string `json:"space"`
}

// Members lists who belongs to a space, and then who was removed from it.
var Members = single("space members", func(ctx context.Context, p *peer.Peer, a SpaceArgs) ([]Member, error) {
	s, err := spaceNamed(ctx, p, a.Space)
	return each(s.Members, memberOf), err
})

// spaceNamed is the space that arg means.
func spaceNamed(ctx context.Context, p *peer.Peer, arg string) (peer.Space, error) {
	id, err := findSpace(ctx, p, arg)
	if err != nil {
		return peer.Space{}, err
	}
	spaces, err := p.Spaces(ctx)
	for _, s := range spaces {
		if s.ID == id {
			return s, err
		}
	}
	if err == nil {
		err = peer.ErrNoSpace
	}
	return peer.Space{}, err
}

// PersonArgs names a person, by name or the start of an ID, in a space.
type PersonArgs struct {
	Space  string `json:"space"`
	Person string `json:"person"`
	// Role is for those who are added or whose role changes; "" is editor.
	Role string `json:"role"`
	// Now has what others hold not be waited for.
	Now bool `json:"now,omitempty"`
}

// Changed is a space after somebody's place in it has changed. Warning is what a
// person is to be told of that, "" for nothing.
type Changed struct {
	Space
	Warning string `json:"warning,omitempty"`
}

// AddMember adds a person whom we know to a space, and SetRole gives one who
// belongs to it another role.
var (
	AddMember = changing("space add", func(ctx context.Context, p *peer.Peer, space peer.SpaceID, a PersonArgs) (peer.LineReport, error) {
		return peer.LineReport{}, p.AddMember(ctx, space, a.Person, a.Role)
	})
	SetRole = changing("space role", func(ctx context.Context, p *peer.Peer, space peer.SpaceID, a PersonArgs) (peer.LineReport, error) {
		return p.ChangeRole(ctx, space, a.Person, a.Role, peer.LineOptions{Now: a.Now})
	})
	// RemoveMember removes a person, and what they write from then on is shown
	// to nobody.
	RemoveMember = changing("space remove", func(ctx context.Context, p *peer.Peer, space peer.SpaceID, a PersonArgs) (peer.LineReport, error) {
		return p.Remove(ctx, space, a.Person, peer.LineOptions{Now: a.Now})
	})
	// Leave removes the person here.
	Leave = changing("space leave", func(ctx context.Context, p *peer.Peer, space peer.SpaceID, a PersonArgs) (peer.LineReport, error) {
		return p.LeaveSpace(ctx, space, peer.LineOptions{Now: a.Now})
	})
)

type spaceChange func(context.Context, *peer.Peer, peer.SpaceID, PersonArgs) (peer.LineReport, error)

// changing makes an Op that changes a space and gives it as it is then.
func changing(name string, f spaceChange) Op[PersonArgs, Changed] {
	return single(name, func(ctx context.Context, p *peer.Peer, a PersonArgs) (Changed, error) {
		space, err := findSpace(ctx, p, a.Space)
		if err != nil {
			return Changed{}, err
		}
		report, err := f(ctx, p, space, a)
		if err != nil {
			return Changed{}, whyUnchanged(ctx, p, space, a.Person, err)
		}
		s, err := spaceNamed(ctx, p, space.String())
		return Changed{spaceOf(s), report.Warning()}, err
	})
}

// whyUnchanged says of a peer's error what only the space's members tell.
func whyUnchanged(ctx context.Context, p *peer.Peer, id peer.SpaceID, person string, err error) error {
	if !errors.Is(err, peer.ErrAmbiguous) && !errors.Is(err, peer.ErrLastOwner) {
		return err
	}
	s, lookup := spaceNamed(ctx, p, id.String())
	in := slices.DeleteFunc(slices.Clone(s.Members), func(m peer.Member) bool { return m.Removed })
	switch {
	case lookup != nil:
		return err
	case errors.Is(err, peer.ErrAmbiguous):
		return severalPeople(p, s.Members, person, err)
	case len(in) < len(s.Members) && len(in) == 1:
		return fmt.Errorf("space %q: %w, and who was in it before keeps what they had", s.Name, ErrAlone)
	case len(in) == 1:
		return fmt.Errorf("space %q: %w", s.Name, ErrAlone)
	default:
		return fmt.Errorf("space %q: %w", s.Name, peer.ErrLastOwner)
	}
}

// InviteArgs say to what, as what and how many one invites. Expires is in
// seconds from now, 0 for never; Count 0 is any number.
type InviteArgs struct {
	Space   string `json:"space"`
	Role    string `json:"role"`
	Count   int    `json:"count"`
	Expires int64  `json:"expires"`
}

// MakeInvite makes an invitation. Its link is told only here.
var MakeInvite = single("space invite", func(ctx context.Context, p *peer.Peer, a InviteArgs) (Invite, error) {
	space, err := findSpace(ctx, p, a.Space)
	if err != nil {
		return Invite{}, err
	}
	i, err := p.Invite(ctx, space, peer.InviteOptions{
		Role: a.Role, Count: a.Count, Expires: time.Duration(a.Expires) * time.Second,
	})
	if err != nil {
		return Invite{}, err
	}
	return inviteOf(i), nil
})

// Invites lists the invitations to a space, and who came by them.
var Invites = single("space invites", func(ctx context.Context, p *peer.Peer, a SpaceArgs) ([]Invite, error) {
	space, err := findSpace(ctx, p, a.Space)
	if err != nil {
		return nil, err
	}
	list, err := p.Invites(ctx, space)
	return each(list, inviteOf), err
})

// CancelArgs names an invitation by its ID or the start of it.
type CancelArgs struct {
	Space  string `json:"space"`
	Invite string `json:"invite"`
}

// CancelInvite has nobody come by an invitation any more.
var CancelInvite = single("space cancel", func(ctx context.Context, p *peer.Peer, a CancelArgs) (None, error) {
	space, err := findSpace(ctx, p, a.Space)
	if err != nil {
		return None{}, err
	}
	return None{}, p.CancelInvite(ctx, space, a.Invite)
})

// JoinArgs is the link of an invitation.
type JoinArgs struct {
	Link string `json:"link"`
}

// Join redeems an invitation and gives the space, once we are in it.
var Join = running(single("space join", func(ctx context.Context, p *peer.Peer, a JoinArgs) (Space, error) {
	id, err := p.Join(ctx, a.Link)
	if err != nil {
		return Space{}, err
	}
	s, err := spaceNamed(ctx, p, id.String())
	return spaceOf(s), err
}))
