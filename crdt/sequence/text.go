package sequence

import (
	"unicode/utf8"

	"starling/crdt/format"
)

// maxPassed is how many runs the insertions of one change may pass on the way to
// their places. Nobody who types needs more than a few; a peer that means harm
// could have each of 65,536 insertions pass as many.
const maxPassed = 1 << 20

// id names an element; the zero id is the head of the text.
type id struct{ actor, ctr uint32 }

// Text follows the text object under one key of the root. It is for one
// goroutine at a time. Make one with [New].
type Text struct {
	key    string
	object id // zero until the text is made
	lost   bool
	passed int // runs, by the change at hand
	root   *run
	actors map[string]uint32
	names  []string
	runs   [][]*run // of each actor, by counter
}

// New follows the text under a key of the root, from the first change on.
func New(key string) *Text { return &Text{key: key, actors: map[string]uint32{}} }

// Exact reports whether everything so far was understood. Once false, it stays
// so.
func (t *Text) Exact() bool { return !t.lost }

// StepAside has the text follow nothing any more and frees its memory.
func (t *Text) StepAside() { *t = Text{lost: true} }

// Len is the number of elements alive, each a code point; 0 if the text has
// stepped aside.
func (t *Text) Len() int { return int(t.root.alive()) }

// Apply follows the next change in a causal order and notes in did, unless that
// is nil, what it does to the text. It keeps nothing of c. If the text steps
// aside, now or before, did is of no use.
func (t *Text) Apply(c *format.Change, did *Splices) {
	if t.lost {
		return
	}
	t.passed = 0
	a := applier{t: t, actors: make([]uint32, 0, 4), did: did}
	for i := range 1 + len(c.OtherActors) {
		a.actors = append(a.actors, t.actor(c.ActorAt(uint32(i))))
	}
	for i := range c.Ops {
		own := id{a.actors[0], uint32(c.StartOp) + uint32(i)}
		if !a.apply(&c.Ops[i], own) {
			t.StepAside()
			return
		}
	}
}

// applier applies the operations of one change.
type applier struct {
	t      *Text
	actors []uint32 // by the change's own indexes
	did    *Splices
}

func (a *applier) id(o format.OpID) id {
	if o.IsZero() {
		return id{}
	}
	return id{a.actors[o.Actor], o.Counter}
}

// apply reports whether it understood the operation.
func (a *applier) apply(op *format.Op, own id) bool {
	t := a.t
	if op.Obj.IsZero() {
		if op.Key.Name != t.key {
			return true
		}
		if op.Action != format.MakeText || t.object != (id{}) {
			return false
		}
		t.object = own
		return true
	}
	if a.id(op.Obj) != t.object {
		return true
	}
	switch {
	case inserts(op):
		at, ok := t.insert(a.id(op.Key.Elem), own)
		if ok && a.did != nil {
			r, _ := utf8.DecodeRune(op.Value.Raw)
			a.did.insert(at, r)
		}
		return ok
	case deletes(op):
		at, was, ok := t.remove(a.id(op.Key.Elem))
		if ok && was && a.did != nil {
			a.did.remove(at)
		}
		return ok
	}
	return false
}

// inserts reports whether op inserts one code point.
func inserts(op *format.Op) bool {
	if !op.Insert || op.Action != format.Set || op.Value.Type != format.String || len(op.Pred) > 0 {
		return false
	}
	_, n := utf8.DecodeRune(op.Value.Raw)
	return n > 0 && n == len(op.Value.Raw) && utf8.Valid(op.Value.Raw)
}

// deletes reports whether op deletes an element that was never written over.
func deletes(op *format.Op) bool {
	return !op.Insert && op.Action == format.Delete && len(op.Pred) == 1 && op.Pred[0] == op.Key.Elem
}

// actor returns the index of an actor, giving it one if need be.
func (t *Text) actor(name []byte) uint32 {
	if a, ok := t.actors[string(name)]; ok {
		return a
	}
	a := uint32(len(t.names))
	t.names = append(t.names, string(name))
	t.runs = append(t.runs, nil)
	t.actors[t.names[a]] = a
	return a
}

// greater reports whether a goes before b where both were inserted after the
// same element.
func (t *Text) greater(a, b id) bool {
	if a.ctr != b.ctr {
		return a.ctr > b.ctr
	}
	return t.names[a.actor] > t.names[b.actor]
}

// insert puts own right of after, and of all greater elements that follow there.
// It returns its place among those alive, and false where [Text.before] fails.
func (t *Text) insert(after, own id) (at int, ok bool) {
	prev, ok := t.before(after, own)
	if !ok {
		return 0, false
	}
	if prev != nil && !prev.dead && prev.first.actor == own.actor && prev.end() == own.ctr {
		prev.n++
		prev.count(1)
		return prev.rank() + int(prev.n) - 1, true
	}
	r := newRun(own, 1, false)
	t.link(prev, r)
	t.enter(r)
	return r.rank(), true
}

// before returns the run that own comes right behind, nil at the head. It fails
// if there is no element after, or too much was passed.
func (t *Text) before(after, own id) (prev *run, ok bool) {
	if after != (id{}) {
		if prev = t.find(after); prev == nil {
			return nil, false
		}
		if keep := after.ctr - prev.first.ctr + 1; keep < prev.n && !t.greater(id{after.actor, after.ctr + 1}, own) {
			t.split(prev, keep)
			return prev, true
		}
	}
	// The elements of a run grow, so one is passed whole or not at all.
	for next := t.next(prev); next != nil && t.greater(next.first, own); next = t.next(prev) {
		prev = next
		t.passed++
	}
	return prev, t.passed <= maxPassed
}

// remove deletes an element. It returns its place among those alive and whether
// it was one of them, and ok is false if there is no such element.
func (t *Text) remove(e id) (at int, was, ok bool) {
	r := t.find(e)
	switch {
	case r == nil:
		return 0, false, false
	case r.dead:
		return 0, false, true
	}
	if keep := e.ctr - r.first.ctr; keep > 0 {
		r = t.split(r, keep)
	}
	if r.n > 1 {
		t.split(r, 1)
	}
	at = r.rank()
	r.count(-1)
	r.dead = true
	if next := t.next(r); r.joins(next) {
		t.join(r, next)
	}
	if prev := t.prev(r); prev.joins(r) {
		t.join(prev, r)
	}
	return at, true, true
}
