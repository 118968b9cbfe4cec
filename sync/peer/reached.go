package peer

import (
	"sync"

	"starling/crdt"
	"starling/sync/protocol"
)

// reached is what each device has said that it has committed. It is safe for
// concurrent use; the zero value is ready.
type reached struct {
	mu      sync.Mutex
	devices map[DeviceID]map[SpaceID]*acked
}

// acked is what a device has of a space: what it said when the two compared,
// most of which is shared with what we hold ourselves, and since.
type acked struct {
	protocol.View
	since map[crdt.DocID]crdt.Vector
}

func (a *acked) vector(doc crdt.DocID) crdt.Vector {
	if a == nil {
		return nil
	}
	if v, ok := a.since[doc]; ok {
		return v
	}
	return a.View.Vector(doc)
}

// compared takes what a device said of a space as a whole in place of what it
// had said before.
func (r *reached) compared(device DeviceID, space SpaceID, held protocol.View) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spaces(device)[space] = &acked{View: held, since: make(map[crdt.DocID]crdt.Vector)}
}

// spaces are what a device has; under mu.
func (r *reached) spaces(device DeviceID) map[SpaceID]*acked {
	if r.devices == nil {
		r.devices = make(map[DeviceID]map[SpaceID]*acked)
	}
	if r.devices[device] == nil {
		r.devices[device] = make(map[SpaceID]*acked)
	}
	return r.devices[device]
}

// acknowledged takes what a device has of one document, which may be kept.
func (r *reached) acknowledged(device DeviceID, space SpaceID, doc crdt.DocID, held crdt.Vector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spaces := r.spaces(device)
	if spaces[space] == nil {
		spaces[space] = &acked{since: make(map[crdt.DocID]crdt.Vector)}
	}
	spaces[space].since[doc] = held
}

// has reports whether a device has all of v.
func (r *reached) has(device DeviceID, space SpaceID, doc crdt.DocID, v crdt.Vector) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.devices[device][space].vector(doc).Covers(v)
}
