package peer

import (
	"maps"
	"slices"
	"time"
)

const (
	// freeFailures is how many attempts to pair may fail before there is a pause.
	freeFailures = 3
	// firstPairPause is how long the first one is; it doubles with each further
	// failure, up to lastPairPause.
	firstPairPause = 30 * time.Second
	lastPairPause  = time.Hour
	// forgetFailures is after what time without one they are forgotten.
	forgetFailures = 24 * time.Hour
	// maxFailed is of how many devices we remember that they failed.
	maxFailed = 256
)

// failures counts attempts of others to pair with us that were refused, or that
// ended with nothing while a code was shown.
type failures struct {
	count int
	last  time.Time
}

// wait is how long from now the next attempt is refused.
func (f failures) wait(now time.Time) time.Duration {
	if f.count < freeFailures {
		return 0
	}
	pause := lastPairPause
	if doublings := f.count - freeFailures; doublings < 16 {
		pause = min(firstPairPause<<doublings, lastPairPause)
	}
	return max(0, f.last.Add(pause).Sub(now))
}

func (f failures) with(now time.Time) failures {
	if now.Sub(f.last) > forgetFailures {
		f.count = 0
	}
	return failures{f.count + 1, now}
}

// pairGuard slows down those who ask to pair again and again: a stranger has one
// guess in a million each time, and each time a person is disturbed. It counts
// each device, and all strangers together. It never holds back the person here:
// whoever is refused can be asked from here. Under Peer.mu.
type pairGuard struct {
	strangers failures
	devices   map[DeviceID]failures
}

// wait is how long a device is not answered.
func (g *pairGuard) wait(id DeviceID, known bool, now time.Time) time.Duration {
	wait := g.devices[id].wait(now)
	if !known {
		wait = max(wait, g.strangers.wait(now))
	}
	return wait
}

func (g *pairGuard) failed(id DeviceID, known bool, now time.Time) {
	if !known {
		g.strangers = g.strangers.with(now)
	}
	if g.devices == nil {
		g.devices = make(map[DeviceID]failures)
	}
	if _, ok := g.devices[id]; !ok && len(g.devices) >= maxFailed {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(g.devices)), func(a, b DeviceID) int {
			return g.devices[a].last.Compare(g.devices[b].last)
		})
		delete(g.devices, oldest)
	}
	g.devices[id] = g.devices[id].with(now)
}

// succeeded forgets what failed before: somebody has compared a code with the
// device.
func (g *pairGuard) succeeded(id DeviceID) {
	delete(g.devices, id)
	g.strangers = failures{}
}
