package opset

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// What operations may refer to wrongly. The guard refuses such changes, so
// that Apply meets none; documents from strangers have not passed it.
var (
	ErrObject = errors.New("no such object")
	ErrKey    = errors.New("the key does not fit the object")
	ErrElem   = errors.New("no such element")
	ErrPred   = errors.New("no such value at the place")
)

// applier holds what applying one change needs, and its memory for the next.
type applier struct {
	s      *Set
	c      *format.Change
	actors []uint32
	did    *Effects

	obj     *object
	objID   format.OpID
	hear    *Effects // did if obj is the watched text, else nil
	touched []touch
	buf     []byte
	slow    int // operations before this one go one at a time
	deleted func(at, n int)
	revived func(at int, content string)
}

// touch is a place that the change writes to. What that shows is told when all
// is written.
type touch struct {
	obj  *object
	elem opid.ID
	p    *place
	old  string // how it read before, if it is of the watched text
}

func newApplier(s *Set) *applier {
	a := &applier{s: s}
	a.deleted = func(at, n int) { a.hear.add(at, n, "") }
	a.revived = func(at int, content string) { a.hear.add(at, 0, content) }
	return a
}

// Apply takes the operations of a change that the guard has passed, whose
// ancestors are applied. actors are the numbers of its author and of its other
// actors, as [format.Change.ActorAt] counts them. What it does is added to did,
// which may be nil. After an error, which a change that was passed does not
// cause, the Set is of no use. Nothing of c is kept.
func (s *Set) Apply(c *format.Change, actors []uint32, did *Effects) error {
	a := s.applier
	a.c, a.actors, a.did, a.slow = c, actors, did, 0
	defer a.forget()
	for i := 0; i < len(c.Ops); {
		n, err := a.next(i)
		if err != nil {
			return fmt.Errorf("apply operation %d of change %x: %w", i, c.Hash[:8], err)
		}
		i += n
	}
	if err := a.settle(); err != nil {
		return fmt.Errorf("apply change %x: %w", c.Hash[:8], err)
	}
	return nil
}

func (a *applier) forget() {
	a.c, a.actors, a.did, a.hear, a.obj = nil, nil, nil, nil, nil
	clear(a.touched)
	a.touched = a.touched[:0]
	if cap(a.buf) > 1<<16 {
		a.buf = nil
	}
}

// id names what an operation of the change refers to.
func (a *applier) id(id format.OpID) opid.ID {
	if id.IsZero() {
		return opid.ID{}
	}
	return opid.ID{Actor: a.actors[id.Actor], Counter: id.Counter}
}

// own names operation i of the change.
func (a *applier) own(i int) opid.ID {
	return opid.ID{Actor: a.actors[0], Counter: uint32(a.c.StartOp) + uint32(i)}
}

// next applies operation i and all that go on where it ends. It returns how
// many these are.
func (a *applier) next(i int) (int, error) {
	o := &a.c.Ops[i]
	if err := a.open(o.Obj); err != nil {
		return 0, err
	}
	switch {
	case (a.obj.kind == Map) != o.Key.Map:
		return 0, ErrKey
	case a.obj.kind == Map:
		return 1, a.writeKey(i)
	case a.obj.kind == List && o.Insert:
		return 1, a.insertItem(i)
	case a.obj.kind == List:
		return 1, a.writeElem(i)
	case o.Insert:
		return a.insert(i)
	case isDeletion(o):
		return a.delete(i)
	case isRevival(o):
		return a.revive(i)
	default:
		return 1, a.writeElem(i)
	}
}

// open makes id the object that is written to.
func (a *applier) open(id format.OpID) error {
	if a.obj != nil && a.objID == id {
		return nil
	}
	obj, ok := a.s.objects[a.id(id)]
	if !ok {
		return ErrObject
	}
	a.obj, a.objID, a.hear = obj, id, nil
	if obj.kind == Text && obj.id == a.s.watched {
		a.hear = a.did
	}
	return nil
}

// writeKey applies an operation on a map.
func (a *applier) writeKey(i int) error {
	o := &a.c.Ops[i]
	if a.obj.id.IsZero() && a.did != nil {
		a.did.Root = true
	}
	p := a.obj.keys[o.Key.Name]
	if p == nil {
		p = &place{}
		a.obj.keys[o.Key.Name] = p
	}
	a.touch(opid.ID{}, p)
	return a.write(p, i)
}

// insertItem inserts an element that is more than one code point.
func (a *applier) insertItem(i int) error {
	o := &a.c.Ops[i]
	p := &place{}
	if err := a.write(p, i); err != nil {
		return err
	}
	a.obj.items = true
	at, err := a.obj.seq.InsertItem(a.own(i), a.id(o.Key.Elem), p, p.width(a.obj.kind))
	if err != nil {
		return err
	}
	if a.hear != nil {
		a.hear.add(at, 0, p.Text(nil))
	}
	return nil
}

// writeElem applies an operation on an element.
func (a *applier) writeElem(i int) error {
	o := &a.c.Ops[i]
	elem := a.id(o.Key.Elem)
	run, ok := a.obj.seq.Element(elem)
	if !ok {
		return fmt.Errorf("%v: %w", elem, ErrElem)
	}
	p, isItem := run.Item.(*place)
	if !isItem {
		if o.Action == format.Delete && !run.Worn() {
			return a.deleteValues(i, elem)
		}
		p = placeOf(&run, a.s.actors)
		a.obj.items = true
		if _, _, err := a.obj.seq.Replace(elem, p, p.width(Text)); err != nil {
			return err
		}
	}
	a.touch(elem, p)
	return a.write(p, i)
}

// deleteValues deletes what a plain element holds.
func (a *applier) deleteValues(i int, elem opid.ID) error {
	for _, pred := range a.c.Ops[i].Pred {
		var err error
		if value := a.id(pred); value == elem {
			err = a.obj.seq.DeleteRun(elem, 1, a.own(i), false, a.deleted)
		} else {
			err = a.obj.seq.DeleteValue(elem, value, a.own(i), a.deleted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write puts operation i at a place.
func (a *applier) write(p *place, i int) error {
	o, id := &a.c.Ops[i], a.own(i)
	var amount int64
	if o.Action == format.Increment {
		amount, _ = signed(string(o.Value.Raw))
	}
	for _, pred := range o.Pred {
		v := p.find(a.id(pred), a.s.actors)
		if v == nil {
			return fmt.Errorf("%v: %w", a.id(pred), ErrPred)
		}
		succeed(v, id, o.Action == format.Increment, amount)
	}
	if o.Action == format.Delete {
		return nil
	}
	written := op{id: id, action: o.Action, typ: o.Value.Type, raw: string(o.Value.Raw)}
	if o.Expand || o.HasName {
		written.more = &more{expand: o.Expand, hasName: o.HasName, name: o.MarkName}
	}
	p.add(written, a.s.actors)
	if kind, ok := KindOf(o.Action); ok {
		a.s.make(id, kind, a.obj.branchOf(id, o.Key.Name))
	}
	return nil
}

// touch notes that the change writes to a place that exists.
func (a *applier) touch(elem opid.ID, p *place) {
	if p.touched {
		return
	}
	p.touched = true
	t := touch{obj: a.obj, elem: elem, p: p}
	if a.hear != nil {
		t.old = p.Text(nil)
	}
	a.touched = append(a.touched, t)
}

// settle brings order to the places that were written to, and tells what they
// show now.
func (a *applier) settle() error {
	for _, t := range a.touched {
		t.p.touched = false
		t.p.settle(a.s.actors)
		if t.obj.kind == Map {
			continue
		}
		at, was, err := t.obj.seq.Replace(t.elem, t.p, t.p.width(t.obj.kind))
		if err != nil {
			return err
		}
		if t.obj.kind != Text || t.obj.id != a.s.watched {
			continue
		}
		if now := t.p.Text(nil); now != t.old {
			a.did.add(at, was, now)
		}
	}
	return nil
}

// isPlain reports whether an operation writes a string of one code point.
func isPlain(action format.Action, v format.Value) bool {
	if action != format.Set || v.Type != format.String || len(v.Raw) == 0 {
		return false
	}
	_, size := utf8.DecodeRune(v.Raw)
	return size == len(v.Raw)
}
