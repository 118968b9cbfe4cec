package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"starling/sync/identity"
)

func TestListensOnBothFamilies(t *testing.T) {
	a, b := open(t, ":0"), open(t, ":0")
	hosts := []string{"127.0.0.1", "::ffff:127.0.0.1"}
	if hasIPv6() {
		hosts = append(hosts, "::1")
	}
	for _, host := range hosts {
		t.Run(host, func(t *testing.T) {
			addr := netip.AddrPortFrom(netip.MustParseAddr(host), uint16(b.Port()))
			c, err := a.Dial(short(t), addr, b.id)
			if err != nil {
				t.Fatal(err)
			}
			there, err := b.Accept(short(t))
			if err != nil {
				t.Fatal(err)
			}
			if c.Remote().Addr() != addr.Addr().Unmap() || there.Remote().Addr() != addr.Addr().Unmap() {
				t.Errorf("remote addresses %s and %s", c.Remote(), there.Remote())
			}
		})
	}
}

func hasIPv6() bool {
	s, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		return false
	}
	return s.Close() == nil
}

func TestAddressKeepsItsZone(t *testing.T) {
	got := addrPort(&net.UDPAddr{IP: net.ParseIP("fe80::1"), Port: 7, Zone: "eth0"})
	if got.String() != "[fe80::1%eth0]:7" {
		t.Error(got)
	}
}

func TestListenFails(t *testing.T) {
	taken := open(t, "127.0.0.1:0").Addr().String()
	for _, addr := range []string{taken, "nonsense", "127.0.0.1:99999"} {
		e, err := Listen(Config{Identity: newIdentity(t)}, addr)
		if err == nil {
			e.Close()
			t.Errorf("%s: no error", addr)
		} else if !strings.Contains(err.Error(), addr) {
			t.Errorf("%q does not name %s", err, addr)
		}
	}
}

func TestCloseEndsEverything(t *testing.T) {
	before := runtime.NumGoroutine()
	a, err := Listen(Config{Identity: newIdentity(t)}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Listen(Config{Identity: newIdentity(t)}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialled, accepted := pair(t, a, b)
	if _, err := a.Dial(short(t), b.Addr(), b.id); err != nil { // left in the queue
		t.Fatal(err)
	}
	nobody := silent(t)
	waiting := make(chan error, 3)
	go func() {
		for { // takes the queued one, unless Close does
			if _, err := b.Accept(t.Context()); err != nil {
				waiting <- err
				return
			}
		}
	}()
	go func() { _, err := b.Dial(t.Context(), nobody, identity.DeviceID{}); waiting <- err }()
	go func() {
		_, err := DialFirst(t.Context(), b, []netip.AddrPort{nobody, nobody}, identity.DeviceID{})
		waiting <- err
	}()

	if err := b.Close(); err != nil {
		t.Error(err)
	}
	for range cap(waiting) {
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Errorf("a call under way ends with %v", err)
		}
	}
	if accepted.Context().Err() == nil {
		t.Error("Close leaves a connection open")
	}
	ended(t, dialled)
	if code, _, remote, err := dialled.Cause(); code != Shutdown || !remote {
		t.Errorf("the peer sees %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := b.Dial(t.Context(), a.Addr(), a.id); !errors.Is(err, ErrClosed) {
		t.Errorf("Dial after Close: %v", err)
	}
	if _, err := b.Accept(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	waitForGoroutines(t, before)
}

// waitForGoroutines waits until no more than n are left: quic-go ends its last
// ones just after its Close.
func waitForGoroutines(t *testing.T, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx := short(t); runtime.NumGoroutine() > n; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestAcceptEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, "127.0.0.1:0").Accept(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRestartedPeerSaysSo(t *testing.T) {
	a, id := open(t, "127.0.0.1:0"), newIdentity(t)
	old, err := Listen(Config{Identity: id}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialled, accepted := pair(t, a, old)
	// The answer brings the connection ID by which a knows a reset.
	s, err := accepted.OpenSend(short(t))
	if err != nil {
		t.Fatal(err)
	}
	send(t, s, "hello")
	r, err := dialled.AcceptReceive(short(t))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, r, "hello")

	addr := old.Addr().String()
	old.socket.Close() // a crash: nothing more is sent
	ended(t, accepted)
	if _, _, _, err := accepted.Cause(); err == nil {
		t.Error("no cause after the socket broke")
	}
	if _, err := old.Accept(short(t)); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("Accept on a broken socket: %v", err)
	}
	old.Close() // reports the broken socket
	again, err := Listen(Config{Identity: id}, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()

	out, err := dialled.OpenSend(short(t))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	send(t, out, strings.Repeat("are you there? ", 10))
	ended(t, dialled)
	if code, _, remote, err := dialled.Cause(); code != Shutdown || !remote {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(start); took > IdleTimeout/2 {
		t.Errorf("took %v", took)
	}
}
