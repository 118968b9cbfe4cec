package guard

import (
	"fmt"

	"starling/crdt/format"
)

// contentKey is the root's key that holds the document's text.
const contentKey = "content"

// Check says whether automerge-go can take c, whose dependencies must be
// held: nil, or one of this package's errors. It changes nothing and keeps
// nothing of c.
func (x *Index) Check(c *format.Change) error {
	if err := x.check(c); err != nil {
		return fmt.Errorf("check change %x: %w", c.Hash[:8], err)
	}
	return nil
}

func (x *Index) check(c *format.Change) error {
	if x.Has(c.Hash) {
		return ErrHeld
	}
	if len(c.Unknown) > 0 {
		return fmt.Errorf("column %#x: %w", c.Unknown[0].Spec, ErrUnknownColumn)
	}
	clock, err := x.ancestors(c)
	if err != nil {
		return err
	}
	k := checker{x: x, c: c, clock: clock}
	k.mapActors()
	if err := k.checkOrder(); err != nil {
		return err
	}
	for i := range c.Ops {
		k.next = uint32(c.StartOp) + uint32(i)
		if err := k.checkOp(&c.Ops[i]); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
	}
	if x.Seq(string(c.Actor)) >= c.Seq {
		return fmt.Errorf("actor %x, seq %d: %w", c.Actor, c.Seq, ErrForked)
	}
	return nil
}

// checker judges one change.
type checker struct {
	x     *Index
	c     *format.Change
	clock clock
	own   uint32 // up to which seq the author's changes are ancestors
	next  uint32 // counter of the operation at hand
	// actors are the indexes of the change's actors. The author may get the
	// next free one; of other unknown actors nothing can be an ancestor.
	actors []uint32
	few    [8]uint32 // memory for actors
	// The object of the operation before: most have the same.
	obj     format.OpID
	objKind kind
}

// unknownActor is no actor's index.
const unknownActor = 1<<32 - 1

func (k *checker) mapActors() {
	k.actors = append(k.few[:0], uint32(len(k.x.logs)))
	if at, ok := k.x.actors[string(k.c.Actor)]; ok {
		k.actors[0] = at
		k.own = k.clock.get(at)
		// A shared clock may stand for an earlier change of the author.
		if len(k.c.Deps) == 1 {
			if dep, _ := k.x.byHash.find(k.x.changes, &k.c.Deps[0]); k.x.changes[dep].actor == at {
				k.own = k.x.changes[dep].seq
			}
		}
	}
	for _, a := range k.c.OtherActors {
		at, ok := k.x.actors[string(a)]
		if !ok {
			at = unknownActor
		}
		k.actors = append(k.actors, at)
	}
}

// checkOrder holds the change's numbers against its ancestors'.
func (k *checker) checkOrder() error {
	if uint64(k.own)+1 != k.c.Seq {
		return fmt.Errorf("seq %d where %d is an ancestor: %w", k.c.Seq, k.own, ErrSeq)
	}
	var last uint32
	for i := range k.c.Deps {
		at, _ := k.x.byHash.find(k.x.changes, &k.c.Deps[i])
		last = max(last, k.x.changes[at].last)
	}
	if k.c.StartOp != uint64(last)+1 {
		return fmt.Errorf("first operation %d after %d: %w", k.c.StartOp, last, ErrStartOp)
	}
	return nil
}

// target is an operation that another one names.
type target struct {
	kind  kind
	obj   opKey
	named bool
	name  string
	elem  opKey // its own ID if it is an insertion
}

func (k *checker) key(id format.OpID) opKey {
	if id.IsZero() {
		return opKey{}
	}
	return opKey{k.actors[id.Actor], id.Counter}
}

// find looks for an operation among the ancestors and before the one at hand.
func (k *checker) find(id format.OpID) (target, bool) {
	if id.IsZero() {
		return target{}, false
	}
	if id.Actor == 0 && uint64(id.Counter) >= k.c.StartOp {
		if id.Counter >= k.next {
			return target{}, false
		}
		return k.targetOf(id, &k.c.Ops[id.Counter-uint32(k.c.StartOp)]), true
	}
	actor := k.actors[id.Actor]
	if uint64(actor) >= uint64(len(k.x.logs)) {
		return target{}, false
	}
	upTo := k.clock.get(actor)
	if id.Actor == 0 {
		upTo = k.own
	}
	log := &k.x.logs[actor]
	if !log.holds(k.x.changes, id.Counter, upTo) {
		return target{}, false
	}
	cl := log.classAt(id.Counter)
	t := target{kind: cl.kind, obj: cl.obj, elem: cl.elem}
	switch {
	case cl.kind&kindElem != 0:
		t.elem = opKey{actor, id.Counter}
	case cl.kind&kindNamed != 0:
		t.named, t.name, t.elem = true, k.x.names[cl.elem.ctr], opKey{}
	}
	return t, true
}

// targetOf describes an operation of the change itself.
func (k *checker) targetOf(id format.OpID, op *format.Op) target {
	t := target{kind: kindOf(op), obj: k.key(op.Obj)}
	switch {
	case op.Insert:
		t.elem = k.key(id)
	case op.Key.Map:
		t.named, t.name = true, op.Key.Name
	default:
		t.elem = k.key(op.Key.Elem)
	}
	return t
}

// object returns what kind of object op writes to.
func (k *checker) object(id format.OpID) (kind, error) {
	if id.IsZero() {
		return kindMap, nil
	}
	if id == k.obj {
		return k.objKind, nil
	}
	t, ok := k.find(id)
	if !ok || t.kind&kindObject == 0 {
		return 0, ErrNoObject
	}
	k.obj, k.objKind = id, t.kind&kindObject
	return k.objKind, nil
}
