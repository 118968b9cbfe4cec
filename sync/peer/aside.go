package peer

import "sync"

// What is set aside of the changes that one device has sent and that were refused,
// since this peer began to run. What is beyond that is refused like the rest, and
// not kept: else one who sends such changes would fill the disk.
const (
	maxAsideThings = 1000
	maxAsideBytes  = 32 << 20
)

// asides counts what was set aside of each device. It is safe for concurrent use;
// the zero value has counted nothing.
type asides struct {
	mu    sync.Mutex
	taken loads
}

// room reports whether there is room for one more of a device, and takes it.
func (a *asides) room(from DeviceID, bytes int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of := a.taken[from]; of.things >= maxAsideThings || of.bytes+bytes > maxAsideBytes {
		return false
	}
	if a.taken == nil {
		a.taken = make(loads)
	}
	a.taken.take(from, bytes)
	return true
}
