package peer_test

import (
	"testing"

	"starling/sync/peer"
)

// Who is known by a device that their other one revokes is known by that one.
func TestOneWhoseKnownDeviceIsRevokedIsKnown(t *testing.T) {
	owner, pat, quinn := start(t, "Anna"), start(t, "Pat"), start(t, "Quinn")
	phone := start(t, "Pat")
	space := newSpace(t, owner)
	for _, p := range []*peer.Peer{pat, quinn} {
		connect(t, owner, p)
		pair(t, owner, p, space)
	}
	connect(t, quinn, pat)
	pair(t, quinn, pat, peer.SpaceID{})
	connect(t, pat, phone)
	linkDevices(t, pat, phone)
	connect(t, phone, quinn)
	for _, p := range []*peer.Peer{owner, quinn, phone} {
		eventually(t, "it is one person", func() bool { return len(memberOf(t, p, space, phone.ID()).Devices) == 2 })
	}
	if _, err := phone.Revoke(t.Context(), pat.ID().String(), peer.LineOptions{Now: true}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*peer.Peer{owner, quinn} {
		eventually(t, "it is revoked", func() bool { return len(memberOf(t, p, space, phone.ID()).Devices) == 1 })
	}
	if got := memberOf(t, quinn, space, phone.ID()); got.Name != "Pat" || got.NotTheOne != "" || got.ID != pat.ID() {
		t.Errorf("she is shown as %+v", got)
	}
	if got := lookOf(quinn, phone.ID()).LooksLike; got != "" {
		t.Errorf("her phone is not the %s they know", got)
	}
	later := newSpace(t, phone) // to which the revoked one never comes
	if err := phone.AddMember(t.Context(), later, quinn.ID().String(), "editor"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they are in it", func() bool { return memberOf(t, quinn, later, phone.ID()).ID == phone.ID() })
	if got := memberOf(t, quinn, later, phone.ID()); got.NotTheOne != "" {
		t.Errorf("in a later space she is shown as %+v", got)
	}
	if _, err := owner.ChangeRole(t.Context(), space, pat.ID().String(), "viewer", peer.LineOptions{Now: true}); err != nil {
		t.Errorf("the ID of the person is not taken: %v", err)
	}
	stranger := start(t, "Pat")
	connect(t, quinn, stranger)
	if got := lookOf(quinn, stranger.ID()).LooksLike; got != "Pat" {
		t.Errorf("a stranger looks like %q", got)
	}
}

// Who is removed still knows as theirs what devices somebody had.
func TestOneWhoWasRemovedKnowsOthersDevices(t *testing.T) {
	anna, ben, tablet := start(t, "Anna"), start(t, "Ben"), start(t, "Anna")
	space := newSpace(t, anna)
	connect(t, anna, ben)
	pair(t, anna, ben, space)
	connect(t, anna, tablet)
	linkDevices(t, anna, tablet)
	connect(t, ben, tablet)
	for _, p := range []*peer.Peer{ben, tablet} {
		eventually(t, "it is hers", func() bool { return len(memberOf(t, p, space, tablet.ID()).Devices) == 2 })
	}
	if _, err := anna.Remove(t.Context(), space, "Ben", peer.LineOptions{Now: true}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "he is told", func() bool { return spaceOf(t, ben, space).Role == "" })
	connect(t, ben, tablet)
	if got := lookOf(ben, tablet.ID()); got.LooksLike != "" {
		t.Errorf("her tablet is shown as %+v", got)
	}
}
