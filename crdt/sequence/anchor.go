package sequence

import "starling/crdt/opid"

// Anchor is a place beside an element, whatever is written before or behind it.
// The zero element is the start of the text if After is set, and the end if not.
type Anchor struct {
	Elem  opid.ID
	After bool
}

// Place is where an anchor is: how many visible code points are before it. Beside
// an element that does not show, it is where that was. ok is false if there is no
// such element.
func (s *Sequence) Place(a Anchor) (at int, ok bool) {
	if a.Elem.IsZero() {
		if a.After {
			return 0, true
		}
		return s.Len(), true
	}
	r := s.find(a.Elem)
	if r == nil {
		return 0, false
	}
	at = r.rank()
	switch {
	case !r.alive():
		return at, true
	case !r.item():
		at += int(a.Elem.Counter - r.first.Counter)
		if a.After {
			at++
		}
	case a.After:
		at += r.own()
	}
	return at, true
}

// AnchorAt is the anchor of a place: after the code point before it, or before
// the one behind it. A place within an item goes to that side of the item.
func (s *Sequence) AnchorAt(at int, after bool) Anchor {
	at, _ = s.clamp(at, 0)
	if after {
		at--
	}
	id, _, _ := s.ElemAt(at)
	return Anchor{id, after}
}
