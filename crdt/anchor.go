package crdt

import (
	"math"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Anchor is a place in the text that stays put when others edit: the side of an
// element, named by the operation that inserted it. Without a name it is the
// end of the text or, with After, its start.
type Anchor struct {
	Actor   ActorID
	Counter uint64
	After   bool // behind the element, not before it
}

// Anchor returns the anchor of a place in the text as it stood after patch
// number seen: with after, that of the character before the place, to which it
// then sticks, else that of the one behind it. A text that has not arrived has
// only its start. It fails with [ErrStale] and [ErrOutside].
func (d *Document) Anchor(place int, after bool, seen uint64) (Anchor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	newer, err := d.log.since(seen)
	if err != nil {
		return Anchor{}, err
	}
	for _, p := range newer {
		place = p.Shift(place, after)
	}
	switch {
	case d.text == nil && place == 0:
		return Anchor{After: true}, nil
	case d.text == nil || place < 0 || place > d.text.Len():
		return Anchor{}, ErrOutside
	}
	a := d.text.AnchorAt(place, after)
	if a.Elem.IsZero() {
		return Anchor{After: a.After}, nil
	}
	return Anchor{ActorID(d.actors.Name(a.Elem.Actor)), uint64(a.Elem.Counter), a.After}, nil
}

// Places returns where anchors are now, after patch number seen, and false if
// an element of theirs has not arrived. An element that is deleted gives the
// place where it was.
func (d *Document) Places(anchors ...Anchor) (places []int, seen uint64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.text == nil {
		return nil, 0, false
	}
	places = make([]int, len(anchors))
	for i, a := range anchors {
		elem, known := d.elem(a)
		if !known {
			return nil, 0, false
		}
		if places[i], ok = d.text.Place(sequence.Anchor{Elem: elem, After: a.After}); !ok {
			return nil, 0, false
		}
	}
	return places, d.log.last(), true
}

// elem is the element that an anchor names, zero if it names none. It reports
// false if there can't be such an element here.
func (d *Document) elem(a Anchor) (opid.ID, bool) {
	if a.Actor == "" {
		return opid.ID{}, a.Counter == 0
	}
	n, known := d.actors.Find(string(a.Actor))
	if !known || a.Counter == 0 || a.Counter > math.MaxUint32 {
		return opid.ID{}, false
	}
	return opid.ID{Actor: n, Counter: uint32(a.Counter)}, true
}

// Reaches reports whether the changes of an actor are held up to number seq.
func (d *Document) Reaches(actor ActorID, seq uint64) bool {
	if seq == 0 {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, known := d.actors.Find(string(actor))
	return known && seq <= uint64(d.graph.Last(n))
}
