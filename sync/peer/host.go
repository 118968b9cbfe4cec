package peer

import (
	"context"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// host is the peer as its sessions see it.
type host struct{ n *network }

var _ protocol.Host = host{}

func (h host) Profile() protocol.Profile { return h.n.p.Profile() }

func (h host) Introduced(s *protocol.Session, pr protocol.Profile) error {
	return h.n.introduced(s, pr)
}

func (h host) Renamed(s *protocol.Session, pr protocol.Profile) { h.n.p.meet(s.Peer(), pr) }

func (h host) Opened(s *protocol.Session, space SpaceID) {
	h.n.p.showAgain(s, space)
	h.n.refreshSoon() // so that everyone learns whom we reach
}

func (h host) Paired(peer DeviceID) bool {
	h.n.p.mu.Lock()
	defer h.n.p.mu.Unlock()
	return h.n.p.remembersLocked(peer) || h.n.p.asksLocked(peer)
}

func (h host) Spaces(peer DeviceID) []protocol.Space { return h.n.p.spacesFor(peer) }

func (h host) Statements(space SpaceID) [][]byte { return h.n.p.statements(space) }

func (h host) RosterDigest(space SpaceID) [32]byte {
	h.n.p.mu.Lock()
	defer h.n.p.mu.Unlock()
	if sp := h.n.p.spaces[space]; sp != nil {
		return sp.roster.Digest()
	}
	return [32]byte{}
}

func (h host) TakeStatements(ctx context.Context, from DeviceID, space SpaceID, raw [][]byte) error {
	return h.n.p.takeStatements(ctx, from, space, raw)
}

func (h host) TakeGrant(ctx context.Context, from DeviceID, space SpaceID, secrets []trust.Secret, raw [][]byte) (bool, error) {
	return h.n.p.takeGrant(ctx, from, space, secrets, raw)
}

func (h host) TakeKey(ctx context.Context, _ DeviceID, space SpaceID, secrets []trust.Secret) error {
	return h.n.p.takeSecrets(ctx, space, secrets)
}

func (h host) Farewell(space SpaceID, peer DeviceID) [][]byte { return h.n.p.farewell(space, peer) }

func (h host) Redeem(ctx context.Context, r protocol.Redemption) error { return h.n.p.redeem(ctx, r) }

func (h host) Redeemed(s *protocol.Session, invitation [32]byte, err error) {
	h.n.p.redeemed(s, invitation, err)
}

func (h host) Holding(ctx context.Context, space SpaceID) (*protocol.Holding, error) {
	return h.n.p.holding(ctx, space)
}

func (h host) Snapshot(ctx context.Context, space SpaceID, doc crdt.DocID) (protocol.Snapshot, error) {
	if is, err := h.n.p.isOf(ctx, space, doc); !is {
		return protocol.Snapshot{}, err
	}
	return h.n.p.snapshotOf(ctx, doc)
}

func (h host) TakePiece(ctx context.Context, pc protocol.Piece) (crdt.Vector, error) {
	return h.n.p.takePiece(ctx, pc)
}

func (h host) Pieces(space SpaceID) []protocol.Piece { return h.n.p.arriving.pieces(space) }

func (h host) First(space SpaceID) []crdt.DocID { return h.n.p.onScreen(space) }

func (h host) Committed(space SpaceID, doc crdt.DocID) crdt.Vector {
	return h.n.p.committedIn(space, doc)
}

func (h host) ChangesSince(ctx context.Context, space SpaceID, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error {
	if is, err := h.n.p.isOf(ctx, space, doc); !is {
		return err
	}
	return h.n.p.store.ChangesSince(ctx, doc, since, yield)
}

func (h host) HeadsSince(ctx context.Context, space SpaceID, doc crdt.DocID, since crdt.Vector) ([]trust.Head, error) {
	if is, err := h.n.p.isOf(ctx, space, doc); !is {
		return nil, err
	}
	rows, err := h.n.p.store.HeadsSince(ctx, doc, since)
	if err != nil {
		return nil, err
	}
	heads := make([]trust.Head, 0, len(rows))
	for _, r := range rows {
		heads = append(heads, toTrustHead(r))
	}
	return heads, nil
}

func (h host) Receive(ctx context.Context, r protocol.Received) (crdt.Vector, error) {
	return h.n.p.receive(ctx, r)
}

func (h host) Compared(from DeviceID, space SpaceID, held protocol.View) {
	h.n.p.takeCompared(from, space, held)
}

func (h host) Acknowledged(from DeviceID, space SpaceID, doc crdt.DocID, held crdt.Vector) {
	if h.n.p.isElsewhere(space, doc) {
		return
	}
	h.n.p.takeAck(from, space, doc, held)
}

func (h host) AskedHolders() { h.n.p.passHearsay() }

func (h host) Holders(from DeviceID, space SpaceID, doc crdt.DocID, digest [32]byte, devices []DeviceID) {
	h.n.p.takeHolders(from, space, doc, digest, devices)
}

func (h host) Presence(from DeviceID, pr protocol.Presence) {
	if !h.n.p.isElsewhere(pr.Space, pr.Doc) {
		h.n.p.presence(from, pr)
	}
}

func (h host) MayPair(s *protocol.Session) (bool, time.Duration) { return h.n.p.mayPair(s) }

func (h host) Consent(peer DeviceID) []byte { return trust.Consent(h.n.p.id, peer) }

func (h host) ConsentFor(peer, to DeviceID) []byte { return h.n.p.consentFor(peer, to) }

func (h host) TakeClaim(ctx context.Context, from DeviceID, c protocol.Claim) error {
	return h.n.p.takeClaim(ctx, from, c)
}

func (h host) Declined(peer, to DeviceID) { h.n.p.answered(peer, to, nil) }

func (h host) PairingChanged(s *protocol.Session, pa protocol.Pairing) {
	h.n.p.pairingChanged(s, pa)
}

// meet notes what a person says of themselves.
func (p *Peer) meet(id DeviceID, pr protocol.Profile) {
	p.remember(id, func(w *person) {
		w.name, w.colour, w.seen = CleanName(pr.Name), cleanColour(pr.Colour), p.now()
	})
	p.hub.emit(PeersChanged{})
}
