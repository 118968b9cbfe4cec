package peer

import (
	"context"
	"io"
	"net/netip"
	"strings"

	"starling/sync/protocol"
	"starling/sync/transport"
)

// Network gives a peer its place on a network: UDP with QUIC, or another whose
// endpoints keep the words of package transport's.
type Network interface {
	// Listen opens the address addr, host:port, as [transport.Listen] does. The
	// peer closes the endpoint.
	Listen(c transport.Config, addr string) (Endpoint, error)
}

// Endpoint is where a peer accepts connections and dials; see
// [transport.Endpoint] for what each method promises. It is safe for concurrent
// use.
type Endpoint interface {
	Addr() netip.AddrPort
	Port() int
	Accept(context.Context) (Connection, error)
	Dial(ctx context.Context, addr netip.AddrPort, want DeviceID) (Connection, error)
	// DialFirst dials several addresses of one device; the first to answer wins.
	DialFirst(ctx context.Context, addrs []netip.AddrPort, want DeviceID) (Connection, error)
	// Close ends all connections and waits for all goroutines.
	Close() error
}

// Connection is a connection as a session and the peer see it. Its errors, and
// those of its streams, are such that [transport.CodeOf] reads.
type Connection interface {
	protocol.Conn
	// Remote is the peer's address now, with its zone.
	Remote() netip.AddrPort
}

// udp is the real network.
type udp struct{}

func (udp) Listen(c transport.Config, addr string) (Endpoint, error) {
	e, err := transport.Listen(c, addr)
	if err != nil {
		return nil, err
	}
	return QUIC(e), nil
}

// QUIC is a QUIC endpoint as a peer sees it, for a [Network] that gives it another
// socket.
func QUIC(e *transport.Endpoint) Endpoint { return endpoint{e} }

// endpoint is a QUIC endpoint as a peer sees it.
type endpoint struct{ *transport.Endpoint }

func (e endpoint) Accept(ctx context.Context) (Connection, error) {
	return asWire(e.Endpoint.Accept(ctx))
}

func (e endpoint) Dial(ctx context.Context, addr netip.AddrPort, want DeviceID) (Connection, error) {
	return asWire(e.Endpoint.Dial(ctx, addr, want))
}

func (e endpoint) DialFirst(ctx context.Context, addrs []netip.AddrPort, want DeviceID) (Connection, error) {
	return asWire(transport.DialFirst(ctx, e.Endpoint, addrs, want))
}

func asWire(c *transport.Conn, err error) (Connection, error) {
	if err != nil {
		return nil, err
	}
	return wire{c}, nil
}

// wire is a QUIC connection as a session sees it.
type wire struct{ *transport.Conn }

func (w wire) OpenControl(ctx context.Context) (io.ReadWriteCloser, error) {
	return orNil[io.ReadWriteCloser](w.OpenStream(ctx))
}

func (w wire) AcceptControl(ctx context.Context) (io.ReadWriteCloser, error) {
	return orNil[io.ReadWriteCloser](w.AcceptStream(ctx))
}

func (w wire) OpenBulk(ctx context.Context) (io.WriteCloser, error) {
	return orNil[io.WriteCloser](w.OpenSend(ctx))
}

func (w wire) AcceptBulk(ctx context.Context) (io.Reader, error) {
	return orNil[io.Reader](w.AcceptReceive(ctx))
}

// orNil keeps a nil stream from becoming an interface that is not nil.
func orNil[I any, S any, P interface{ *S }](stream P, err error) (I, error) {
	var none I
	if err != nil {
		return none, err
	}
	return any(stream).(I), nil
}

// Close tells the peer why, in the protocol's codes.
func (w wire) Close(cause error) {
	reason := ""
	if cause != nil {
		reason, _, _ = strings.Cut(cause.Error(), "\n")
	}
	_ = w.Conn.Close(CloseCode(cause), reason) // it may be closed already
}
