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
	socket net.PacketConn
	quic   *quic.Transport
	listen *quic.Listener
	close  func() error // shutdown, once

	ctx    context.Context // ends when Close begins
	cancel context.CancelCauseFunc
	work   sync.WaitGroup // dials, and what waits for the end of a connection

	mu       sync.Mutex
	closed   bool
	conns    map[*Conn]struct{}
	incoming int // connections that others opened, unfinished ones counted
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
	warnOff()
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	socket, err := net.ListenUDP("udp", udp) // bare, or quic-go loses GSO
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err) // names the address itself
	}
	e, err := listenOn(c, socket)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", addr, err), socket.Close())
	}
	return e, nil
}

// listenOn makes an endpoint of an open socket. It owns the socket from then
// on, unless it fails.
func listenOn(c Config, socket net.PacketConn) (*Endpoint, error) {
	cert, err := c.Identity.Certificate()
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		id:     c.Identity.ID(),
		cert:   cert,
		log:    c.Logger,
		socket: socket,
		conns:  make(map[*Conn]struct{}),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	e.close = sync.OnceValue(e.shutdown)
	e.quic = &quic.Transport{
		Conn:                socket,
		ConnectionIDLength:  connIDLen,
		StatelessResetKey:   resetKey(c.Identity),
		ConnContext:         e.incomingContext,
		VerifySourceAddress: e.mustCheck,
	}
	e.listen, err = e.quic.Listen(tlsConfig(cert, e.id, identity.DeviceID{}), quicConfig())
	if err != nil {
		return nil, errors.Join(err, e.quic.Close())
	}
	return e, nil
}

// Addr is the local address; its host is unspecified if the endpoint listens on
// all.
func (e *Endpoint) Addr() netip.AddrPort { return addrPort(e.socket.LocalAddr()) }

// Port is the local UDP port.
func (e *Endpoint) Port() int { return int(e.Addr().Port()) }

// Accept waits for a connection that another device has opened; its handshake
// is complete. It fails with [ErrClosed] after [Endpoint.Close], with the
// context's error, or when the socket has broken: then close the endpoint and
// listen anew. The endpoint owns the connection; the caller may close it.
func (e *Endpoint) Accept(ctx context.Context) (*Conn, error) {
	for {
		q, err := e.listen.Accept(ctx)
		if err != nil && e.ctx.Err() != nil {
			err = ErrClosed
		}
		if err != nil {
			return nil, fmt.Errorf("accept a connection: %w", err)
		}
		c, err := e.adopt(q, false)
		if err == nil {
			return c, nil
		}
		e.log.Warn("connection dropped", "address", q.RemoteAddr(), "error", err)
	}
}

// Close closes all connections with [Shutdown], waits until they and every
// goroutine have ended, and closes the socket. Later calls return the same.
func (e *Endpoint) Close() error { return e.close() }

func (e *Endpoint) shutdown() error {
	e.mu.Lock()
	e.closed = true
	open := make([]*quic.Conn, 0, len(e.conns))
	for c := range e.conns {
		open = append(open, c.quic)
	}
	e.mu.Unlock()

	e.cancel(ErrClosed)     // ends the dials
	err := e.listen.Close() // ends unfinished handshakes
	for {                   // finished, but not yet accepted
		q, acceptErr := e.listen.Accept(context.Background())
		if acceptErr != nil {
			break
		}
		open = append(open, q)
	}
	var closing sync.WaitGroup
	for _, q := range open {
		closing.Go(func() { _ = q.CloseWithError(quic.ApplicationErrorCode(Shutdown), "") }) // never fails
	}
	closing.Wait()
	err = errors.Join(err, e.quic.Close(), e.socket.Close())
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

// mustCheck reports whether a new dialler has to show that it hears us.
func (e *Endpoint) mustCheck(net.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.incoming >= checkAddress
}

// incomingContext is called for each connection that another device begins. An
// error refuses it. The context ends with the connection, and its cause is then
// the only trace of a failed handshake.
func (e *Endpoint) incomingContext(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if e.incoming >= maxIncoming {
		return nil, errFull
	}
	e.incoming++
	e.work.Add(1)
	context.AfterFunc(ctx, func() {
		defer e.work.Done()
		e.mu.Lock()
		e.incoming--
		e.mu.Unlock()
		if err := context.Cause(ctx); failedHandshake(err) {
			e.log.Info("handshake failed", "address", info.RemoteAddr, "error", err)
		}
	})
	return ctx, nil
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
