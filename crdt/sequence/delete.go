package sequence

import (
	"math"
	"slices"

	"starling/crdt/opid"
)

// DeleteRun deletes what the insertions of n elements wrote, elem and the
// following counters of its actor. by is the first of n operations of the
// deleter; it deletes elem, or the last one if back is set, as backspace does.
// did, unless it is nil, is told of each piece that goes out of sight: n code
// points from at on, in the text that the pieces before it left. The elements
// must be plain ones, and not worn ([Run.Worn]). What an operation has deleted already stays as it is.
func (s *Sequence) DeleteRun(elem opid.ID, n int, by opid.ID, back bool, did func(at, n int)) error {
	if err := s.check("delete", elem, n, by, back); err != nil {
		return err
	}
	s.each(elem, n, func(r *node, i int) {
		deleted, ok := withSpan(r.deleted(), touch(by, back, n, i, int(r.n)))
		if ok {
			s.change(r, deleted, r.revived(), gone(did))
		}
	})
	return nil
}

// DeleteValue deletes one value of an element: elem itself names the one that its
// insertion wrote, and the operation of a revival the one that that wrote. did is
// as DeleteRun's.
func (s *Sequence) DeleteValue(elem, value, by opid.ID, did func(at, n int)) error {
	if value == elem {
		return s.DeleteRun(elem, 1, by, false, did)
	}
	if err := s.check("delete", elem, 1, by, false); err != nil {
		return err
	}
	r := s.find(elem)
	at := int(elem.Counter - r.first.Counter)
	i := slices.IndexFunc(r.revived(), func(l Layer) bool { return l.At(at) == value })
	switch {
	case i < 0:
		return refuse("delete a value of", elem, ErrNoValue)
	case by.Counter <= value.Counter:
		return refuse("delete a value of", elem, ErrOrder)
	}
	s.each(elem, 1, func(r *node, _ int) {
		revived := slices.Clone(r.revived())
		i := slices.IndexFunc(revived, func(l Layer) bool { return l.Op == value })
		deleted, ok := withSpan(revived[i].Deleted, Span{by, 1})
		if ok {
			revived[i].Deleted = deleted
			s.change(r, r.deleted(), revived, gone(did))
		}
	})
	return nil
}

// Revive brings n elements back, elem and the following counters of its actor,
// whether or not they are visible still. by is the first of n operations, each of
// which sets an element's value to what its insertion wrote: the first one elem's,
// or the last one's if back is set. did, unless it is nil, is told of each piece
// that comes into sight.
func (s *Sequence) Revive(elem opid.ID, n int, by opid.ID, back bool, did func(at int, content string)) error {
	if err := s.check("revive", elem, n, by, back); err != nil {
		return err
	}
	s.each(elem, n, func(r *node, i int) {
		revived, ok := withLayer(r.revived(), Layer{Span: touch(by, back, n, i, int(r.n))})
		if !ok {
			return
		}
		s.change(r, r.deleted(), revived, func(r *node, was int) {
			if was == 0 && did != nil {
				did(r.rank(), s.content(r))
			}
		})
	})
	return nil
}

// touch is what n operations from by on, which touch n elements in one direction
// or the other, say of m of those from i on.
func touch(by opid.ID, back bool, n, i, m int) Span {
	span := Span{by, 1}
	if back {
		span = Span{by.Plus(n - 1), -1}
	}
	return span.clip(i, m)
}

// check refuses to have n operations touch elements that are not there, or are
// later, or no plain ones.
func (s *Sequence) check(doing string, elem opid.ID, n int, by opid.ID, back bool) error {
	least := elem // that by must be later than
	if back {
		least = elem.Plus(n - 1)
	}
	switch {
	case n <= 0 || n > math.MaxInt32 || uint64(elem.Counter)+uint64(n) > math.MaxUint32 || int(by.Actor) >= s.actors.Len():
		return refuse(doing, elem, ErrNoElement)
	case uint64(by.Counter)+uint64(n) > math.MaxUint32:
		return refuse(doing, elem, ErrFull)
	case by.Counter <= least.Counter:
		return refuse(doing, elem, ErrOrder)
	}
	for i := 0; i < n; {
		r := s.find(elem.Plus(i))
		switch {
		case r == nil:
			return refuse(doing, elem.Plus(i), ErrNoElement)
		case r.item():
			return refuse(doing, elem.Plus(i), ErrItem)
		case r.more != nil && worn(r.more.deleted, r.more.revived):
			return refuse(doing, elem.Plus(i), ErrWorn)
		}
		i = int(r.end() - elem.Counter)
	}
	return nil
}

// each makes runs of n elements which are there, elem and the following counters,
// and has f change each; i is how far from elem it begins.
func (s *Sequence) each(elem opid.ID, n int, f func(r *node, i int)) {
	for i := 0; i < n; {
		r := s.find(elem.Plus(i))
		from := int(elem.Counter) + i - int(r.first.Counter)
		r = s.cut(r, from, min(int(r.n)-from, n-i))
		m := int(r.n)
		f(r, i)
		s.mend(r)
		i += m
	}
}

// change gives a run another fate, and tells of it how much it showed before.
func (s *Sequence) change(r *node, deleted []Span, revived []Layer, tell func(r *node, was int)) {
	was := r.own()
	r.setFate(deleted, revived)
	r.count(r.own()-was, nil)
	tell(r, was)
}

// gone tells did of a run that has gone out of sight.
func gone(did func(at, n int)) func(*node, int) {
	return func(r *node, was int) {
		if did != nil && was > 0 && !r.alive() {
			did(r.rank(), was)
		}
	}
}
