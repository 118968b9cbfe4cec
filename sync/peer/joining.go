package peer

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"starling/sync/protocol"
	"starling/sync/trust"
)

const (
	// joinTime is how long somebody who can let us in is looked for, unless the
	// caller's patience ends before.
	joinTime = time.Minute
	// joinInterval is how often new neighbours are looked at.
	joinInterval = time.Second
	// joinDial is how long one of them may take to answer.
	joinDial = 5 * time.Second
	// maxJoinAsked is how many devices are asked to let us in.
	maxJoinAsked = 64
)

// joining is an invitation that we are redeeming; under Peer.mu.
type joining struct {
	ticket  trust.Ticket
	asked   map[*protocol.Session]bool
	devices map[DeviceID]bool // that were asked
	refused error             // by one who need not know better
	final   error             // by one who must know
	news    chan struct{}
}

// Join redeems an invitation's link and returns when we are in its space. It asks
// the one who invited us and everyone else nearby: none but who knows the
// invitation learns anything. It fails with the reason if the inviter refuses,
// and with [ErrInviterAway] if nobody lets us in within a minute.
func (p *Peer) Join(ctx context.Context, link string) (SpaceID, error) {
	ticket, err := trust.ParseTicket(link)
	if err != nil {
		return SpaceID{}, err
	}
	if p.isIn(ticket.Space) {
		return ticket.Space, nil
	}
	n, err := p.network()
	if err != nil {
		return SpaceID{}, err
	}
	j := &joining{
		ticket: ticket, asked: make(map[*protocol.Session]bool), devices: make(map[DeviceID]bool),
		news: make(chan struct{}, 1),
	}
	p.mu.Lock()
	if p.joins == nil {
		p.joins = make(map[*joining]struct{})
	}
	p.joins[j] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.joins, j)
		p.mu.Unlock()
	}()
	return ticket.Space, p.join(ctx, n, j)
}

func (p *Peer) isIn(id SpaceID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	return sp != nil && sp.has(p.me.ID)
}

// join asks one after the other until we are in.
func (p *Peer) join(ctx context.Context, n *network, j *joining) error {
	sub := p.Subscribe(16)
	defer sub.Close()
	patience := time.NewTimer(joinTime)
	defer patience.Stop()
	round := time.NewTicker(joinInterval)
	defer round.Stop()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	look := make(chan struct{}, 1)
	look <- struct{}{}
	idle := make(chan struct{}, 1)
	idle <- struct{}{}
	for {
		p.askSessions(j)
		if p.isIn(j.ticket.Space) {
			return nil
		}
		p.mu.Lock()
		final, refused := j.final, j.refused
		p.mu.Unlock()
		if final != nil {
			return fmt.Errorf("join: %w", final)
		}
		select {
		case <-sub.C():
		case <-j.news:
		case <-round.C:
			select {
			case look <- struct{}{}:
			default:
			}
		case <-look:
			select {
			case <-idle:
				n.start(func() {
					p.seek(inner, n, j)
					idle <- struct{}{}
				})
			default: // the last round goes on
			}
		case <-patience.C:
			if refused == nil {
				refused = ErrInviterAway
			}
			return fmt.Errorf("join: %w", refused)
		case <-ctx.Done():
			return fmt.Errorf("join: %w", errors.Join(ctx.Err(), refused))
		case <-n.ctx.Done():
			return ErrOffline
		}
	}
}

// seek connects with the inviter, and with neighbours that are not connected.
func (p *Peer) seek(ctx context.Context, n *network, j *joining) {
	p.seekInviter(ctx, n, j)
	for _, info := range p.Peers() {
		p.mu.Lock()
		skip := info.Connected || !info.Nearby || len(j.devices) >= maxJoinAsked || j.devices[info.ID]
		p.mu.Unlock()
		if skip || ctx.Err() != nil {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, joinDial)
		if s, err := n.reach(bounded, info); err == nil {
			p.askOne(j, s)
		}
		cancel()
	}
}

func (p *Peer) seekInviter(ctx context.Context, n *network, j *joining) {
	id := j.ticket.Inviter
	if n.link(id) != nil {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, joinDial)
	defer cancel()
	addrs := n.addresses(bounded, id, id.Tag())
	for _, text := range j.ticket.Addrs {
		if a, err := netip.ParseAddrPort(text); err == nil {
			addrs = append(addrs, a)
		}
	}
	l, err := n.dial(bounded, addrs, id)
	if err == nil {
		err = n.awaitReady(bounded, l)
	}
	if err != nil {
		p.log.Debug("the inviter could not be reached", "err", err)
		return
	}
	p.askOne(j, l.session)
}

// askSessions asks everyone with whom we are connected.
func (p *Peer) askSessions(j *joining) {
	for _, s := range p.sessions() {
		p.askOne(j, s)
	}
}

// askOne asks over a session once. One over which links enough were tried gives way to
// another, unless a code is compared over it: then it is looked at again.
func (p *Peer) askOne(j *joining, s *protocol.Session) {
	p.mu.Lock()
	skip := j.asked[s] || len(j.devices) >= maxJoinAsked && s.Peer() != j.ticket.Inviter
	before := j.devices[s.Peer()]
	j.asked[s], j.devices[s.Peer()] = true, true
	p.mu.Unlock()
	if skip || s.Redeem(j.ticket.Key(), j.ticket.Redeem) {
		return
	}
	p.mu.Lock()
	pa := p.pairingOfLocked(s)
	busy := pa != nil && !pa.over()
	j.asked[s], j.devices[s.Peer()] = !busy, before
	p.mu.Unlock()
	if !busy {
		s.End(nil)
	}
}

// redeemed notes an answer. What one says who is not the inviter is not the last
// word: it may lack what was stated since, or lie.
func (p *Peer) redeemed(s *protocol.Session, invitation [32]byte, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for j := range p.joins {
		if j.ticket.Key() != invitation || err == nil {
			continue // a grant follows
		}
		switch {
		case s.Peer() == j.ticket.Inviter && !errors.Is(err, protocol.ErrInviteFailed):
			j.final = err
		case !errors.Is(err, protocol.ErrInviteUnknown):
			j.refused = err
		}
		select {
		case j.news <- struct{}{}:
		default:
		}
	}
}

// awaitsLocked reports whether we have asked a device to let us into a space.
func (p *Peer) awaitsLocked(device DeviceID, id SpaceID) bool {
	for j := range p.joins {
		if j.ticket.Space == id && j.devices[device] {
			return true
		}
	}
	return false
}

// asksLocked reports whether we have asked a device to let us in anywhere.
func (p *Peer) asksLocked(device DeviceID) bool {
	for j := range p.joins {
		if j.devices[device] {
			return true
		}
	}
	return false
}
