package peer_test

import (
	"errors"
	"fmt"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
	"starling/sync/protocol"
)

// came lets somebody into a space by a link, with whom nobody compares a code.
func came(t *testing.T, owner, who *peer.Peer, space peer.SpaceID) {
	t.Helper()
	join(t, who, invite(t, owner, space, peer.InviteOptions{Count: 1}))
}

func pairedWith(t *testing.T, owner, who *peer.Peer, space peer.SpaceID) {
	t.Helper()
	connect(t, owner, who)
	pair(t, owner, who, space)
}

// remove takes somebody out of a space and waits until they know.
func remove(t *testing.T, owner, who *peer.Peer, space peer.SpaceID) {
	t.Helper()
	if _, err := owner.Remove(t.Context(), space, who.ID().String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they hear of the removal", func() bool { return spaceOf(t, who, space).Role == "" })
}

func leave(t *testing.T, owner, who *peer.Peer, space peer.SpaceID) {
	t.Helper()
	if _, err := who.LeaveSpace(t.Context(), space, peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the owner hears of it", func() bool { return memberOf(t, owner, space, who.ID()).Removed })
}

// writesAgain holds that somebody is back, and that what each of the two writes
// reaches the other.
func writesAgain(t *testing.T, owner, who *peer.Peer, space peer.SpaceID, doc crdt.DocID) {
	t.Helper()
	eventually(t, "they are back", func() bool { return spaceOf(t, who, space).Role == "editor" })
	meanwhile := text(t, owner, doc)
	eventually(t, "they have what was written meanwhile", func() bool { return text(t, who, doc) == meanwhile })
	writeSoon(t, who, doc, meanwhile+", back")
	eventually(t, "they write again", func() bool { return text(t, owner, doc) == meanwhile+", back" })
	writeSoon(t, owner, doc, meanwhile+", back and forth")
	eventually(t, "and read", func() bool { return text(t, who, doc) == meanwhile+", back and forth" })
}

// writeSoon is write where the document may be about to be read anew, since a role has
// just changed.
func writeSoon(t *testing.T, p *peer.Peer, doc crdt.DocID, s string) {
	t.Helper()
	d := openDoc(t, p, doc)
	eventually(t, "it can be written", func() bool { return d.Write(t.Context(), s) == nil })
}

// However somebody came to a space, an owner who removed them adds them again by the
// roster's record of them: nobody compares a code, and nobody types an address.
func TestAddedAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		come  func(t *testing.T, owner, who *peer.Peer, space peer.SpaceID)
		named func(*peer.Peer) string
	}{
		{"came by a link, by ID", came, func(p *peer.Peer) string { return p.ID().String() }},
		{"came by a link, by name", came, func(*peer.Peer) string { return "Cleo" }},
		{"paired, by the start of an ID", pairedWith, func(p *peer.Peer) string { return p.ID().String()[:12] }},
		{"paired, by name", pairedWith, func(*peer.Peer) string { return "Cleo" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			ada, cleo := start(t, "Ada"), start(t, "Cleo")
			space := newSpace(t, ada)
			doc := newDoc(t, ada, space, "hello")
			c.come(t, ada, cleo, space)
			eventually(t, "the text arrives", func() bool { return text(t, cleo, doc) == "hello" })
			writeSoon(t, cleo, doc, "hello from Cleo")
			eventually(t, "it arrives", func() bool { return text(t, ada, doc) == "hello from Cleo" })
			remove(t, ada, cleo, space)
			writeSoon(t, ada, doc, "hello from Cleo, and Ada")
			if err := ada.AddMember(t.Context(), space, c.named(cleo), ""); err != nil {
				t.Fatal(err)
			}
			writesAgain(t, ada, cleo, space, doc)
			if m := spaceOf(t, cleo, space).Members; len(m) != 2 {
				t.Errorf("the members are %+v", m)
			}
		})
	}
}

// Nobody who has left is taken back without being asked. An invitation asks them; after
// that a removal is one like others.
func TestWhoHasLeftIsAsked(t *testing.T) {
	for name, come := range map[string]func(t *testing.T, owner, who *peer.Peer, space peer.SpaceID){
		"by a link": came, "paired": pairedWith,
	} {
		t.Run(name, func(t *testing.T) {
			ada, cleo := start(t, "Ada"), start(t, "Cleo")
			space := newSpace(t, ada)
			doc := newDoc(t, ada, space, "hello")
			come(t, ada, cleo, space)
			eventually(t, "the text arrives", func() bool { return text(t, cleo, doc) == "hello" })
			leave(t, ada, cleo, space)
			for _, named := range []string{"Cleo", cleo.ID().String()} {
				if err := ada.AddMember(t.Context(), space, named, ""); !errors.Is(err, peer.ErrLeft) {
					t.Errorf("%s is added: %v", named, err)
				}
			}
			if m := memberOf(t, ada, space, cleo.ID()); !m.Removed {
				t.Errorf("she is %+v", m)
			}
			came(t, ada, cleo, space)
			writesAgain(t, ada, cleo, space, doc)
			remove(t, ada, cleo, space)
			if err := ada.AddMember(t.Context(), space, "Cleo", ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// It is stated at once that somebody is back who isn't there, and they hear of it
// when they are; a secret that was renewed more often than any is shown does not
// keep them out.
func TestAddedAgainWhileAway(t *testing.T) {
	ada, home := start(t, "Ada"), t.TempDir()
	space := newSpace(t, ada)
	doc := newDoc(t, ada, space, "hello")
	cleo := open(t, home, "Cleo")
	stop := run(t, cleo)
	came(t, ada, cleo, space)
	eventually(t, "the text arrives", func() bool { return text(t, cleo, doc) == "hello" })
	remove(t, ada, cleo, space)
	stop()
	if err := cleo.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		other := start(t, fmt.Sprintf("Guest %d", i))
		came(t, ada, other, space)
		if _, err := ada.Remove(t.Context(), space, other.ID().String(), peer.LineOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := ada.AddMember(t.Context(), space, "Cleo", ""); err != nil {
		t.Fatal(err)
	}
	if m := memberOf(t, ada, space, cleo.ID()); m.Removed || m.Role != "editor" || m.Devices[0].Connected {
		t.Errorf("she is %+v", m)
	}
	cleo = startIn(t, home, "Cleo")
	connect(t, cleo, ada)
	writesAgain(t, ada, cleo, space, doc)
}

// Whoever has two devices comes back with both, whichever is named.
func TestAddedAgainWithAllDevices(t *testing.T) {
	ada, cleo, laptop := start(t, "Ada"), start(t, "Cleo"), start(t, "Cleo")
	space := newSpace(t, ada)
	doc := newDoc(t, ada, space, "hello")
	came(t, ada, cleo, space)
	connect(t, cleo, laptop)
	linkDevices(t, cleo, laptop)
	eventually(t, "both are in", func() bool {
		return len(memberOf(t, ada, space, cleo.ID()).Devices) == 2 && text(t, laptop, doc) == "hello"
	})
	remove(t, ada, cleo, space)
	eventually(t, "the other device hears of it", func() bool { return spaceOf(t, laptop, space).Role == "" })
	if err := ada.AddMember(t.Context(), space, laptop.ID().String(), ""); err != nil {
		t.Fatal(err)
	}
	if m := memberOf(t, ada, space, laptop.ID()); m.ID != cleo.ID() || len(m.Devices) != 2 {
		t.Errorf("they are %+v", m)
	}
	writesAgain(t, ada, cleo, space, doc)
	eventually(t, "the other device is back", func() bool { return text(t, laptop, doc) == "hello, back and forth" })
}

// A device that was removed by itself is no person who could be added.
func TestARevokedDeviceIsNotAdded(t *testing.T) {
	ada, cleo, laptop := start(t, "Ada"), start(t, "Cleo"), start(t, "Laptop")
	space := newSpace(t, ada)
	came(t, ada, cleo, space)
	connect(t, cleo, laptop)
	linkDevices(t, cleo, laptop)
	connect(t, ada, laptop)
	other := newSpace(t, ada)
	pair(t, ada, laptop, other)
	eventually(t, "both are in", func() bool { return len(memberOf(t, ada, space, cleo.ID()).Devices) == 2 })
	if _, err := cleo.Revoke(t.Context(), laptop.ID().String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is out", func() bool { return len(memberOf(t, ada, space, cleo.ID()).Devices) == 1 })
	eventually(t, "it hears of it", func() bool { return spaceOf(t, laptop, space).Role == "" }) // else it is in already
	if err := ada.AddMember(t.Context(), space, laptop.ID().String(), ""); !errors.Is(err, peer.ErrRevoked) {
		t.Errorf("a revoked device was added: %v", err)
	}
	i := invite(t, ada, space, peer.InviteOptions{})
	if _, err := laptop.Join(t.Context(), i.Link); !errors.Is(err, protocol.ErrInviteRemoved) {
		t.Errorf("a revoked device joined: %v", err)
	}
}

// A link that was made after a removal brings its redeemer back; one from before does
// not, nor does one from before a second removal.
func TestLinksAndRemovals(t *testing.T) {
	ada, cleo := start(t, "Ada"), start(t, "Cleo")
	space := newSpace(t, ada)
	doc := newDoc(t, ada, space, "hello")
	came(t, ada, cleo, space)
	eventually(t, "the text arrives", func() bool { return text(t, cleo, doc) == "hello" })
	refused := func(i peer.Invite, what string) {
		t.Helper()
		if _, err := cleo.Join(t.Context(), i.Link); !errors.Is(err, protocol.ErrInviteRemoved) {
			t.Errorf("%s: %v", what, err)
		}
	}
	one, many := invite(t, ada, space, peer.InviteOptions{Count: 1}), invite(t, ada, space, peer.InviteOptions{})
	remove(t, ada, cleo, space)
	refused(one, "an unused link from before")
	refused(many, "a link for many from before")
	for _, count := range []int{1, 0} {
		i := invite(t, ada, space, peer.InviteOptions{Count: count})
		join(t, cleo, i)
		writesAgain(t, ada, cleo, space, doc)
		all, err := ada.Invites(t.Context(), space)
		if last := all[len(all)-1]; err != nil || len(last.Came) != 1 || last.Came[0].ID != cleo.ID() {
			t.Errorf("the inviter sees %+v, %v", all, err)
		}
		remove(t, ada, cleo, space)
		refused(i, "the link by which they came back")
	}
	if err := ada.AddMember(t.Context(), space, "Cleo", ""); err != nil {
		t.Fatal(err)
	}
	writesAgain(t, ada, cleo, space, doc)
}
