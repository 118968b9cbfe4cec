package history

import (
	"strings"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Step is one part of what takes something back: for N elements from Elem on,
// either the values are to be deleted or the elements are to be brought back.
type Step struct {
	Elem opid.ID
	N    int
	// Values are the values to delete, in Lamport's order for each element. None
	// if the elements are to be brought back.
	Values []sequence.Span
	// Content is what the elements are to show again: N code points, or more or
	// less of a single element that was not plain.
	Content string
	// All says that every value that a single element has now is to be deleted.
	All bool
}

// Revives reports whether the step brings elements back.
func (s *Step) Revives() bool { return len(s.Values) == 0 && !s.All }

// Inverse returns the steps that take operations back in the present text, value
// by value, and how many elements it must leave as they are because they are
// more than plain characters.
//
// A value that the operations wrote is deleted if it still stands. An element
// that is dead is brought back if it would show without their deletions. So
// nothing that somebody else wrote or brought back goes away, and what somebody
// else deleted too stays deleted. What a redo does is the inverse of the undo's
// own operations.
//
// Undos may come one after the other on the same element: a character that one
// typed, erased, and got back by undoing that, now shows by a value of the undo's
// and not by the one typed. So repairs are the operations of earlier undos and
// redos of the same person: a value that they wrote stands for the one before.
func Inverse(text Text, names *opid.Actors, what, repairs Ops) (steps []Step, left int) {
	w := inverter{names: names, what: what, repairs: repairs}
	text.All(func(r sequence.Run) bool {
		switch {
		case r.Item != nil:
			if r.Width > 0 && what.Has(r.First) {
				left++
			}
		case w.touches(&r):
			w.run(&r)
		}
		return true
	})
	return w.steps, left
}

type inverter struct {
	names         *opid.Actors
	what, repairs Ops
	steps         []Step
}

// touches reports whether the actors of what is taken back did anything to a
// run, which most have not.
func (w *inverter) touches(r *sequence.Run) bool {
	return touched(r, func(actor uint32) bool { return len(w.what.by[actor]) > 0 })
}

// run decides on a run, in stretches of elements that are alike.
func (w *inverter) run(r *sequence.Run) {
	left, text := r.N, r.Content
	for i := 0; i < r.N; {
		n := w.cut(r, i, left)
		size := sizeOf(text, left, n)
		w.element(r, i, n, text[:size])
		text, i, left = text[size:], i+n, left-n
	}
}

// cut is of how many elements from i on, at most n, the same is to be taken
// back.
func (w *inverter) cut(r *sequence.Run, i, n int) int {
	values(r, func(v value) {
		_, same := w.what.around(v.At(i))
		n = same.reach(v.Span, i, n)
		_, same = w.repairs.around(v.At(i))
		n = same.reach(v.Span, i, n)
		for _, d := range v.deleted {
			_, same := w.what.around(d.At(i))
			n = same.reach(d, i, n)
		}
	})
	return n
}

// element adds what is to be done to n elements from i on, which are alike.
func (w *inverter) element(r *sequence.Run, i, n int, text string) {
	dead, back, _ := w.decide(r, i)
	switch {
	case len(dead) > 0:
		w.add(Step{Elem: r.First.Plus(i), N: n, Values: normal(dead, n)})
	case back:
		w.add(Step{Elem: r.First.Plus(i), N: n, Content: text})
	}
}

// decide returns which values of element i are to be deleted, or else whether it
// is to be brought back, and whether either changes what shows.
func (w *inverter) decide(r *sequence.Run, i int) (dead []sequence.Span, back, visibly bool) {
	alive := false // by a value that is not taken back
	taken := false // whether the value before is
	var latest, undone opid.ID
	values(r, func(v value) {
		op := v.At(i)
		// A repair stands for the value before it.
		taken = w.what.Has(op) || taken && !v.first && w.repairs.Has(op)
		switch stands := len(v.deleted) == 0; {
		case taken && stands:
			dead = append(dead, sequence.Span{Op: op, Step: v.Step})
		case !taken:
			alive = alive || stands
			latest = w.later(latest, op)
			undone = w.later(undone, w.lastDeletion(v, i))
		}
	})
	// Whoever brought the element back after the deletion knew of that, so then
	// it is their value that counts.
	wanted := w.later(latest, undone) != latest
	if wanted && !alive {
		return nil, len(dead) == 0, len(dead) == 0
	}
	return dead, false, len(dead) > 0 && !alive
}

// lastDeletion returns the last of a value's deletions, if all of them are to be
// taken back, else nothing.
func (w *inverter) lastDeletion(v value, i int) (last opid.ID) {
	for _, d := range v.deleted {
		if !w.what.Has(d.At(i)) {
			return opid.ID{}
		}
		last = w.later(last, d.At(i))
	}
	return last
}

// later is the greater one in Lamport's order; nothing is less than all.
func (w *inverter) later(a, b opid.ID) opid.ID {
	if a.IsZero() || !b.IsZero() && w.names.Less(a, b) {
		return b
	}
	return a
}

// normal gives the spans of a single element their step.
func normal(spans []sequence.Span, n int) []sequence.Span {
	for i := range spans {
		if n == 1 {
			spans[i].Step = 1
		}
	}
	return spans
}

// add appends a step, as a part of the last one where it goes on with that.
func (w *inverter) add(s Step) {
	if k := len(w.steps) - 1; k >= 0 && w.steps[k].Revives() && s.Revives() && w.steps[k].Elem.Plus(w.steps[k].N) == s.Elem {
		w.steps[k].N += s.N
		w.steps[k].Content += s.Content
		return
	}
	w.steps = append(w.steps, s)
}

// Restore returns the steps that make the present text that of a version again,
// with the first authors of what comes back, and how many elements it must leave
// as they are because they are more than text.
func Restore(text Text, at opid.Clock) (steps []Step, left int) {
	w := inverter{}
	text.Diff(at, nil, func(r sequence.Piece) bool {
		switch {
		case r.Item != nil:
			left += w.restoreItem(&r.Run, at)
		case r.InA && !r.InB:
			w.add(Step{Elem: r.First, N: r.N, Content: r.Content})
		case r.InB && !r.InA:
			w.add(Step{Elem: r.First, N: r.N, Values: standing(&r.Run)})
		}
		return true
	})
	return w.steps, left
}

// standing are the values of a run that nobody deleted.
func standing(r *sequence.Run) []sequence.Span {
	var stand []sequence.Span
	values(r, func(v value) {
		if len(v.deleted) == 0 {
			stand = append(stand, v.Span)
		}
	})
	return stand
}

// restoreItem decides on an element that is not plain, and returns 1 if it can't
// become what it was: an object, or another text than now.
func (w *inverter) restoreItem(r *sequence.Run, at opid.Clock) int {
	was, is := r.Item.Text(at), r.Item.Text(nil)
	switch {
	case was == is:
	case was == "":
		w.add(Step{Elem: r.First, N: 1, All: true})
	case is == "" && !strings.Contains(was, objectReplacement):
		w.add(Step{Elem: r.First, N: 1, Content: was})
	default:
		return 1
	}
	return 0
}

// objectReplacement is what everything in a text reads as that is no string.
const objectReplacement = "\uFFFC"
