package peer

import "sync"

// room is what one device may have wait in all documents together, changes and
// heads, so that one who floods many of them takes no room from the others. It is
// safe for concurrent use; the zero room is empty.
type room struct {
	mu    sync.Mutex
	taken loads
}

// maxRoom is how many changes and heads of one device wait in all documents.
const maxRoom = maxWaiting + maxWaitingHeads

// take reports whether there is room for one thing more of a device's.
func (r *room) take(from DeviceID, bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.taken[from]; l.things >= maxRoom || l.bytes >= maxWaitingBytes {
		return false
	}
	if r.taken == nil {
		r.taken = make(loads)
	}
	r.taken.take(from, bytes)
	return true
}

func (r *room) give(from DeviceID, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken.give(from, bytes)
}

// loads are what waits of each device of which something does.
type loads map[DeviceID]load

type load struct{ things, bytes int }

// share is which part of what a document may have wait this is.
func (l load) share() float64 {
	return max(float64(l.things)/maxWaiting, float64(l.bytes)/maxWaitingBytes)
}

func (l loads) take(from DeviceID, bytes int) {
	of := l[from]
	l[from] = load{of.things + 1, of.bytes + bytes}
}

func (l loads) give(from DeviceID, bytes int) {
	of := l[from]
	if of = (load{of.things - 1, of.bytes - bytes}); of.things == 0 {
		delete(l, from)
		return
	}
	l[from] = of
}

// most is the device of which most waits.
func (l loads) most() (device DeviceID) {
	for d, of := range l {
		if of.share() > l[device].share() {
			device = d
		}
	}
	return device
}

// makeRoom lets go of what the device has sent of which most waits in a document
// that is full, unless that is from: else one member who sends what can never be
// taken would keep out what all others send. It is asked for again when there is
// room.
func (in *intake) makeRoom(from DeviceID) bool {
	most := in.senders.most()
	if most == from {
		return false
	}
	for _, k := range in.knots {
		if k.change == nil || k.change.from != most {
			continue
		}
		for _, h := range k.heads {
			h.counts = false // until the change is here again
		}
		in.remove(k)
	}
	in.dropped = true
	return true
}
