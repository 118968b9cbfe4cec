package format

import (
	"cmp"
	"fmt"
	"sort"
)

// expander sorts a document's operations by change. Each operation has a slot,
// and finds it without sorting: the counters of a change follow one another, end
// at its MaxOp, and begin behind the actor's change before and behind the
// changes that it depends on.
type expander struct {
	doc    *Document
	places []changePlace
	actors []actorSpans
	slots  []docSlot
	links  []predLink
	names  []string           // map keys
	marks  map[uint32]docMark // of the slots that are marks
}

// changePlace is the range of slots that a change may fill.
type changePlace struct{ first, end, maxOp uint32 }

// span is a range of counters of one actor that has slots.
type span struct {
	low, high uint32 // counters; high is not included
	slot      uint32 // of low
}

// actorSpans are an actor's spans in ascending order, and what its last change
// was.
type actorSpans struct {
	spans []span
	last  int // where a counter was found last; the next one is often near
	seq   uint64
	maxOp uint32
}

// docSlot is an operation at the place that it has in its change. A deletion is
// known by its predecessors alone.
type docSlot struct {
	obj           OpID
	key           OpID // an element; of a map its Counter is an index of names
	rawAt, rawLen uint32
	pred          uint32 // index of a predLink plus 1
	action        Action
	value         ValueType
	flags         slotFlags
}

type slotFlags uint8

const (
	slotTaken  slotFlags = 1 << iota // by an operation of the document
	slotDelete                       // by a deletion, as long as it is not taken
	slotMap
	slotInsert
	slotMark
)

func (s *docSlot) known() bool { return s.flags&(slotTaken|slotDelete) != 0 }

// predLink is a predecessor in a list of them.
type predLink struct {
	id   OpID
	next uint32 // index plus 1
}

// docMark is what only marks have; they are rare.
type docMark struct {
	expand  bool
	hasName bool
	name    string
}

func compareIDs(a, b OpID) int {
	return cmp.Or(cmp.Compare(a.Counter, b.Counter), cmp.Compare(a.Actor, b.Actor))
}

// layOut reads the changes for the first time and gives them slots.
func (x *expander) layOut() error {
	x.actors = make([]actorSpans, len(x.doc.Actors))
	if n, err := countRows(x.doc.changeColumn(docActor), uint64(x.doc.maxChanges())); err == nil {
		x.places = make([]changePlace, 0, n)
	}
	total, limit := uint32(0), x.maxSlots()
	err := x.doc.EachChange(func(i int, c *DocChange) error {
		a := &x.actors[c.Actor]
		if c.Seq != a.seq+1 || c.MaxOp < uint64(a.maxOp) {
			return fmt.Errorf("change %d: seq %d up to operation %d: %w", i, c.Seq, c.MaxOp, ErrNumber)
		}
		before, maxOp := a.maxOp, uint32(c.MaxOp)
		for _, dep := range c.Deps {
			before = max(before, x.places[dep].maxOp)
		}
		n := maxOp - min(before, maxOp)
		if n > limit-total {
			return fmt.Errorf("change %d: operations %d to %d: %w", i, before+1, maxOp, ErrLimit)
		}
		if n > 0 {
			a.add(span{low: before + 1, high: before + 1 + n, slot: total})
		}
		a.seq, a.maxOp = c.Seq, maxOp
		x.places = append(x.places, changePlace{first: total, end: total + n, maxOp: maxOp})
		total += n
		return nil
	})
	if err != nil {
		return err
	}
	x.slots = make([]docSlot, total)
	return nil
}

// maxSlots is how many operations the changes may claim: those that are there, and
// the deletions, each of which is a successor; and some numbers that are skipped.
func (x *expander) maxSlots() uint32 {
	limit := uint64(x.doc.maxRows())
	rows, errRows := countRows(x.doc.opColumn(colAction), limit)
	succs, errSuccs := sumRows(x.doc.opColumn(colSuccNum), limit)
	if errRows != nil || errSuccs != nil {
		return uint32(limit) // reading them says what is wrong
	}
	return uint32(min(limit, freeRows+rows+succs))
}

// add puts a span behind the others, making one of two that touch.
func (a *actorSpans) add(s span) {
	if n := len(a.spans); n > 0 {
		if p := &a.spans[n-1]; p.high == s.low && p.slot+(p.high-p.low) == s.slot {
			p.high = s.high
			return
		}
	}
	a.spans = append(a.spans, s)
}

// find returns the slot of a counter.
func (a *actorSpans) find(counter uint32) (uint32, bool) {
	if a.last < len(a.spans) {
		if s := a.spans[a.last]; counter >= s.low && counter < s.high {
			return s.slot + (counter - s.low), true
		}
	}
	i := sort.Search(len(a.spans), func(i int) bool { return counter < a.spans[i].high })
	if i == len(a.spans) || counter < a.spans[i].low {
		return 0, false
	}
	a.last = i
	return a.spans[i].slot + (counter - a.spans[i].low), true
}

// collect reads the operations and puts each in its slot.
func (x *expander) collect() error {
	succs, err := sumRows(x.doc.opColumn(colSuccNum), uint64(x.doc.maxRows()))
	if err != nil {
		return fmt.Errorf("successors: %w", err)
	}
	x.links = make([]predLink, 0, succs)
	x.marks = map[uint32]docMark{}
	names := map[string]uint32{}
	return x.doc.EachOp(func(op *DocOp) error {
		at, err := x.slotOf(op.ID)
		if err != nil {
			return err
		}
		s := &x.slots[at]
		if s.flags&slotTaken != 0 {
			return fmt.Errorf("operation %d of actor %d twice: %w", op.ID.Counter, op.ID.Actor, ErrIDs)
		}
		key, flags := op.Key.Elem, slotFlags(0)
		if op.Key.Map {
			key, flags = OpID{Counter: x.number(names, op.Key.Name)}, slotMap
		}
		if err := x.link(op, key, flags); err != nil {
			return err
		}
		x.take(at, op, key, flags)
		s.rawLen = uint32(len(op.Value.Raw))
		s.rawAt = op.rawEnd - s.rawLen
		return nil
	})
}

func (x *expander) slotOf(id OpID) (uint32, error) {
	at, ok := x.actors[id.Actor].find(id.Counter)
	if !ok {
		return 0, fmt.Errorf("operation %d of actor %d is in no change: %w", id.Counter, id.Actor, ErrIDs)
	}
	return at, nil
}

// number returns the index of a map key in names.
func (x *expander) number(names map[string]uint32, name string) uint32 {
	if n := len(x.names); n > 0 && x.names[n-1] == name {
		return uint32(n - 1) // operations on one key stand together
	}
	n, ok := names[name]
	if !ok {
		n = uint32(len(x.names))
		names[name] = n
		x.names = append(x.names, name)
	}
	return n
}

// take puts an operation in its slot.
func (x *expander) take(at uint32, op *DocOp, key OpID, flags slotFlags) {
	flags |= slotTaken
	if op.Insert {
		flags |= slotInsert
	}
	if op.Expand || op.HasName {
		flags |= slotMark
		x.marks[at] = docMark{op.Expand, op.HasName, op.MarkName}
	}
	s := &x.slots[at]
	s.obj, s.key, s.action, s.value, s.flags = op.Obj, key, op.Action, op.Value.Type, flags
}

// link makes op a predecessor of its successors. One that is not met later as
// an operation deletes op.
func (x *expander) link(op *DocOp, key OpID, flags slotFlags) error {
	if op.Insert {
		key, flags = op.ID, 0
	}
	for _, succ := range op.Succ {
		at, err := x.slotOf(succ)
		if err != nil {
			return fmt.Errorf("successor: %w", err)
		}
		s := &x.slots[at]
		x.links = append(x.links, predLink{op.ID, s.pred})
		s.pred = uint32(len(x.links))
		if s.flags&slotTaken == 0 {
			s.obj, s.key, s.action, s.flags = op.Obj, key, Delete, flags|slotDelete
		}
	}
	return nil
}
