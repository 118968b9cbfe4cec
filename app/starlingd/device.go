package main

import (
	"context"
	"fmt"

	"starling/app/control"
)

// linkDevice prints the code and waits, as "pair PEER" does.
func linkDevice(ctx context.Context, j *job) error {
	return pairingSteps(ctx, j, control.LinkDevice, control.LinkArgs{Peer: j.args[0]}, "linked with")
}

func listDevices(ctx context.Context, j *job) error {
	return simple(ctx, j, control.Devices, control.None{}, func(list []control.Device) []string {
		return rows(list, func(d control.Device) []string {
			state := mark(d.Connected, "connected")
			switch {
			case d.This:
				state = "this one"
			case d.Revoked:
				state = "revoked"
			}
			return []string{d.ID, d.Name, state, moment(d.LastSeen)}
		})
	})
}

func revokeDevice(ctx context.Context, j *job) error {
	return simple(ctx, j, control.RevokeDevice, control.DeviceArgs{Device: j.args[0]}, quiet[control.None])
}

func deviceCount(devices []control.Device) string {
	if len(devices) == 1 {
		return "1 device"
	}
	return fmt.Sprintf("%d devices", len(devices))
}
