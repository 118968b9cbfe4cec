package transport

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
)

// exporterLabel names the secret that both ends derive from the handshake
// (RFC 8446, 7.5).
const exporterLabel = "EXPORTER-starling-1"

// Conn is a connection to one device. It is safe for concurrent use.
type Conn struct {
	quic     *quic.Conn
	peer     identity.DeviceID
	dialled  bool
	exporter [32]byte
}

// adopt makes a finished handshake a connection of this endpoint. visit is nil
// if we dialled it.
func (e *Endpoint) adopt(q *quic.Conn, v *visit) (*Conn, error) {
	c, err := newConn(q, v == nil)
	if err == nil && v != nil {
		err = e.introduce(v, c)
	}
	if err != nil {
		_ = q.CloseWithError(quic.ApplicationErrorCode(adoptCode(err)), cleanReason(err.Error())) // never fails
		return nil, err
	}
	e.mu.Lock()
	closed := e.closed
	if !closed {
		e.conns[c] = struct{}{}
		e.work.Add(1)
	}
	e.mu.Unlock()
	if closed {
		_ = c.Close(Shutdown, "") // never fails
		return nil, ErrClosed
	}
	context.AfterFunc(q.Context(), func() {
		defer e.work.Done()
		e.mu.Lock()
		delete(e.conns, c)
		e.mu.Unlock()
	})
	return c, nil
}

func newConn(q *quic.Conn, dialled bool) (*Conn, error) {
	state := q.ConnectionState().TLS
	peer, err := identity.FromTLS(state)
	if err != nil {
		return nil, err
	}
	secret, err := state.ExportKeyingMaterial(exporterLabel, nil, 32)
	if err != nil {
		return nil, fmt.Errorf("export from the handshake with device %s: %w", peer, err)
	}
	return &Conn{quic: q, peer: peer, dialled: dialled, exporter: [32]byte(secret)}, nil
}

// Peer is the device at the other end, as the handshake proved.
func (c *Conn) Peer() identity.DeviceID { return c.peer }

// Dialled reports whether this device opened the connection.
func (c *Conn) Dialled() bool { return c.dialled }

// Remote is the peer's address now, with its zone.
func (c *Conn) Remote() netip.AddrPort { return addrPort(c.quic.RemoteAddr()) }

// Exporter is a secret that both ends of this connection know and no one else
// (RFC 8446, 7.5, label "EXPORTER-starling-1"). No two connections share it.
func (c *Conn) Exporter() [32]byte { return c.exporter }

// Received counts the packets that have come over this connection. While a
// connection lives and is idle, one comes at least each [KeepAlive].
func (c *Conn) Received() uint64 { return c.quic.ConnectionStats().PacketsReceived }

// Probe sends a packet that the peer has to acknowledge (an empty datagram, RFC
// 9221), so that [Conn.Received] grows at once if it is there. It may block on a
// dead connection, until that ends.
func (c *Conn) Probe() error {
	if err := c.quic.SendDatagram(nil); err != nil {
		return c.wrap("probe", err)
	}
	return nil
}

// Context ends with the connection. [Conn.Cause] then says why.
func (c *Conn) Context() context.Context { return c.quic.Context() }

// Close ends the connection and its streams and tells the peer why; what it has
// not yet received is dropped. reason is for people, at most 256 bytes; the rest
// is cut. The first close counts. It waits until the connection has ended.
func (c *Conn) Close(code Code, reason string) error {
	return c.quic.CloseWithError(quic.ApplicationErrorCode(code), cleanReason(reason))
}

// Cause says why the connection ended: the code and reason, whether the peer
// chose them, and the whole error. While the connection lives, err is nil. The
// reason is the peer's own words, of at most 256 bytes, if remote is true.
func (c *Conn) Cause() (code Code, reason string, remote bool, err error) {
	err = context.Cause(c.quic.Context())
	if err == nil {
		return 0, "", false, nil
	}
	code, remote, ok := CodeOf(err)
	if !ok {
		code = Internal // the socket failed
	}
	return code, reasonOf(err), remote, c.wrap("connection", err)
}

// wrap adds operation, address and device to err.
func (c *Conn) wrap(op string, err error) error {
	return fmt.Errorf("%s with device %s at %s: %w", op, c.peer, c.Remote(), err)
}

// OpenStream opens a stream in both directions. It waits while 16 are open.
func (c *Conn) OpenStream(ctx context.Context) (*Stream, error) {
	s, err := c.quic.OpenStreamSync(ctx)
	if err != nil {
		return nil, c.wrap("open a stream", err)
	}
	return &Stream{SendStream{s, c}, ReceiveStream{s, c}}, nil
}

// AcceptStream waits for a stream that the peer has opened and written to.
func (c *Conn) AcceptStream(ctx context.Context) (*Stream, error) {
	s, err := c.quic.AcceptStream(ctx)
	if err != nil {
		return nil, c.wrap("accept a stream", err)
	}
	return &Stream{SendStream{s, c}, ReceiveStream{s, c}}, nil
}

// OpenSend opens a stream towards the peer only. It waits while 64 are open.
func (c *Conn) OpenSend(ctx context.Context) (*SendStream, error) {
	s, err := c.quic.OpenUniStreamSync(ctx)
	if err != nil {
		return nil, c.wrap("open a one-way stream", err)
	}
	return &SendStream{s, c}, nil
}

// AcceptReceive waits for a one-way stream that the peer has written to.
func (c *Conn) AcceptReceive(ctx context.Context) (*ReceiveStream, error) {
	s, err := c.quic.AcceptUniStream(ctx)
	if err != nil {
		return nil, c.wrap("accept a one-way stream", err)
	}
	return &ReceiveStream{s, c}, nil
}
