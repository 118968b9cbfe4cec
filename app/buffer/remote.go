package buffer

import "starling/crdt"

// Remote is someone else in the same text: caret and the other end of the
// selection, equal if nothing is selected.
type Remote struct {
	ID            string // tells two of them apart
	Caret, Anchor int
}

// Selection returns the ends in order.
func (r Remote) Selection() (from, to int) { return min(r.Caret, r.Anchor), max(r.Caret, r.Anchor) }

// After is r in the text that a patch left. A caret stays before what others
// write at its very place, as it does in its owner's window.
func (r Remote) After(p crdt.Patch) Remote {
	r.Caret, r.Anchor = carry(r.Caret, r.Anchor, p)
	return r
}

// carry moves a caret and its anchor past a patch that is not theirs. What is
// written at an end of the selection stays outside of it; a caret without one
// stays before it.
func carry(caret, anchor int, p crdt.Patch) (movedCaret, movedAnchor int) {
	from, to := min(caret, anchor), max(caret, anchor)
	to = p.Shift(to, true)
	from = min(p.Shift(from, false), to)
	if caret < anchor {
		return from, to
	}
	return to, from
}
