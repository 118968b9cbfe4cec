package peer_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/sync/peer"
)

// run puts an open peer on the network and returns what takes it off again.
func run(t *testing.T, p *peer.Peer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	eventually(t, "running", func() bool { return status(t, p).Running })
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func connected(p *peer.Peer, with peer.DeviceID) bool {
	for _, info := range p.Peers() {
		if info.ID == with {
			return info.Connected
		}
	}
	return false
}

// Both dial at once, several times each: every call finds the other, exactly one
// session stays on both sides, and it stays.
func TestBothDialAtOnce(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 5
	}
	a, b := open(t, t.TempDir(), "Ada"), open(t, t.TempDir(), "Grace")
	t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
	for round := range rounds {
		stopA, stopB := run(t, a), run(t, b)
		var calls sync.WaitGroup
		for range 2 {
			for _, p := range [][2]*peer.Peer{{a, b}, {b, a}} {
				addr := status(t, p[1]).Listen[0]
				calls.Go(func() {
					if info, err := p[0].Connect(t.Context(), addr); err != nil || info.ID != p[1].ID() {
						t.Errorf("connect: %v, %v", info.ID.Tag(), err)
					}
				})
			}
		}
		calls.Wait()
		eventually(t, "one session on both sides", func() bool {
			return peer.Sessions(a) == 1 && peer.Sessions(b) == 1 && connected(a, b.ID()) && connected(b, a.ID())
		})
		keptA, keptB := peer.SessionWith(a, b.ID()), peer.SessionWith(b, a.ID())
		hears(t, a, b, fmt.Sprint("Ada ", round)) // whatever ends a session was said before
		hears(t, b, a, fmt.Sprint("Grace ", round))
		if peer.SessionWith(a, b.ID()) != keptA || peer.SessionWith(b, a.ID()) != keptB {
			t.Fatal("the session that was kept has ended")
		}
		stopA()
		stopB()
	}
}

// hears waits until another peer has heard over their session what one calls itself
// now.
func hears(t *testing.T, from, to *peer.Peer, name string) {
	t.Helper()
	if err := from.SetMe(t.Context(), name, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the name is heard", func() bool {
		return slices.ContainsFunc(to.Peers(), func(i peer.PeerInfo) bool { return i.ID == from.ID() && i.Name == name })
	})
}

// A peer that is killed and comes again is found, on the same port and on
// another one, as soon as it dials: at least once of three times, since the machine
// may be busy.
func TestAPeerComesAgain(t *testing.T) {
	home := t.TempDir()
	a := start(t, "Ada")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "x")
	b := open(t, home, "Grace")
	stop := run(t, b)
	connect(t, b, a)
	pair(t, a, b, space)
	eventually(t, "the document arrives", func() bool { return text(t, b, doc) == "x" })
	quickest := time.Hour
	for i := range 3 {
		stop()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = open(t, home, "Grace")
		stop = run(t, b) // on another port
		began := time.Now()
		eventually(t, "it dials", func() bool { return connected(a, b.ID()) && connected(b, a.ID()) })
		want := strings.Repeat("y", i+1)
		write(t, b, doc, want)
		eventually(t, "they write on", func() bool { return text(t, a, doc) == want })
		quickest = min(quickest, time.Since(began))
	}
	if quickest > 3*time.Second {
		t.Errorf("it took %v", quickest)
	}
	stop()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConnectToOneself(t *testing.T) {
	a := start(t, "Ada")
	if _, err := a.Connect(t.Context(), status(t, a).Listen[0]); err == nil || !strings.Contains(err.Error(), "the device itself") {
		t.Errorf("got %v", err)
	}
	if _, err := a.StartPairing(t.Context(), a.ID().String(), peer.SpaceID{}); err == nil {
		t.Error("paired with itself")
	}
}

// Run ends within a second with sessions open, at least once of three times, and
// leaves no goroutine; what comes after it is an error and no more.
func TestRunEndsCleanly(t *testing.T) {
	quickest := time.Hour
	for range 3 {
		if quickest = min(quickest, runEnds(t)); quickest <= time.Second {
			return
		}
	}
	t.Errorf("Run took %v to end", quickest)
}

// runEnds returns how long Run takes to end while it is busy.
func runEnds(t *testing.T) (took time.Duration) {
	t.Helper()
	before := runtime.NumGoroutine()
	a, b := open(t, t.TempDir(), "Ada"), open(t, t.TempDir(), "Grace")
	stopA, stopB := run(t, a), run(t, b)
	connect(t, a, b)
	space := newSpace(t, a)
	pair(t, a, b, space)
	doc := newDoc(t, a, space, "x")
	addr := status(t, b).Listen[0]

	busy, rest := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range 4 { // all that starts goroutines, until after the end
		calls.Go(func() {
			for busy.Err() == nil {
				_, _ = a.Connect(busy, addr)
				_, _ = a.StartPairing(busy, b.ID().String(), peer.SpaceID{})
				_, _ = a.NewSpace(busy, "More")
			}
		})
	}
	began := time.Now()
	stopA()
	took = time.Since(began)
	if _, err := a.Connect(t.Context(), addr); err == nil {
		t.Error("connected without a network")
	}
	write(t, a, doc, "y")
	rest()
	calls.Wait()
	stopB()
	for _, p := range []*peer.Peer{a, b} {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+1 })
	return took
}
