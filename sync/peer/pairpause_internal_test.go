package peer

import (
	"testing"
	"time"
)

func TestPausesGrow(t *testing.T) {
	var g pairGuard
	id, now := DeviceID{1}, noon
	for i, want := range []time.Duration{0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		g.failed(id, true, now)
		if got := g.wait(id, true, now); got != want*time.Second {
			t.Errorf("after %d failures a pause of %v, want %v", i+1, got, want*time.Second)
		}
		if got := g.wait(DeviceID{2}, true, now); got != 0 {
			t.Errorf("another one who is known waits %v", got)
		}
		now = now.Add(g.wait(id, true, now))
		if got := g.wait(id, true, now); got != 0 {
			t.Errorf("after the pause it waits %v", got)
		}
	}
	for range 100 {
		g.failed(id, true, now) // no overflow
	}
	if got := g.wait(id, true, now); got != lastPairPause {
		t.Errorf("the longest pause is %v", got)
	}
	g.failed(id, true, now.Add(forgetFailures+1))
	if got := g.wait(id, true, now.Add(forgetFailures+1)); got != 0 {
		t.Errorf("after a day it waits %v", got)
	}
	g.failed(id, true, now)
	g.succeeded(id)
	if got := g.wait(id, true, now); got != 0 {
		t.Errorf("after a success it waits %v", got)
	}
}

// All strangers count together, since a stranger's device costs nothing, and they
// hold nobody back who is known.
func TestStrangersFailTogether(t *testing.T) {
	var g pairGuard
	for i := range 2 * maxFailed {
		g.failed(DeviceID{byte(i), byte(i >> 8), 1}, false, noon)
	}
	if len(g.devices) > maxFailed {
		t.Errorf("%d devices are remembered", len(g.devices))
	}
	if g.wait(DeviceID{200, 200}, false, noon) == 0 {
		t.Error("one more stranger does not wait")
	}
	if got := g.wait(DeviceID{200, 200}, true, noon); got != 0 {
		t.Errorf("one who is known waits %v", got)
	}
}
