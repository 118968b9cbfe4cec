package buffer

import "slices"

// states are what flows down the lines of a block, kept until a line changes.
type states struct {
	// before[i] is the state before line i, and the last one that after the
	// block, for as many as are known; it is empty if nothing is.
	before []uint32
	// The lines from dirty up to before dirtyTo have changed since; all after
	// them hold if what flows into them is still the same.
	dirty, dirtyTo int
}

// changed says that the lines from first up to before last have become n others.
func (s *states) changed(first, last, n int) {
	if len(s.before) <= last {
		// What is kept ends before the change or in it.
		s.before = s.before[:min(len(s.before), first+1)]
		s.dirtyTo = min(s.dirtyTo, first)
		return
	}
	if n != last-first {
		s.before = slices.Replace(s.before, first+1, last, make([]uint32, n-1)...)
	}
	if s.dirty >= s.dirtyTo {
		s.dirty, s.dirtyTo = first, first+n
		return
	}
	if s.dirtyTo > first {
		s.dirtyTo = max(s.dirtyTo+n-(last-first), first+n)
	} else {
		s.dirtyTo = first + n
	}
	s.dirty = min(s.dirty, first)
}

func (s *states) forget() { *s = states{before: s.before[:0]} }

// flowTo returns the state before line i of a block, or after it, given the one
// before the block.
func (l *lines) flowTo(b *block, in uint32, i int) uint32 {
	s := &b.states
	switch {
	case len(s.before) == 0:
		s.before = append(s.before, in)
		s.dirty, s.dirtyTo = 0, 0
	case s.before[0] != in:
		s.before[0] = in
		s.changed(0, 1, 1)
	}
	l.mend(b)
	for n := len(s.before); n <= i; n++ {
		s.before = append(s.before, l.flow(s.before[n-1], b.lines[n-1].Text))
	}
	return s.before[i]
}

// mend computes the states anew that changed lines have made wrong.
func (l *lines) mend(b *block) {
	s := &b.states
	for i := s.dirty; s.dirty < s.dirtyTo && i+1 < len(s.before); i++ {
		after := l.flow(s.before[i], b.lines[i].Text)
		if i+1 >= s.dirtyTo && after == s.before[i+1] {
			break
		}
		s.before[i+1] = after
	}
	s.dirty, s.dirtyTo = 0, 0
}

// state returns the flow state before a line.
func (l *lines) state(s spot) uint32 {
	var state uint32
	for _, b := range l.blocks[:s.block] {
		state = l.flowTo(b, state, len(b.lines))
	}
	return l.flowTo(l.blocks[s.block], state, s.in)
}

// onward returns the state after a line from the one before it.
func (l *lines) onward(s spot, state uint32) uint32 {
	b := l.blocks[s.block]
	if known := b.states.before; s.in+1 < len(known) && known[s.in] == state && b.states.dirty >= b.states.dirtyTo {
		return known[s.in+1]
	}
	return l.flow(state, b.lines[s.in].Text)
}
