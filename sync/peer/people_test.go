package peer_test

import (
	"testing"

	"starling/sync/peer"
)

// spaceOf is how a peer sees a space.
func spaceOf(t *testing.T, p *peer.Peer, id peer.SpaceID) peer.Space {
	t.Helper()
	all, err := p.Spaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.ID == id {
			return s
		}
	}
	return peer.Space{}
}

// memberOf is how a peer sees a member of a space, by any of their devices.
func memberOf(t *testing.T, p *peer.Peer, id peer.SpaceID, who peer.DeviceID) peer.Member {
	t.Helper()
	for _, m := range spaceOf(t, p, id).Members {
		for _, d := range m.Devices {
			if d.ID == who {
				return m
			}
		}
	}
	return peer.Member{}
}

func invite(t *testing.T, p *peer.Peer, id peer.SpaceID, o peer.InviteOptions) peer.Invite {
	t.Helper()
	i, err := p.Invite(t.Context(), id, o)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func join(t *testing.T, p *peer.Peer, i peer.Invite) peer.SpaceID {
	t.Helper()
	id, err := p.Join(t.Context(), i.Link)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// linkDevices makes two peers the same person's.
func linkDevices(t *testing.T, a, b *peer.Peer) {
	t.Helper()
	info, err := a.LinkDevice(t.Context(), b.ID().String())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request appears", func() bool { return len(b.Pairings()) == 1 })
	if in := b.Pairings()[0]; !info.Link || !in.Link || in.Code != info.Code {
		t.Fatalf("asked with %+v, shown %+v", info, in)
	}
	for _, p := range []*peer.Peer{b, a} {
		if err := p.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.WaitPairing(t.Context(), info.Key); err != nil {
		t.Fatal(err)
	}
}

// startOnce is start for a peer that leaves the network before the test ends.
func startOnce(t *testing.T, name string) (p *peer.Peer, stop func()) {
	t.Helper()
	p = open(t, t.TempDir(), name)
	stop = run(t, p)
	t.Cleanup(func() {
		stop()
		if err := p.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	})
	return p, stop
}

// Who is invisible tells a stranger that has the address nothing, not even a name;
// people whom they know, one whom they ask, and one whom they have invited come in.
func TestStrangersLearnNothingOfOneWhoIsInvisible(t *testing.T) {
	ada, friend, stranger := start(t, "Ada"), start(t, "Grace"), start(t, "Mallory")
	space := newSpace(t, ada)
	connect(t, friend, ada)
	pair(t, friend, ada, peer.SpaceID{})
	if err := ada.SetInvisible(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	refused := func() {
		t.Helper()
		info, err := stranger.Connect(t.Context(), status(t, ada).Listen[0])
		if err == nil {
			t.Errorf("a stranger is connected with %+v", info)
		}
		for _, seen := range append(stranger.Peers(), ada.Peers()...) {
			if seen.Name == "Ada" || seen.Name == "Mallory" {
				t.Errorf("%q is seen", seen.Name)
			}
		}
	}
	refused()
	peer.Cut(ada)
	eventually(t, "the friend is back", func() bool { return connected(ada, friend.ID()) })

	i := invite(t, ada, space, peer.InviteOptions{Count: 1})
	join(t, start(t, "Edsger"), i)
	refused() // it was for one
	i = invite(t, ada, space, peer.InviteOptions{Count: 1})
	if err := ada.CancelInvite(t.Context(), space, i.Hash); err != nil {
		t.Fatal(err)
	}
	refused()

	connect(t, ada, stranger) // the person here asks
	pair(t, ada, stranger, peer.SpaceID{})
}
