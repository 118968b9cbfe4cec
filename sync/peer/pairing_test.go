package peer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"starling/sync/peer"
	"starling/sync/protocol"
)

// asked is what one person's "pair" command sees.
type asked struct {
	info peer.PairingInfo
	err  error
}

func ask(t *testing.T, p *peer.Peer, with peer.DeviceID, space peer.SpaceID) <-chan asked {
	t.Helper()
	out := make(chan asked, 1)
	go func() {
		info, err := p.StartPairing(t.Context(), with.String(), space)
		out <- asked{info, err}
	}()
	return out
}

// paired confirms on both sides and waits for both ends.
func paired(t *testing.T, a, b *peer.Peer, ra, rb asked) {
	t.Helper()
	if ra.err != nil || rb.err != nil {
		t.Fatalf("%v, %v", ra.err, rb.err)
	}
	if ra.info.Code != rb.info.Code || len(ra.info.Code) != 6 {
		t.Fatalf("codes %q and %q", ra.info.Code, rb.info.Code)
	}
	if err := errors.Join(
		b.ConfirmPairing(rb.info.Code, peer.SpaceID{}), a.ConfirmPairing(ra.info.Code, peer.SpaceID{}),
		a.WaitPairing(t.Context(), ra.info.Key), b.WaitPairing(t.Context(), rb.info.Key),
	); err != nil {
		t.Fatal(err)
	}
}

func knows(p *peer.Peer, id peer.DeviceID) bool {
	for _, info := range p.Peers() {
		if info.ID == id {
			return info.Known
		}
	}
	return false
}

// Both ask at the same moment, over connections that cross at that moment too:
// both see one code, and both succeed.
func TestBothPairOverCrossingConnections(t *testing.T) {
	for range 5 {
		a, b := open(t, t.TempDir(), "Ada"), open(t, t.TempDir(), "Grace")
		stopA, stopB := run(t, a), run(t, b)
		for _, p := range [][2]*peer.Peer{{a, b}, {b, a}} {
			addr := status(t, p[1]).Listen[0]
			go func() { _, _ = p[0].Connect(t.Context(), addr) }()
		}
		ca, cb := ask(t, a, b.ID(), peer.SpaceID{}), ask(t, b, a.ID(), peer.SpaceID{})
		paired(t, a, b, <-ca, <-cb)
		eventually(t, "both know the other", func() bool { return knows(a, b.ID()) && knows(b, a.ID()) })
		if len(a.Pairings())+len(b.Pairings()) != 0 {
			t.Error("a pairing is left")
		}
		stopA()
		stopB()
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// A second "pair" with the same person joins the first: it shows the same code
// and has the same outcome.
func TestPairingTwiceIsOnePairing(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	connect(t, a, b)
	one, two := ask(t, a, b.ID(), peer.SpaceID{}), ask(t, a, b.ID(), space)
	r1, r2 := <-one, <-two
	if r1.err != nil || r2.err != nil || r1.info.Code != r2.info.Code || r1.info.Key != r2.info.Key {
		t.Fatalf("%+v and %+v", r1, r2)
	}
	again, err := a.StartPairing(t.Context(), b.ID().String(), peer.SpaceID{})
	if err != nil || again.Code != r1.info.Code {
		t.Fatalf("a third: %+v, %v", again, err)
	}
	eventually(t, "the request appears", func() bool { return len(b.Pairings()) == 1 })
	if in := b.Pairings()[0]; !in.Incoming || in.Confirmed || a.Pairings()[0].Incoming {
		t.Errorf("shown as %+v and %+v", in, a.Pairings()[0])
	}
	rb, err := b.StartPairing(t.Context(), a.ID().String(), peer.SpaceID{}) // the other's own command
	paired(t, a, b, r1, asked{rb, err})
	eventually(t, "the space is shared", func() bool { return status(t, b).Spaces == 1 })
}

// After a no, either side can ask again, also the one that does not know where
// to find the other.
func TestAskingAgainAfterANo(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	connect(t, a, b)
	var before string
	for i, p := range [][2]*peer.Peer{{a, b}, {b, a}, {a, b}, {b, a}} {
		from, to := p[0], p[1]
		r := <-ask(t, from, to.ID(), peer.SpaceID{})
		if r.err != nil {
			t.Fatalf("attempt %d: %v", i+1, r.err)
		}
		if r.info.Code == before {
			t.Errorf("attempt %d has the code of the one before", i+1)
		}
		before = r.info.Code
		eventually(t, "the request appears", func() bool { return len(to.Pairings()) == 1 })
		no := []*peer.Peer{from, to}[i/2]
		if err := no.RejectPairing(r.info.Code); err != nil {
			t.Fatal(err)
		}
		if err := from.WaitPairing(t.Context(), r.info.Key); !errors.Is(err, peer.ErrRejected) {
			t.Errorf("attempt %d ended with %v", i+1, err)
		}
		if err := from.ConfirmPairing(r.info.Code, peer.SpaceID{}); !errors.Is(err, peer.ErrNoPairing) {
			t.Errorf("a yes after the no: %v", err)
		}
		eventually(t, "nothing is left", func() bool { return len(from.Pairings())+len(to.Pairings()) == 0 })
	}
	ca := ask(t, a, b.ID(), peer.SpaceID{})
	ra := <-ca
	rb, err := b.StartPairing(t.Context(), a.ID().String(), peer.SpaceID{})
	paired(t, a, b, ra, asked{rb, err})
}

// The other program ends when the code is on both screens, after one has
// confirmed, or comes again: whoever waits is told, and nothing is written.
func TestTheOtherEndsDuringAPairing(t *testing.T) {
	for _, confirmed := range []bool{false, true} {
		a := start(t, "Ada")
		home := t.TempDir()
		b := open(t, home, "Grace")
		stop := run(t, b)
		connect(t, a, b)
		r := <-ask(t, a, b.ID(), newSpace(t, a))
		if r.err != nil {
			t.Fatal(r.err)
		}
		if confirmed {
			if err := a.ConfirmPairing(r.info.Code, peer.SpaceID{}); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if err := a.WaitPairing(t.Context(), r.info.Key); !errors.Is(err, peer.ErrPairingEnded) {
			t.Errorf("it ended with %v", err)
		}
		if knows(a, b.ID()) || len(a.Pairings()) != 0 {
			t.Error("something is left of it")
		}
		b = open(t, home, "Grace")
		stop = run(t, b)
		connect(t, b, a)
		pair(t, a, b, peer.SpaceID{})
		stop()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Who gives up waiting takes the request back, and is told why.
func TestGivingUp(t *testing.T) {
	a := start(t, "Ada")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.StartPairing(ctx, "0123456789", peer.SpaceID{}); err == nil || errors.Is(err, peer.ErrPairingTimeout) {
		t.Errorf("got %v", err)
	}
	if err := a.WaitPairing(t.Context(), 12345); !errors.Is(err, peer.ErrNoPairing) {
		t.Errorf("waiting for nothing: %v", err)
	}
	if err := a.ConfirmPairing("", peer.SpaceID{}); !errors.Is(err, peer.ErrNoPairing) {
		t.Errorf("an empty code: %v", err)
	}
}

// One who was refused three times is told to wait, and can be asked from here
// all the same.
func TestAPauseAfterRefusals(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	connect(t, a, b)
	for range 3 {
		r := <-ask(t, a, b.ID(), peer.SpaceID{})
		if r.err != nil {
			t.Fatal(r.err)
		}
		eventually(t, "the request appears", func() bool { return len(b.Pairings()) == 1 })
		if err := b.RejectPairing(r.info.Code); err != nil {
			t.Fatal(err)
		}
		eventually(t, "nothing is left", func() bool { return len(a.Pairings())+len(b.Pairings()) == 0 })
	}
	var paused *protocol.PausedError
	if r := <-ask(t, a, b.ID(), peer.SpaceID{}); !errors.As(r.err, &paused) || paused.Wait > 30*time.Second || paused.Wait < 20*time.Second {
		t.Fatalf("a fourth time: %v", r.err)
	}
	pair(t, b, a, peer.SpaceID{})
}
