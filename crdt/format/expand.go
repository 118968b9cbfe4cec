package format

import (
	"bytes"
	"fmt"
	"slices"
)

// Expand rebuilds every change of the document, in the document's order, and
// calls yield with it, its hash set, and its encoded chunk. All of it, the chunk
// too, is valid until yield returns. After the last change it compares the heads
// with those that the document names, so that without an error every hash is
// right: each of them follows from the bytes of what comes before.
//
// Unknown columns are left out, as Automerge leaves them out; the heads tell
// whether that loses anything. The changes may exceed the limits of [ParseChange]. Memory follows the number
// of operations; both it and the bytes produced are limited by the chunk's size.
func (d *Document) Expand(yield func(c *Change, chunk []byte) error) error {
	x := expander{doc: d}
	if err := x.layOut(); err != nil {
		return fmt.Errorf("lay out changes of document: %w", err)
	}
	if err := x.collect(); err != nil {
		return fmt.Errorf("collect operations of document: %w", err)
	}
	r := newRebuilder(&x)
	if err := d.EachChange(func(i int, c *DocChange) error { return r.rebuild(i, c, yield) }); err != nil {
		return fmt.Errorf("rebuild changes of document: %w", err)
	}
	if err := r.checkHeads(); err != nil {
		return fmt.Errorf("compare heads of document: %w", err)
	}
	return nil
}

// rebuilder makes changes out of the slots of an expander. All its memory is
// used again for the next change.
type rebuilder struct {
	*expander
	hashes [][32]byte
	isDep  []bool
	budget int // bytes that may still be produced, those of keys counted apart
	made   Change
	preds  []OpID
	others []uint32 // actors in use besides the author, ascending
	local  []uint32 // of each of the document's actors: its number in the change
	enc    encoder
}

func newRebuilder(x *expander) *rebuilder {
	return &rebuilder{
		expander: x, hashes: make([][32]byte, len(x.places)), isDep: make([]bool, len(x.places)),
		budget: freeExpanded + expandedPerByte*x.doc.size, local: make([]uint32, len(x.doc.Actors)),
	}
}

// rebuild makes change i and yields it.
func (r *rebuilder) rebuild(i int, dc *DocChange, yield func(*Change, []byte) error) error {
	slots, err := r.filled(r.places[i])
	if err != nil {
		return fmt.Errorf("change %d: %w", i, err)
	}
	if limit := r.doc.maxChangeOps(); len(slots) > limit {
		return fmt.Errorf("change %d: more than %d operations: %w", i, limit, ErrLimit)
	}
	c := &r.made
	c.Actor, c.Seq, c.Time = r.doc.Actors[dc.Actor], dc.Seq, dc.Time
	c.Message, c.Extra = dc.Message, dc.Extra
	c.StartOp = dc.MaxOp - uint64(len(slots)) + 1
	r.setDeps(dc.Deps)
	r.setActors(dc.Actor, slots)
	if r.setOps(r.places[i].end-uint32(len(slots)), slots); r.budget < 0 {
		return fmt.Errorf("change %d: keys of all changes: %w", i, ErrLimit)
	}
	for _, a := range r.others {
		r.local[a] = 0
	}
	chunk, hash := r.enc.encode(c)
	if r.budget -= len(chunk); r.budget < 0 {
		return fmt.Errorf("change %d: bytes of all changes: %w", i, ErrLimit)
	}
	c.Hash, r.hashes[i] = hash, hash
	return yield(c, chunk)
}

// filled returns the slots that operations have taken, which must be the last
// of the change's.
func (r *rebuilder) filled(p changePlace) ([]docSlot, error) {
	slots := r.slots[p.first:p.end]
	n := len(slots)
	for n > 0 && slots[n-1].known() {
		n--
	}
	for i := range slots[:n] {
		if slots[i].known() {
			return nil, fmt.Errorf("an operation is missing: %w", ErrIDs)
		}
	}
	return slots[n:], nil
}

func (r *rebuilder) setDeps(deps []uint32) {
	out := r.made.Deps[:0]
	for _, dep := range deps {
		out = append(out, r.hashes[dep])
		r.isDep[dep] = true
	}
	if len(out) > 1 {
		slices.SortFunc(out, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	}
	r.made.Deps = out
}

// setActors finds the actors that the operations refer to and numbers them as
// the change does: the author 0, the others from 1 by their bytes.
func (r *rebuilder) setActors(author uint32, slots []docSlot) {
	r.others = r.others[:0]
	for i := range slots {
		s := &slots[i]
		r.use(author, s.obj)
		if s.flags&slotMap == 0 {
			r.use(author, s.key)
		}
		for p := s.pred; p != 0; p = r.links[p-1].next {
			r.use(author, r.links[p-1].id)
		}
	}
	slices.Sort(r.others)
	c := &r.made
	c.OtherActors = c.OtherActors[:0]
	for i, a := range r.others {
		r.local[a] = uint32(i) + 1
		c.OtherActors = append(c.OtherActors, r.doc.Actors[a])
	}
}

func (r *rebuilder) use(author uint32, id OpID) {
	if id.Actor != author && !id.IsZero() && r.local[id.Actor] == 0 {
		r.local[id.Actor] = 1
		r.others = append(r.others, id.Actor)
	}
}

// setOps makes the operations, whose actors are already numbered. first is the
// index of the first slot.
func (r *rebuilder) setOps(first uint32, slots []docSlot) {
	c := &r.made
	c.Ops = slices.Grow(c.Ops[:0], len(slots))[:len(slots)]
	r.preds = r.preds[:0]
	raw := r.doc.opColumn(colValueRaw)
	for i := range slots {
		s, op := &slots[i], &c.Ops[i]
		*op = Op{Obj: r.localID(s.obj), Insert: s.flags&slotInsert != 0, Action: s.action}
		if s.flags&slotMap != 0 {
			op.Key = Key{Map: true, Name: r.names[s.key.Counter]}
			// Sorted by key in the document, they were written once.
			if i > 0 && s.key != slots[i-1].key {
				r.budget -= len(op.Key.Name)
			}
		} else {
			op.Key.Elem = r.localID(s.key)
		}
		op.Value = Value{Type: s.value, Raw: raw[s.rawAt : s.rawAt+s.rawLen]}
		if s.flags&slotMark != 0 {
			m := r.marks[first+uint32(i)]
			op.Expand, op.HasName, op.MarkName = m.expand, m.hasName, m.name
			r.budget -= len(m.name)
		}
		op.Pred = r.takePreds(s.pred)
	}
}

// takePreds returns a list of predecessors in ascending order.
func (r *rebuilder) takePreds(at uint32) []OpID {
	if at == 0 {
		return nil
	}
	first := len(r.preds)
	for ; at != 0; at = r.links[at-1].next {
		r.preds = append(r.preds, r.links[at-1].id)
	}
	preds := r.preds[first:len(r.preds):len(r.preds)]
	if len(preds) > 1 {
		slices.SortFunc(preds, compareIDs) // the document's actors are sorted
	}
	for i := range preds {
		preds[i] = r.localID(preds[i])
	}
	return preds
}

func (r *rebuilder) localID(id OpID) OpID {
	if id.IsZero() {
		return id
	}
	return OpID{Counter: id.Counter, Actor: r.local[id.Actor]}
}

// checkHeads compares the changes that no other depends on with what the
// document says.
func (r *rebuilder) checkHeads() error {
	named := make(map[[32]byte]bool, len(r.doc.Heads))
	for _, head := range r.doc.Heads {
		named[head] = true
	}
	heads := 0
	for i, hash := range r.hashes {
		if r.isDep[i] {
			continue
		}
		if !named[hash] {
			return fmt.Errorf("change %x: %w", hash[:8], ErrHeads)
		}
		heads++
	}
	if heads != len(r.doc.Heads) {
		return fmt.Errorf("%d changes, not %d: %w", heads, len(r.doc.Heads), ErrHeads)
	}
	return nil
}
