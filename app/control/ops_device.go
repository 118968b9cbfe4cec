package control

import (
	"context"

	"starling/sync/peer"
)

// LinkArgs names the other device as [PairArgs] do.
type LinkArgs struct {
	Peer string `json:"peer"`
}

// LinkDevice makes a device one of the person here. It goes like
// [StartPairing].
var LinkDevice = running(Op[LinkArgs, PairStep]{
	name: "device link",
	run: func(ctx context.Context, p *peer.Peer, a LinkArgs, emit func(PairStep) error) error {
		other, err := findNeighbour(p, a.Peer)
		if err != nil {
			return err
		}
		info, err := p.LinkDevice(ctx, other)
		if err != nil {
			return err
		}
		return awaitPairing(ctx, p, info, emit)
	},
})

// Devices lists the devices of the person here.
var Devices = single("device list", func(ctx context.Context, p *peer.Peer, _ None) ([]Device, error) {
	list, err := p.Devices(ctx)
	return each(list, deviceOf), err
})

// DeviceArgs names a device by its ID or the start of it.
type DeviceArgs struct {
	Device string `json:"device"`
}

// RevokeArgs name a device as [DeviceArgs] do. Now has what others hold of it not
// be waited for.
type RevokeArgs struct {
	Device string `json:"device"`
	Now    bool   `json:"now,omitempty"`
}

// Revoked says that a device was revoked. Warning is what a person is to be told of
// that, "" for nothing.
type Revoked struct {
	Warning string `json:"warning,omitempty"`
}

// RevokeDevice has a device of ours no longer be one.
var RevokeDevice = single("device revoke", func(ctx context.Context, p *peer.Peer, a RevokeArgs) (Revoked, error) {
	report, err := p.Revoke(ctx, a.Device, peer.LineOptions{Now: a.Now})
	return Revoked{report.Warning()}, err
})
