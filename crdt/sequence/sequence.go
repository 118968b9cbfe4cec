package sequence

import (
	"math/rand/v2"

	"starling/crdt/opid"
)

// Sequence is the elements of one text or list. Make one with [New], a [Builder]
// or [Decode]. It is for one goroutine at a time.
type Sequence struct {
	actors  *opid.Actors
	root    *node
	authors map[uint32]*author
	pages   pages
	seed    uint64 // of the priorities
	nodes   int    // in the treap
}

// New returns an empty sequence. actors are the document's, which may grow: every
// ID's actor has to be one of them.
func New(actors *opid.Actors) *Sequence {
	return &Sequence{actors: actors, authors: map[uint32]*author{}, seed: rand.Uint64()}
}

// Len is the number of visible code points.
func (s *Sequence) Len() int { return s.root.visible() }

// Runs is how many runs there are, for measurements.
func (s *Sequence) Runs() int { return s.nodes }

// find returns the run that holds an element, or nil.
func (s *Sequence) find(e opid.ID) *node {
	if a := s.authors[e.Actor]; a != nil {
		return a.find(e.Counter)
	}
	return nil
}

// author is an actor's part of the index, made if need be.
func (s *Sequence) author(actor uint32) *author {
	a := s.authors[actor]
	if a == nil {
		a = &author{}
		s.authors[actor] = a
	}
	return a
}

// content is a run's.
func (s *Sequence) content(r *node) string { return s.pages.content(r) }

// offset is where element i of a run begins in its content.
func (s *Sequence) offset(r *node, i int) int {
	if r.n == r.size {
		return i
	}
	return offset(s.content(r), int(r.n), i)
}

// run is how others see a run.
func (s *Sequence) run(r *node) Run { return s.pages.run(r) }

// place puts a new run right of prev and lists it. whole is as link's.
func (s *Sequence) place(prev, r, whole *node) {
	s.link(prev, r, whole)
	s.nodes++
	s.author(r.first.Actor).enter(r)
}

// split cuts a run behind its first keep elements and returns the rest.
func (s *Sequence) split(r *node, keep int) *node {
	cut := s.offset(r, keep)
	rest := &node{}
	*rest = *r
	rest.left, rest.right, rest.up = nil, nil, nil
	rest.clip(keep, int(r.n)-keep, cut, int(r.size)-cut)
	r.clip(0, keep, 0, cut)
	s.place(r, rest, r)
	return rest
}

// cut makes n elements of a run, from i on, a run of their own and returns it.
func (s *Sequence) cut(r *node, i, n int) *node {
	if i > 0 {
		r = s.split(r, i)
	}
	if n < int(r.n) {
		s.split(r, n)
	}
	return r
}

// mend joins a run with its neighbours where they are one. It returns the run
// that r is part of then.
func (s *Sequence) mend(r *node) *node {
	if next := s.next(r); next != nil {
		s.join(r, next)
	}
	if prev := s.prev(r); prev != nil && s.join(prev, r) {
		return prev
	}
	return r
}

// join makes next a part of r, which it lies right of, if they are one run.
func (s *Sequence) join(r, next *node) bool {
	own := next.own()
	if !r.absorb(next) {
		return false
	}
	if r.right != nil { // next is below r
		next.count(-own, r)
	} else {
		r.count(own, next)
	}
	s.authors[next.first.Actor].leave(next)
	next.n = 0
	s.unlink(next)
	s.nodes--
	return true
}
