package sequence

import "starling/crdt/opid"

// path checks the order of a text that is read from left to right. An element
// that was inserted after another one is a child of that in a tree; the text is
// the tree's pre-order, the greater of two children first. path holds the way from
// the head to the element read last, as pieces of runs: the origin of each is the
// last element of the piece below it, and no piece could be a part of that.
type path []step

// step is elements of one actor, from first to last.
type step struct {
	first opid.ID
	last  uint32
}

// has reports whether an element is in the step.
func (s step) has(e opid.ID) bool {
	return e.Actor == s.first.Actor && e.Counter >= s.first.Counter && e.Counter <= s.last
}

// way is how to get from the element read last to an origin: how many steps to
// leave, and how many elements of the one that is the last then. ok is false if
// the origin is not on the path.
func (p path) way(origin opid.ID) (steps, back int, ok bool) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].has(origin) {
			return len(p) - 1 - i, int(p[i].last - origin.Counter), true
		}
	}
	return len(p), 0, origin.IsZero()
}

// at is the origin that a way leads to. ok is false if it leads nowhere.
func (p path) at(steps, back int) (origin opid.ID, ok bool) {
	i := len(p) - 1 - steps
	switch {
	case i < -1 || i == -1 && back > 0:
		return opid.ID{}, false
	case i == -1:
		return opid.ID{}, true
	case back > int(p[i].last-p[i].first.Counter):
		return opid.ID{}, false
	}
	return opid.ID{Actor: p[i].first.Actor, Counter: p[i].last - uint32(back)}, true
}

// turn goes a way and returns the child of the origin by which it came, the zero
// ID if there was none.
func (p *path) turn(steps, back int) (sibling opid.ID) {
	keep := len(*p) - steps
	if steps > 0 {
		sibling = (*p)[keep].first
	}
	*p = (*p)[:keep]
	if back > 0 {
		top := &(*p)[keep-1]
		top.last -= uint32(back)
		sibling = opid.ID{Actor: top.first.Actor, Counter: top.last + 1}
	}
	return sibling
}

// push goes on to n elements whose origin is the last of the path.
func (p *path) push(first opid.ID, n int) {
	last := first.Counter + uint32(n) - 1
	if i := len(*p) - 1; i >= 0 && (*p)[i].first.Actor == first.Actor && (*p)[i].last+1 == first.Counter {
		(*p)[i].last = last
		return
	}
	*p = append(*p, step{first, last})
}
