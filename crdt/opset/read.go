package opset

import (
	"fmt"
	"maps"
	"slices"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Keys returns the keys of a map under which something stands in a version, in
// the order of their bytes. It is nil for what is no map.
func (s *Set) Keys(obj opid.ID, at opid.Clock) []string {
	o := s.objects[obj]
	if o == nil {
		return nil
	}
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(o.keys)) {
		if o.keys[k].winner(at) != nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// Get returns what stands under a key of a map in a version, and the values
// that were written there concurrently, greatest first. ok is false if nothing
// stands there.
func (s *Set) Get(obj opid.ID, key string, at opid.Clock) (winner Value, conflicts []Value, ok bool) {
	o := s.objects[obj]
	if o == nil || o.keys[key] == nil {
		return Value{}, nil, false
	}
	return o.keys[key].values(at)
}

func (p *place) values(at opid.Clock) (winner Value, conflicts []Value, ok bool) {
	for i := len(p.ops) - 1; i >= p.from(at); i-- {
		o := &p.ops[i]
		switch {
		case !o.alive(at):
		case !ok:
			winner, ok = o.value(at), true
		default:
			conflicts = append(conflicts, o.value(at))
		}
	}
	return winner, conflicts, ok
}

// Len is how many elements of a list, or code points of a text, are visible;
// for a map, the number of its keys.
func (s *Set) Len(obj opid.ID) int {
	switch o := s.objects[obj]; {
	case o == nil:
		return 0
	case o.kind == Map:
		return len(s.Keys(obj, nil))
	default:
		return o.seq.Len()
	}
}

// Index returns the visible element i of a list, as Get does. Of a text it is
// the element that holds code point i.
func (s *Set) Index(obj opid.ID, i int) (winner Value, conflicts []Value, ok bool) {
	o := s.objects[obj]
	if o == nil || o.seq == nil {
		return Value{}, nil, false
	}
	elem, _, ok := o.seq.ElemAt(i)
	if !ok {
		return Value{}, nil, false
	}
	p := s.elemPlace(o, elem)
	if p == nil {
		return Value{}, nil, false
	}
	return p.values(nil)
}

// Values returns the elements of a list that are visible in a version, each as
// its greatest value. It takes time in proportion to all that ever were.
func (s *Set) Values(obj opid.ID, at opid.Clock) []Value {
	o := s.objects[obj]
	if o == nil || o.kind != List {
		return nil
	}
	var all []Value
	o.seq.All(func(r sequence.Run) bool {
		if p, ok := r.Item.(*place); ok {
			if w := p.winner(at); w != nil {
				all = append(all, w.value(at))
			}
		}
		return true
	})
	return all
}

// Text returns the sequence of a text, nil if obj is none. Only its reading
// methods may be used; it changes when the Set does.
func (s *Set) Text(obj opid.ID) *sequence.Sequence {
	if o := s.objects[obj]; o != nil && o.kind == Text {
		return o.seq
	}
	return nil
}

// Preds returns the values that stand under key, or on elem if key is nil, in
// Lamport's order: what an operation that writes there must name.
func (s *Set) Preds(obj opid.ID, key *string, elem opid.ID) []opid.ID {
	o := s.objects[obj]
	if o == nil || (key == nil) != (o.seq != nil) {
		return nil
	}
	var p *place
	if key != nil {
		p = o.keys[*key]
	} else {
		p = s.elemPlace(o, elem)
	}
	if p == nil {
		return nil
	}
	var preds []opid.ID
	for i := p.from(nil); i < len(p.ops); i++ {
		if p.ops[i].alive(nil) {
			preds = append(preds, p.ops[i].id)
		}
	}
	return preds
}

// elemPlace returns the place of an element, made for the reader if the
// element is plain; nil if there is no such element.
func (s *Set) elemPlace(o *object, elem opid.ID) *place {
	run, ok := o.seq.Element(elem)
	if !ok {
		return nil
	}
	if p, ok := run.Item.(*place); ok {
		return p
	}
	return placeOf(&run, s.actors)
}

// ElemAt returns the element at a visible place of a list or text.
func (s *Set) ElemAt(obj opid.ID, i int) (opid.ID, error) {
	if o := s.objects[obj]; o != nil && o.seq != nil {
		if elem, _, ok := o.seq.ElemAt(i); ok {
			return elem, nil
		}
	}
	return opid.ID{}, fmt.Errorf("element %d of %v: %w", i, obj, ErrElem)
}

// ElemForInsert returns the element that an insertion at a visible place of a
// list or text goes after; the zero ID is the head.
func (s *Set) ElemForInsert(obj opid.ID, i int) (opid.ID, error) {
	if i == 0 {
		return opid.ID{}, nil
	}
	return s.ElemAt(obj, i-1)
}
