package peer

import (
	"context"

	"starling/sync/protocol"
	"starling/sync/trust"
)

// redeem knows no invitations yet.
func (p *Peer) redeem(context.Context, protocol.Redemption) error { return protocol.ErrInviteUnknown }

func (p *Peer) redeemed(*protocol.Session, [32]byte, error) {}

func (p *Peer) takeSecrets(context.Context, SpaceID, []trust.Secret) error { return nil }

func (p *Peer) farewell(SpaceID, DeviceID) [][]byte { return nil }

func (p *Peer) consent(to DeviceID) []byte {
	m := append([]byte("starling/consent/1"), p.me.ID[:]...)
	return p.id.Sign(append(m, to[:]...))
}
