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
	// announced says that discovery hears it; else it is a stranger that was
	// connected.
	announced bool
}

func (n *neighbour) describe(info *PeerInfo) {
	info.Nearby = n.announced
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

// keyInvisible is the setting that says that we announce nothing.
const keyInvisible = "invisible"

// SetInvisible says whether the peer keeps from announcing itself. Invisible, it
// still finds the people it knows, who see it when they are connected; it does
// not ask strangers who they are, and tells one who has its address nothing, unless
// the person here has asked for that one or has an invitation out. Whoever connects
// learns the device's key, which proves who answers.
func (p *Peer) SetInvisible(ctx context.Context, invisible bool) error {
	var value []byte
	if invisible {
		value = []byte{1}
	}
	if err := p.store.Set(ctx, keyInvisible, value); err != nil {
		return err
	}
	p.mu.Lock()
	p.bounds.invisible = invisible
	n := p.net
	p.mu.Unlock()
	if n != nil {
		n.announceAnew()
		n.nudge()
	}
	p.hub.emit(PeersChanged{})
	return nil
}

// Invisible reports what [Peer.SetInvisible] said.
func (p *Peer) Invisible() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bounds.invisible
}

// announceAnew has discovery begin anew, with what we are called now.
func (n *network) announceAnew() {
	select {
	case n.rename <- struct{}{}:
	default:
	}
}

// discover announces us and listens for others until ctx ends, anew after each
// change of our name and after each failure.
func (n *network) discover(ctx context.Context) error {
	for ctx.Err() == nil {
		me := n.p.Me()
		finder, err := discovery.New(discovery.Config{
			Tag: me.ID.Tag(), Name: me.Name, Port: n.endpoint.Port(), Logger: n.log,
			Invisible: n.p.Invisible(), Trusted: n.trusted,
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
			if !n.roomLocked(tag) {
				n.p.mu.Unlock()
				return
			}
			near = &neighbour{tag: tag}
			n.nearby[tag] = near
		}
		near.announced = true
		near.name, near.addrs, near.seen = CleanName(e.Hint.Name), e.Hint.Addrs, e.Hint.Seen
		for id, l := range n.links {
			if id.Tag() == tag {
				near.id = id
				n.doubtMovedLocked(l, near.addrs)
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

// doubtMovedLocked looks whether a device is still there when it announces only
// other addresses than the one at which we have dialled it: QUIC carries a client
// over to a new address, but not a server, and would notice late. What was
// announced is a hint, so only silence ends the session.
func (n *network) doubtMovedLocked(l *link, addrs []netip.AddrPort) {
	if l.session.Dialled() && !slices.Contains(addrs, l.conn.Remote()) {
		n.doubtLocked(l, hasty)
	}
}

// trusted reports whether a tag is that of someone we want to be connected with.
func (n *network) trusted(tag string) bool {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	return n.knownTagLocked(tag)
}
