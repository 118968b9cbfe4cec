package opset

import (
	"errors"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// The operations on texts that come in runs: typing, deleting, bringing back.
// Each run is one call of the sequence.

// isDeletion reports whether o deletes an element as it was inserted.
func isDeletion(o *format.Op) bool {
	return o.Action == format.Delete && len(o.Pred) == 1 && o.Pred[0] == o.Key.Elem
}

// isRevival reports whether o may bring back a deleted character: only a
// [sequence.Layer] if it is the one that was there.
func isRevival(o *format.Op) bool { return len(o.Pred) == 0 && isPlain(o.Action, o.Value) }

// insert inserts into a text.
func (a *applier) insert(i int) (int, error) {
	first := &a.c.Ops[i]
	n := a.typed(i)
	if n == 0 {
		return 1, a.insertItem(i)
	}
	content := string(a.buf)
	at, err := a.obj.seq.Insert(a.own(i), a.id(first.Key.Elem), content)
	if err == nil {
		a.hear.add(at, 0, content)
	}
	return n, err
}

// typed counts the insertions from i on that each insert one code point behind
// the one before, and puts these into buf.
func (a *applier) typed(i int) int {
	a.buf = a.buf[:0]
	after := a.c.Ops[i].Key.Elem
	for n := range a.c.Ops[i:] {
		o := &a.c.Ops[i+n]
		if !o.Insert || o.Obj != a.objID || o.Key.Map || o.Key.Elem != after || !isPlain(o.Action, o.Value) {
			return n
		}
		a.buf = append(a.buf, o.Value.Raw...)
		after = format.OpID{Counter: uint32(a.c.StartOp) + uint32(i+n)}
	}
	return len(a.c.Ops) - i
}

// stretch counts the operations from i on that are alike and go from each
// element to the next one, or to the one before if back.
func (a *applier) stretch(i int, alike func(*format.Op) bool) (n int, back bool) {
	elem, step := a.c.Ops[i].Key.Elem, uint32(1)
	for n = 1; i+n < len(a.c.Ops); n++ {
		o := &a.c.Ops[i+n]
		if o.Obj != a.objID || o.Insert || o.Key.Map || !alike(o) || o.Key.Elem.Actor != elem.Actor {
			break
		}
		if n == 1 && o.Key.Elem.Counter == elem.Counter-1 {
			back, step = true, ^uint32(0)
		}
		if elem.Counter += step; o.Key.Elem.Counter != elem.Counter {
			break
		}
	}
	return n, back
}

// delete deletes elements of a text as they were inserted.
func (a *applier) delete(i int) (int, error) {
	n, back := a.alone(i, isDeletion)
	lowest := a.lowest(i, n, back)
	err := a.obj.seq.DeleteRun(lowest, n, a.own(i), back, a.deleted)
	if !oneByOne(err) {
		return n, err
	}
	a.slow = max(a.slow, i+n)
	return 1, a.writeElem(i)
}

// revive brings back elements of a text.
func (a *applier) revive(i int) (int, error) {
	n, back := a.alone(i, isRevival)
	lowest := a.lowest(i, n, back)
	a.gather(i, n, back)
	if a.reads(lowest, n) {
		err := a.obj.seq.Revive(lowest, n, a.own(i), back, a.revived)
		if !oneByOne(err) {
			return n, err
		}
	}
	a.slow = max(a.slow, i+n)
	if n == 1 {
		return 1, a.writeElem(i)
	}
	return a.revive(i)
}

// oneByOne reports whether the sequence refused a stretch because some of it is,
// or is to become, more than plain elements.
func oneByOne(err error) bool {
	return errors.Is(err, sequence.ErrItem) || errors.Is(err, sequence.ErrWorn)
}

// alone is [applier.stretch], but where a stretch was found to be of more than
// plain elements its operations go one at a time.
func (a *applier) alone(i int, alike func(*format.Op) bool) (n int, back bool) {
	if i < a.slow {
		return 1, false
	}
	return a.stretch(i, alike)
}

// lowest is the element with the least counter of a stretch.
func (a *applier) lowest(i, n int, back bool) opid.ID {
	elem := a.id(a.c.Ops[i].Key.Elem)
	if back {
		elem.Counter -= uint32(n - 1)
	}
	return elem
}

// gather puts the characters of n operations into buf, in the order of the
// elements that they write to.
func (a *applier) gather(i, n int, back bool) {
	a.buf = a.buf[:0]
	for k := range n {
		if back {
			k = n - 1 - k
		}
		a.buf = append(a.buf, a.c.Ops[i+k].Value.Raw...)
	}
}

// reads reports whether n elements, none of them an item, were inserted as what
// buf holds.
func (a *applier) reads(first opid.ID, n int) bool {
	rest, same := a.buf, true
	a.obj.seq.Inserted(first.Actor, first.Counter, first.Counter+uint32(n-1), func(r sequence.Run) bool {
		same = len(r.Content) <= len(rest) && string(rest[:len(r.Content)]) == r.Content
		if same {
			rest = rest[len(r.Content):]
		}
		return same
	})
	return same && len(rest) == 0
}
