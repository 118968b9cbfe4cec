package guard

import (
	"fmt"
	"slices"

	"starling/crdt/format"
	"starling/crdt/opset"
	"starling/crdt/sequence"
)

// checkMark checks a mark, which is an element at each end of what it marks;
// only the first has name and value. Later Automerge programs, from version 3
// of the npm package, find a mark's beginning by the counter of its end, and do
// not load a document where it is not there or lies behind the end.
func (k *checker) checkMark(op *format.Op, obj opset.Kind) error {
	switch {
	case obj == opset.Map || !op.Insert:
		return fmt.Errorf("a mark: %w", ErrInsert)
	case !op.HasName && op.Value.Type != format.Null:
		return fmt.Errorf("of a mark: %w", ErrValue)
	case k.rules.Foreign:
		return nil
	case obj != opset.Text:
		return fmt.Errorf("in a list: %w", ErrMark)
	case op.HasName:
		return nil
	}
	at := int(k.next - uint32(k.c.StartOp))
	if at == 0 {
		return fmt.Errorf("an end: %w", ErrMark)
	}
	if begin := &k.c.Ops[at-1]; begin.Action != format.Mark || !begin.HasName || begin.Obj != op.Obj {
		return fmt.Errorf("an end: %w", ErrMark)
	}
	k.marks = append(k.marks, at)
	return nil
}

// checkMarks checks that every mark's beginning lies before its end. Other
// changes cannot alter which of two elements comes first.
func (k *checker) checkMarks() error {
	if len(k.marks) == 0 {
		return nil
	}
	own := k.ownElements()
	places := k.places(own)
	for _, end := range k.marks {
		b, e := own.anchor[end-1], own.anchor[end]
		if b == e && own.pos[end-1] > own.pos[end] || b != e && places[b] > places[e] {
			return fmt.Errorf("operation %d: %w", end, ErrMark)
		}
	}
	return nil
}

// anchor is an element of the past, or the head, behind which a change inserts.
type anchor struct{ obj, elem format.OpID }

// ownElements says where the elements of a change go among those of its past.
// As each is greater than all before it, it stands directly behind what it was
// inserted after: so behind an anchor is a list of elements of the change.
type ownElements struct {
	anchor []anchor // of each operation
	pos    []int    // of each operation in its anchor's list
}

func (k *checker) ownElements() ownElements {
	const none = -1
	n := len(k.c.Ops)
	own := ownElements{anchor: make([]anchor, n), pos: make([]int, n)}
	next := make([]int, n)
	first := map[anchor]int{}
	for i := range k.c.Ops {
		op := &k.c.Ops[i]
		if !op.Insert {
			continue
		}
		if after := op.Key.Elem; after.Actor == 0 && uint64(after.Counter) >= k.c.StartOp {
			j := int(after.Counter) - int(k.c.StartOp)
			own.anchor[i], next[i], next[j] = own.anchor[j], next[j], i
			continue
		}
		a := anchor{op.Obj, op.Key.Elem}
		own.anchor[i], next[i] = a, none
		if j, ok := first[a]; ok {
			next[i] = j
		}
		first[a] = i
	}
	for _, i := range first {
		for pos := 0; i != none; i = next[i] {
			own.pos[i] = pos
			pos++
		}
	}
	return own
}

// places orders the anchors of marks that lie behind different ones. That takes
// a walk through each of their objects.
func (k *checker) places(own ownElements) map[anchor]int {
	places := map[anchor]int{}
	wanted := map[format.OpID]map[uint32][]uint32{} // by object and actor the counters of elements
	for _, end := range k.marks {
		if own.anchor[end-1] == own.anchor[end] {
			continue
		}
		for _, a := range [...]anchor{own.anchor[end-1], own.anchor[end]} {
			if wanted[a.obj] == nil {
				wanted[a.obj] = map[uint32][]uint32{}
			}
			wanted[a.obj][a.elem.Actor] = append(wanted[a.obj][a.elem.Actor], a.elem.Counter)
		}
	}
	for obj, elems := range wanted {
		for _, counters := range elems {
			slices.Sort(counters)
		}
		k.walk(obj, elems, places)
	}
	return places
}

// walk notes the places of elements of an object; that of the head is 0.
func (k *checker) walk(obj format.OpID, elems map[uint32][]uint32, places map[anchor]int) {
	byNumber := map[uint32]uint32{} // the change's index of an actor
	for i := range elems {
		byNumber[k.actors[i]] = i
	}
	at := 1
	k.s.Text(k.id(obj)).All(func(r sequence.Run) bool {
		if i, ok := byNumber[r.First.Actor]; ok {
			from, _ := slices.BinarySearch(elems[i], r.First.Counter)
			for _, c := range elems[i][from:] {
				if uint64(c) >= uint64(r.First.Counter)+uint64(r.N) {
					break
				}
				places[anchor{obj, format.OpID{Counter: c, Actor: i}}] = at + int(c-r.First.Counter)
			}
		}
		at += r.N
		return true
	})
}
