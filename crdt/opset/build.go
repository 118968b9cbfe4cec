package opset

import (
	"errors"
	"fmt"
	"slices"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// ErrOrder says that a document's operations are not in the order that
// [Builder.Add] needs, or that one is there twice.
var ErrOrder = errors.New("operations out of order")

// ErrAction says that an operation cannot stand where it does.
var ErrAction = errors.New("no such action here")

// Builder makes a Set from the operations of a document chunk. These may come
// from strangers: what does not fit together is refused. What only the document's
// changes show is not seen here, such as an ID that two operations of different
// places share.
type Builder struct {
	s       *Set
	numbers []uint32

	obj    *object
	objID  format.OpID
	key    string
	place  *place // of the key, or of the element if that is more than plain
	elem   element
	run    run
	list   *sequence.Builder
	shared []opid.ID
}

// NewBuilder begins a Set. numbers has, for each of the document's actors, its
// number in actors.
func NewBuilder(actors *opid.Actors, numbers []uint32) *Builder {
	s := New(actors)
	return &Builder{s: s, numbers: numbers, obj: s.objects[opid.ID{}]}
}

// Add takes the next operation in the order of [format.Document.EachOp]. It keeps
// nothing of op but its strings.
func (b *Builder) Add(op *format.DocOp) error {
	if err := b.add(op); err != nil {
		return fmt.Errorf("operation %d of actor %d: %w", op.ID.Counter, op.ID.Actor, err)
	}
	return nil
}

// Finish returns the Set. The Builder is of no use afterwards.
func (b *Builder) Finish() (*Set, error) {
	if err := b.closeObject(); err != nil {
		return nil, fmt.Errorf("operations of the document's last object: %w", err)
	}
	return b.s, nil
}

func (b *Builder) add(op *format.DocOp) error {
	if !b.known(op.ID) || op.ID.IsZero() || !b.known(op.Obj) || !b.known(op.Key.Elem) {
		return format.ErrActors
	}
	if op.Obj != b.objID {
		if err := b.openObject(op.Obj); err != nil {
			return err
		}
	}
	if err := b.setSuccs(op); err != nil {
		return err
	}
	switch {
	case (b.obj.kind == Map) != op.Key.Map:
		return ErrKey
	case op.Action == format.Delete, op.Insert && (op.Key.Map || op.Action == format.Increment),
		op.Action == format.Mark && !op.Insert:
		return ErrAction
	case op.Key.Map:
		return b.addToKey(op)
	case op.Insert:
		return b.addElem(op)
	default:
		return b.addToElem(op)
	}
}

func (b *Builder) known(id format.OpID) bool { return int(id.Actor) < len(b.numbers) || id.IsZero() }

func (b *Builder) id(id format.OpID) opid.ID {
	if id.IsZero() {
		return opid.ID{}
	}
	return opid.ID{Actor: b.numbers[id.Actor], Counter: id.Counter}
}

// openObject goes on to another object, which comes later than the one before.
func (b *Builder) openObject(id format.OpID) error {
	if err := b.closeObject(); err != nil {
		return err
	}
	obj := b.s.objects[b.id(id)]
	if obj == nil {
		return ErrObject
	}
	if obj.id.IsZero() || !b.obj.id.IsZero() && !b.s.actors.Less(b.obj.id, obj.id) {
		return fmt.Errorf("objects: %w", ErrOrder)
	}
	b.obj, b.objID = obj, id
	if obj.kind != Map {
		b.list = sequence.NewBuilder(b.s.actors)
	}
	return nil
}

func (b *Builder) closeObject() error {
	if b.list == nil {
		return b.closePlace()
	}
	if err := b.closeElem(); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	seq, err := b.list.Done()
	if err != nil {
		return err
	}
	b.obj.seq, b.list = seq, nil
	return nil
}

// setSuccs puts the successors of op into shared, in Lamport's order.
func (b *Builder) setSuccs(op *format.DocOp) error {
	b.shared = b.shared[:0]
	id := b.id(op.ID)
	for _, s := range op.Succ {
		if !b.known(s) || s.IsZero() {
			return format.ErrActors
		}
		succ := b.id(s)
		if !b.s.actors.Less(id, succ) {
			return fmt.Errorf("successors: %w", ErrOrder)
		}
		b.shared = append(b.shared, succ)
	}
	sortIDs(b.shared, b.s.actors)
	for i := 1; i < len(b.shared); i++ {
		if b.shared[i] == b.shared[i-1] {
			return fmt.Errorf("successors: %w", ErrOrder)
		}
	}
	return nil
}

func (b *Builder) addToKey(op *format.DocOp) error {
	if b.place == nil || b.key != op.Key.Name {
		if err := b.closePlace(); err != nil {
			return err
		}
		if b.obj.keys[op.Key.Name] != nil {
			return fmt.Errorf("keys: %w", ErrOrder)
		}
		b.key, b.place = op.Key.Name, &place{}
		b.obj.keys[b.key] = b.place
	}
	return b.addToPlace(op)
}

// addToPlace adds op, whose successors are in shared.
func (b *Builder) addToPlace(op *format.DocOp) error {
	o := opOf(op)
	o.id, o.succs = b.id(op.ID), slices.Clone(b.shared)
	p := b.place
	if n := len(p.ops); n > 0 && !b.s.actors.Less(p.ops[n-1].id, o.id) {
		return fmt.Errorf("values: %w", ErrOrder)
	}
	p.ops = append(p.ops, o)
	p.sorted = len(p.ops)
	kind, ok := KindOf(o.action)
	switch {
	case !ok:
		return nil
	case b.s.objects[o.id] != nil:
		return fmt.Errorf("objects: %w", ErrOrder)
	case !b.obj.id.IsZero() && !b.s.actors.Less(b.obj.id, o.id):
		return fmt.Errorf("an object in a later one: %w", ErrOrder)
	}
	b.s.make(o.id, kind, b.obj.branchOf(o.id, op.Key.Name))
	return nil
}

// opOf copies what from says but its ID and successors.
func opOf(from *format.DocOp) op {
	o := op{action: from.Action, typ: from.Value.Type, raw: string(from.Value.Raw)}
	if from.Expand || from.HasName {
		o.more = &more{expand: from.Expand, hasName: from.HasName, name: from.MarkName}
	}
	return o
}

// closePlace tells the increments of its counters from what overwrote them.
func (b *Builder) closePlace() error {
	p := b.place
	b.place = nil
	if p == nil || len(p.ops) == 1 {
		return nil
	}
	for i := range p.ops {
		o := &p.ops[i]
		if !o.isCounter() {
			continue
		}
		succs := o.succs
		o.succs = nil
		for _, id := range succs {
			by := p.find(id, b.s.actors)
			if by == nil || by.action != format.Increment {
				o.succs = append(o.succs, id)
				continue
			}
			amount, ok := signed(by.raw)
			if !ok {
				return fmt.Errorf("an increment: %w", format.ErrOp)
			}
			succeed(o, id, true, amount)
		}
	}
	return nil
}
