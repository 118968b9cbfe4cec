package main

import (
	"context"
	"fmt"

	"starling/app/control"
)

// linkDevice prints the code and waits, as "pair PEER" does.
func linkDevice(ctx context.Context, j *job) error {
	return pairingSteps(ctx, j, control.LinkDevice, control.LinkArgs{Peer: j.args[0]}, pairingWords{
		next: `compare the code with the one on your other device, %[1]s; if they are the same, type here ` +
			`"starlingd pair --confirm %[2]s" and there "starlingd pair --confirm %[2]s --mine"; Ctrl-C rejects`,
		done: "linked with %s",
	})
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

func revokeDeviceCommand() *command {
	return nowCommand(&command{
		name: "device revoke", forms: []string{"DEVICE [--now]"}, min: 1, max: 1,
		about: "have a lost device no longer be yours: what it writes from now on is shown to\n" +
			"nobody, unless somebody has built on it. What of it is still coming from others is\n" +
			"waited for; with --now, as for a stolen one, it is not",
	}, func(ctx context.Context, j *job, now bool) error {
		return simple(ctx, j, control.RevokeDevice, control.RevokeArgs{Device: j.args[0], Now: now}, func(r control.Revoked) []string {
			j.warn(r.Warning)
			return nil
		})
	})
}

func listNewDevices(ctx context.Context, j *job) error {
	return simple(ctx, j, control.NewDevices, control.None{}, func(list []control.NewDevice) []string {
		return rows(list, func(d control.NewDevice) []string {
			return []string{d.Device.ID, d.Device.Name, "of " + d.Of.Name, "says " + d.By.Name, mark(len(d.Mine) > 0, "answer")}
		})
	})
}

func addDevice(ctx context.Context, j *job) error {
	args := control.AddDeviceArgs{Device: j.args[0], Person: j.args[1]}
	return simple(ctx, j, control.AddDevice, args, quiet[control.None])
}

// answerDevice answers whether a device that waits is that person's.
func answerDevice(op control.Op[control.DeviceArgs, control.None]) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error {
		return simple(ctx, j, op, control.DeviceArgs{Device: j.args[0]}, quiet[control.None])
	}
}

func deviceCount(devices []control.Device) string {
	if len(devices) == 1 {
		return "1 device"
	}
	return fmt.Sprintf("%d devices", len(devices))
}
