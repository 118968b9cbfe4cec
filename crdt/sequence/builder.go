package sequence

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"starling/crdt/opid"
)

// Builder makes a sequence of runs that come in order, in time proportional to
// their number, or nearly so. It accepts only what insertions could have given.
// Make one with [NewBuilder]. After an error it is of no use.
type Builder struct {
	s     *Sequence
	grow  strings.Builder
	text  string // all the content, if it is known before
	path  path
	last  *node
	spare []node
	by    map[uint32][]*node // by actor, in the order of the text
}

// NewBuilder begins a sequence. actors are as for [New].
func NewBuilder(actors *opid.Actors) *Builder {
	return &Builder{s: New(actors), by: map[uint32][]*node{}}
}

// Append adds the next run, which may have any number of elements, and joins it
// with the one before if they are one. Content is copied, the slices may be kept.
func (b *Builder) Append(run Run) error {
	pos := b.grow.Len()
	if len(run.Content) > math.MaxUint32-pos {
		return refuse("append", run.First, ErrFull)
	}
	b.grow.WriteString(run.Content)
	return b.append(run, uint32(pos))
}

// append adds a run whose content is at pos of all the content.
func (b *Builder) append(run Run, pos uint32) error {
	if len(run.Deleted) > 1 || len(run.Revived) > 0 { // they come in any order, and single ones with any step
		run.Deleted, run.Revived = clipSpans(run.Deleted, 0, run.N), clipLayers(run.Revived, 0, run.N)
	}
	if err := b.check(&run); err != nil {
		return refuse("append", run.First, err)
	}
	if run.Item != nil {
		b.push(node{first: run.First, origin: run.Origin, n: 1, more: &more{item: run.Item, width: run.Width}})
		return nil
	}
	for i := 0; i < run.N; {
		piece := run.Clip(i, min(run.N-i, maxRun))
		r := node{first: piece.First, origin: piece.Origin, n: uint16(piece.N), pos: pos, size: uint16(len(piece.Content))}
		r.setFate(piece.Deleted, piece.Revived)
		if b.last == nil || !b.last.absorb(&r) {
			b.push(r)
		}
		i += piece.N
		pos += uint32(len(piece.Content))
	}
	return nil
}

// check refuses a run that could not be.
func (b *Builder) check(run *Run) error {
	switch {
	case run.N < 1 || run.First.IsZero() || uint64(run.First.Counter)+uint64(run.N) > math.MaxUint32:
		return ErrOrder
	case int(run.First.Actor) >= b.s.actors.Len():
		return ErrNoElement
	case run.Item != nil && (run.N != 1 || run.Content != "" || checkItem(run.First, run.Item, run.Width) != nil):
		return ErrContent
	case run.Item == nil && (!utf8.ValidString(run.Content) || utf8.RuneCountInString(run.Content) != run.N):
		return ErrContent
	}
	inserted := Span{run.First, 1}
	if err := b.checkSpans(run.N, run.Deleted, inserted); err != nil {
		return err
	}
	for i, l := range run.Revived {
		if err := b.checkSpans(run.N, []Span{l.Span}, inserted); err != nil {
			return err
		}
		if i > 0 && run.Revived[i-1].Op == l.Op {
			return ErrExists
		}
		if err := b.checkSpans(run.N, l.Deleted, l.Span); err != nil {
			return err
		}
	}
	return b.goOn(run)
}

// goOn refuses a run that insertion would have put elsewhere.
func (b *Builder) goOn(run *Run) error {
	steps, back, ok := b.path.way(run.Origin)
	switch {
	case !ok:
		return ErrNoElement
	case run.Origin.Counter >= run.First.Counter:
		return ErrOrder
	}
	if sibling := b.path.turn(steps, back); !sibling.IsZero() && !b.s.actors.Less(run.First, sibling) {
		return ErrOrder
	}
	b.path.push(run.First, run.N)
	return nil
}

// checkSpans refuses operations on n elements that come twice, and those that are
// not later than the value that they refer to.
func (b *Builder) checkSpans(n int, spans []Span, value Span) error {
	for i, s := range spans {
		end := s.counter(n - 1)
		switch {
		case n > 1 && s.Step != 1 && s.Step != -1, int(s.Op.Actor) >= b.s.actors.Len():
			return ErrNoElement
		case s.Op.Counter <= value.Op.Counter, end <= value.counter(n-1), end > math.MaxUint32:
			return ErrOrder
		case i > 0 && spans[i-1].Op == s.Op:
			return ErrExists
		}
	}
	return nil
}

// push hangs a run at the treap's right edge. The sums of that edge are taken
// when a run leaves it.
func (b *Builder) push(run node) {
	if len(b.spare) == 0 {
		b.spare = make([]node, min(1024, max(4, b.s.nodes)))
	}
	r := &b.spare[0]
	b.spare = b.spare[1:]
	*r = run
	b.s.nodes++
	b.by[r.first.Actor] = append(b.by[r.first.Actor], r)
	p, mine := b.last, b.s.priority(r)
	for p != nil && b.s.priority(p) < mine {
		b.s.sum(p)
		r.left, p = p, p.up
	}
	if r.left != nil {
		r.left.up = r
	}
	if r.up = p; p != nil {
		p.right = r
	} else {
		b.s.root = r
	}
	b.last = r
}

// Done returns the sequence. It fails if an element came twice.
func (b *Builder) Done() (*Sequence, error) {
	for r := b.last; r != nil; r = r.up {
		b.s.sum(r)
	}
	if b.text == "" {
		b.text = b.grow.String()
	}
	if b.text != "" {
		if _, ok := b.s.pages.add(b.text); !ok {
			return nil, ErrFull
		}
	}
	for actor, runs := range b.by {
		sortRuns(runs)
		for i, r := range runs[1:] {
			if runs[i].end() > r.first.Counter {
				return nil, refuse("append", r.first, ErrExists)
			}
		}
		a := b.s.author(actor)
		for runs := range slices.Chunk(runs, maxBlock) {
			a.blocks = append(a.blocks, newBlock(runs...))
		}
	}
	return b.s, nil
}

// sortRuns sorts runs by counter.
func sortRuns(runs []*node) {
	keys := make([]uint64, len(runs))
	sorted := true
	for i, r := range runs {
		keys[i] = uint64(r.first.Counter)<<32 | uint64(i)
		sorted = sorted && (i == 0 || keys[i-1] < keys[i])
	}
	if sorted {
		return
	}
	slices.Sort(keys)
	was := slices.Clone(runs)
	for i, k := range keys {
		runs[i] = was[uint32(k)]
	}
}
