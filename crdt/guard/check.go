package guard

import (
	"fmt"
	"slices"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// MaxOps is how many operations a change may have that is not foreign, twice what
// ours have at most: a hundred bytes can stand for all that the format allows,
// which take more time and memory to apply than a stranger to the document should
// be given. It is part of what peers agree on.
const MaxOps = 1 << 16

// MaxForeignOp is the greatest number of a foreign change's operation: as many
// are left for those who go on. It is part of what peers agree on.
const MaxForeignOp = 1 << 31

// Rules is what the verdict on a change depends on besides the change and its
// ancestors. All of it follows from the heads that vouch for the change and
// from the document's ID.
type Rules struct {
	// Foreign says that the change came with the file with which the document
	// was founded.
	Foreign bool
	// Founder is the raw ID of the actor with which the document was founded,
	// empty while that is not known.
	Founder string
	// Own is nil for a change whose author may write everything. A commenter may
	// write only what lies under keys of the root that their person made: then Own
	// says whether an actor, by its raw ID, is that person's.
	Own func(actor string) bool
}

// Check says whether a document that has the changes in g and the operations in
// s can take c: nil, or one of this package's errors or graph.ErrNoHashes, upon
// which hashes must be filled in and Check asked again. It changes nothing and
// keeps nothing of c.
func Check(c *format.Change, g *graph.Graph, s *opset.Set, rules Rules) error {
	k := checker{c: c, g: g, s: s, rules: rules}
	if err := k.check(); err != nil {
		return fmt.Errorf("check change %x: %w", c.Hash[:8], err)
	}
	return nil
}

// checker judges one change.
type checker struct {
	c     *format.Change
	g     *graph.Graph
	s     *opset.Set
	rules Rules
	deps  []int // ascending indexes
	past  graph.Past
	next  uint32 // counter of the operation at hand
	// actors are the numbers of the change's actors; no actor has nobody's.
	actors []uint32
	// The object of the operation before: most have the same.
	obj     format.OpID
	objKind opset.Kind
	hasObj  bool
	// textKey is what "starling.text" names in the past, once it was looked up.
	textKey    string
	hasTextKey bool
	marks      []int // operations that end a mark
	// The last object that was found to be the commenter's.
	ownObj    format.OpID
	hasOwnObj bool
	// Memory for deps and actors.
	fewDeps   [4]int
	fewActors [8]uint32
}

// nobody is no actor's number.
const nobody = 1<<32 - 1

func (k *checker) check() error {
	k.mapActors()
	forked, err := k.compareHeld()
	if err != nil {
		return err
	}
	if len(k.c.Unknown) > 0 {
		return fmt.Errorf("column %#x: %w", k.c.Unknown[0].Spec, ErrUnknownColumn)
	}
	if n := len(k.c.Ops); n > MaxOps && !k.rules.Foreign {
		return fmt.Errorf("%d operations: %w", n, ErrTooMany)
	}
	if last := k.c.MaxOp(); last > MaxForeignOp && k.rules.Foreign {
		return fmt.Errorf("operation %d: %w", last, ErrNumber)
	}
	if err := k.findDeps(); err != nil {
		return err
	}
	if err := k.checkOrder(); err != nil {
		return err
	}
	for i := range k.c.Ops {
		k.next = uint32(k.c.StartOp) + uint32(i)
		if err := k.checkOp(&k.c.Ops[i]); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
	}
	if err := k.checkMarks(); err != nil {
		return err
	}
	if forked {
		return fmt.Errorf("actor %x, seq %d: %w", k.c.Actor, k.c.Seq, ErrForked)
	}
	return nil
}

func (k *checker) mapActors() {
	names := k.g.Actors()
	k.actors = k.fewActors[:0]
	for i := range uint32(len(k.c.OtherActors)) + 1 {
		number, ok := names.Find(string(k.c.ActorAt(i)))
		if !ok {
			number = nobody
		}
		k.actors = append(k.actors, number)
	}
}

// compareHeld says whether another change of the actor has the number, and
// fails if it is the same change.
func (k *checker) compareHeld() (forked bool, err error) {
	if k.c.Seq > uint64(k.g.Last(k.actors[0])) {
		return false, nil
	}
	held, ok := k.g.BySeq(k.actors[0], uint32(k.c.Seq))
	if !ok {
		return false, ErrSeq
	}
	switch hash, ok := k.g.Hash(held); {
	case !ok:
		return false, graph.ErrNoHashes
	case hash == k.c.Hash:
		return false, ErrHeld
	}
	return true, nil
}

// findDeps looks up the dependencies and what they build on.
func (k *checker) findDeps() error {
	k.deps = k.fewDeps[:0]
	var missing [][32]byte
	for i := range k.c.Deps {
		at, ok, err := k.g.Find(k.c.Deps[i])
		switch {
		case err != nil:
			return err
		case ok:
			k.deps = append(k.deps, at)
		default:
			missing = append(missing, k.c.Deps[i])
		}
	}
	if missing != nil {
		return &MissingDepsError{Hashes: slices.Clip(missing)}
	}
	slices.Sort(k.deps)
	k.past = k.g.Past(k.deps)
	return nil
}

// checkOrder holds the change's numbers against its ancestors'.
func (k *checker) checkOrder() error {
	if own := k.past.Seq(k.actors[0]); uint64(own)+1 != k.c.Seq {
		return fmt.Errorf("seq %d where %d is an ancestor: %w", k.c.Seq, own, ErrSeq)
	}
	var last uint32
	for _, d := range k.deps {
		last = max(last, k.g.MaxOp(d))
	}
	first := uint64(last) + 1
	if k.c.StartOp < first || k.c.StartOp > first && !k.rules.Foreign {
		return fmt.Errorf("first operation %d after %d: %w", k.c.StartOp, last, ErrStartOp)
	}
	return k.checkFounder()
}

// own returns the operation of the change itself that id names, if it is one.
// ok says that it comes before the operation at hand.
func (k *checker) own(id format.OpID) (op *format.Op, mine, ok bool) {
	if id.Actor != 0 || uint64(id.Counter) < k.c.StartOp {
		return nil, false, false
	}
	if id.Counter >= k.next {
		return nil, true, false
	}
	return &k.c.Ops[id.Counter-uint32(k.c.StartOp)], true, true
}

// id returns what id names, as the document numbers it.
func (k *checker) id(id format.OpID) opid.ID {
	if id.IsZero() {
		return opid.ID{}
	}
	return opid.ID{Actor: k.actors[id.Actor], Counter: id.Counter}
}

// ancestor returns the operation of an ancestor that id names. ok is false if no
// ancestor has such a number; whether it made anything, opset knows.
func (k *checker) ancestor(id format.OpID) (opid.ID, bool) {
	op := k.id(id)
	return op, k.past.Has(op)
}

// object returns what kind of object an operation writes to.
func (k *checker) object(id format.OpID) (opset.Kind, error) {
	if k.hasObj && id == k.obj {
		return k.objKind, nil
	}
	kind, ok := k.findObject(id)
	if !ok {
		return 0, ErrNoObject
	}
	k.obj, k.objKind, k.hasObj = id, kind, true
	return kind, nil
}

func (k *checker) findObject(id format.OpID) (opset.Kind, bool) {
	if id.IsZero() {
		return opset.Map, true
	}
	if op, mine, ok := k.own(id); mine {
		if !ok {
			return 0, false
		}
		return opset.KindOf(op.Action)
	}
	op, ok := k.ancestor(id)
	if !ok {
		return 0, false
	}
	return k.s.Object(op)
}
