package peer_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"starling/sync/peer"
)

// What waited for a statement is told to the one from whom that came, too: it came
// from somebody else.
func TestWhatWaitedIsToldToAll(t *testing.T) {
	a, b, c := open(t, t.TempDir(), "Ada"), start(t, "Grace"), start(t, "Alan")
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	space := newSpace(t, a)
	together(t, a, space, b, c)
	connect(t, b, c)
	eventually(t, "they share the space", func() bool {
		return peer.SessionWith(b, c.ID()) != nil && peer.SessionWith(b, c.ID()).Together(space)
	})
	before := peer.Statements(a, space)
	var made [][]byte
	for _, who := range []*peer.Peer{b, c} { // the second names the first
		if _, err := a.ChangeRole(t.Context(), space, who.ID().String(), "owner", peer.LineOptions{}); err != nil {
			t.Fatal(err)
		}
		made = slices.DeleteFunc(peer.Statements(a, space), func(s []byte) bool { return has(before, s) })
	}
	if len(made) != 2 {
		t.Fatalf("%d statements were made, want 2", len(made))
	}
	of := c.ID()
	later := slices.IndexFunc(made, func(s []byte) bool { return bytes.Contains(s, of[:]) })
	tell := func(to *peer.Peer, from peer.DeviceID, said []byte) {
		if err := peer.TakeStatements(t.Context(), to, from, space, [][]byte{said}); err != nil {
			t.Fatal(err)
		}
	}
	tell(b, a.ID(), made[later])
	tell(c, a.ID(), made[1-later]) // who tells Grace
	eventually(t, "Alan has heard what Grace had heard before", func() bool { return has(peer.Statements(c, space), made[later]) })
}

// together lets a peer bring others into a space, and leaves them.
func together(t *testing.T, a *peer.Peer, space peer.SpaceID, others ...*peer.Peer) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	eventually(t, "running", func() bool { return status(t, a).Running })
	for _, other := range others {
		connect(t, other, a)
		pair(t, a, other, space)
	}
	last := others[len(others)-1]
	eventually(t, "all know all", func() bool {
		return !slices.ContainsFunc(others, func(p *peer.Peer) bool {
			return len(peer.Statements(p, space)) != len(peer.Statements(a, space))
		}) && len(peer.Statements(last, space)) == len(others)+1
	})
}

func has(all [][]byte, one []byte) bool {
	return slices.ContainsFunc(all, func(s []byte) bool { return bytes.Equal(s, one) })
}
