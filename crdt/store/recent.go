package store

import "starling/crdt"

// recent are the changes that the writer has inserted last, of all documents: those
// who write at the same time build on what was the last one a moment ago, and to
// search the rows for each takes longer than all else about it. A state of a document
// that is forgotten takes what is said here of its actors with it.
type recent struct {
	list [128]recentChange
	next int
}

type recentChange struct {
	place
	hash crdt.Hash
	// clock is what the change builds on, if clockRead. Nobody writes to it.
	clock     clock
	clockRead bool
}

// note notes the change that an actor's tip is now.
func (r *recent) note(a *actorState, c *crdt.Change) {
	r.list[r.next] = recentChange{
		place: place{a, c.Seq, c.MaxOp, true}, hash: c.Hash, clock: a.clock, clockRead: a.clockRead,
	}
	r.next = (r.next + 1) % len(r.list)
}

// find finds a change of a document by its hash; the place has no actor if it is not
// here, or inside the snapshot by now.
func (r *recent) find(d *docState, hash crdt.Hash) place {
	for i := range r.list {
		c := &r.list[i]
		if c.hash == hash && c.actor != nil && d.actors[c.actor.id] == c.actor && !d.snap.Has(c.actor.id, c.seq) {
			return c.place
		}
	}
	return place{}
}

// clockAt returns what the change of an actor's builds on, and whether that is known.
func (r *recent) clockAt(a *actorState, seq uint64) (clock, bool) {
	for i := range r.list {
		if c := &r.list[i]; c.actor == a && c.seq == seq && c.clockRead {
			return c.clock, true
		}
	}
	return nil, false
}
