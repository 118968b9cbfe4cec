package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
)

// Endpoint is one UDP socket that listens and dials. It is safe for concurrent
// use.
type Endpoint struct {
	id     identity.DeviceID
	cert   tls.Certificate
	log    *slog.Logger
	known  func(identity.DeviceID) bool
	gate   *gate
	socket net.PacketConn
	quic   *quic.Transport
	listen *quic.EarlyListener
	ready  chan *Conn   // those who have come in
	close  func() error // shutdown, once

	ctx    context.Context // ends when Close begins or the socket breaks
	cancel context.CancelCauseFunc
	work   sync.WaitGroup // dials, visits, and what waits for the end of a connection

	mu     sync.Mutex
	closed bool
	conns  map[*Conn]struct{}
	door   *door
}

// warnOff keeps quic-go from printing to standard error that the system's
// receive buffer is small; it asks nothing but this variable.
var warnOff = sync.OnceFunc(func() {
	const name = "QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING"
	if _, set := os.LookupEnv(name); !set {
		os.Setenv(name, "true") // fails only for a bad name
	}
})

// Listen opens the UDP address addr, host:port, for listening and dialling. An
// empty host is every address, of IPv4 and IPv6; port 0 is any free one. The
// caller closes the endpoint.
func Listen(c Config, addr string) (*Endpoint, error) {
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	socket, err := net.ListenUDP("udp", udp)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err) // names the address itself
	}
	e, err := ListenOn(c, socket)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", addr, err), socket.Close())
	}
	return e, nil
}

// ListenOn makes an endpoint of an open socket, whose addresses are of type
// [*net.UDPAddr]. It owns the socket from then on, unless it fails.
func ListenOn(c Config, socket net.PacketConn) (*Endpoint, error) {
	warnOff()
	cert, err := c.Identity.Certificate()
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		id:    c.Identity.ID(),
		cert:  cert,
		log:   c.Logger,
		known: c.Known,
		gate:  newGate(c.Links),
		ready: make(chan *Conn),
		conns: make(map[*Conn]struct{}),
	}
	e.door = newDoor(e.gate.links.Own)
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.socket, err = guarded(socket, e.gate); err != nil {
		return nil, err
	}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	e.close = sync.OnceValue(e.shutdown)
	e.quic = &quic.Transport{
		Conn:                e.socket,
		ConnectionIDLength:  connIDLen,
		StatelessResetKey:   resetKey(c.Identity),
		ConnContext:         e.enter,
		VerifySourceAddress: e.mustCheck,
	}
	config := quicConfig()
	config.GetConfigForClient = e.configFor
	// Early, so that an unfinished handshake can be ended. Nothing is sent or
	// read before it is finished, and 0-RTT is off.
	e.listen, err = e.quic.ListenEarly(tlsConfig(cert, e.id, identity.DeviceID{}), config)
	if err != nil {
		return nil, errors.Join(err, e.quic.Close())
	}
	e.work.Go(e.welcome)
	return e, nil
}

// guarded puts the gate before a socket.
func guarded(socket net.PacketConn, g *gate) (net.PacketConn, error) {
	if udp, ok := socket.(*net.UDPConn); ok {
		return newGuard(udp, g)
	}
	return plainGuard{socket, g}, nil
}

// Addr is the local address; its host is unspecified if the endpoint listens on
// all.
func (e *Endpoint) Addr() netip.AddrPort { return addrPort(e.socket.LocalAddr()) }

// Port is the local UDP port.
func (e *Endpoint) Port() int { return int(e.Addr().Port()) }

// Allow lets packets be exchanged with the addresses far, too, though they are
// not on this network, and with no others than these. While there are any,
// packets carry the usual hop limit; else routers drop them. Connections with
// an address that is no longer allowed are closed with [Refused].
func (e *Endpoint) Allow(far []netip.Addr) error {
	e.mu.Lock()
	closing := make([]*Conn, 0, len(e.conns))
	for c := range e.conns {
		at := c.Remote().Addr()
		allowed := slices.ContainsFunc(far, func(a netip.Addr) bool { return a.Unmap() == at })
		if !allowed && !e.gate.links.Local(at) {
			closing = append(closing, c)
		}
	}
	e.mu.Unlock()
	for _, c := range closing { // while it can still be told
		_ = c.Close(Refused, "the address is no longer allowed") // never fails
	}
	e.gate.allow(far)
	s, ok := e.socket.(*guard)
	if !ok {
		return nil
	}
	if err := s.setHops(e.HopLimit()); err != nil {
		e.gate.allow(nil)
		return fmt.Errorf("allow far addresses: %w", err)
	}
	return nil
}

// Passes reports whether packets are exchanged with an address.
func (e *Endpoint) Passes(a netip.Addr) bool { return e.gate.passes(a) }

// HopLimit is that of the packets which this endpoint sends: 1, so that no
// router passes them on, until a far address is allowed.
func (e *Endpoint) HopLimit() int {
	if e.gate.wide() {
		return farHops
	}
	return nearHops
}

// Close closes all connections with [Shutdown], waits until they and every
// goroutine have ended, and closes the socket. Later calls return the same.
func (e *Endpoint) Close() error { return e.close() }

func (e *Endpoint) shutdown() error {
	e.mu.Lock()
	e.closed = true
	var ends []func(Code, string)
	for v := range e.door.visits {
		if v.conn == nil && v.end != nil {
			ends = append(ends, v.end)
		}
	}
	open := make([]*Conn, 0, len(e.conns))
	for c := range e.conns {
		open = append(open, c)
	}
	e.mu.Unlock()

	e.cancel(ErrClosed) // ends the dials and who waits to be accepted
	var closing sync.WaitGroup
	for _, end := range ends {
		end(Shutdown, "")
	}
	for _, c := range open {
		closing.Go(func() { _ = c.Close(Shutdown, "") }) // never fails
	}
	closing.Wait()
	// The listener ends the handshakes that nobody has seen yet.
	err := errors.Join(e.listen.Close(), e.quic.Close(), e.socket.Close())
	e.work.Wait()
	if err != nil {
		return fmt.Errorf("close the endpoint: %w", err)
	}
	return nil
}

// begin counts a piece of work that Close waits for; the caller ends it with
// work.Done. It reports false once the endpoint is closed.
func (e *Endpoint) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.work.Add(1)
	return true
}

func failedHandshake(err error) bool {
	if _, is := errors.AsType[*quic.HandshakeTimeoutError](err); is {
		return true
	}
	tr, is := errors.AsType[*quic.TransportError](err)
	return is && tr.ErrorCode.IsCryptoError()
}

// addrPort is a UDP address with its zone; IPv4 is never dressed as IPv6.
func addrPort(a net.Addr) netip.AddrPort {
	udp, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := udp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
