package sequence

// alive is how many elements of a subtree are alive.
func (r *run) alive() uint32 {
	if r == nil {
		return 0
	}
	return r.live
}

func (r *run) sum() { r.live = r.left.alive() + r.own() + r.right.alive() }

// count adds to the elements alive in r and in all subtrees that hold it.
func (r *run) count(by int) {
	for ; r != nil; r = r.up {
		r.live += uint32(by) // modulo 2^32, so that by may be negative
	}
}

// rank is how many elements are alive left of a run.
func (r *run) rank() int {
	at := r.left.alive()
	for ; r.up != nil; r = r.up {
		if r == r.up.right {
			at += r.up.left.alive() + r.up.own()
		}
	}
	return int(at)
}

// next is the run right of r, the first one if r is nil.
func (t *Text) next(r *run) *run {
	switch {
	case r == nil:
		return t.root.outermost(true)
	case r.right != nil:
		return r.right.outermost(true)
	}
	for r.up != nil && r == r.up.right {
		r = r.up
	}
	return r.up
}

// prev is the run left of r, or nil.
func (t *Text) prev(r *run) *run {
	if r.left != nil {
		return r.left.outermost(false)
	}
	for r.up != nil && r == r.up.left {
		r = r.up
	}
	return r.up
}

// outermost is the first or the last run of a subtree.
func (r *run) outermost(first bool) *run {
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

// link puts a run right of prev, or first if that is nil.
func (t *Text) link(prev, r *run) {
	if prev != nil && prev.right == nil {
		prev.right, r.up = r, prev
	} else if next := t.next(prev); next != nil {
		next.left, r.up = r, next
	} else {
		t.root = r
	}
	r.up.count(int(r.live))
	for r.up != nil && r.up.prio < r.prio {
		t.rotate(r)
	}
}

// unlink takes a run out of the tree.
func (t *Text) unlink(r *run) {
	for r.left != nil || r.right != nil {
		child := r.left
		if child == nil || r.right != nil && r.right.prio > child.prio {
			child = r.right
		}
		t.rotate(child)
	}
	t.replace(r, nil)
	r.up.count(-int(r.own()))
}

// replace puts a run, or nothing, in the place of another one under its parent.
func (t *Text) replace(r, by *run) {
	switch {
	case r.up == nil:
		t.root = by
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
func (t *Text) rotate(r *run) {
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
	t.replace(p, r)
	p.up = r
	p.sum()
	r.sum()
}
