package opset

import (
	"slices"
	"strings"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// objectReplacement is what everything in a text reads as that is no string,
// as in Automerge.
const objectReplacement = "\uFFFC"

// op is one operation at a place. Deletions are not kept: they are only
// somebody's successors.
type op struct {
	id     opid.ID
	action format.Action
	typ    format.ValueType
	raw    string
	// succs are the operations that overwrote or deleted this one, in no
	// order: one is enough to hide it.
	succs []opid.ID
	more  *more
}

// more is what few operations have.
type more struct {
	steps   []step // of a counter
	expand  bool   // of a mark, as its name
	hasName bool
	name    string
}

// step is an increment of a counter.
type step struct {
	id opid.ID
	by int64
}

// isValue reports whether o is a value: what reads may show and what others
// may overwrite.
func (o *op) isValue() bool {
	switch o.action {
	case format.Delete, format.Increment, format.Mark:
		return false
	default:
		return true
	}
}

func (o *op) isCounter() bool { return o.action == format.Set && o.typ == format.Counter }

// alive reports whether o is a value that stands in a version.
func (o *op) alive(at opid.Clock) bool {
	return o.isValue() && at.Has(o.id) && !slices.ContainsFunc(o.succs, at.Has)
}

// text is how o reads as an element of a text.
func (o *op) text() string {
	if o.action == format.Set && o.typ == format.String {
		return o.raw
	}
	return objectReplacement
}

// allSuccs appends the successors of o to ids in Lamport's order: those that
// hide it and those that count it up.
func (o *op) allSuccs(ids []opid.ID, actors *opid.Actors) []opid.ID {
	from := len(ids)
	ids = append(ids, o.succs...)
	if o.more != nil {
		for _, s := range o.more.steps {
			ids = append(ids, s.id)
		}
	}
	sortIDs(ids[from:], actors)
	return ids
}

func sortIDs(ids []opid.ID, actors *opid.Actors) {
	if len(ids) > 1 {
		slices.SortFunc(ids, actors.Compare)
	}
}

// place is all that was ever written under a key of a map, or on an element of
// a list or text, where the first operation is the insertion. It is a
// sequence's item there.
type place struct {
	// ops are in Lamport's order up to sorted. What one change writes follows
	// as a tail, in order too, until the change ends: a hostile change of
	// many concurrent values costs one merge, not one for each.
	ops    []op
	sorted int
	// dead is how many of the first ones stand no more, and never will again: of a
	// key that is written over again and again that is all but the last.
	dead int
	// touched says that the change being applied writes here.
	touched bool
}

// Text is how the place reads as an element of a text in a version.
func (p *place) Text(at opid.Clock) string {
	if w := p.winner(at); w != nil {
		return w.text()
	}
	return ""
}

// Frozen is the place as it is now, for reading its text: what the counters
// among its values are is not frozen.
func (p *place) Frozen() sequence.Item {
	return &place{ops: slices.Clone(p.ops), sorted: p.sorted, dead: p.dead}
}

// width is how many code points, or elements of a list, the place shows now.
func (p *place) width(kind Kind) int {
	w := p.winner(nil)
	switch {
	case w == nil:
		return 0
	case kind == Text:
		return utf8.RuneCountInString(w.text())
	default:
		return 1
	}
}

// winner is the value that reads show: of those that stand the greatest.
func (p *place) winner(at opid.Clock) *op {
	for i := len(p.ops) - 1; i >= p.from(at); i-- {
		if p.ops[i].alive(at) {
			return &p.ops[i]
		}
	}
	return nil
}

// from is the first operation that may stand in a version.
func (p *place) from(at opid.Clock) int {
	if at == nil {
		return p.dead
	}
	return 0
}

// find returns the operation of that name, nil if the place has none. The
// pointer is good until the next one is added.
func (p *place) find(id opid.ID, actors *opid.Actors) *op {
	for _, part := range [...][]op{p.ops[p.sorted:], p.ops[:p.sorted]} {
		n := len(part)
		if n > 0 && part[n-1].id == id {
			return &part[n-1]
		}
		i, ok := slices.BinarySearchFunc(part, id, func(o op, id opid.ID) int { return actors.Compare(o.id, id) })
		if ok {
			return &part[i]
		}
	}
	return nil
}

// add puts the next operation of a change at the place. [place.settle] must
// follow before the place is read.
func (p *place) add(o op, actors *opid.Actors) {
	n := len(p.ops)
	p.ops = append(p.ops, o)
	if p.sorted == n && (n == 0 || actors.Less(p.ops[n-1].id, o.id)) {
		p.sorted++
	}
}

// settle puts what was added into its order, and passes over what stands no more.
func (p *place) settle(actors *opid.Actors) {
	if p.sorted < len(p.ops) {
		p.merge(actors)
	}
	for p.dead < len(p.ops) && !p.ops[p.dead].alive(nil) {
		p.dead++
	}
}

// merge puts the tail into its order.
func (p *place) merge(actors *opid.Actors) {
	tail := slices.Clone(p.ops[p.sorted:])
	i, j := p.sorted-1, len(tail)-1
	for k := len(p.ops) - 1; j >= 0; k-- {
		if i >= 0 && actors.Less(tail[j].id, p.ops[i].id) {
			p.ops[k] = p.ops[i]
			i--
		} else {
			p.ops[k] = tail[j]
			p.dead = min(p.dead, k)
			j--
		}
	}
	p.sorted = len(p.ops)
}

// succeed notes that o overwrites, deletes or counts up the value to.
func succeed(to *op, by opid.ID, increment bool, amount int64) {
	if !increment || !to.isCounter() {
		to.succs = append(to.succs, by)
		return
	}
	if to.more == nil {
		to.more = &more{}
	}
	to.more.steps = append(to.more.steps, step{by, amount})
}

// placeOf turns a plain element of a text, a run of one, into a place.
func placeOf(r *sequence.Run, actors *opid.Actors) *place {
	p := &place{ops: make([]op, 0, 2+len(r.Revived))}
	first := op{id: r.First, action: format.Set, typ: format.String, raw: strings.Clone(r.Content)}
	first.succs = spanIDs(nil, r.Deleted, 0)
	p.ops = append(p.ops, first)
	for i := range r.Revived {
		l := &r.Revived[i]
		p.ops = append(p.ops, op{
			id: l.Op, action: format.Set, typ: format.String, raw: first.raw,
			succs: spanIDs(nil, l.Deleted, 0),
		})
	}
	slices.SortFunc(p.ops, func(x, y op) int { return actors.Compare(x.id, y.id) })
	p.sorted = len(p.ops)
	return p
}

// spanIDs appends what spans name for element i of their run.
func spanIDs(ids []opid.ID, spans []sequence.Span, i int) []opid.ID {
	for _, s := range spans {
		ids = append(ids, s.At(i))
	}
	return ids
}
