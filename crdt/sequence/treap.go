package sequence

import "starling/crdt/opid"

// visible is how many code points of a subtree show.
func (r *node) visible() int {
	if r == nil {
		return 0
	}
	return int(r.live)
}

// priority orders the treap's levels. It comes from the first element, which a
// run keeps, and from a seed that nobody else knows.
func (s *Sequence) priority(r *node) uint64 {
	x := (uint64(r.first.Actor)<<32 | uint64(r.first.Counter)) ^ s.seed
	x = (x ^ x>>32) * 0xd6e8feb86659fd93
	x = (x ^ x>>32) * 0xd6e8feb86659fd93
	return x ^ x>>32
}

// sum takes the sums of a subtree from its parts, and reports whether they have
// changed.
func (s *Sequence) sum(r *node) bool {
	live, least := r.own(), r.first
	if c := r.left; c != nil {
		live += int(c.live)
		if s.actors.Less(c.least, least) {
			least = c.least
		}
	}
	if c := r.right; c != nil {
		live += int(c.live)
		if s.actors.Less(c.least, least) {
			least = c.least
		}
	}
	if r.live == uint32(live) && r.least == least {
		return false
	}
	r.live, r.least = uint32(live), least
	return true
}

// rank is how many visible code points lie left of a run.
func (r *node) rank() int {
	at := r.left.visible()
	for ; r.up != nil; r = r.up {
		if r == r.up.right {
			at += r.up.left.visible() + r.up.own()
		}
	}
	return at
}

// next is the run right of r, the first one if r is nil.
func (s *Sequence) next(r *node) *node {
	switch {
	case r == nil:
		return s.root.outermost(true)
	case r.right != nil:
		return r.right.outermost(true)
	}
	for r.up != nil && r == r.up.right {
		r = r.up
	}
	return r.up
}

// prev is the run left of r, the last one if r is nil.
func (s *Sequence) prev(r *node) *node {
	switch {
	case r == nil:
		return s.root.outermost(false)
	case r.left != nil:
		return r.left.outermost(false)
	}
	for r.up != nil && r == r.up.left {
		r = r.up
	}
	return r.up
}

// outermost is the first or the last run of a subtree.
func (r *node) outermost(first bool) *node {
	for r != nil {
		in := r.right
		if first {
			in = r.left
		}
		if in == nil {
			break
		}
		r = in
	}
	return r
}

// nextLess is the first run right of r (of all, if r is nil) that begins with an
// element less than id.
func (s *Sequence) nextLess(r *node, id opid.ID) *node {
	if r == nil {
		return s.firstLess(s.root, id)
	}
	if found := s.firstLess(r.right, id); found != nil {
		return found
	}
	for ; r.up != nil; r = r.up {
		if r == r.up.right {
			continue
		}
		if s.actors.Less(r.up.first, id) {
			return r.up
		}
		if found := s.firstLess(r.up.right, id); found != nil {
			return found
		}
	}
	return nil
}

// firstLess is the same within a subtree.
func (s *Sequence) firstLess(r *node, id opid.ID) *node {
	if r == nil || !s.actors.Less(r.least, id) {
		return nil
	}
	for {
		switch {
		case r.left != nil && s.actors.Less(r.left.least, id):
			r = r.left
		case s.actors.Less(r.first, id):
			return r
		default:
			r = r.right
		}
	}
}

// findAt is the run that holds the visible code point at, which there must be, and
// at's distance from its start.
func (s *Sequence) findAt(at int) (*node, int) {
	r := s.root
	for {
		left, own := r.left.visible(), r.own()
		switch {
		case at < left:
			r = r.left
		case at < left+own:
			return r, at - left
		default:
			at -= left + own
			r = r.right
		}
	}
}

// link puts a run right of prev, or first if that is nil. The subtrees from r's
// up to that of whole, which is left out, get more by it; all do if whole is nil.
func (s *Sequence) link(prev, r, whole *node) {
	s.sum(r)
	if prev != nil && prev.right == nil {
		prev.right, r.up = r, prev
	} else if next := s.next(prev); next != nil {
		next.left, r.up = r, next
	} else {
		s.root = r
	}
	for up := r.up; up != whole; up = up.up {
		up.live += r.live
		if s.actors.Less(r.least, up.least) {
			up.least = r.least
		}
	}
	for p := s.priority(r); r.up != nil && s.priority(r.up) < p; {
		s.rotate(r)
	}
}

// count adds to what shows in r's subtree and in all that hold it, up to that of
// whole, which is left out; it goes up to the root if whole is nil.
func (r *node) count(by int, whole *node) {
	for ; r != whole; r = r.up {
		r.live += uint32(by) // modulo 2^32, so that by may be negative
	}
}

// unlink takes a run out of the tree. It must have no elements any more.
func (s *Sequence) unlink(r *node) {
	for r.left != nil && r.right != nil {
		child := r.left
		if s.priority(r.right) > s.priority(child) {
			child = r.right
		}
		s.rotate(child)
	}
	child := r.left
	if child == nil {
		child = r.right
	}
	s.replace(r, child)
	for up := r.up; up != nil && s.sum(up); {
		up = up.up
	}
}

// replace puts a run, or nothing, in the place of another one under its parent.
func (s *Sequence) replace(r, by *node) {
	switch {
	case r.up == nil:
		s.root = by
	case r.up.left == r:
		r.up.left = by
	default:
		r.up.right = by
	}
	if by != nil {
		by.up = r.up
	}
}

// rotate lifts a run over its parent.
func (s *Sequence) rotate(r *node) {
	p, inner := r.up, r.right
	if p.left == r {
		p.left, r.right = inner, p
	} else {
		inner = r.left
		p.right, r.left = inner, p
	}
	if inner != nil {
		inner.up = p
	}
	s.replace(p, r)
	p.up = r
	s.sum(p)
	s.sum(r)
}
