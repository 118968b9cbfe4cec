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
	// groups numbers the actors that heads over waiting changes are of, import
	// heads apart.
	groups   map[group]int
	vouching []vouching // by that number
	// founder is the actor that has the document's first change, known from
	// the first import head.
	founder crdt.ActorID
	// refused are changes that heads speak against.
	refused []refusal
}

type group struct {
	actor    crdt.ActorID
	imported bool
}

// vouching is what the heads of a group have in common; from sent the first of
// them.
type vouching struct {
	device DeviceID
	founds bool
	from   DeviceID
}

// waitingHead is a head whose change is not held yet.
type waitingHead struct {
	trust.Head
	from DeviceID
	came uint64
	// counts says that what it reaches is vouched for: its change is here and
	// its device may write.
	counts bool
}

func (h *waitingHead) group() group { return group{crdt.ActorID(h.Actor), h.Import} }

// voucher is what heads say of one change.
type voucher struct {
	reached groupSet
	// device is the one that vouches for it as a change of its own, zero if
	// none does; imported says that a founder vouches for it as another
	// program's.
	device   DeviceID
	imported bool
}

func (v *voucher) vouched() bool { return v.imported || !v.device.IsZero() }

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
	return vouchers{by: by, heads: make(map[crdt.ActorID][]*waitingHead), groups: make(map[group]int)}
}

// terms are by what a document's heads count.
type terms struct {
	space    SpaceID
	doc      crdt.DocID
	mayWrite func(DeviceID) bool
}

// addHead keeps a verified head until its change is held. It fails if the head
// is over a change that is not its actor's.
func (in *intake) addHead(h trust.Head, from DeviceID) error {
	if h.Import {
		founder := trust.ActorID(h.Device, in.by.doc, h.Nonce)
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

func (h *waitingHead) same(other *waitingHead) bool {
	return other.Seq == h.Seq && other.group() == h.group()
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
	if n := len(in.heads[a]); n > maxActorHeads {
		in.dropHead(in.heads[a][n-1])
	}
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

// recount looks again at heads that did not count, after a roster has changed.
// Nobody loses the right to write, so none of the others changes.
func (in *intake) recount() {
	for _, heads := range in.heads {
		for _, h := range heads {
			in.count(in.knots[h.Hash], h)
		}
	}
}

// count has a head vouch for what it reaches, if its change is here and its
// device may write.
func (in *intake) count(k *knot, h *waitingHead) {
	if h.counts || k.change == nil || !in.by.mayWrite(h.Device) {
		return
	}
	h.counts = true
	n, ok := in.groups[h.group()]
	if !ok {
		n = len(in.groups)
		in.groups[h.group()] = n
		in.vouching = append(in.vouching, vouching{DeviceID(h.Device), h.Founds(in.by.space, in.by.doc), h.from})
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
	if n, ok := in.groups[group{w.Actor, false}]; ok && groups.has(n) {
		by := in.vouching[n]
		if len(w.Deps) == 0 && !by.founds {
			in.refused = append(in.refused, refusal{w, by.from, errBegun})
			return
		}
		w.device = by.device
	}
	if n, ok := in.groups[group{w.Actor, true}]; ok && groups.has(n) {
		w.imported = true
	}
	in.ripen(w)
}

// forgetGroups begins the numbers anew, when nothing is left that bears one.
func (v *vouchers) forgetGroups() {
	clear(v.groups)
	v.vouching = nil
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
	for g, n := range v.groups {
		if v.vouching[n].founds {
			return g.actor, true
		}
	}
	return "", false
}

// devices adds whose actors are, as far as heads here tell.
func (v *vouchers) devices(known map[crdt.ActorID][32]byte) {
	for g, n := range v.groups {
		if !g.imported {
			known[g.actor] = v.vouching[n].device
		}
	}
}
