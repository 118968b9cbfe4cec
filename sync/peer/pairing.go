package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/protocol"
)

// pairing is one attempt of two people to come together, over whichever
// connection of their devices stays; under Peer.mu.
type pairing struct {
	key     uint64
	id      DeviceID
	session *protocol.Session // nil while the other device is dialled
	seen    protocol.Pairing
	space   SpaceID // that we share, zero for none
	asked   bool    // we began it
	known   chan struct{}
	ended   chan struct{}
	err     error // once ended
}

func (p *Peer) newPairingLocked(id DeviceID) *pairing {
	p.lastKey++
	pa := &pairing{key: p.lastKey, id: id, known: make(chan struct{}), ended: make(chan struct{})}
	p.pairings[id] = pa
	return pa
}

func (pa *pairing) over() bool {
	select {
	case <-pa.ended:
		return true
	default:
		return false
	}
}

func (pa *pairing) end(err error) {
	if !pa.over() {
		pa.err = err
		close(pa.ended)
	}
}

func (p *Peer) pairingInfoLocked(pa *pairing) PairingInfo {
	who := p.whoLocked(pa.id)
	return PairingInfo{
		Key: pa.key, Code: pa.seen.Code, ID: pa.id, Name: who.Name, Colour: who.Colour,
		Incoming: !pa.asked, Confirmed: pa.seen.Mine,
	}
}

// StartPairing asks a person nearby, or one whose address is known, to pair,
// and returns when the code is known on both sides. space, unless zero, is
// shared with them once both have confirmed.
func (p *Peer) StartPairing(ctx context.Context, start string, space SpaceID) (PairingInfo, error) {
	n, err := p.network()
	if err != nil {
		return PairingInfo{}, err
	}
	if err := p.mayShare(space); err != nil {
		return PairingInfo{}, err
	}
	info, err := p.awaitPeer(ctx, start)
	if err != nil {
		return PairingInfo{}, fmt.Errorf("pair with %q: %w", start, err)
	}
	ctx, cancel := context.WithTimeout(ctx, protocol.PairingTimeout)
	defer cancel()
	pa, err := p.ask(ctx, n, info, space)
	if err != nil {
		return PairingInfo{}, fmt.Errorf("pair with %s: %w", info.Tag, err)
	}
	select {
	case <-pa.known:
	case <-pa.ended:
		return PairingInfo{}, fmt.Errorf("pair with %s: %w", info.Tag, pa.err)
	case <-ctx.Done():
		p.withdraw(pa)
		return PairingInfo{}, fmt.Errorf("pair with %s: %w", info.Tag, ErrPairingTimeout)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pairingInfoLocked(pa), nil
}

func (p *Peer) mayShare(space SpaceID) error {
	if space == (SpaceID{}) {
		return nil
	}
	sp, err := p.space(space)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if role, _ := sp.roster.Role(p.me.ID); role.String() != "owner" {
		return fmt.Errorf("share space %v: %w", space, ErrNotOwner)
	}
	return nil
}

// ask finds or makes a session with the device and asks it to pair. A pairing
// that goes on already is joined.
func (p *Peer) ask(ctx context.Context, n *network, info PeerInfo, space SpaceID) (*pairing, error) {
	for {
		s, err := n.reach(ctx, info)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		pa := p.pairings[s.Peer()]
		if pa == nil || pa.over() {
			pa = p.newPairingLocked(s.Peer())
			pa.asked = true
		}
		if space != (SpaceID{}) {
			pa.space = space
		}
		p.mu.Unlock()
		err = s.RequestPairing()
		if errors.Is(err, protocol.ErrPairingUsed) {
			// The connection had its attempt: a new one gives a new exporter.
			s.End(nil)
			n.awaitEnd(ctx, s)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			continue
		}
		return pa, err
	}
}

// WaitPairing returns nil when both have confirmed and what follows from it is
// written, else why the pairing ended.
func (p *Peer) WaitPairing(ctx context.Context, key uint64) error {
	pa := p.pairingByKey(key)
	if pa == nil {
		return ErrNoPairing
	}
	select {
	case <-pa.ended:
		return pa.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Peer) pairingByKey(key uint64) *pairing {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pa := range p.pairings {
		if pa.key == key {
			return pa
		}
	}
	return nil
}

// Pairings lists the pairings that wait for an answer and whose code is known.
func (p *Peer) Pairings() []PairingInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []PairingInfo
	for _, pa := range p.pairings {
		if !pa.over() && pa.seen.Code != "" && !pa.seen.Done() {
			out = append(out, p.pairingInfoLocked(pa))
		}
	}
	slices.SortFunc(out, func(a, b PairingInfo) int { return int(a.Key) - int(b.Key) })
	return out
}

// byCode finds the one pairing with a code that waits for an answer.
func (p *Peer) byCode(code string) (*pairing, *protocol.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found *pairing
	for _, pa := range p.pairings {
		if pa.over() || pa.seen.Code != code || code == "" || pa.session == nil {
			continue
		}
		if found != nil {
			return nil, nil, fmt.Errorf("code %s: %w", code, ErrAmbiguous)
		}
		found = pa
	}
	if found == nil {
		return nil, nil, fmt.Errorf("code %s: %w", code, ErrNoPairing)
	}
	return found, found.session, nil
}

// ConfirmPairing records that the person here found the codes to be the same,
// and which space to share, zero for none. It returns at once.
func (p *Peer) ConfirmPairing(code string, space SpaceID) error {
	if err := p.mayShare(space); err != nil {
		return err
	}
	pa, s, err := p.byCode(code)
	if err != nil {
		return err
	}
	if space != (SpaceID{}) {
		p.mu.Lock()
		pa.space = space
		p.mu.Unlock()
	}
	return s.ConfirmPairing()
}

// RejectPairing says that the codes differ, or that the person here does not
// want to.
func (p *Peer) RejectPairing(code string) error {
	_, s, err := p.byCode(code)
	if err != nil {
		return err
	}
	return s.RejectPairing()
}

// withdraw ends a pairing of ours that nobody waits for any more.
func (p *Peer) withdraw(pa *pairing) {
	p.mu.Lock()
	s := pa.session
	p.mu.Unlock()
	if s != nil {
		_ = s.RejectPairing() // it may have ended by itself
	}
}

// pairingChanged notes a step that a session took.
func (p *Peer) pairingChanged(s *protocol.Session, seen protocol.Pairing) {
	p.mu.Lock()
	pa := p.pairings[s.Peer()]
	if pa == nil || pa.over() {
		if seen.Err != nil {
			p.mu.Unlock()
			return
		}
		pa = p.newPairingLocked(s.Peer())
	}
	if pa.session != nil && pa.session != s && seen.Err != nil {
		p.mu.Unlock()
		return // of a connection that gave way to the one in use
	}
	if seen.Err != nil && errors.Is(seen.Err, ErrPairingEnded) && p.moveLocked(pa, s) {
		p.mu.Unlock()
		return
	}
	first := pa.seen.Code == "" && seen.Code != ""
	pa.session, pa.seen = s, seen
	if first {
		close(pa.known)
	}
	switch {
	case seen.Err != nil:
		pa.end(seen.Err)
	case seen.Done():
		p.personLocked(pa.id).paired = true // before their grant can come
		p.background.Go(func() { p.paired(pa) })
	}
	p.mu.Unlock()
	p.hub.emit(PairingsChanged{})
}

// moveLocked carries a pairing of ours whose connection gave way to another one
// of the same devices over to that, before any code was known.
func (p *Peer) moveLocked(pa *pairing, from *protocol.Session) bool {
	if !pa.asked || pa.seen.Code != "" || p.net == nil {
		return false
	}
	l := p.net.links[pa.id]
	if l == nil || l.session == from {
		return false
	}
	pa.session = nil
	p.background.Go(func() {
		if err := l.session.RequestPairing(); err != nil {
			p.mu.Lock()
			pa.end(err)
			p.mu.Unlock()
			p.hub.emit(PairingsChanged{})
		}
	})
	return true
}

// paired writes what both have agreed to: they are known to each other, and the
// space is shared.
func (p *Peer) paired(pa *pairing) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	who := p.who(pa.id)
	p.mu.Lock()
	space := pa.space
	p.mu.Unlock()
	p.remember(pa.id, func(w *person) { w.name, w.colour, w.paired = who.Name, who.Colour, true })
	var err error
	if space != (SpaceID{}) {
		err = p.admit(ctx, space, who)
	}
	p.refreshSessions()
	p.mu.Lock()
	pa.end(err)
	p.mu.Unlock()
	p.log.Info("paired", "with", pa.id.Tag(), "space", space, "err", err)
	p.hub.emit(PairingsChanged{}, PeersChanged{})
}
