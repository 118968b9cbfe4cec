package opset

import (
	"fmt"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// minOp is the least size of an operation in bytes: an ID, a head, a value and
// no successors.
const minOp = 5

// decoder reads a compact form.
type decoder struct {
	reader
	s     *Set
	obj   opid.ID // whose places are read
	key   string  // under which they are, in a map
	makes int     // operations that make an object
}

// Decode reads what [Set.AppendBinary] wrote, all of b. actors are numbered as
// they were then. Nothing of b is kept.
func Decode(b []byte, actors *opid.Actors) (*Set, error) {
	d := &decoder{reader: reader{b: b, actors: actors}, s: New(actors)}
	ids := d.objects()
	for _, id := range ids {
		d.obj = id
		if o := d.s.objects[id]; o.kind == Map {
			d.mapKeys(o)
		} else {
			d.list(o)
		}
	}
	if d.err == nil && (len(d.b) > 0 || d.makes != len(ids)-1) {
		d.fail("more, or objects that nothing made")
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode document: %w", d.err)
	}
	return d.s, nil
}

// objects reads the table of objects.
func (d *decoder) objects() []opid.ID {
	ids := []opid.ID{{}}
	for range d.count(3) {
		id := d.idAfter(ids[len(ids)-1])
		kind := Kind(d.byte())
		if kind >= numKinds {
			d.fail("a kind")
		}
		if d.err != nil {
			return nil
		}
		d.s.make(id, kind, Branch{}) // where it lies, [decoder.op] finds
		ids = append(ids, id)
	}
	return ids
}

func (d *decoder) mapKeys(o *object) {
	last := ""
	for i := range d.count(2) {
		key := d.text()
		d.key = key
		p := d.place()
		if i > 0 && key <= last {
			d.fail("keys out of order")
		}
		if d.err != nil {
			return
		}
		last, o.keys[key] = key, p
	}
}

// text reads a string.
func (d *decoder) text() string {
	b := d.bytes()
	if !utf8.Valid(b) {
		d.fail("a string")
	}
	return string(b)
}

func (d *decoder) list(o *object) {
	items := make([]*place, d.count(1+minOp))
	for i := range items {
		items[i] = d.place()
	}
	b := d.bytes()
	if d.err != nil {
		return
	}
	o.items = o.items || len(items) > 0
	seq, err := sequence.Decode(b, d.actors, func(id opid.ID) (sequence.Item, int, error) {
		if len(items) == 0 || items[0].ops[0].id != id {
			return nil, 0, fmt.Errorf("element %v: %w", id, ErrCompact)
		}
		p := items[0]
		items = items[1:]
		return p, p.width(o.kind), nil
	})
	switch {
	case err != nil:
		d.err = err
	case len(items) > 0:
		d.fail("items that are no elements")
	default:
		o.seq = seq
	}
}

func (d *decoder) place() *place {
	n := d.count(minOp)
	if n == 0 {
		d.fail("an empty place")
		return nil
	}
	p := &place{ops: make([]op, n), sorted: n}
	var before opid.ID
	for i := range p.ops {
		p.ops[i] = d.op(before)
		before = p.ops[i].id
	}
	return p
}

// op reads an operation that comes after another one at its place.
func (d *decoder) op(before opid.ID) op {
	o := op{id: d.idAfter(before)}
	head := d.byte()
	o.action, o.typ = format.Action(head&(1<<headType-1)), format.ValueType(head&^headMore>>headType)
	if o.action == format.Set && o.typ == format.String {
		o.raw = d.text()
	} else {
		o.raw = string(d.bytes())
	}
	if o.action == format.Delete {
		d.fail("a deletion")
	}
	if n := d.count(2); n > 0 {
		o.succs = make([]opid.ID, n)
		last := o.id
		for i := range o.succs {
			o.succs[i] = d.idAfter(last)
			last = o.succs[i]
		}
	}
	if head&headMore != 0 {
		o.more = d.more(&o)
	}
	if kind, ok := KindOf(o.action); ok {
		made := d.s.objects[o.id]
		if made == nil || made.kind != kind || !d.obj.IsZero() && !d.actors.Less(d.obj, o.id) {
			d.fail("an object that is not there, or in a later one")
		} else {
			made.branch = d.s.objects[d.obj].branchOf(o.id, d.key)
		}
		d.makes++
	}
	return o
}

func (d *decoder) more(o *op) *more {
	m := &more{}
	last := o.id
	for range d.count(3) {
		id := d.idAfter(last)
		m.steps = append(m.steps, step{id, d.signed()})
		last = id
	}
	flags := d.byte()
	m.expand, m.hasName = flags&flagExpand != 0, flags&flagHasName != 0
	m.name = d.text()
	if flags&^(flagExpand|flagHasName) != 0 || len(m.steps) > 0 && !o.isCounter() {
		d.fail("what does not belong to the operation")
	}
	return m
}
