package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/transport"
)

// What QUIC does about silence; see package transport.
const (
	handshakeTime = 5 * time.Second
	keepAlive     = 2500 * time.Millisecond
)

// weather is how a network treats what it carries.
type weather struct {
	latency, jitter time.Duration
	loss            float64 // of one packet; it comes again after a while
	window          int     // bytes of a stream that nobody has read
}

// network is a network of endpoints, in one synctest bubble.
type network struct {
	mu      sync.Mutex
	rng     *rand.Rand
	weather weather
	hosts   map[netip.AddrPort]*endpoint
	group   map[netip.AddrPort]int // of a partition; those in another are out of reach
	apart   map[pair]time.Time     // since when two are
	lines   map[*line]struct{}
	made    uint64        // connections so far
	changed chan struct{} // closed at each change of a partition
}

// pair is two hosts, the smaller first.
type pair [2]netip.AddrPort

func pairOf(a, b netip.AddrPort) pair {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return pair{a, b}
}

func newNetwork(seed uint64, w weather) *network {
	return &network{
		rng: rand.New(rand.NewPCG(seed, 0x6e6574)), weather: w,
		hosts: map[netip.AddrPort]*endpoint{}, group: map[netip.AddrPort]int{},
		apart: map[pair]time.Time{}, lines: map[*line]struct{}{}, changed: make(chan struct{}),
	}
}

// listen gives a peer its place.
func (n *network) listen(c transport.Config, addr string) (*endpoint, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	e := &endpoint{net: n, at: at, id: c.Identity.ID(), came: make(chan *end, 1024), ends: map[*end]struct{}{}}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[at] != nil {
		return nil, fmt.Errorf("listen on %s: address in use", addr)
	}
	n.hosts[at] = e
	for l := range n.lines { // of an earlier life: a stateless reset answers the next packet
		for side := range l.ends {
			if l.hosts[side] == at && l.ends[side].endpoint != e {
				far := l.ends[1-side]
				time.AfterFunc(n.upTo(keepAlive), func() { far.fail(&quic.StatelessResetError{}) })
			}
		}
	}
	return e, nil
}

// upTo draws a time; under mu.
func (n *network) upTo(d time.Duration) time.Duration {
	return time.Duration(n.rng.Int64N(int64(d) + 1))
}

// delay is how long a packet takes, with all its losses.
func (n *network) delay() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.weather.latency + n.upTo(n.weather.jitter)
	for rto := 2*d + 25*time.Millisecond; n.rng.Float64() < n.weather.loss && rto < 3*time.Second; rto *= 2 {
		d += rto
	}
	return d
}

// reachable reports whether packets pass between two hosts, and gives the channel
// that is closed when that may have changed.
func (n *network) reachable(a, b netip.AddrPort) (bool, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.group[a] == n.group[b], n.changed
}

// partition puts each host into a group; those not named are in group 0.
func (n *network) partition(groups map[netip.AddrPort]int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.group = groups
	now := time.Now()
	for l := range n.lines {
		p := pairOf(l.hosts[0], l.hosts[1])
		if groups[p[0]] == groups[p[1]] {
			delete(n.apart, p)
			continue
		}
		since, was := n.apart[p]
		if !was {
			since = now
			n.apart[p] = now
		}
		time.AfterFunc(transport.IdleTimeout+n.upTo(keepAlive), func() { n.lose(l, p, since) })
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// lose ends a connection whose ends have been apart ever since.
func (n *network) lose(l *line, p pair, since time.Time) {
	n.mu.Lock()
	still := n.apart[p].Equal(since) && n.group[p[0]] != n.group[p[1]]
	n.mu.Unlock()
	if still {
		l.break_(&quic.IdleTimeoutError{})
	}
}

// cut breaks all connections of a host at once, as a changed address does.
func (n *network) cut(at netip.AddrPort) (broken int) {
	n.mu.Lock()
	var lines []*line
	for l := range n.lines {
		if l.hosts[0] == at || l.hosts[1] == at {
			lines = append(lines, l)
		}
	}
	n.mu.Unlock()
	for _, l := range lines {
		l.break_(&quic.StatelessResetError{})
	}
	return len(lines)
}

// connect makes a connection of two endpoints, or none if one is gone.
func (n *network) connect(from, to *endpoint) (*line, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.made++
	var seed [16]byte
	binary.BigEndian.PutUint64(seed[:], n.made)
	binary.BigEndian.PutUint64(seed[8:], n.rng.Uint64())
	l := &line{net: n, exporter: sha256.Sum256(seed[:]), hosts: [2]netip.AddrPort{from.at, to.at}}
	for side, e := range []*endpoint{from, to} {
		l.ends[side] = &end{
			line: l, side: side, endpoint: e, ended: make(chan struct{}),
			controls: make(chan *stream, 64), bulks: make(chan *stream, 1024),
		}
	}
	if !from.own(l.ends[0]) || !to.own(l.ends[1]) {
		return nil, transport.ErrClosed
	}
	n.lines[l] = struct{}{}
	return l, nil
}

// endpoint is one host on the network.
type endpoint struct {
	net    *network
	at     netip.AddrPort
	id     identity.DeviceID
	came   chan *end
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	ends   map[*end]struct{}
}

func (e *endpoint) own(c *end) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.ends[c] = struct{}{}
	return true
}

func (e *endpoint) Addr() netip.AddrPort { return e.at }

func (e *endpoint) Port() int { return int(e.at.Port()) }

func (e *endpoint) Accept(ctx context.Context) (peer.Connection, error) {
	select {
	case c := <-e.came:
		return c, nil
	case <-e.ctx.Done():
		return nil, transport.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *endpoint) Dial(ctx context.Context, addr netip.AddrPort, want identity.DeviceID) (peer.Connection, error) {
	return e.DialFirst(ctx, []netip.AddrPort{addr}, want)
}

// DialFirst tries one address after the other: no host here has two.
func (e *endpoint) DialFirst(ctx context.Context, addrs []netip.AddrPort, want identity.DeviceID) (peer.Connection, error) {
	err := transport.ErrNoAddress
	for _, addr := range addrs {
		var c *end
		if c, err = e.dial(ctx, addr, want); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("dial %s: %w", addrs, err)
}

func (e *endpoint) dial(ctx context.Context, addr netip.AddrPort, want identity.DeviceID) (*end, error) {
	if want == e.id {
		return nil, transport.ErrSelf
	}
	timeout := time.NewTimer(handshakeTime)
	defer timeout.Stop()
	answer := time.NewTimer(2*e.net.delay() + time.Millisecond)
	defer answer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.ctx.Done():
			return nil, transport.ErrClosed
		case <-timeout.C:
			return nil, &quic.IdleTimeoutError{}
		case <-answer.C:
		}
		if c, err := e.meet(addr, want); c != nil || err != nil {
			return c, err
		}
		answer.Reset(2*e.net.delay() + 200*time.Millisecond) // nobody has answered
	}
}

// meet ends a handshake, if somebody is there.
func (e *endpoint) meet(addr netip.AddrPort, want identity.DeviceID) (*end, error) {
	ok, _ := e.net.reachable(e.at, addr)
	e.net.mu.Lock()
	to := e.net.hosts[addr]
	e.net.mu.Unlock()
	switch {
	case !ok || to == nil:
		return nil, nil
	case to.id == e.id:
		return nil, transport.ErrSelf
	case !want.IsZero() && to.id != want:
		return nil, fmt.Errorf("%w: %s", transport.ErrWrongDevice, to.id)
	}
	l, err := e.net.connect(e, to)
	if err != nil {
		return nil, err
	}
	to.came <- l.ends[1]
	return l.ends[0], nil
}

// Close ends all connections and tells the others so.
func (e *endpoint) Close() error {
	for _, c := range e.leave() {
		c.close(transport.Shutdown, "")
	}
	return nil
}

// kill ends all connections without a word, as a death does.
func (e *endpoint) kill() {
	for _, c := range e.leave() {
		c.fail(transport.ErrClosed)
		e.net.mu.Lock()
		after := transport.IdleTimeout + e.net.upTo(keepAlive)
		e.net.mu.Unlock()
		time.AfterFunc(after, func() { c.far().fail(&quic.IdleTimeoutError{}) })
	}
}

func (e *endpoint) leave() []*end {
	e.net.mu.Lock()
	if e.net.hosts[e.at] == e {
		delete(e.net.hosts, e.at)
	}
	e.net.mu.Unlock()
	e.cancel(transport.ErrClosed)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	var open []*end
	for c := range e.ends {
		open = append(open, c)
	}
	return open
}

func (n *network) setWeather(w weather) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.weather = w
}

func (n *network) window() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.weather.window
}
