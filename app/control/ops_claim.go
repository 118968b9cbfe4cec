package control

import (
	"context"

	"starling/sync/peer"
)

// NewDevices lists the devices that wait to be taken for a known person's new
// ones.
var NewDevices = single("device new", func(_ context.Context, p *peer.Peer, _ None) ([]NewDevice, error) {
	return each(p.NewDevices(), newDeviceOf), nil
})

// AddDeviceArgs names a device that we have paired with, and whose it is.
type AddDeviceArgs struct {
	Device string `json:"device"`
	Person string `json:"person"`
}

// AddDevice says of a device that it is a known person's new one.
var AddDevice = running(single("device add", func(ctx context.Context, p *peer.Peer, a AddDeviceArgs) (None, error) {
	return None{}, p.AddDevice(ctx, a.Device, a.Person)
}))

// AcceptDevice says of a device that waits that it is that person's, and
// RefuseDevice that it is not.
var (
	AcceptDevice = single("device accept", func(ctx context.Context, p *peer.Peer, a DeviceArgs) (None, error) {
		return None{}, p.AcceptDevice(ctx, a.Device)
	})
	RefuseDevice = single("device refuse", func(ctx context.Context, p *peer.Peer, a DeviceArgs) (None, error) {
		return None{}, p.RefuseDevice(ctx, a.Device)
	})
)
