package peer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/discovery"
	"starling/sync/onlink"
	"starling/sync/protocol"
	"starling/sync/transport"
)

// network is what a peer has while Run runs.
type network struct {
	p        *Peer
	log      *slog.Logger
	endpoint Endpoint
	ctx      context.Context
	wake     chan struct{} // of the dialler
	rename   chan struct{} // of discovery
	refresh  chan struct{} // of the refresher

	gate   sync.Mutex
	group  *errgroup.Group
	closed bool // the group takes no more; under gate

	// under Peer.mu
	links   map[DeviceID]*link // those that have been introduced
	all     map[*protocol.Session]*link
	runs    map[DeviceID]*runs    // of the programs of known devices
	twin    time.Time             // when somebody last knew another program with our key
	nearby  map[string]*neighbour // by tag
	targets map[string]*target    // of those nearby and wanted, by tag
	// wanted are those with whom we want to be connected, as found at surveyed;
	// the zero time asks for another look.
	wanted   map[DeviceID]*target
	surveyed time.Time
	finder   *discovery.Finder
}

// Run puts the peer on the network until ctx ends; all its goroutines have
// ended when it returns. It may be called again then.
func (p *Peer) Run(ctx context.Context) error {
	endpoint, err := p.listen(ctx)
	if err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	n := &network{
		p: p, log: p.log, endpoint: endpoint, group: g, ctx: inner,
		wake: make(chan struct{}, 1), rename: make(chan struct{}, 1), refresh: make(chan struct{}, 1),
		links: make(map[DeviceID]*link), all: make(map[*protocol.Session]*link), nearby: make(map[string]*neighbour),
		targets: make(map[string]*target), wanted: make(map[DeviceID]*target),
	}
	p.mu.Lock()
	p.net = n
	far := p.bounds.far
	p.mu.Unlock()
	if err := n.keepTo(far); err != nil {
		p.log.Error("addresses beyond this network can't be reached", "err", err)
	}
	g.Go(func() error { return n.accept(inner) })
	g.Go(func() error { return n.dialLoop(inner) })
	g.Go(func() error { return n.refreshLoop(inner) })
	g.Go(func() error { return n.lookLoop(inner) })
	if links := p.bounds.links; links != nil {
		g.Go(func() error { return links.Run(inner, n.changed) })
	}
	// One that listens on this machine alone has nothing to tell the network.
	if !p.config.NoDiscovery && !endpoint.Addr().Addr().IsLoopback() {
		g.Go(func() error { return n.discover(inner) })
	}
	g.Go(func() error {
		<-inner.Done()
		n.shut()
		return endpoint.Close()
	})
	p.hub.emit(PeersChanged{})
	err = g.Wait()
	p.mu.Lock()
	p.net = nil
	p.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// start runs f on a goroutine that Run waits for. It reports false, and does
// nothing, when Run is about to return.
func (n *network) start(f func()) bool {
	n.gate.Lock()
	defer n.gate.Unlock()
	if n.closed {
		return false
	}
	n.group.Go(func() error { f(); return nil })
	return true
}

// shut has start begin nothing more. It is called from within the group, so the
// group can't have ended before.
func (n *network) shut() {
	n.gate.Lock()
	defer n.gate.Unlock()
	n.closed = true
}

// listen takes the wanted address or, where none is named, the port of the last
// time, so that what others have typed goes on working.
func (p *Peer) listen(ctx context.Context) (Endpoint, error) {
	on := p.config.Network
	if on == nil {
		on = udp{}
	}
	c := transport.Config{Identity: p.id, Logger: p.log, Known: p.knows}
	if p.bounds.links != nil {
		c.Links = p.bounds.links
	}
	if p.config.Listen != "" {
		return on.Listen(c, p.config.Listen)
	}
	if last, err := p.store.Get(ctx, keyPort); err == nil && len(last) > 0 {
		if e, err := on.Listen(c, ":"+string(last)); err == nil {
			return e, nil
		}
	}
	e, err := on.Listen(c, ":0")
	if err != nil {
		return nil, err
	}
	if err := p.store.Set(ctx, keyPort, []byte(strconv.Itoa(e.Port()))); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (p *Peer) network() (*network, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net == nil {
		return nil, ErrOffline
	}
	return p.net, nil
}

// sessions are those that have been introduced.
func (p *Peer) sessions() []*protocol.Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net == nil {
		return nil
	}
	out := make([]*protocol.Session, 0, len(p.net.links))
	for _, l := range p.net.links {
		out = append(out, l.session)
	}
	return out
}

// refreshSessions lets all sessions look again at what they share, and tells
// them whom we reach. It does not wait for that. Whoever has just become known
// is dialled.
func (p *Peer) refreshSessions() {
	if n, err := p.network(); err == nil {
		n.nudge()
		n.refreshSoon()
	}
}

// refreshSoon lets all sessions look again after one of them has begun or ended.
func (n *network) refreshSoon() {
	select {
	case n.refresh <- struct{}{}:
	default: // it is about to
	}
}

func (n *network) refreshLoop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.refresh:
		}
		sessions := n.p.sessions()
		for _, s := range sessions {
			if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
				n.log.Warn("look again at what is shared", "peer", s.Peer().Tag(), "err", err)
			}
		}
		for i, reached := range n.p.reaches(sessions) {
			sessions[i].SetReach(reached)
		}
		n.p.tellClaims(sessions)
		n.p.tendSecrets(ctx)
		n.p.seekOf(sessions)
	}
}

// reaches lists, for the peer of each session, the others with which we are
// connected and which share a space with it: it may know of them.
func (p *Peer) reaches(sessions []*protocol.Session) [][]DeviceID {
	shared := make([][]SpaceID, len(sessions))
	p.mu.Lock()
	for i, s := range sessions {
		shared[i] = p.sharedLocked(s.Peer())
	}
	p.mu.Unlock()
	out := make([][]DeviceID, len(sessions))
	for i, s := range sessions {
		for j, other := range sessions {
			if other.Peer() != s.Peer() && overlap(shared[i], shared[j]) {
				out[i] = append(out[i], other.Peer())
			}
		}
	}
	return out
}

// overlap reports whether two sorted lists have something in common.
func overlap(a, b []SpaceID) bool {
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].Compare(b[0]); {
		case c == 0:
			return true
		case c < 0:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

func (n *network) accept(ctx context.Context) error {
	for {
		conn, err := n.endpoint.Accept(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a connection: %w", err)
		}
		if n.hidesFrom(conn.Peer()) {
			conn.Close(protocol.ErrRefused)
			continue
		}
		if _, err := n.speak(conn); err != nil {
			return nil // Run is about to return
		}
	}
}

// CloseCode is what a [Connection] tells the other side when it is closed for a
// cause.
func CloseCode(cause error) transport.Code {
	switch {
	case cause == nil:
		return transport.Done
	case errors.Is(cause, errTwin):
		return transport.Twin
	case errors.Is(cause, protocol.ErrDuplicate):
		return transport.Duplicate
	case errors.Is(cause, protocol.ErrLimit):
		return transport.Limit
	case errors.Is(cause, protocol.ErrMalformed):
		return transport.Malformed
	case errors.Is(cause, protocol.ErrVersion):
		return transport.Version
	case errors.Is(cause, protocol.ErrRefused):
		return transport.Refused
	case errors.Is(cause, protocol.ErrSilent):
		return transport.Timeout
	case errors.Is(cause, context.Canceled):
		return transport.Shutdown
	default:
		return transport.Internal
	}
}

// describe adds what the network knows to a status.
func (n *network) describe(st *Status) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	st.Connected = len(n.links)
	st.Discovery = n.finder != nil
	st.Interfaces = n.interfacesLocked()
	st.Networks, st.Problem = networksOf(st.Interfaces)
	if !n.twin.IsZero() {
		st.Problem = twinProblem
	}
	st.Port = n.endpoint.Port()
	if e, ok := n.endpoint.(gated); ok {
		st.HopLimit = e.HopLimit()
	}
	st.Listen = listening(n.endpoint.Addr(), n.p.bounds.links)
}

// listening lists the addresses under which others may reach us.
func listening(bound netip.AddrPort, links *onlink.Watch) []string {
	if !bound.Addr().IsUnspecified() || links == nil {
		return []string{bound.String()}
	}
	var out []string
	for _, l := range links.Table().Links() {
		if !l.Local() {
			continue
		}
		for _, prefix := range l.Prefixes {
			if a := prefix.Addr().Unmap(); !a.IsLinkLocalUnicast() && !a.IsLoopback() {
				out = append(out, netip.AddrPortFrom(a, bound.Port()).String())
			}
		}
	}
	if len(out) == 0 {
		out = []string{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), bound.Port()).String()}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) }) // IPv4 first
	return out
}
