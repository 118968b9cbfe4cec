package trust

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/identity"
)

var (
	// ErrNoInvite says that there is no such invitation in the space.
	ErrNoInvite = errors.New("there is no such invitation")
	// ErrCancelled says that an invitation was taken back.
	ErrCancelled = errors.New("the invitation was taken back")
	// ErrExpired says that an invitation's time is over.
	ErrExpired = errors.New("the invitation has expired")
	// ErrUsed says that as many came by an invitation as may.
	ErrUsed = errors.New("the invitation has been used")
	// ErrNotRedeemer says that another one must redeem an invitation.
	ErrNotRedeemer = errors.New("only the one who invited may redeem that, or an owner if it is for many")
)

// Invitation lets whoever holds the secret half of a key be admitted.
type Invitation struct {
	Hash   StatementHash
	By     identity.DeviceID
	Key    [32]byte // Ed25519, the public half
	Role   Role
	Count  int   // how many may come by it; 0: any number
	Expiry int64 // seconds since 1970; 0: never
	// Came are the persons who came by it, in the order of their IDs.
	Came      []identity.DeviceID
	Cancelled bool
}

// Invite states an invitation: Key, Role, Count and Expiry are used. Only an
// owner may.
func (r *Roster) Invite(by *identity.Identity, i Invitation, now time.Time) ([]*Statement, error) {
	if i.Count < 0 || int64(i.Count) > int64(^uint32(0)) {
		return nil, fmt.Errorf("invite %d to space %v: %w", i.Count, r.id, ErrBadStatement)
	}
	return r.asOwner(by, Statement{
		Kind: Invite, Key: i.Key, Role: i.Role, Count: uint32(i.Count), Expiry: i.Expiry,
	}, now, "invite to")
}

// Cancel takes an invitation back. Only an owner may.
func (r *Roster) Cancel(by *identity.Identity, invite StatementHash, now time.Time) ([]*Statement, error) {
	if i, ok := r.index[invite]; !ok || r.kept[i].Kind != Invite {
		return nil, fmt.Errorf("cancel invitation %v: %w", invite, ErrNoInvite)
	}
	return r.asOwner(by, Statement{Kind: Cancel, Names: invite}, now, "cancel an invitation to")
}

// asOwner states what any owner may.
func (r *Roster) asOwner(by *identity.Identity, s Statement, now time.Time, what string) ([]*Statement, error) {
	if role, _ := r.Role(by.ID()); role != Owner {
		return nil, fmt.Errorf("%s space %v: %w", what, r.id, ErrNotOwner)
	}
	out, err := r.state(by, s, nil, now)
	if err != nil {
		return nil, fmt.Errorf("%s space %v: %w", what, r.id, err)
	}
	return out, nil
}

// Invitations returns all that count, each after those that its author knew.
func (r *Roster) Invitations() []Invitation {
	l := r.view()
	came := make(map[StatementHash][]identity.DeviceID)
	cancelled := make(map[StatementHash]bool)
	for i, k := range r.kept {
		switch {
		case k.Names == (StatementHash{}) || !l.has(i):
		case k.Kind == Cancel:
			cancelled[k.Names] = true
		case k.Kind == Admit && !slices.Contains(came[k.Names], k.Subject):
			came[k.Names] = append(came[k.Names], k.Subject)
		}
	}
	var out []Invitation
	for _, i := range r.invites {
		if !l.has(i) {
			continue
		}
		k := r.kept[i]
		slices.SortFunc(came[k.hash], identity.DeviceID.Compare)
		out = append(out, Invitation{
			k.hash, k.Author, k.Key, k.Role, int(k.Count), k.Expiry, came[k.hash], cancelled[k.hash],
		})
	}
	return out
}

// MayRedeem reports whether a device may admit someone who shows an
// invitation's key: one for a single person only the inviter's devices, so that
// it can't be used twice, others any owner. now is the device's own clock. It
// fails with [ErrNoInvite], [ErrCancelled], [ErrExpired], [ErrUsed],
// [ErrNotRedeemer] and [ErrNotOwner].
func (r *Roster) MayRedeem(by identity.DeviceID, invite StatementHash, now time.Time) error {
	all := r.Invitations()
	n := slices.IndexFunc(all, func(i Invitation) bool { return i.Hash == invite })
	if n < 0 {
		return fmt.Errorf("redeem %v: %w", invite, ErrNoInvite)
	}
	i := all[n]
	me, role, _ := r.view().person(by)
	inviter, _ := r.Person(i.By)
	var err error
	switch {
	case i.Cancelled:
		err = ErrCancelled
	case i.Expiry != 0 && now.Unix() >= i.Expiry:
		err = ErrExpired
	case i.Count > 0 && len(i.Came) >= i.Count:
		err = ErrUsed
	case role != Owner:
		err = ErrNotOwner
	case i.Count == 1 && me != inviter:
		err = ErrNotRedeemer
	default:
		return nil
	}
	return fmt.Errorf("redeem %v: %w", invite, err)
}
