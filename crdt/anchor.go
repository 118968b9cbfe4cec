package crdt

import (
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
// then sticks, else that of the one behind it.
func (d *Document) Anchor(place int, after bool, seen uint64) (Anchor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ready(); err != nil {
		return Anchor{}, err
	}
	newer, err := d.log.since(seen)
	if err != nil {
		return Anchor{}, err
	}
	at := Carry([]int{place}, newer)[0]
	if at < 0 || at > d.text.Len() {
		return Anchor{}, ErrOutside
	}
	a := d.text.AnchorAt(at, after)
	if a.Elem.IsZero() {
		return Anchor{After: a.After}, nil
	}
	return Anchor{ActorID(d.actors.Name(a.Elem.Actor)), uint64(a.Elem.Counter), a.After}, nil
}

// Place returns where an anchor is now, after patch number seen, and false if
// its element has not arrived. An element that is deleted gives the place where
// it was.
func (d *Document) Place(a Anchor) (place int, seen uint64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.text == nil {
		return 0, 0, false
	}
	elem := opid.ID{}
	if a.Actor != "" {
		n, known := d.actors.Find(string(a.Actor))
		if !known || a.Counter == 0 || a.Counter > 1<<32-1 {
			return 0, 0, false
		}
		elem = opid.ID{Actor: n, Counter: uint32(a.Counter)}
	}
	place, ok = d.text.Place(sequence.Anchor{Elem: elem, After: a.After})
	return place, d.log.last(), ok
}
