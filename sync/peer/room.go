package peer

import (
	"cmp"
	"slices"
	"sync"
)

// load is how much waits: changes and heads.
type load struct{ things, bytes int }

// fits reports whether it is within a part of what may wait, in eighths.
func (l load) fits(eighths int) bool {
	return l.things <= maxThings/8*eighths && l.bytes <= maxWaitingBytes/8*eighths
}

// share is which part of what may wait this is.
func (l load) share() float64 {
	return max(float64(l.things)/maxThings, float64(l.bytes)/maxWaitingBytes)
}

// loads are what waits of each device of which something does.
type loads map[DeviceID]load

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

// room is what waits of each device in all documents together: one who floods
// many of them may have no more wait than one who floods one. It is safe for
// concurrent use; the zero room is empty.
type room struct {
	mu    sync.Mutex
	taken loads
}

func (r *room) take(from DeviceID, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken == nil {
		r.taken = make(loads)
	}
	r.taken.take(from, bytes)
}

func (r *room) give(from DeviceID, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken.give(from, bytes)
}

func (r *room) of(device DeviceID) load {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken[device]
}

// take and give keep count of what waits here, of whom, and of that device's in
// all documents.
func (in *intake) take(from DeviceID, bytes int) {
	in.all = load{in.all.things + 1, in.all.bytes + bytes}
	in.senders.take(from, bytes)
	in.room.take(from, bytes)
}

func (in *intake) give(from DeviceID, bytes int) {
	in.all = load{in.all.things - 1, in.all.bytes - bytes}
	in.senders.give(from, bytes)
	in.room.give(from, bytes)
}

// trim lets go of what waits beyond the limits, after all has been taken that can
// be: so whatever waits, it keeps nothing out. The newest goes first, of a device
// that has filled all documents together or of the one of which most waits here;
// it is asked for again. An eighth of the room is made at once, so that what this
// costs each change does not depend on how many wait.
func (in *intake) trim() {
	greedy := in.greedy()
	if in.all.fits(8) && len(greedy) == 0 {
		return
	}
	waits := in.loose()
	for _, device := range greedy {
		for len(waits[device]) > 0 && !in.room.of(device).fits(7) {
			in.dropNewest(waits, device)
		}
	}
	for len(waits) > 0 && !in.all.fits(7) {
		var most DeviceID
		for device, things := range waits {
			if len(things) == 0 {
				delete(waits, device)
			} else if len(waits[most]) == 0 || in.senders[device].share() > in.senders[most].share() {
				most = device
			}
		}
		if len(waits) > 0 {
			in.dropNewest(waits, most)
		}
	}
}

// greedy are the devices that have filled all documents together, of those of
// which something waits here.
func (in *intake) greedy() (devices []DeviceID) {
	for device := range in.senders {
		if !in.room.of(device).fits(8) {
			devices = append(devices, device)
		}
	}
	return devices
}

// loose is something that can be let go of: a change, or a head whose change is
// not here.
type loose struct {
	came uint64
	drop func()
}

// loose is what can be let go of, by who sent it, the newest last.
func (in *intake) loose() map[DeviceID][]loose {
	in.steps += len(in.knots)
	all := make(map[DeviceID][]loose)
	for _, k := range in.knots {
		if w := k.change; w != nil {
			all[w.from] = append(all[w.from], loose{w.came, func() { in.letGo(k) }})
			continue
		}
		for _, h := range k.heads {
			all[h.from] = append(all[h.from], loose{h.came, func() { in.dropHead(h) }})
		}
	}
	for _, things := range all {
		slices.SortFunc(things, func(a, b loose) int { return cmp.Compare(a.came, b.came) })
	}
	return all
}

func (in *intake) dropNewest(waits map[DeviceID][]loose, device DeviceID) {
	last := len(waits[device]) - 1
	waits[device][last].drop()
	waits[device] = waits[device][:last]
	in.drop(device)
}

// drop notes that something of a device's was not kept.
func (in *intake) drop(from DeviceID) {
	if in.dropped == nil {
		in.dropped = make(map[DeviceID]struct{})
	}
	in.dropped[from] = struct{}{}
}

// letGo takes a change out that may come again.
func (in *intake) letGo(k *knot) {
	for _, h := range k.heads {
		h.counts = false // until then
	}
	in.remove(k)
}
