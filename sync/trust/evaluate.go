package trust

import (
	"cmp"
	"slices"

	"starling/sync/identity"
)

// evaluation finds which of a set of kept statements count. The set holds all
// that its statements name.
//
// A removal voids what the removed one stated without knowing it, and what rests
// on that for its right does not count either; a demotion likewise voids what
// the person may no longer state, and a device's removal what the device stated.
// Where such statements void each other, they are settled one at a time: first
// those that no other one would keep from counting, then, of a circle that
// nothing outside attacks, the one whose author is best. Settling voids what the
// statement attacks, but nothing that is settled. One after which the space
// would have no owner, or its person no device, is void itself.
//
// What a person says of a stolen device of its own holds also where the person was
// removed meanwhile: else whoever brings the person back would bring that device
// back. So such a removal of a device is spared. But the stolen one can say that of
// the others, too, and as of earlier: so where the person's removal stands, what is
// spared says only whose device that is. It voids nothing that the removal knew of,
// brings no secret, and draws no line where the removal draws one: only for what knew
// the removal but not this, as once the person has returned.
type evaluation struct {
	r         *Roster
	in        set
	void      set
	settled   set // and standing
	unsettled set // of the items
	// beyond is what a statement does not attack, since a removal that is settled
	// knew that and spares the statement.
	beyond map[int]set
	looks  int // how often it was asked whether one attacks another
}

// maxCrossing is above how many statements that void each other only what each
// voids directly is looked at, so that one who floods a roster gains nothing.
const maxCrossing = 48

// resolvedPast is resolve for what a statement knew.
func (r *Roster) resolvedPast(s *Statement, past set) set {
	if len(s.Known) == 1 {
		if out, ok := r.extended(r.index[s.Known[0]], past); ok {
			return out
		}
	}
	key := make([]byte, 0, 32*len(s.Known))
	for _, h := range s.Known {
		key = append(key, h[:]...)
	}
	out, ok := r.resolved[string(key)]
	if !ok {
		out = r.resolve(past)
		if len(r.resolved) > MaxStatements {
			clear(r.resolved)
		}
		r.resolved[string(key)] = out
	}
	return out
}

// extended returns what does not count of a statement and all that it knew: just
// what did not by what it knew, since it attacks nothing of that and nothing
// there attacks it. False if it may have to be void for what it takes away.
func (r *Roster) extended(top int, in set) (out set, ok bool) {
	k := r.kept[top]
	if !k.takes() {
		return k.out, true
	}
	l := &lens{r: r, in: in, out: k.out}
	return k.out, l.owned() && (k.Kind != Remove || k.Whole || l.hasDevice(k.target))
}

// resolveAll is resolve for everything kept.
func (r *Roster) resolveAll() set {
	top := len(r.kept) - 1
	for top >= 0 && r.kept[top].evidence() {
		top--
	}
	if top > 0 && append(set(nil), r.kept[top].past...).with(top).agree(r.said, r.said) {
		if out, ok := r.extended(top, r.all); ok {
			return out
		}
	}
	return r.resolve(r.all)
}

// resolve returns the statements of a set that don't count.
func (r *Roster) resolve(in set) set {
	return newEvaluation(r, in).run()
}

func newEvaluation(r *Roster, in set) *evaluation {
	return &evaluation{r: r, in: in, unsettled: in.common(r.items), beyond: make(map[int]set)}
}

// run settles what is to be settled and returns what does not count.
func (e *evaluation) run() set {
	for {
		out := e.uncounted(e.void)
		if fighters := e.fighters(out); len(fighters) > 0 {
			e.settle(e.pick(fighters, out))
			continue
		}
		l := &lens{r: e.r, in: e.in, out: out}
		if l.owned() && e.allHaveDevices(l) {
			return out
		}
		x := e.pickHarmless(l)
		if x < 0 {
			return out
		}
		e.settle(x)
	}
}

// uncounted returns what does not count if some statements are void.
func (e *evaluation) uncounted(void set) set {
	out := append(set(nil), void...)
	if len(void) == 0 && disjoint(e.in, e.r.spotted) {
		return nil // as each of them was judged when it came
	}
	e.in.each(func(i int) {
		k := e.r.kept[i]
		if out.has(i) || e.settled.has(i) || k.past == nil || out.agree(k.out, k.past) {
			return
		}
		again := record{Statement: k.Statement}
		if !(&lens{r: e.r, in: k.past, out: out}).judge(&again) {
			out = out.with(i)
		}
	})
	return out
}

// fighters are the counting statements, not settled yet, that attack some
// counting one.
func (e *evaluation) fighters(out set) []int {
	var list []int
	e.unsettled.each(func(i int) {
		if !out.has(i) && slices.ContainsFunc(e.r.kept[i].attacks, func(j int) bool { return !out.has(j) && e.attacks(i, j) }) {
			list = append(list, i)
		}
	})
	return list
}

// attacks reports whether x attacks j, one of those that it would void, as it stands.
func (e *evaluation) attacks(x, j int) bool {
	e.looks++
	return e.in.has(j) && !e.settled.has(j) && !e.beyond[x].has(j)
}

// attacked are the statements, not settled yet, that x attacks.
func (e *evaluation) attacked(x int) (out []int) {
	for _, j := range e.r.kept[x].attacks {
		if e.attacks(x, j) {
			out = append(out, j)
		}
	}
	return out
}

// victims are void, with what x would void if it stood.
func (e *evaluation) victims(x int) set {
	void := append(set(nil), e.void...)
	for _, j := range e.attacked(x) {
		if !e.r.kept[x].spares(e.r.kept[j]) {
			void = void.with(j)
		}
	}
	return void
}

// pick returns the statement that is to be settled next.
func (e *evaluation) pick(fighters []int, out set) int {
	hits := make(map[int]set, len(fighters)) // which fighters a fighter would keep from counting
	for _, x := range fighters {
		gone := e.victims(x)
		if len(fighters) <= maxCrossing {
			gone = e.uncounted(gone)
		}
		for _, y := range e.attacked(x) { // also what it spares comes after it
			gone = gone.with(y)
		}
		for _, y := range fighters {
			if y != x && gone.has(y) {
				hits[x] = hits[x].with(y)
			}
		}
	}
	free := slices.DeleteFunc(slices.Clone(fighters), func(y int) bool {
		return slices.ContainsFunc(fighters, func(x int) bool { return hits[x].has(y) })
	})
	if len(free) > 0 {
		return e.farthest(free, &lens{r: e.r, in: e.in, out: out})
	}
	return slices.MinFunc(unattacked(fighters, hits), func(a, b int) int { return e.r.kept[a].rank(e.r.kept[b]) })
}

// unattacked are those in circles that nothing outside of them attacks.
func unattacked(fighters []int, hits map[int]set) []int {
	reach := make(map[int]set, len(fighters))
	for _, x := range fighters {
		reach[x] = append(set(nil), hits[x]...)
	}
	for _, via := range fighters {
		for _, x := range fighters {
			if reach[x].has(via) {
				reach[x] = reach[x].union(reach[via])
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(fighters), func(x int) bool {
		return slices.ContainsFunc(fighters, func(y int) bool { return reach[y].has(x) && !reach[x].has(y) })
	})
}

// rank orders statements by their authors, the best first: the nearest to the
// founder, then the smaller ID; of one person's devices the nearest to its first
// one, then the smaller ID.
func (k *record) rank(other *record) int {
	return cmp.Or(
		cmp.Compare(k.depth, other.depth), k.person.Compare(other.person),
		cmp.Compare(k.reach, other.reach), k.Author.Compare(other.Author),
		compareHashes(k.hash, other.hash),
	)
}

// farthest returns, of those that know no other of them, the statement whose
// subject is the farthest from the founder.
func (e *evaluation) farthest(of []int, l *lens) int {
	var list set
	for _, i := range of {
		list = list.with(i)
	}
	best := -1
	for _, i := range of {
		k := e.r.kept[i]
		if !disjoint(k.past, list) {
			continue
		}
		if best < 0 || e.farther(l, k, e.r.kept[best]) {
			best = i
		}
	}
	return best
}

func (e *evaluation) farther(l *lens, a, b *record) bool {
	return cmp.Or(
		-cmp.Compare(l.depth(a.of()), l.depth(b.of())), -a.of().Compare(b.of()),
		-cmp.Compare(l.reach(a.Subject), l.reach(b.Subject)), -a.Subject.Compare(b.Subject),
		-compareHashes(a.hash, b.hash),
	) < 0
}

// of is the person whom the statement takes from.
func (k *record) of() identity.DeviceID {
	if k.Kind == Remove && !k.Whole {
		return k.target
	}
	return k.Subject
}

// pickHarmless returns the next statement that attacks nothing, -1 if none is
// left to settle.
func (e *evaluation) pickHarmless(l *lens) int {
	var list []int
	e.unsettled.each(func(i int) {
		if l.has(i) {
			list = append(list, i)
		}
	})
	return e.farthest(list, l)
}

// settle lets a statement stand, or makes it void if it must not.
func (e *evaluation) settle(x int) {
	e.unsettled[x/64] &^= 1 << (x % 64)
	void := e.victims(x)
	if !e.mayStand(x, void) {
		e.void = e.void.with(x)
		return
	}
	e.void, e.settled = void, e.settled.with(x)
	for _, j := range e.r.kept[x].attacks {
		if e.in.has(j) && e.r.kept[x].spares(e.r.kept[j]) {
			e.beyond[j] = e.beyond[j].union(e.r.kept[x].past)
		}
	}
}

// mayStand reports whether the space keeps an owner, and the person a device, if
// x stands. Only what is settled takes away here, and nothing that knew x may
// help: it rests on x.
func (e *evaluation) mayStand(x int, void set) bool {
	k := e.r.kept[x]
	hidden := append(set(nil), e.unsettled...)
	e.in.each(func(i int) {
		if e.r.kept[i].past.has(x) && !e.r.items.has(i) {
			hidden = hidden.with(i)
		}
	})
	before := &lens{r: e.r, in: e.in, out: e.uncounted(e.void).union(hidden).with(x)}
	after := &lens{r: e.r, in: e.in, out: e.uncounted(void).union(hidden)}
	if before.owned() && !after.owned() {
		return false
	}
	return k.Kind != Remove || k.Whole || after.hasDevice(k.target)
}

// allHaveDevices reports whether no person has lost its last device by removals
// of devices.
func (e *evaluation) allHaveDevices(l *lens) bool {
	ok := true
	e.unsettled.each(func(i int) {
		if k := e.r.kept[i]; ok && l.has(i) && k.Kind == Remove && !k.Whole {
			ok = l.hasDevice(k.target)
		}
	})
	return ok
}

// pitch notes which statements made apart from a new one it would void, and
// which would void it.
func (r *Roster) pitch(i int) {
	k := r.kept[i]
	if k.takes() {
		r.items = r.items.with(i)
	}
	r.items.each(func(x int) {
		if x != i && !k.past.has(x) {
			r.pit(x, i)
		}
	})
	if !k.takes() {
		return
	}
	for y := range r.kept[:i] {
		if !k.past.has(y) {
			r.pit(i, y)
		}
	}
}

// pit notes whether x attacks y, which was made apart from it.
func (r *Roster) pit(x, y int) {
	k, other := r.kept[x], r.kept[y]
	if !k.voids(other) {
		return
	}
	k.attacks = append(k.attacks, y)
	if k.spares(other) {
		other.sparing = append(other.sparing, x)
	}
}

// voids reports whether k takes away what y, made apart, needs.
func (k *record) voids(y *record) bool {
	if y.evidence() || y.Kind == Found || !k.strips(y.needs) {
		return false
	}
	return slices.Contains(k.ids, y.Author) || (k.Kind != Remove || k.Whole) && slices.Contains(k.ids, y.person)
}

// spares reports whether k, which takes a person away, leaves it to y whose device
// one is: y takes away a device of its author's own person, and not the author of k.
func (k *record) spares(y *record) bool {
	return k.Kind == Remove && k.Whole && y.Kind == Remove && !y.Whole && y.target == y.person &&
		slices.Contains(k.ids, y.person) && y.Subject != k.Author
}

// spared reports whether a statement counts since a removal that counts spares it.
func (l *lens) spared(k *record) bool { return slices.ContainsFunc(k.sparing, l.has) }
