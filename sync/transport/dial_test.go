package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"starling/sync/identity"
)

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
}

// silent is an address where packets vanish: a socket that nobody reads.
func silent(t *testing.T) netip.AddrPort {
	t.Helper()
	s, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return addrPort(s.LocalAddr())
}

func TestDialRefuses(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	for _, tc := range []struct {
		name string
		addr netip.AddrPort
		want identity.DeviceID
		err  error
	}{
		{"another device", b.Addr(), newIdentity(t).ID(), ErrWrongDevice},
		{"itself by name", b.Addr(), a.id, ErrSelf},
		{"itself by address", a.Addr(), identity.DeviceID{}, ErrSelf},
		{"no address", netip.AddrPort{}, b.id, ErrNoAddress},
		{"no port", loopback(0), b.id, ErrNoAddress},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := a.Dial(short(t), tc.addr, tc.want); !errors.Is(err, tc.err) {
				t.Errorf("%v, want %v", err, tc.err)
			}
		})
	}
	// Neither side counts a refused handshake as a connection.
	if conn, _ := pair(t, a, b); conn.Peer() != b.id {
		t.Error("the next good connection is another's")
	}
}

func TestDialAnyDevice(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	c, err := a.Dial(short(t), b.Addr(), identity.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Peer() != b.id {
		t.Errorf("reached %s", c.Peer())
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	a := open(t, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Dial(ctx, silent(t), identity.DeviceID{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestContextOfDialDoesNotBoundTheConnection(t *testing.T) {
	a, b := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	c, err := a.Dial(ctx, b.Addr(), b.id)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	there, err := b.Accept(short(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.OpenSend(short(t))
	if err != nil {
		t.Fatal(err)
	}
	send(t, s, "still here")
	r, err := there.AcceptReceive(short(t))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, r, "still here")
}

func TestDialFirst(t *testing.T) {
	a, b, other := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	for _, tc := range []struct {
		name  string
		addrs []netip.AddrPort
		err   error // nil: b answers
	}{
		{"one", []netip.AddrPort{b.Addr()}, nil},
		{"after silent ones", []netip.AddrPort{silent(t), silent(t), b.Addr()}, nil},
		{"after another device", []netip.AddrPort{other.Addr(), b.Addr()}, nil},
		{"after itself", []netip.AddrPort{a.Addr(), b.Addr()}, nil},
		{"before silent ones", []netip.AddrPort{b.Addr(), silent(t)}, nil},
		{"all wrong", []netip.AddrPort{other.Addr(), a.Addr()}, ErrSelf},
		{"all wrong, other way", []netip.AddrPort{other.Addr(), a.Addr()}, ErrWrongDevice},
		{"none", nil, ErrNoAddress},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			c, err := DialFirst(short(t), a, tc.addrs, b.id)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%v, want %v", err, tc.err)
			}
			if took := time.Since(start); took > handshakeTimeout {
				t.Errorf("took %v", took)
			}
			if tc.err == nil && c.Peer() != b.id {
				t.Errorf("reached %s", c.Peer())
			}
		})
	}
}

func TestDialFirstEndsWithItsContext(t *testing.T) {
	a := open(t, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := DialFirst(ctx, a, []netip.AddrPort{silent(t), silent(t)}, identity.DeviceID{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
