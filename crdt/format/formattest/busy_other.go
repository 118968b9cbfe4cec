//go:build !linux

package formattest

import "time"

// Busy runs f and returns how long that took, as not every system tells how long a
// processor worked for one thread.
func Busy(f func()) time.Duration {
	before := time.Now()
	f()
	return time.Since(before)
}
