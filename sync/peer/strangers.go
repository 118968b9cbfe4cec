package peer

import (
	"slices"
	"time"

	"starling/sync/protocol"
)

const (
	// maxStrangers is how many devices with which we share nothing may be
	// connected at a time, those that we have dialled too. How many come in,
	// and from where, package transport limits.
	maxStrangers = 64
	// maxListed is how many strangers are listed, and maxAsked how many of them
	// are asked at a time who they are.
	maxListed = 200
	maxAsked  = 8
	// strangerTime is how long a stranger may stay connected, unless two people
	// compare a code. strangerPause is when we come again to one whose address
	// someone here has typed, and listedFor how long one that was connected is
	// listed: the person there may want to pair.
	strangerTime  = 10 * time.Second
	strangerPause = 30 * time.Second
	listedFor     = 90 * time.Second
)

// hidesFrom reports whether a device that has connected with us is told nothing: not
// even our name, if we are invisible and it is a stranger. The person here may have
// asked for strangers, though: with that one to pair, or to join a space by whoever
// lets us in; or they have sent somebody an invitation that is still good. Those of a
// space that the person has left are strangers: perhaps it was to get away from them.
func (n *network) hidesFrom(id DeviceID) bool {
	p := n.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.bounds.invisible || p.familiarLocked(id) || len(p.joins) > 0 {
		return false
	}
	pairs := func(pa *pairing) bool { return pa.id == id && pa.asked && !pa.over() }
	return !slices.ContainsFunc(p.pairings, pairs) && !p.invitesLocked(time.Now())
}

// invitesLocked reports whether somebody may come by an invitation that we may redeem.
func (p *Peer) invitesLocked(now time.Time) bool {
	for _, sp := range p.spaces {
		for _, i := range sp.roster.Invitations() {
			if sp.roster.MayRedeem(p.me.ID, i.Hash, now) == nil {
				return true
			}
		}
	}
	return false
}

// limitStranger sees to it that a stranger does not stay. It is called when a
// link is kept.
func (n *network) limitStranger(l *link) {
	id := l.session.Peer()
	n.p.mu.Lock()
	known := n.p.knownLocked(id)
	n.p.mu.Unlock()
	if !known {
		n.start(func() { n.awaitAcquaintance(l) })
	}
}

// awaitAcquaintance ends a stranger's session after its time.
func (n *network) awaitAcquaintance(l *link) {
	timer := time.NewTimer(strangerTime)
	defer timer.Stop()
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-l.ended:
			return
		case <-timer.C:
		}
		n.p.mu.Lock()
		id := l.session.Peer()
		pa := n.p.pairingOfLocked(l.session)
		busy, known := pa != nil && !pa.over(), n.p.knownLocked(id)
		n.p.mu.Unlock()
		switch {
		case known:
			return
		case !busy:
			l.session.End(protocol.ErrRefused)
			return
		}
		timer.Reset(afterPairing) // look again
	}
}

// listLocked goes on listing a stranger whose session has ended: the person here
// may want to pair, and knows no other way to it.
func (n *network) listLocked(l *link) {
	id := l.session.Peer()
	tag := id.Tag()
	near := n.nearby[tag]
	if near == nil {
		if !n.roomLocked(tag) {
			return
		}
		near = &neighbour{tag: tag}
		n.nearby[tag] = near
	}
	near.id, near.seen = id, time.Now()
	if !near.announced {
		near.addrs = append(near.addrs[:0], l.conn.Remote())
	}
}

// roomLocked reports whether another neighbour may be listed. Those whom we know
// always are.
func (n *network) roomLocked(tag string) bool {
	if len(n.nearby) < maxListed || n.knownTagLocked(tag) {
		return true
	}
	strangers := 0
	for tag := range n.nearby {
		if !n.knownTagLocked(tag) {
			strangers++
		}
	}
	return strangers < maxListed
}

// unlistLocked forgets strangers that were connected and announce nothing.
func (n *network) unlistLocked(now time.Time) {
	for tag, near := range n.nearby {
		if !near.announced && now.Sub(near.seen) > listedFor {
			n.lostLocked(tag)
		}
	}
}

func (n *network) strangersLocked() int {
	count := 0
	for id := range n.links {
		if !n.p.familiarLocked(id) {
			count++
		}
	}
	return count
}

// knows reports whether a device is no stranger. It is called from goroutines
// of the endpoint.
func (p *Peer) knows(id DeviceID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.familiarLocked(id)
}
