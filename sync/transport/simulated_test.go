package transport

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go/testutils/simnet"

	"starling/sync/identity"
)

// cable is a simulated network that can be cut.
type cable struct {
	simnet.PerfectRouter
	cut atomic.Bool
}

func (c *cable) SendPacket(p simnet.Packet) error {
	if c.cut.Load() {
		return nil
	}
	return c.PerfectRouter.SendPacket(p)
}

// anywhere has every address on this network.
type anywhere struct{}

func (anywhere) Local(netip.Addr) bool { return true }
func (anywhere) Own(netip.Addr) bool   { return false }

// simulated runs test in a synctest bubble with two endpoints on one cable.
func simulated(t *testing.T, test func(t *testing.T, c *cable, a, b *Endpoint)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := new(cable)
		network := &simnet.Simnet{Router: c}
		on := func(addr string) *Endpoint {
			// The router takes an address in its 4- and its 16-byte form for two.
			socket := network.NewEndpoint(
				net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)),
				simnet.NodeBiDiLinkSettings{Latency: time.Millisecond},
			)
			return must[*Endpoint](t)(ListenOn(Config{Identity: newIdentity(t), Links: anywhere{}}, socket))
		}
		a, b := on("10.0.0.1:9000"), on("10.0.0.2:9000")
		if err := network.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := errors.Join(a.Close(), b.Close(), network.Close()); err != nil {
				t.Error(err)
			}
		}()
		test(t, c, a, b)
	})
}

func TestSilentPeerIsFoundDead(t *testing.T) {
	simulated(t, func(t *testing.T, c *cable, a, b *Endpoint) {
		dialled, accepted := pair(t, a, b)
		c.cut.Store(true)
		start := time.Now()
		for _, end := range []*Conn{dialled, accepted} {
			<-end.Context().Done()
			if took := time.Since(start); took < IdleTimeout-100*time.Millisecond || took > IdleTimeout+KeepAlive+100*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if code, _, remote, err := end.Cause(); code != Timeout || remote {
				t.Errorf("ended with %v", err)
			}
		}
	})
}

func TestIdleConnectionStays(t *testing.T) {
	simulated(t, func(t *testing.T, _ *cable, a, b *Endpoint) {
		dialled, accepted := pair(t, a, b)
		time.Sleep(time.Hour) // of simulated time
		for _, end := range []*Conn{dialled, accepted} {
			if _, _, _, err := end.Cause(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSilentAddressIsGivenUp(t *testing.T) {
	simulated(t, func(t *testing.T, c *cable, a, b *Endpoint) {
		c.cut.Store(true)
		start := time.Now()
		_, err := a.Dial(t.Context(), b.Addr(), identity.DeviceID{})
		if code, remote, ok := CodeOf(err); code != Timeout || remote || !ok {
			t.Error(err)
		}
		if took := time.Since(start); took != handshakeTimeout {
			t.Errorf("took %v", took)
		}
	})
}

func TestCloseTellsThoseNotYetAccepted(t *testing.T) {
	simulated(t, func(t *testing.T, _ *cable, a, b *Endpoint) {
		c, err := a.Dial(t.Context(), b.Addr(), b.id)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // of simulated time: b's handshake has ended too
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		<-c.Context().Done()
		if code, _, remote, err := c.Cause(); code != Shutdown || !remote {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestConnectionThatMeetsClose(t *testing.T) {
	simulated(t, func(t *testing.T, _ *cable, a, b *Endpoint) {
		setClosed := func(closed bool) {
			b.mu.Lock()
			b.closed = closed
			b.mu.Unlock()
		}
		// Close begins when the handshake has begun.
		b.known = func(identity.DeviceID) bool { setClosed(true); return false }
		c, err := a.Dial(t.Context(), b.Addr(), b.id)
		if err != nil {
			t.Fatal(err)
		}
		defer setClosed(false)
		<-c.Context().Done()
		if code, _, remote, err := c.Cause(); code != Shutdown || !remote {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestCloseTellsThePeer(t *testing.T) {
	long := strings.Repeat("x", maxReason-1) + "é" // cut inside a letter
	simulated(t, func(t *testing.T, _ *cable, a, b *Endpoint) {
		for _, tc := range []struct {
			code         Code
			reason, want string
			accepter     bool // closes, not the dialler
		}{
			{Done, "", "", false},
			{Duplicate, "an older one stays", "an older one stays", false},
			{Malformed, "bad CBOR", "bad CBOR", true},
			{Internal, long, long[:maxReason-1], true},
			{Code(1 << 40), "ünknown", "ünknown", false},
		} {
			here, there := pair(t, a, b)
			if tc.accepter {
				here, there = there, here
			}
			if err := here.Close(tc.code, tc.reason); err != nil {
				t.Fatal(err)
			}
			ended(t, there)
			checkCause(t, here, tc.code, tc.want, false)
			checkCause(t, there, tc.code, tc.want, true)
		}
	})
}

func checkCause(t *testing.T, c *Conn, wantCode Code, wantReason string, wantRemote bool) {
	t.Helper()
	code, reason, remote, err := c.Cause()
	if code != wantCode || reason != wantReason || remote != wantRemote || err == nil {
		t.Errorf("ended with %v, %q, %t, %v; want %v, %q, %t", code, reason, remote, err, wantCode, wantReason, wantRemote)
	}
}

func TestDialFirstClosesLosers(t *testing.T) {
	simulated(t, func(t *testing.T, _ *cable, a, b *Endpoint) {
		ctx := short(t)
		r := race{endpoint: a, want: b.id, results: make(chan result, 2)}
		r.dial(ctx, b.Addr())
		r.dial(ctx, b.Addr())
		var accepted []*Conn // both, before the slower one can be given up
		for range 2 {
			c, err := b.Accept(ctx)
			if err != nil {
				t.Fatal(err)
			}
			accepted = append(accepted, c)
		}
		winner := <-r.results
		if winner.err != nil {
			t.Fatal(winner.err)
		}
		r.closeLosers()

		var live int
		for _, c := range accepted {
			if c.Exporter() == winner.conn.Exporter() {
				live++
				continue
			}
			ended(t, c)
			checkCause(t, c, Duplicate, "another address was faster", true)
		}
		if live != 1 || winner.conn.Context().Err() != nil {
			t.Error("the winner does not stay")
		}
	})
}
