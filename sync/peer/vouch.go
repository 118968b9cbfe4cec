package peer

import (
	"cmp"
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// vouchers are the verified heads of a document and what they reach.
type vouchers struct {
	by     terms
	heads  map[crdt.ActorID][]*waitingHead // the newest first
	nHeads int
	// groups numbers the kinds of heads over waiting changes: of one actor, and of
	// one standing; import heads apart. of has the numbers of an actor's.
	groups   map[group]int
	of       map[crdt.ActorID][]int
	vouching []vouching // by that number
	// founder is the actor that has the document's first change, known from
	// the first import head.
	founder crdt.ActorID
	// begins is the founding change, once what is not below it has been taken out.
	begins crdt.Hash
	// lined says that something may wait that counts only if others build on it, and
	// stirred that it may count by now.
	lined, stirred bool
	// refused are changes that heads speak against.
	refused []refusal
}

type group struct {
	actor    crdt.ActorID
	imported bool
	standing
}

// vouching is what the heads of a group have in common; from sent the first of
// them.
type vouching struct {
	group
	device DeviceID
	founds bool
	from   DeviceID
}

// waitingHead is a head whose change is not held yet.
type waitingHead struct {
	trust.Head
	from DeviceID
	came uint64
	// counts says that it is worth something: its change is here, and so is the
	// roster that it names, by which its device could write.
	counts bool
}

// voucher is what heads say of one change.
type voucher struct {
	reached groupSet
	// device is the one that vouches for it as a change of its own, zero if
	// none does, and person is whose device that is.
	device, person DeviceID
	// What it is said to be: one of somebody who may write, a commenter's, or one
	// of another program's, for which a founder vouches.
	written, remarked, imported claim
	// carried says that a change which counts by itself builds on it, and carries
	// that all on which it builds was told so.
	carried, carries bool
	// late says that the founder's word counts for nothing (unfounded.go).
	late bool
}

// vouched reports whether the change counts.
func (v *voucher) vouched() bool { return v.wide() || v.counts(v.remarked) }

// wide reports whether it counts, whatever it writes.
func (v *voucher) wide() bool { return v.counts(v.imported) && !v.late || v.counts(v.written) }

func (v *voucher) counts(c claim) bool { return c == within || c == beyond && v.carried }

// isBeyond reports whether it counts only since others build on it.
func (v *voucher) isBeyond() bool {
	return v.written != within && v.remarked != within && (v.imported != within || v.late)
}

// foreign reports whether it counts as another program's.
func (v *voucher) foreign() bool { return v.device.IsZero() }

// groupSet is a set of groups by number.
type groupSet []uint64

func setOf(n int) groupSet {
	s := make(groupSet, n/64+1)
	s[n/64] = 1 << (n % 64)
	return s
}

func (s groupSet) has(n int) bool { return n/64 < len(s) && s[n/64]>>(n%64)&1 == 1 }

// without returns what of s is not in other, nil if that is nothing.
func (s groupSet) without(other groupSet) groupSet {
	var out groupSet
	for i, bits := range s {
		if i < len(other) {
			bits &^= other[i]
		}
		if bits != 0 && out == nil {
			out = make(groupSet, len(s))
		}
		if bits != 0 {
			out[i] = bits
		}
	}
	return out
}

func (s groupSet) with(other groupSet) groupSet {
	for len(s) < len(other) {
		s = append(s, 0)
	}
	for i, bits := range other {
		s[i] |= bits
	}
	return s
}

func newVouchers(by terms) vouchers {
	if by.elsewhere == nil {
		by.origin = by.doc
	}
	return vouchers{
		by: by, heads: make(map[crdt.ActorID][]*waitingHead),
		groups: make(map[group]int), of: make(map[crdt.ActorID][]int),
	}
}

// terms are by what a document's heads count.
type terms struct {
	space    SpaceID
	doc      crdt.DocID
	origin   crdt.DocID // that a branch comes from; for others the document itself
	standing func(trust.Head) standing
	// elsewhere is nil but for a branch.
	elsewhere *elsewhere
}

// addHead keeps a verified head until its change is held. It fails if the head
// is over a change that is not its actor's.
func (in *intake) addHead(h trust.Head, from DeviceID) error {
	if h.Import {
		founder := trust.ActorID(h.Device, in.by.origin, h.Nonce)
		in.founder = crdt.ActorID(founder[:])
	}
	in.came++
	w := &waitingHead{Head: h, from: from, came: in.came}
	k := in.knots[h.Hash]
	if k != nil && slices.ContainsFunc(k.heads, w.same) {
		return nil
	}
	if k != nil && k.change != nil && !w.isOver(k.change) {
		return errNotTheirs
	}
	in.take(from, headCost)
	k = in.knot(h.Hash)
	in.alter(k, func() { k.heads = append(k.heads, w) })
	in.insertHead(w)
	in.count(k, w)
	return nil
}

// same reports whether two heads over one change say the same. One that names
// another roster may be worth something where this one is not.
func (h *waitingHead) same(other *waitingHead) bool {
	return other.Seq == h.Seq && other.Actor == h.Actor && other.Import == h.Import && slices.Equal(other.Roster, h.Roster)
}

func (h *waitingHead) isOver(c *waitingChange) bool {
	return c.Actor == crdt.ActorID(h.Actor) && c.Seq == h.Seq
}

// insertHead puts a head in its place and drops the oldest of too many.
func (in *intake) insertHead(h *waitingHead) {
	a := crdt.ActorID(h.Actor)
	heads := in.heads[a]
	at, _ := slices.BinarySearchFunc(heads, h.Seq, func(other *waitingHead, seq uint64) int {
		return cmp.Compare(seq, other.Seq)
	})
	in.heads[a] = slices.Insert(heads, at, h)
	in.nHeads++
	if len(in.heads[a]) > maxActorHeads {
		in.dropHead(leastOf(in.heads[a]))
	}
}

// leastOf is which of an actor's heads to let go of: one that counts for nothing,
// of the device that has sent the most of those, so that whoever sends bad ones
// keeps no good one out; then the oldest.
func leastOf(heads []*waitingHead) *waitingHead {
	idle := make(map[DeviceID]int)
	for _, h := range heads {
		if !h.counts {
			idle[h.from]++
		}
	}
	least, most := heads[len(heads)-1], 0
	for _, h := range heads {
		if n := idle[h.from]; !h.counts && n >= most {
			least, most = h, n
		}
	}
	return least
}

// dropHead takes a head out.
func (in *intake) dropHead(h *waitingHead) {
	a := crdt.ActorID(h.Actor)
	rest := slices.DeleteFunc(in.heads[a], func(other *waitingHead) bool { return other == h })
	in.nHeads--
	in.give(h.from, headCost)
	if in.heads[a] = rest; len(rest) == 0 {
		delete(in.heads, a)
	}
	k := in.knots[h.Hash]
	in.alter(k, func() {
		k.heads = slices.DeleteFunc(k.heads, func(other *waitingHead) bool { return other == h })
	})
}

// dropHeads takes out all heads over one change.
func (in *intake) dropHeads(k *knot) {
	for _, h := range slices.Clone(k.heads) {
		in.dropHead(h)
	}
}

// forgetHeads drops the heads that are of no use once an actor's change of a
// number is held: those up to it, except over changes that are still here,
// which are of a fork.
func (in *intake) forgetHeads(a crdt.ActorID, seq uint64) {
	for i := len(in.heads[a]) - 1; i >= 0 && in.heads[a][i].Seq <= seq; i-- {
		in.steps++
		if h := in.heads[a][i]; in.knots[h.Hash].change == nil {
			in.dropHead(h)
		}
	}
}

// recount looks again at all heads, after the roster has changed: which heads
// count, and up to which line, may be otherwise than it was. What could never be
// taken may come again.
func (in *intake) recount() {
	clear(in.barred)
	in.forgetGroups()
	in.ripe = nil
	for _, k := range in.knots {
		if k.change != nil {
			k.change.voucher, k.change.queued, k.change.lost = voucher{}, false, false
			in.by.elsewhere.vouch(k.change)
			in.ripen(k.change)
		}
		for _, h := range k.heads {
			h.counts = false
		}
	}
	for _, k := range in.knots {
		in.steps++
		for _, h := range k.heads {
			in.count(k, h)
		}
	}
}

// count has a head vouch for what it reaches, if its change is here and so is the
// roster that it names, by which its device could write.
func (in *intake) count(k *knot, h *waitingHead) {
	if h.counts || k.change == nil {
		return
	}
	st := in.by.standing(h.Head)
	if !st.known || !st.writes && !st.remarks {
		return
	}
	h.counts = true
	g := group{crdt.ActorID(h.Actor), h.Import, st}
	n, ok := in.groups[g]
	if !ok {
		n = len(in.groups)
		in.groups[g] = n
		in.of[g.actor] = append(in.of[g.actor], n)
		in.vouching = append(in.vouching, vouching{g, h.Device, h.Founds(in.by.space, in.by.origin), h.from})
	}
	in.spread(k.change, setOf(n))
}

// arrived counts the heads over a change that has come, and has those that reach
// what builds on it reach it too. Heads that are over another's change are
// dropped.
func (in *intake) arrived(k *knot) {
	var reached groupSet
	for _, kid := range k.kids {
		in.steps++
		reached = reached.with(kid.change.reached)
	}
	in.spread(k.change, reached)
	for _, h := range slices.Clone(k.heads) {
		if !h.isOver(k.change) {
			in.dropHead(h)
			continue
		}
		in.count(k, h)
	}
}

// spread has heads of some groups reach a change and all that waits below it.
func (in *intake) spread(w *waitingChange, groups groupSet) {
	type visit struct {
		change *waitingChange
		groups groupSet
	}
	for stack := []visit{{w, groups}}; len(stack) > 0; {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		in.steps++
		fresh := v.groups.without(v.change.reached)
		if fresh == nil {
			continue
		}
		v.change.reached = v.change.reached.with(fresh)
		in.vouch(v.change, fresh)
		for _, dep := range v.change.deps {
			if dep != nil && dep.change != nil {
				stack = append(stack, visit{dep.change, fresh})
			}
		}
	}
}

// vouch notes what it says of a change that heads of some groups reach it: those
// of other actors say nothing.
func (in *intake) vouch(w *waitingChange, groups groupSet) {
	for _, n := range in.of[w.Actor] {
		if !groups.has(n) {
			continue
		}
		by := &in.vouching[n]
		switch {
		case by.imported:
			w.imported = max(w.imported, by.written(w.Seq))
			continue
		case len(w.Deps) == 0 && !by.founds:
			in.refused = append(in.refused, refusal{w, by.from, errBegun})
			return
		}
		w.device, w.person = by.device, by.person
		w.written = max(w.written, by.written(w.Seq))
		w.remarked = max(w.remarked, by.remarked(w.Seq))
	}
	in.lined = in.lined || w.written == beyond || w.remarked == beyond || w.imported == beyond
	in.stirred = true
	in.ripen(w)
}

// forgetGroups begins the numbers anew, when nothing is left that bears one.
func (v *vouchers) forgetGroups() {
	clear(v.groups)
	clear(v.of)
	v.vouching, v.lined = nil, false
}

// headsOver are the heads over changes that count.
func (in *intake) headsOver(changes []*waitingChange) []trust.Head {
	var heads []trust.Head
	for _, w := range changes {
		for _, h := range in.knots[w.Hash].heads {
			if h.counts {
				heads = append(heads, h.Head)
			}
		}
	}
	return heads
}

// founding is the actor that founded the document, if heads here tell.
func (v *vouchers) founding() (crdt.ActorID, bool) {
	if v.founder != "" {
		return v.founder, true
	}
	for _, by := range v.vouching {
		if by.founds {
			return by.actor, true
		}
	}
	return "", false
}

// devices adds whose actors are, as far as heads here tell.
func (v *vouchers) devices(known map[crdt.ActorID][32]byte) {
	for _, by := range v.vouching {
		if !by.imported {
			known[by.actor] = by.device
		}
	}
}
