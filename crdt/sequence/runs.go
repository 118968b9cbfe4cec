package sequence

import (
	"math/rand/v2"
	"slices"
	"sort"
)

// run is n elements that lie side by side, from first on, and a node of the
// treap. A nil run is an empty tree.
type run struct {
	left, right, up *run
	first           id
	n               uint32
	live            uint32 // elements alive in this subtree
	prio            uint32
	dead            bool
}

func newRun(first id, n uint32, dead bool) *run {
	r := &run{first: first, n: n, dead: dead, prio: rand.Uint32()}
	r.live = r.own()
	return r
}

// end is the counter after the last element's.
func (r *run) end() uint32 { return r.first.ctr + r.n }

// own is how many of the run's own elements are alive.
func (r *run) own() uint32 {
	if r.dead {
		return 0
	}
	return r.n
}

// joins reports whether next, which lies right of r, may become a part of it.
func (r *run) joins(next *run) bool {
	return r != nil && next != nil && r.dead == next.dead && r.first.actor == next.first.actor && r.end() == next.first.ctr
}

// find returns the run that holds an element, or nil.
func (t *Text) find(e id) *run {
	runs := t.runs[e.actor]
	i := after(runs, e.ctr) - 1
	if i < 0 || e.ctr >= runs[i].end() {
		return nil
	}
	return runs[i]
}

// after is the index of the first run that begins beyond a counter.
func after(runs []*run, ctr uint32) int {
	if n := len(runs); n > 0 && runs[n-1].first.ctr <= ctr {
		return n // as for all that is new
	}
	return sort.Search(len(runs), func(i int) bool { return runs[i].first.ctr > ctr })
}

// enter lists a run under its actor.
func (t *Text) enter(r *run) {
	runs := t.runs[r.first.actor]
	t.runs[r.first.actor] = slices.Insert(runs, after(runs, r.first.ctr), r)
}

// leave takes a run off its actor's list.
func (t *Text) leave(r *run) {
	runs := t.runs[r.first.actor]
	i := after(runs, r.first.ctr) - 1
	t.runs[r.first.actor] = slices.Delete(runs, i, i+1)
}

// split cuts a run behind its first keep elements and returns the rest.
func (t *Text) split(r *run, keep uint32) *run {
	rest := newRun(id{r.first.actor, r.first.ctr + keep}, r.n-keep, r.dead)
	r.n = keep
	r.count(-int(rest.own()))
	t.link(r, rest)
	t.enter(rest)
	return rest
}

// join makes next a part of r, which it lies right of.
func (t *Text) join(r, next *run) {
	t.leave(next)
	t.unlink(next)
	r.n += next.n
	r.count(int(next.own()))
}
