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
