package peer

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"starling/discovery"
)

// neighbour is what discovery says of a device: hints, unverified.
type neighbour struct {
	tag   string
	id    DeviceID // zero until a handshake has shown it
	name  string
	addrs []netip.AddrPort
	seen  time.Time
}

func (n *neighbour) describe(info *PeerInfo) {
	info.Nearby = true
	if n.seen.After(info.LastSeen) {
		info.LastSeen = n.seen
	}
	// What a stranger announces now is newer than what it said when it was
	// asked who it is.
	if info.Name == "" || n.name != "" && !info.Known && !info.Connected {
		info.Name = n.name
	}
	if info.Colour == "" {
		info.Colour = colours[int(n.tag[0])%len(colours)]
	}
	if info.Address == "" && len(n.addrs) > 0 {
		info.Address = n.addrs[0].String()
	}
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
	n.start(func() {
		select {
		case <-n.rename:
			cancel()
		case <-inner.Done():
		}
	})
	if err := finder.Run(inner, n.heard); err != nil && inner.Err() == nil {
		n.log.Warn("looking for neighbours failed; trying again", "err", err)
		n.pause(5 * time.Second)
	}
}

// heard notes what discovery says of a device.
func (n *network) heard(e discovery.Event) {
	now := time.Now()
	n.p.mu.Lock()
	tag := e.Hint.Tag
	if e.Gone {
		n.lostLocked(tag)
	} else {
		near := n.nearby[tag]
		if near == nil {
			near = &neighbour{tag: tag}
			n.nearby[tag] = near
		}
		near.name, near.addrs, near.seen = CleanName(e.Hint.Name), e.Hint.Addrs, e.Hint.Seen
		for id, l := range n.links {
			if id.Tag() == tag {
				near.id = id
				n.doubtLocked(l, near.addrs)
			}
		}
		t := n.targetLocked(tag, now)
		t.wait, t.probes = 0, 0
		if turn := now.Add(n.turn(tag)); t.next.After(turn) {
			t.next = turn
		}
	}
	n.p.mu.Unlock()
	n.p.hub.emit(PeersChanged{})
	n.nudge()
}

// lostLocked forgets a neighbour that is no longer heard.
func (n *network) lostLocked(tag string) {
	near := n.nearby[tag]
	delete(n.nearby, tag)
	if near != nil && !near.id.IsZero() {
		n.forgetStrangerLocked(near.id)
	} else if !n.knownTagLocked(tag) {
		delete(n.targets, tag)
	}
}

// doubtTime is how long a device may take to answer at an address that it no
// longer announces.
const doubtTime = time.Second

// doubtLocked looks whether a device that we have dialled is still where it
// was, when it announces only other addresses: QUIC carries a client over to a
// new address, but not a server, and would notice after the idle timeout. What
// was announced is a hint, so only silence at the old address ends the session.
func (n *network) doubtLocked(l *link, addrs []netip.AddrPort) {
	old, err := netip.ParseAddrPort(l.address)
	if err != nil || l.doubted || !l.session.Dialled() || slices.Contains(addrs, old) {
		return
	}
	l.doubted = true
	n.start(func() {
		ctx, cancel := context.WithTimeout(n.ctx, doubtTime)
		defer cancel()
		conn, err := n.endpoint.Dial(ctx, old, l.session.Peer())
		n.p.mu.Lock()
		l.doubted = false
		n.p.mu.Unlock()
		switch {
		case err == nil:
			conn.Close(nil) // it only had to answer
		case n.ctx.Err() == nil:
			n.log.Info("a device has gone from its address", "peer", l.session.Peer().Tag(), "address", l.address)
			l.session.End(nil)
		}
	})
}
