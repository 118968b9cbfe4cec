package control

import (
	"context"

	"starling/sync/peer"
)

// AddressArgs is an address, host:port or a host.
type AddressArgs struct {
	Address string `json:"address"`
}

// Allow lets us speak with an address that is not on our own network, and gives
// all that are allowed; Disallow takes that back.
var (
	Allow = single("allow", func(ctx context.Context, p *peer.Peer, a AddressArgs) ([]string, error) {
		if err := p.Allow(ctx, a.Address); err != nil {
			return nil, err
		}
		return p.Allowed(), nil
	})
	Disallow = single("disallow", func(ctx context.Context, p *peer.Peer, a AddressArgs) ([]string, error) {
		if err := p.Disallow(ctx, a.Address); err != nil {
			return nil, err
		}
		return p.Allowed(), nil
	})
	// Allowed lists the addresses that are allowed.
	Allowed = single("allowed", func(_ context.Context, p *peer.Peer, _ None) ([]string, error) {
		return p.Allowed(), nil
	})
)

// VisibleArgs say whether we announce ourselves.
type VisibleArgs struct {
	Invisible bool `json:"invisible"`
}

// SetInvisible has us announce nothing, and still find those whom we know.
var SetInvisible = single("invisible", func(ctx context.Context, p *peer.Peer, a VisibleArgs) (None, error) {
	return None{}, p.SetInvisible(ctx, a.Invisible)
})
