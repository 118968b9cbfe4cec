package peer

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// storedClaim is the length of a stored claim in bytes: the device, to, by, the
// consent, and whether it was refused.
const storedClaim = 32 + 32 + 32 + 64 + 1

// storeClaims stores the claims that wait or were refused, and forgets the others.
func (p *Peer) storeClaims(ctx context.Context) error {
	p.claimStore.Lock() // so that the newest is stored last
	defer p.claimStore.Unlock()
	var all [][]byte
	p.mu.Lock()
	for id, c := range p.claims {
		if !c.refused && len(p.waitsLocked(c)) == 0 {
			delete(p.claims, id)
			continue
		}
		refused := byte(0)
		if c.refused {
			refused = 1
		}
		all = append(all, slices.Concat(c.Device[:], c.To[:], c.by[:], c.Consent[:], []byte{refused}))
	}
	p.mu.Unlock()
	slices.SortFunc(all, bytes.Compare)
	if err := p.store.Set(ctx, keyClaims, slices.Concat(all...)); err != nil {
		return fmt.Errorf("store whose %d new devices are said to be: %w", len(all), err)
	}
	return nil
}

// loadClaims reads what storeClaims wrote, before the peer is shared.
func (p *Peer) loadClaims(ctx context.Context) error {
	raw, err := p.store.Get(ctx, keyClaims)
	if err != nil {
		return err
	}
	p.claims = make(map[DeviceID]*newDevice)
	for one := range slices.Chunk(raw, storedClaim) {
		if len(one) < storedClaim {
			break
		}
		c := &newDevice{by: DeviceID(one[64:96]), refused: one[160] == 1}
		c.Device, c.To, c.Consent = DeviceID(one[:32]), DeviceID(one[32:64]), [64]byte(one[96:160])
		p.claims[c.Device] = c
	}
	return nil
}
