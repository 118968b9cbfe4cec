package sequence

import (
	"math"
	"unicode/utf8"

	"starling/crdt/opid"
)

// Insert puts elements, one for each code point of content, right of origin
// (zero: the head), and of all greater elements that follow there. The first one
// has the ID first, the others the following counters, each inserted after the
// one before it. It returns the place of the first among the visible code points.
// content is copied.
func (s *Sequence) Insert(first, origin opid.ID, content string) (at int, err error) {
	n := utf8.RuneCountInString(content)
	if n == 0 || !utf8.ValidString(content) {
		return 0, refuse("insert", first, ErrContent)
	}
	prev, err := s.before(first, origin, n)
	if err != nil {
		return 0, err
	}
	a := s.author(first.Actor)
	pos, ok := s.pages.write(&a.tail, content)
	if !ok {
		return 0, refuse("insert", first, ErrFull)
	}
	at = -1
	for n > 0 {
		r := node{first: first, origin: origin, n: uint16(min(n, maxRun)), pos: pos}
		r.size = uint16(offset(content, n, int(r.n)))
		content = content[r.size:]
		pos += uint32(r.size)
		n -= int(r.n)
		first, origin = first.Plus(int(r.n)), r.last()
		where := 0
		if prev, where = s.add(prev, r); at < 0 {
			at = where
		}
	}
	return at, nil
}

// add puts a run of living elements right of prev, as a part of it if it can be,
// and returns the run that has it, and its place.
func (s *Sequence) add(prev *node, r node) (has *node, at int) {
	if prev != nil {
		if n := int(prev.n); prev.absorb(&r) {
			prev.count(int(r.n), nil)
			return prev, prev.rank() + n
		}
	}
	has = &node{}
	*has = r
	s.place(prev, has, nil)
	return has, has.rank()
}

// InsertItem is like Insert with one element that is an item with so many visible
// code points (in a list 1, if it is visible).
func (s *Sequence) InsertItem(id, origin opid.ID, item Item, width int) (at int, err error) {
	if err := checkItem(id, item, width); err != nil {
		return 0, err
	}
	prev, err := s.before(id, origin, 1)
	if err != nil {
		return 0, err
	}
	r := &node{first: id, origin: origin, n: 1, more: &more{item: item, width: width}}
	s.place(prev, r, nil)
	return r.rank(), nil
}

// Replace makes an element an item, or an item another one or one of another
// width. What the Sequence knew of the values of a plain element is forgotten:
// the item has them all. It returns the element's place and its width before.
func (s *Sequence) Replace(id opid.ID, item Item, width int) (at, was int, err error) {
	if err := checkItem(id, item, width); err != nil {
		return 0, 0, err
	}
	r := s.find(id)
	if r == nil {
		return 0, 0, refuse("replace", id, ErrNoElement)
	}
	r = s.cut(r, int(id.Counter-r.first.Counter), 1)
	at, was = r.rank(), r.own()
	r.more, r.del, r.size = &more{item: item, width: width}, opid.ID{}, 0
	r.count(width-was, nil)
	return at, was, nil
}

// checkItem refuses what is no item.
func checkItem(id opid.ID, item Item, width int) error {
	if item == nil || width < 0 || width > math.MaxInt32 {
		return refuse("make an item of", id, ErrContent)
	}
	return nil
}

// before returns the run that n new elements come right behind, nil at the head.
// Where they come into the middle of one, that is split.
func (s *Sequence) before(first, origin opid.ID, n int) (prev *node, err error) {
	a := s.authors[first.Actor]
	switch {
	case first.IsZero() || first.Counter <= origin.Counter:
		return nil, refuse("insert", first, ErrOrder)
	case n > math.MaxInt32 || uint64(first.Counter)+uint64(n) > math.MaxUint32:
		return nil, refuse("insert", first, ErrFull)
	case int(first.Actor) >= s.actors.Len():
		return nil, refuse("insert", first, ErrNoElement)
	case a != nil && !a.free(first.Counter, n):
		return nil, refuse("insert", first, ErrExists)
	}
	if !origin.IsZero() {
		if prev = s.find(origin); prev == nil {
			return nil, refuse("insert after", origin, ErrNoElement)
		}
		// What follows in the run follows in IDs too.
		if keep := int(origin.Counter-prev.first.Counter) + 1; keep < int(prev.n) && s.actors.Less(origin.Plus(1), first) {
			s.split(prev, keep)
			return prev, nil
		}
	}
	next := s.next(prev)
	if next == nil || s.actors.Less(next.first, first) {
		return prev, nil
	}
	// All the elements of a run are greater if its first is.
	return s.prev(s.nextLess(next, first)), nil
}
