package buffer

import "image/color"

// Remote is someone else in the same text: caret and the other end of the
// selection, equal if nothing is selected.
type Remote struct {
	ID   string // tells two of them apart
	Name string
	// Colour is behind the name, which is white. Line is for the caret itself,
	// which stands on the page; Colour if it is zero.
	Colour color.NRGBA
	Line   color.NRGBA
	Caret  int
	Anchor int
}

// Selection returns the ends in order.
func (r Remote) Selection() (from, to int) { return min(r.Caret, r.Anchor), max(r.Caret, r.Anchor) }
