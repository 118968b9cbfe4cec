package peer_test

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/protocol"
	"starling/sync/transport"
)

// gates is the real network, on which what the first device to connect says on its
// control stream can be held up.
type gates struct{ first *gate }

func (g gates) Listen(c transport.Config, addr string) (peer.Endpoint, error) {
	e, err := transport.Listen(c, addr)
	if err != nil {
		return nil, err
	}
	return &gatedEndpoint{peer.QUIC(e), g.first, sync.Once{}}, nil
}

type gatedEndpoint struct {
	peer.Endpoint
	first *gate
	once  sync.Once
}

func (e *gatedEndpoint) Accept(ctx context.Context) (peer.Connection, error) {
	c, err := e.Endpoint.Accept(ctx)
	if err == nil {
		e.once.Do(func() { c = gatedConn{c, e.first} })
	}
	return c, err
}

type gatedConn struct {
	peer.Connection
	gate *gate
}

func (c gatedConn) AcceptControl(ctx context.Context) (io.ReadWriteCloser, error) {
	s, err := c.Connection.AcceptControl(ctx)
	if err != nil {
		return nil, err
	}
	go c.gate.fill(s)
	return gatedStream{s, c.gate}, nil
}

type gatedStream struct {
	io.ReadWriteCloser
	gate *gate
}

func (s gatedStream) Read(b []byte) (int, error) { return s.gate.read(b) }

// gate keeps what has come until it is read, also when the connection has ended.
type gate struct {
	mu      sync.Mutex
	changed sync.Cond
	shut    bool
	data    []byte
	err     error
	drained chan struct{} // closed when the end was read, and so all before it taken
}

func newGate() *gate {
	g := &gate{drained: make(chan struct{})}
	g.changed.L = &g.mu
	return g
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	g.changed.Broadcast()
}

func (g *gate) fill(from io.Reader) {
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		g.mu.Lock()
		g.data, g.err = append(g.data, b[:n]...), err
		g.changed.Broadcast()
		g.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (g *gate) read(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.shut || len(g.data) == 0 && g.err == nil {
		g.changed.Wait()
	}
	if len(g.data) > 0 {
		n := copy(b, g.data)
		g.data = g.data[n:]
		return n, nil
	}
	select {
	case <-g.drained:
	default:
		close(g.drained)
	}
	return 0, g.err
}

// holds reports how many bytes wait.
func (g *gate) holds() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.data)
}

// other is a host that knows nobody and pairs with whoever asks.
type other struct {
	rogue
	mu   sync.Mutex
	seen protocol.Pairing
}

func (o *other) MayPair(*protocol.Session) (bool, time.Duration) { return true, 0 }
func (o *other) Spaces(identity.DeviceID) []protocol.Space       { return nil }

func (o *other) PairingChanged(_ *protocol.Session, seen protocol.Pairing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = seen
}

func (o *other) pairing() protocol.Pairing {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen
}

// speakTo begins a session of the device with p.
func speakTo(t *testing.T, id *identity.Identity, p *peer.Peer) (*protocol.Session, *other) {
	t.Helper()
	o := &other{}
	s := protocol.NewSession(id.ID(), peer.Wire(dialRaw(t, id, p)), o, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s, o
}

// A request to pair over a connection that has given way to another one is read when
// a code is compared over that one: it changes nothing there. If it had been asked
// after the connection has ended, whoever asks would have joined what goes on.
func TestARequestOverAConnectionThatGaveWay(t *testing.T) {
	late := newGate()
	p, err := peer.Open(t.Context(), peer.Config{
		Home: t.TempDir(), Name: "Ada", Make: true, Listen: "127.0.0.1:0", NoDiscovery: true,
		Network: gates{late}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, p)
	defer func() {
		late.set(false)
		stop()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	var id *identity.Identity
	for id == nil || id.ID().Compare(p.ID()) > 0 { // the request of the smaller ID counts
		if id, err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	old, _ := speakTo(t, id, p)
	eventually(t, "they are connected", func() bool { return connected(p, id.ID()) && late.holds() == 0 })
	late.set(true)
	before := late.holds()
	if err := old.RequestPairing(false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request has come", func() bool { return late.holds() >= before+32 }) // its commitment
	s, o := speakTo(t, id, p)
	eventually(t, "the other connection gives way", func() bool { return late.ended() })
	info, err := p.StartPairing(t.Context(), id.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	late.set(false)
	<-late.drained
	eventually(t, "both see a code", func() bool { return o.pairing().Code == info.Code })
	if err := s.ConfirmPairing(); err != nil {
		t.Fatal(err)
	}
	if err := p.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
		t.Fatal(err)
	}
	if err := p.WaitPairing(t.Context(), info.Key); err != nil {
		t.Error(err)
	}
}

func (g *gate) ended() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err != nil
}
