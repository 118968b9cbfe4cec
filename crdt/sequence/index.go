package sequence

import (
	"slices"
	"sort"
)

// maxBlock is how many runs a block of the index has at most, so that entering
// one moves little memory.
const maxBlock = 128

// author is what an actor inserted.
type author struct {
	blocks []block // by counter
	tail   tail
}

// block is neighbours in the order of counters. from is the first one's.
type block struct {
	from uint32
	runs []entry
}

// entry is a run and its first counter, which saves looking there.
type entry struct {
	from uint32
	run  *node
}

// newBlock makes a block of sorted runs.
func newBlock(runs ...*node) block {
	b := block{runs[0].first.Counter, make([]entry, len(runs))}
	for i, r := range runs {
		b.runs[i] = entry{r.first.Counter, r}
	}
	return b
}

// at is the block that holds a counter, or else the one that it belongs in. -1
// if there is none.
func (a *author) at(counter uint32) int {
	if last := len(a.blocks) - 1; last < 0 || a.blocks[last].from <= counter {
		return last
	}
	return max(0, sort.Search(len(a.blocks), func(i int) bool { return a.blocks[i].from > counter })-1)
}

// after is the index of the first run that begins beyond a counter.
func (b *block) after(counter uint32) int {
	if n := len(b.runs); b.runs[n-1].from <= counter {
		return n
	}
	return sort.Search(len(b.runs), func(i int) bool { return b.runs[i].from > counter })
}

// find returns the run that holds an element, or nil.
func (a *author) find(counter uint32) *node {
	r := a.atOrBelow(counter)
	if r == nil || counter >= r.end() {
		return nil
	}
	return r
}

// atOrBelow is the last run that begins at a counter or before it, or nil.
func (a *author) atOrBelow(counter uint32) *node {
	i := a.at(counter)
	if i < 0 {
		return nil
	}
	b := &a.blocks[i]
	j := b.after(counter) - 1
	if j < 0 {
		return nil
	}
	return b.runs[j].run
}

// free reports whether none of n counters is taken.
func (a *author) free(counter uint32, n int) bool {
	r := a.atOrBelow(counter + uint32(n) - 1)
	return r == nil || r.end() <= counter
}

// enter lists a run.
func (a *author) enter(r *node) {
	i := a.at(r.first.Counter)
	if i < 0 {
		a.blocks = append(a.blocks, newBlock(r))
		return
	}
	b := &a.blocks[i]
	j := b.after(r.first.Counter)
	if len(b.runs) == maxBlock {
		if i == len(a.blocks)-1 && j == maxBlock { // as for all that is new
			a.blocks = append(a.blocks, newBlock(r))
			return
		}
		const keep = maxBlock / 2
		half := append(make([]entry, 0, maxBlock), b.runs[keep:]...)
		clear(b.runs[keep:])
		b.runs = b.runs[:keep]
		a.blocks = slices.Insert(a.blocks, i+1, block{half[0].from, half})
		if b = &a.blocks[i]; j > keep {
			b, j = &a.blocks[i+1], j-keep
		}
	}
	b.runs = slices.Insert(b.runs, j, entry{r.first.Counter, r})
	b.from = b.runs[0].from
}

// leave takes a run off the list.
func (a *author) leave(r *node) {
	i := a.at(r.first.Counter)
	b := &a.blocks[i]
	j := b.after(r.first.Counter) - 1
	b.runs = slices.Delete(b.runs, j, j+1)
	switch {
	case len(b.runs) == 0:
		a.blocks = slices.Delete(a.blocks, i, i+1)
		return
	case j == 0:
		b.from = b.runs[0].from
	}
	if i > 0 && len(b.runs)+len(a.blocks[i-1].runs) <= maxBlock/4 {
		a.blocks[i-1].runs = append(a.blocks[i-1].runs, b.runs...)
		a.blocks = slices.Delete(a.blocks, i, i+1)
	}
}

// runs yields the runs that have elements from one counter to another, both
// included.
func (a *author) runs(from, to uint32, yield func(*node) bool) {
	for i := max(a.at(from), 0); i < len(a.blocks) && a.blocks[i].from <= to; i++ {
		b := &a.blocks[i]
		for _, r := range b.runs[max(0, b.after(from)-1):] {
			if r.from > to || r.run.end() > from && !yield(r.run) {
				return
			}
		}
	}
}
