package sequence

import (
	"strings"

	"starling/crdt/opid"
)

// Element returns an element as a run of one.
func (s *Sequence) Element(id opid.ID) (Run, bool) {
	r := s.find(id)
	if r == nil {
		return Run{}, false
	}
	run := s.run(r)
	return run.Clip(int(id.Counter-r.first.Counter), 1), true
}

// Has reports whether there is such an element.
func (s *Sequence) Has(id opid.ID) bool { return s.find(id) != nil }

// ElemAt returns the element that shows the visible code point at, and how many
// code points of it are before that (0 but for items).
func (s *Sequence) ElemAt(at int) (id opid.ID, offset int, ok bool) {
	if at < 0 || at >= s.Len() {
		return opid.ID{}, 0, false
	}
	r, i := s.findAt(at)
	if r.item() {
		return r.first, i, true
	}
	return r.first.Plus(i), 0, true
}

// Rank returns how many visible code points are before an element, and whether it
// shows itself. ok is false if there is none.
func (s *Sequence) Rank(id opid.ID) (at int, alive, ok bool) {
	r := s.find(id)
	if r == nil {
		return 0, false, false
	}
	at, alive = r.rank(), r.alive()
	if alive {
		at += int(id.Counter - r.first.Counter)
	}
	return at, alive, true
}

// Visible yields what shows in n code points from at on, clipped to them; an item
// that is partly in it comes whole.
func (s *Sequence) Visible(at, n int, yield func(Run) bool) {
	at, n = s.clamp(at, n)
	if n == 0 {
		return
	}
	r, from := s.findAt(at)
	for ; n > 0; r, from = s.next(r), 0 {
		own := r.own()
		if own == 0 {
			continue
		}
		run := s.run(r)
		if !r.item() {
			run = run.Clip(from, min(own-from, n))
		}
		if !yield(run) {
			return
		}
		n -= min(own-from, n)
	}
}

// Around yields the runs that n code points from at on lie in, clipped to them,
// each with what it shows of them; and, with hidden, the runs among them and at
// both ends that don't show, whole and with "". It finds the first one as fast as
// a code point is found.
func (s *Sequence) Around(at, n int, hidden bool, yield func(r Run, shown string) bool) {
	at, n = s.clamp(at, n)
	var r *node
	from := 0
	if at < s.Len() {
		r, from = s.findAt(at)
	}
	if hidden && from == 0 {
		for prev := s.prev(r); prev != nil && !prev.alive(); prev = s.prev(prev) {
			r = prev
		}
	}
	for ; r != nil && (n > 0 || hidden); r, from = s.next(r), 0 {
		own := r.own()
		if own == 0 {
			if hidden && !yield(s.run(r), "") {
				return
			}
			continue
		}
		m := min(own-from, n)
		if m == 0 {
			return
		}
		run := s.run(r)
		if !r.item() {
			run = run.Clip(from, m)
		}
		if n -= m; !yield(run, s.part(r, from, m)) || from+m < own {
			return
		}
	}
}

// clamp cuts a range off at the ends of the visible text.
func (s *Sequence) clamp(at, n int) (int, int) {
	at = min(max(at, 0), s.Len())
	return at, min(max(n, 0), s.Len()-at)
}

// All yields every run in order, those that don't show too. The sequence must not
// change meanwhile.
func (s *Sequence) All(yield func(Run) bool) {
	for r := s.next(nil); r != nil; r = s.next(r) {
		if !yield(s.run(r)) {
			return
		}
	}
}

// Inserted yields the elements that an actor inserted by the operations from one
// counter to another, both included, in that order, as runs clipped to them.
func (s *Sequence) Inserted(actor uint32, from, to uint32, yield func(Run) bool) {
	a := s.authors[actor]
	if a == nil || from > to {
		return
	}
	a.runs(from, to, func(r *node) bool {
		first, last := max(from, r.first.Counter), min(to, r.end()-1)
		run := s.run(r)
		return yield(run.Clip(int(first-r.first.Counter), int(last-first)+1))
	})
}

// Text is the visible text.
func (s *Sequence) Text() string { return s.Slice(0, s.Len()) }

// Slice is the visible text of n code points from at on, or of as many as there
// are.
func (s *Sequence) Slice(at, n int) string {
	at, n = s.clamp(at, n)
	var b strings.Builder
	b.Grow(n)
	s.slice(at, n, func(text string) bool {
		b.WriteString(text)
		return true
	})
	return b.String()
}

// slice yields the text of n code points that there are, from at on.
func (s *Sequence) slice(at, n int, yield func(string) bool) {
	if n == 0 {
		return
	}
	r, from := s.findAt(at)
	for ; n > 0; r, from = s.next(r), 0 {
		m := min(r.own()-from, n)
		if m <= 0 {
			continue
		}
		n -= m
		if !yield(s.part(r, from, m)) {
			return
		}
	}
}

// part is m visible code points of a run, from one on.
func (s *Sequence) part(r *node, from, m int) string {
	if r.item() {
		text := []rune(r.more.item.Text(nil))
		return string(text[min(from, len(text)):min(from+m, len(text))])
	}
	text, n := s.content(r), int(r.n)
	begin := offset(text, n, from)
	return text[begin : begin+offset(text[begin:], n-from, m)]
}
