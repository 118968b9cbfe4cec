package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"starling/sync/identity"
)

// only has some addresses on this network.
type only []netip.Addr

func (o only) Local(a netip.Addr) bool {
	for _, l := range o {
		if l == a {
			return true
		}
	}
	return false
}

func (only) Own(netip.Addr) bool { return false }

func TestGate(t *testing.T) {
	here, there, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("203.0.113.1")
	g := newGate(only{here})
	check := func(when string, want ...bool) {
		t.Helper()
		for i, a := range []netip.Addr{here, there, netip.MustParseAddr("::ffff:198.51.100.1"), other, {}} {
			if got := g.passes(a); got != want[i] {
				t.Errorf("%s: %s passes: %t", when, a, got)
			}
		}
	}
	check("at first", true, false, false, false, false)
	g.allow([]netip.Addr{netip.MustParseAddr("::ffff:198.51.100.1")})
	check("one allowed", true, true, true, false, false)
	g.allow([]netip.Addr{other})
	check("another allowed", true, false, false, true, false)
	g.allow(nil)
	check("none allowed", true, false, false, false, false)
	if g = newGate(nil); g.passes(here) || !g.passes(netip.MustParseAddr("127.0.0.1")) {
		t.Error("without links, other addresses than loopback pass")
	}
}

// listenAt is a socket of one address of the loopback.
func listenAt(t *testing.T, host string) *net.UDPConn {
	t.Helper()
	s, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(host)})
	if err != nil {
		t.Skipf("no %s here: %v", host, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ask sends the endpoint a packet of QUIC version 0x1a2a3a4a, which asks for the
// versions that it speaks.
func ask(t *testing.T, e *Endpoint, from *net.UDPConn) {
	t.Helper()
	question := append([]byte{0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0}, make([]byte, 1200)...)
	if _, err := from.WriteToUDPAddrPort(question, e.Addr()); err != nil {
		t.Fatal(err)
	}
}

// hears reports whether a packet comes in time.
func hears(t *testing.T, at *net.UDPConn, within time.Duration) bool {
	t.Helper()
	if err := at.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	_, _, err := at.ReadFrom(make([]byte, 1500))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return err == nil
}

func TestFarAddressesAreNotAnswered(t *testing.T) {
	near, far := listenAt(t, "127.0.0.1"), listenAt(t, "127.0.0.2")
	there := netip.MustParseAddr("127.0.0.2")
	e := must[*Endpoint](t)(Listen(Config{Identity: newIdentity(t), Links: only{netip.MustParseAddr("127.0.0.1")}}, "127.0.0.1:0"))
	defer e.Close()
	// Questions are answered in order: who hears of the second knows of the first.
	farIsPassedOver := func() {
		t.Helper()
		ask(t, e, far)
		ask(t, e, near)
		if !hears(t, near, patience) {
			t.Fatal("a near address is not answered")
		}
		if hears(t, far, 20*time.Millisecond) {
			t.Error("a far address that is not allowed is answered")
		}
	}
	dial := func() error {
		_, err := e.Dial(short(t), addrPort(far.LocalAddr()), identity.DeviceID{})
		return err
	}
	farIsPassedOver()
	if err := dial(); !errors.Is(err, ErrNotLocal) {
		t.Errorf("dialled a far address: %v", err)
	}
	if e.HopLimit() != 1 || e.Passes(there) {
		t.Errorf("hop limit %d, the far address passes: %t", e.HopLimit(), e.Passes(there))
	}
	if err := e.Allow([]netip.Addr{there}); err != nil {
		t.Fatal(err)
	}
	if ask(t, e, far); !hears(t, far, patience) {
		t.Error("an allowed address is not answered")
	}
	if e.HopLimit() == 1 || !e.Passes(there) {
		t.Errorf("hop limit %d, the allowed address passes: %t", e.HopLimit(), e.Passes(there))
	}
	if err := e.Allow(nil); err != nil {
		t.Fatal(err)
	}
	farIsPassedOver()
	if e.HopLimit() != 1 {
		t.Errorf("hop limit %d after none is allowed any more", e.HopLimit())
	}
}

// A connection with an address that is no longer allowed is closed, others stay.
func TestDisallowedConnectionsEnd(t *testing.T) {
	links := only{netip.MustParseAddr("127.0.0.1")}
	there := netip.MustParseAddr("127.0.0.2")
	listen := func(addr string, links Links) *Endpoint {
		e := must[*Endpoint](t)(Listen(Config{Identity: newIdentity(t), Links: links}, addr))
		t.Cleanup(func() { e.Close() })
		return e
	}
	a, near, far := listen("127.0.0.1:0", links), listen("127.0.0.1:0", nil), listen("127.0.0.2:0", nil)
	if err := a.Allow([]netip.Addr{there}); err != nil {
		t.Fatal(err)
	}
	stays, _ := pair(t, a, near)
	_, ends := pair(t, a, far)
	if err := a.Allow(nil); err != nil {
		t.Fatal(err)
	}
	ended(t, ends)
	if code, _, remote, err := ends.Cause(); code != Refused || !remote {
		t.Errorf("the far connection ended with %v", err)
	}
	if stays.Context().Err() != nil {
		t.Error("the near connection has ended")
	}
}

// No router passes on what an endpoint sends, until a far address is allowed.
func TestHopLimit(t *testing.T) {
	for host, watch := range map[string]func(*testing.T, *net.UDPConn) func() int{"127.0.0.1": hops4, "::1": hops6} {
		for _, listen := range []string{"", host} {
			t.Run(fmt.Sprintf("%s from %q", host, listen), func(t *testing.T) {
				e := open(t, net.JoinHostPort(listen, "0"))
				for _, want := range []int{nearHops, farHops, nearHops} {
					s := listenAt(t, host) // to which nothing comes of the dial before
					hops := watch(t, s)
					if want == farHops {
						check(t, e.Allow([]netip.Addr{netip.MustParseAddr("192.0.2.1")}))
					} else {
						check(t, e.Allow(nil))
					}
					ctx, cancel := context.WithCancel(t.Context())
					dialled := make(chan error, 1)
					go func() { _, err := e.Dial(ctx, addrPort(s.LocalAddr()), identity.DeviceID{}); dialled <- err }()
					if got := hops(); got != want {
						t.Errorf("hop limit %d, want %d", got, want)
					}
					cancel()
					if err := <-dialled; !errors.Is(err, context.Canceled) { // nobody answers
						t.Error(err)
					}
				}
			})
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func hops4(t *testing.T, s *net.UDPConn) func() int {
	t.Helper()
	p := ipv4.NewPacketConn(s)
	check(t, p.SetControlMessage(ipv4.FlagTTL, true))
	return func() int {
		t.Helper()
		check(t, s.SetReadDeadline(time.Now().Add(patience)))
		_, cm, _, err := p.ReadFrom(make([]byte, 1500))
		check(t, err)
		return cm.TTL
	}
}

func hops6(t *testing.T, s *net.UDPConn) func() int {
	t.Helper()
	p := ipv6.NewPacketConn(s)
	check(t, p.SetControlMessage(ipv6.FlagHopLimit, true))
	return func() int {
		t.Helper()
		check(t, s.SetReadDeadline(time.Now().Add(patience)))
		_, cm, _, err := p.ReadFrom(make([]byte, 1500))
		check(t, err)
		return cm.HopLimit
	}
}

func TestAway(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{net.ErrClosed, false},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", syscall.EMSGSIZE)}, false}, // how quic-go finds the MTU
		{&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", syscall.EIO)}, false},      // how it finds that GSO fails
		{&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", syscall.EINVAL)}, false},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", awayErrors[0])}, true},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", awayErrors[1])}, true},
	} {
		if got := away(c.err); got != c.want {
			t.Errorf("%v: away is %t", c.err, got)
		}
	}
}

// largest is a guard that notes the most bytes written and read at once.
type largest struct {
	*guard
	written, batch atomic.Int64
}

func (l *largest) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	l.written.Store(max(l.written.Load(), int64(len(b))))
	return l.guard.WriteMsgUDP(b, oob, to)
}

func (l *largest) ReadBatch(ms []ipv4.Message, flags int) (int, error) {
	n, err := l.guard.ReadBatch(ms, flags)
	l.batch.Store(max(l.batch.Load(), int64(n)))
	return n, err
}

// The guard must not take from quic-go what makes it fast.
func TestGuardKeepsBatchesAndSegments(t *testing.T) {
	bare := listenAt(t, "127.0.0.1")
	g, err := newGuard(bare, newGate(nil))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has GSO")
	}
	l := &largest{guard: g}
	tr := &quic.Transport{Conn: l}
	defer tr.Close()
	e := open(t, "127.0.0.1:0")
	id := newIdentity(t)
	q, err := tr.Dial(short(t), net.UDPAddrFromAddrPort(e.Addr()), tlsConfig(must[tls.Certificate](t)(id.Certificate()), id.ID(), e.id), quicConfig())
	if err != nil {
		t.Fatal(err)
	}
	there, err := e.Accept(short(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := q.OpenUniStream()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = s.Write(make([]byte, 4<<20))
		_ = s.Close()
	}()
	r, err := there.AcceptReceive(short(t))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != 4<<20 || err != nil {
		t.Fatal(n, err)
	}
	if w := l.written.Load(); w < 2000 {
		t.Errorf("at most %d bytes were written at once: no segments", w)
	}
	if l.batch.Load() == 0 {
		t.Error("not read in batches")
	}
}
