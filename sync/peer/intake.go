package peer

import (
	"errors"
	"math"
	"slices"

	"starling/crdt"
)

// Limits of what waits in one document for what it builds on, for a head or for
// a roster, and of what waits of one device in all documents (room.go).
const (
	maxThings       = 16384 // changes and heads
	maxWaitingBytes = 16 << 20
	maxActorHeads   = 64 // of one actor; a newer one covers what an older one does
	maxBarred       = 4096
	headCost        = 512 // bytes that a waiting head takes, or fewer
)

// holding is what is held of a document: the open one or, where the document is
// not open, its rows.
type holding interface {
	Has(crdt.Hash) bool
	// Last is the number of an actor's last change that is held.
	Last(crdt.ActorID) uint64
}

// intake holds what a document was sent and can't take yet, in a graph of what
// builds on what. It is used under inbox.mu.
//
// A change is ripe when all that it builds on is held and a verified head of
// its actor, by a device that could write, reaches it through the hashes of
// changes: a head vouches for its actor's changes and for no one else's
// (vouch.go). What lies beyond a line counts only if others build on it
// (lines.go). Ripe changes are taken in the order in which they became so, which
// is causal.
//
// What one change costs does not depend on how many wait: each tie between two
// of them is followed once when it is made, once for each set of heads that
// comes to reach across it, once when what is below comes to be carried, and once
// when it is undone.
type intake struct {
	knots   map[crdt.Hash]*knot
	waiting int // changes
	lacking int // changes that are named, and neither held nor waiting
	ripe    []*waitingChange
	// What waits, changes and heads: all, by who sent it first, and in all
	// documents together. came counts what has come.
	all     load
	senders loads
	room    *room
	came    uint64
	vouchers
	// barred are changes that can never be taken: refused ones, and what
	// builds on them.
	barred map[crdt.Hash]struct{}
	// dropped are the devices of whose something was let go of.
	dropped map[DeviceID]struct{}
	steps   int // along ties, as a measure of work
	// recalled says that what stands beside the document waits here too, for now,
	// and looks that it is to be looked at in any case.
	recalled, looks bool
	forking
}

// knot is where ties meet: a change that waits, or one that is named by such a
// change or by a head and is not here.
type knot struct {
	hash   crdt.Hash
	change *waitingChange // nil if it is not here
	kids   []tie          // those that build on it
	heads  []*waitingHead // over it
}

// tie is a change's dependency of a number. A change keeps in at where in the
// kids of that knot the tie stands.
type tie struct {
	change *waitingChange
	dep    int
}

// waitingChange knows who sent it first: the blame for a bad one is not on
// whoever comes when it is found out.
type waitingChange struct {
	crdt.Change
	from DeviceID
	came uint64

	deps    []*knot // nil for those that are held
	at      []int
	missing int  // deps that are neither held nor taken
	queued  bool // in ripe
	gone    bool // taken for good, or barred
	lost    bool // to another one of its number
	voucher
}

func newIntake(by terms, room *room) intake {
	return intake{
		knots: make(map[crdt.Hash]*knot), room: room, senders: make(loads),
		vouchers: newVouchers(by), barred: make(map[crdt.Hash]struct{}),
	}
}

// knot finds or makes the knot of a hash.
func (in *intake) knot(h crdt.Hash) *knot {
	k := in.knots[h]
	if k == nil {
		k = &knot{hash: h}
		in.knots[h] = k
	}
	return k
}

// alter changes a knot, and keeps count of what is lacking. A knot that nothing
// hangs on is let go.
func (in *intake) alter(k *knot, change func()) {
	if k.lacks() {
		in.lacking--
	}
	change()
	in.steps++
	if k.lacks() {
		in.lacking++
	}
	if k.change == nil && len(k.kids) == 0 && len(k.heads) == 0 {
		delete(in.knots, k.hash)
	}
}

func (k *knot) lacks() bool { return k.change == nil && len(k.kids) > 0 }

// addChange keeps a change until it is ripe. What is beyond the limits is let go
// of by trim, when what can be taken has been.
func (in *intake) addChange(c crdt.Change, from DeviceID, held holding) {
	if k := in.knots[c.Hash]; k != nil && k.change != nil {
		return
	}
	forked := c.Seq <= held.Last(c.Actor)
	if forked && held.Has(c.Hash) {
		return
	}
	if in.hopeless(c) {
		in.bar(c.Hash)
		return
	}
	if _, ok := in.branched[c.Hash]; ok && !in.mayProve(c) {
		return
	}
	in.came++
	w := &waitingChange{Change: c, from: from, came: in.came}
	in.waiting++
	in.stirred = true
	in.take(from, len(c.Bytes))
	in.by.elsewhere.vouch(w)
	w.deps, w.at = make([]*knot, len(c.Deps)), make([]int, len(c.Deps))
	for i, dep := range c.Deps {
		in.steps++
		if k := in.knots[dep]; (k == nil || k.change == nil) && held.Has(dep) { // which may be dear
			continue
		}
		k := in.knot(dep)
		w.deps[i], w.at[i] = k, len(k.kids)
		w.missing++
		in.alter(k, func() { k.kids = append(k.kids, tie{w, i}) })
	}
	if forked || w.missing > 0 && c.Seq == held.Last(c.Actor)+1 {
		in.suspect(c.Actor)
	}
	k := in.knot(c.Hash)
	in.alter(k, func() { k.change = w })
	in.arrived(k)
	in.ripen(w)
}

// mayProve reports whether something waits below a change that a head over that, or
// over what builds on it, could vouch for.
func (in *intake) mayProve(c crdt.Change) bool {
	return slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool {
		k := in.knots[dep]
		return k != nil && k.change != nil && !k.change.vouched()
	})
}

// hopeless reports whether a change is barred or builds on one that is.
func (in *intake) hopeless(c crdt.Change) bool {
	if _, ok := in.barred[c.Hash]; ok {
		return true
	}
	for _, dep := range c.Deps {
		if _, ok := in.barred[dep]; ok {
			return true
		}
	}
	return false
}

// ripen queues a change that can be taken now.
func (in *intake) ripen(w *waitingChange) {
	if !w.queued && w.ripe() {
		w.queued = true
		in.ripe = append(in.ripe, w)
	}
}

func (w *waitingChange) ripe() bool { return !w.gone && !w.lost && w.missing == 0 && w.vouched() }

// next takes up to n ripe changes out, each after those it builds on. Each is to
// be given to done, back or bar then, those for back from the last to the first.
func (in *intake) next(n int) []*waitingChange { return in.nextOf(n, math.MaxUint64) }

// nextOf is next, and takes no more after a change with which there are as many
// operations as are given.
func (in *intake) nextOf(n int, ops uint64) []*waitingChange {
	in.carryAll()
	var out []*waitingChange
	for sum := uint64(0); len(in.ripe) > 0 && len(out) < n && sum < ops; {
		w := in.ripe[0]
		in.ripe[0] = nil
		in.ripe = in.ripe[1:]
		w.queued = false
		if !w.ripe() {
			continue
		}
		out = append(out, w)
		sum += w.Ops()
		w.missing = -1 // no longer ripe
		for _, kid := range in.knots[w.Hash].kids {
			in.steps++
			kid.change.missing--
			in.ripen(kid.change)
		}
	}
	if len(in.ripe) == 0 {
		in.ripe = nil
	}
	return out
}

// done notes that a change is held now.
func (in *intake) done(w *waitingChange) {
	k := in.knots[w.Hash]
	kids := k.kids
	in.alter(k, func() { k.kids = nil })
	for _, kid := range kids {
		kid.change.deps[kid.dep] = nil
	}
	in.remove(k)
	in.forgetHeads(w.Actor, w.Seq)
	delete(in.suspects, w.Actor)
}

// back has a change wait again.
func (in *intake) back(w *waitingChange) {
	for _, kid := range in.knots[w.Hash].kids {
		in.steps++
		kid.change.missing++
	}
	w.missing = 0
	in.ripen(w)
}

// backAll has changes that next gave wait again.
func (in *intake) backAll(changes []*waitingChange) {
	for _, w := range slices.Backward(changes) {
		in.back(w)
	}
}

// bar has a change and all that builds on it never be taken.
func (in *intake) bar(h crdt.Hash) {
	for stack := []crdt.Hash{h}; len(stack) > 0; {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if len(in.barred) >= maxBarred {
			clear(in.barred) // they will be refused again
		}
		in.barred[h] = struct{}{}
		k := in.knots[h]
		if k == nil {
			continue
		}
		for _, kid := range k.kids {
			stack = append(stack, kid.change.Hash)
		}
		in.dropHeads(k)
		if k.change != nil {
			in.remove(k)
		}
	}
}

// remove takes a knot's change out.
func (in *intake) remove(k *knot) {
	w := k.change
	w.gone = true
	in.waiting--
	in.give(w.from, len(w.Bytes))
	for i := range w.deps {
		in.unlink(w, i)
	}
	in.alter(k, func() { k.change = nil })
	if in.waiting == 0 {
		in.forgetGroups()
	}
}

func (in *intake) unlink(w *waitingChange, i int) {
	k := w.deps[i]
	if k == nil {
		return
	}
	w.deps[i] = nil
	in.alter(k, func() {
		last := k.kids[len(k.kids)-1]
		k.kids[w.at[i]] = last
		last.change.at[last.dep] = w.at[i]
		k.kids = k.kids[:len(k.kids)-1]
	})
}

// refusal is a change that can't be taken.
type refusal struct {
	*waitingChange
	blame DeviceID // who should have refused it too; zero for nobody
	cause error
}

var (
	errNotTheirs = errors.New("a head is over another's change")
	errBegun     = errors.New("the change begins a document that another founded")
	errLate      = errors.New("the change is said to be of the file that the document was founded with, and is not")
)

// clear forgets everything, and gives the room back.
func (in *intake) clear() {
	for _, k := range in.knots {
		if k.change != nil {
			in.room.give(k.change.from, len(k.change.Bytes))
		}
		for _, h := range k.heads {
			in.room.give(h.from, headCost)
		}
	}
}
