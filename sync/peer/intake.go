package peer

import (
	"cmp"
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// Limits of what waits in one document for what it builds on, for a head or for
// a roster. What comes beyond them is not kept, and is asked for when there is
// room again.
const (
	maxWaiting      = 16384
	maxWaitingBytes = 16 << 20
	maxWaitingHeads = 4096
	maxActorHeads   = 64 // of one actor; a newer one covers what an older one does
	maxBarred       = 4096
)

// intake holds what a document was sent and can't take yet. It is used under
// openDoc.taking.
//
// A change is taken when all that it builds on is held and a verified head of
// its actor, by a device that may write, reaches it through the hashes of
// changes: a head vouches for its actor's changes and for no one else's.
type intake struct {
	waiting map[crdt.Hash]waitingChange
	arrived []crdt.Hash // in the order of arrival, which is mostly causal
	bytes   int
	heads   map[crdt.ActorID][]waitingHead // verified, the newest first
	nHeads  int
	// barred are changes that can never be taken: refused ones, and what
	// builds on them.
	barred map[crdt.Hash]struct{}
	// dropped says that something was not kept for lack of room.
	dropped bool
}

// waitingChange and waitingHead know who sent them first: the blame for a bad
// one is not on whoever comes when it is found out.
type waitingChange struct {
	crdt.Change
	from DeviceID
}

type waitingHead struct {
	trust.Head
	from DeviceID
}

func newIntake() intake {
	return intake{
		waiting: make(map[crdt.Hash]waitingChange), heads: make(map[crdt.ActorID][]waitingHead),
		barred: make(map[crdt.Hash]struct{}),
	}
}

func (in *intake) empty() bool { return len(in.waiting) == 0 }

func (in *intake) full() bool { return len(in.waiting) >= maxWaiting || in.bytes >= maxWaitingBytes }

func (in *intake) addChange(c crdt.Change, from DeviceID) {
	if _, ok := in.waiting[c.Hash]; ok {
		return
	}
	if in.hopeless(c) {
		in.bar(c.Hash)
		return
	}
	if in.full() {
		in.dropped = true
		return
	}
	in.waiting[c.Hash] = waitingChange{c, from}
	in.arrived = append(in.arrived, c.Hash)
	in.bytes += len(c.Bytes)
}

// hopeless reports whether a change is barred or builds on one that is.
func (in *intake) hopeless(c crdt.Change) bool {
	if _, ok := in.barred[c.Hash]; ok {
		return true
	}
	return slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool {
		_, ok := in.barred[dep]
		return ok
	})
}

// bar has a change and all that builds on it never be taken.
func (in *intake) bar(h crdt.Hash) {
	if len(in.barred) >= maxBarred {
		clear(in.barred) // they will be refused again
	}
	in.barred[h] = struct{}{}
	for again := true; again; {
		again = false
		for hash, c := range in.waiting {
			if in.hopeless(c.Change) {
				in.barred[hash] = struct{}{}
				in.remove(hash)
				again = true
			}
		}
	}
	in.tidy()
}

// remove takes a change out; tidy is to follow.
func (in *intake) remove(h crdt.Hash) {
	in.bytes -= len(in.waiting[h].Bytes)
	delete(in.waiting, h)
}

func (in *intake) tidy() {
	in.arrived = slices.DeleteFunc(in.arrived, func(h crdt.Hash) bool {
		_, ok := in.waiting[h]
		return !ok
	})
}

func (in *intake) addHead(h trust.Head, from DeviceID) {
	a := crdt.ActorID(h.Actor)
	heads := in.heads[a]
	for _, other := range heads {
		if other.Seq == h.Seq && other.Hash == h.Hash {
			return
		}
	}
	if in.nHeads >= maxWaitingHeads && len(heads) < maxActorHeads {
		in.dropped = true
		return
	}
	heads = append(heads, waitingHead{h, from})
	slices.SortFunc(heads, func(a, b waitingHead) int {
		return cmp.Or(cmp.Compare(b.Seq, a.Seq), crdt.Hash(a.Hash).Compare(b.Hash))
	})
	in.nHeads += min(len(heads), maxActorHeads) - len(in.heads[a])
	in.heads[a] = heads[:min(len(heads), maxActorHeads)]
}

// forgetHeads drops the heads that are of no use any more, and those of barred
// changes.
func (in *intake) forgetHeads(useless func(waitingHead) bool) {
	for a, heads := range in.heads {
		rest := slices.DeleteFunc(heads, func(h waitingHead) bool {
			_, barred := in.barred[h.Hash]
			return barred || useless(h)
		})
		in.nHeads -= len(heads) - len(rest)
		if in.heads[a] = rest; len(rest) == 0 {
			delete(in.heads, a)
		}
	}
}
