package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"

	"starling/discovery"
	"starling/sync/protocol"
	"starling/sync/transport"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute
	// firstPenalty and lastPenalty keep us from a device that broke the
	// protocol, or that said we did.
	firstPenalty = time.Minute
	lastPenalty  = time.Hour
	// yield is how long the larger ID waits for the smaller one to dial.
	yield = 300 * time.Millisecond
	// probeTime is how long we stay with a stranger whose ID we wanted.
	probeTime = time.Second
	// maxProbes is how often a neighbour that does not answer is asked who it
	// is, until it announces itself anew.
	maxProbes = 4
	// stable is how long a session lasts that was worth dialling at once again.
	stable = 10 * time.Second
)

// target is how a device is dialled; under Peer.mu.
type target struct {
	next    time.Time
	wait    time.Duration // the last backoff
	penalty time.Duration // the last penalty
	barred  time.Time     // not to be dialled before, whatever is heard
	dialing bool
	probes  int
}

// job is one device to dial now.
type job struct {
	id  DeviceID // zero: we want to learn it
	tag string
}

func (n *network) targetLocked(tag string) *target {
	t := n.targets[tag]
	if t == nil {
		t = &target{next: time.Now()}
		if n.p.me.ID.Tag() > tag {
			t.next = t.next.Add(yield)
		}
		n.targets[tag] = t
	}
	return t
}

// nudge wakes the dialler.
func (n *network) nudge() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// dialLoop keeps us connected with everyone we know, and asks neighbours we
// don't know who they are.
func (n *network) dialLoop(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		case <-timer.C:
		}
		jobs, next := n.due(time.Now())
		for _, j := range jobs {
			n.group.Go(func() error {
				n.pursue(ctx, j)
				return nil
			})
		}
		timer.Reset(next)
	}
}

// due says whom to dial now and when to look again.
func (n *network) due(now time.Time) (jobs []job, next time.Duration) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	next = lastRetry
	consider := func(j job) {
		t := n.targetLocked(j.tag)
		if t.dialing || n.links[j.id] != nil && !j.id.IsZero() {
			return
		}
		when := t.next
		if t.barred.After(when) {
			when = t.barred
		}
		if wait := when.Sub(now); wait > 0 {
			next = min(next, wait)
			return
		}
		t.dialing = true
		jobs = append(jobs, j)
	}
	for id, who := range n.p.people {
		if id != n.p.me.ID && (who.typed != "" || n.p.knownLocked(id)) {
			consider(job{id, id.Tag()})
		}
	}
	for tag, near := range n.nearby {
		if near.id.IsZero() && n.targetLocked(tag).probes < maxProbes && !n.knownTagLocked(tag) {
			consider(job{tag: tag})
		}
	}
	return jobs, next
}

func (n *network) knownTagLocked(tag string) bool {
	for id := range n.p.people {
		if id.Tag() == tag && n.p.knownLocked(id) {
			return true
		}
	}
	return false
}

// pursue dials one device and notes what came of it.
func (n *network) pursue(ctx context.Context, j job) {
	l, err := n.dial(ctx, n.addresses(j.id, j.tag), j.id)
	if err == nil {
		err = n.awaitReady(ctx, l)
	}
	n.p.mu.Lock()
	t := n.targetLocked(j.tag)
	t.dialing = false
	if j.id.IsZero() {
		t.probes++
	}
	if err != nil {
		t.wait = min(max(2*t.wait, firstRetry), lastRetry)
		t.next = time.Now().Add(t.wait/2 + rand.N(t.wait))
	}
	n.p.mu.Unlock()
	n.nudge()
	if err != nil {
		n.log.Debug("could not reach a device", "tag", j.tag, "err", err)
		return
	}
	if j.id.IsZero() {
		n.leaveStranger(ctx, l)
	}
}

// leaveStranger ends a session that had no other aim than to learn the ID,
// unless something came of it.
func (n *network) leaveStranger(ctx context.Context, l *link) {
	select {
	case <-ctx.Done():
	case <-l.ended:
	case <-time.After(probeTime):
		n.p.mu.Lock()
		pa := n.p.pairings[l.session.Peer()]
		busy := pa != nil && !pa.over() || n.p.knownLocked(l.session.Peer())
		n.p.mu.Unlock()
		if !busy {
			l.session.End(nil)
		}
	}
}

// dial connects and begins to speak.
func (n *network) dial(ctx context.Context, addrs []netip.AddrPort, want DeviceID) (*link, error) {
	conn, err := transport.DialFirst(ctx, n.endpoint, addrs, want)
	if err != nil {
		return nil, err
	}
	l := n.newLink(conn)
	n.group.Go(func() error {
		n.serve(n.ctx, l)
		return nil
	})
	return l, nil
}

// addresses lists where a device may be, the likeliest first.
func (n *network) addresses(id DeviceID, tag string) []netip.AddrPort {
	n.p.mu.Lock()
	var addrs []netip.AddrPort
	if near := n.nearby[tag]; near != nil {
		addrs = append(addrs, near.addrs...)
	}
	var others []string
	if who := n.p.people[id]; who != nil {
		others = append(others, who.address, who.typed)
	}
	n.p.mu.Unlock()
	for _, a := range others {
		if more, err := resolve(n.ctx, a); err == nil {
			addrs = append(addrs, more...)
		}
	}
	var unique []netip.AddrPort
	for _, a := range addrs {
		if !slices.Contains(unique, a) {
			unique = append(unique, a)
		}
	}
	return unique
}

// resolve reads "host:port".
func resolve(ctx context.Context, addr string) ([]netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return []netip.AddrPort{ap}, nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: want host:port, as the other device's status shows it: %w", addr, err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", cmp.Or(host, "localhost"))
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	var out []netip.AddrPort
	for _, ip := range ips {
		out = append(out, netip.AddrPortFrom(ip.Unmap(), uint16(number)))
	}
	return out, nil
}

// Connect dials an address that a person has typed, for networks on which
// neighbours don't hear each other. It is remembered and dialled again.
func (p *Peer) Connect(ctx context.Context, addr string) (PeerInfo, error) {
	n, err := p.network()
	if err != nil {
		return PeerInfo{}, err
	}
	addrs, err := resolve(ctx, addr)
	if err != nil {
		return PeerInfo{}, err
	}
	l, err := n.dial(ctx, addrs, DeviceID{})
	if err != nil {
		return PeerInfo{}, fmt.Errorf("connect to %s: %w", addr, err)
	}
	id := l.session.Peer()
	err = n.awaitReady(ctx, l)
	if err != nil && (errors.Is(err, protocol.ErrDuplicate) || duplicateCode(err)) {
		err = n.awaitLink(ctx, id)
	}
	if err != nil {
		return PeerInfo{}, fmt.Errorf("connect to %s: %w", addr, err)
	}
	p.remember(id, func(w *person) { w.typed = addr })
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.infoLocked(id), nil
}

// afterwards decides when a device is dialled again.
func (n *network) afterwards(id DeviceID, err error, kept bool, lived time.Duration) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	t := n.targetLocked(id.Tag())
	now := time.Now()
	if broke(err) {
		t.penalty = min(max(2*t.penalty, firstPenalty), lastPenalty)
		t.barred = now.Add(t.penalty)
		n.log.Warn("a session ended because the protocol was broken; the device is left alone for a while",
			"peer", id.Tag(), "for", t.penalty, "err", err)
	} else if kept {
		n.log.Info("disconnected", "peer", id.Tag(), "why", why(err))
	}
	if kept && lived > stable {
		t.wait, t.penalty = 0, 0
	}
	if kept {
		t.next = now.Add(t.wait + firstRetry/4)
		if n.finder != nil {
			n.finder.Refresh()
		}
	}
	n.forgetStrangerLocked(id)
	n.nudge()
}

// why says in a word how a session ended.
func why(err error) string {
	if err == nil {
		return "we left"
	}
	code, remote, ok := transport.CodeOf(err)
	switch {
	case !ok:
		return err.Error()
	case remote:
		return "they left: " + code.String()
	default:
		return code.String()
	}
}

// broke reports whether one side found the other to break the protocol.
func broke(err error) bool {
	if errors.Is(err, protocol.ErrMalformed) || errors.Is(err, protocol.ErrLimit) || errors.Is(err, protocol.ErrVersion) {
		return true
	}
	code, _, ok := transport.CodeOf(err)
	return ok && (code == transport.Malformed || code == transport.Limit || code == transport.Version)
}

// forgetStrangerLocked drops what we know of someone who is neither known nor
// here.
func (n *network) forgetStrangerLocked(id DeviceID) {
	who := n.p.people[id]
	if who == nil || who.typed != "" || n.p.knownLocked(id) || n.links[id] != nil || n.nearby[id.Tag()] != nil {
		return
	}
	delete(n.p.people, id)
	delete(n.targets, id.Tag())
}

// discover announces us and listens for others until ctx ends, anew after each
// change of our name and after each failure.
func (n *network) discover(ctx context.Context) error {
	for ctx.Err() == nil {
		me := n.p.Me()
		finder, err := discovery.New(discovery.Config{
			Tag: me.ID.Tag(), Name: me.Name, Port: n.endpoint.Port(), Logger: n.log,
		})
		if err != nil {
			n.log.Error("neighbours can't be looked for", "err", err)
			return nil // typed addresses go on working
		}
		n.p.mu.Lock()
		n.finder = finder
		n.p.mu.Unlock()
		n.find(ctx, finder)
	}
	return nil
}

func (n *network) find(ctx context.Context, finder *discovery.Finder) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	n.group.Go(func() error {
		select {
		case <-n.rename:
			cancel()
		case <-inner.Done():
		}
		return nil
	})
	if err := finder.Run(inner, n.heard); err != nil && inner.Err() == nil {
		n.log.Warn("looking for neighbours failed; trying again", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}

// heard notes what discovery says of a device.
func (n *network) heard(e discovery.Event) {
	n.p.mu.Lock()
	tag := e.Hint.Tag
	near := n.nearby[tag]
	switch {
	case e.Gone:
		delete(n.nearby, tag)
		if near != nil && !near.id.IsZero() {
			n.forgetStrangerLocked(near.id)
		}
	case near == nil:
		near = &neighbour{tag: tag}
		n.nearby[tag] = near
		fallthrough
	default:
		near.name, near.addrs, near.seen = CleanName(e.Hint.Name), e.Hint.Addrs, e.Hint.Seen
		for id := range n.links {
			if id.Tag() == tag {
				near.id = id
			}
		}
		t := n.targetLocked(tag)
		t.wait, t.probes = 0, 0
		if t.next.After(time.Now().Add(yield)) {
			t.next = time.Now()
		}
	}
	n.p.mu.Unlock()
	n.p.hub.emit(PeersChanged{})
	n.nudge()
}
