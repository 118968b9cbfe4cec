package sequence

import (
	"encoding/binary"

	"starling/crdt/opid"
)

// The compact form is columns of variable-length integers (those that may be
// negative zigzag), each column behind its length in bytes. Elements are told
// twice, in document order, each time in stretches as long as can be: by thread,
// which is what was inserted one after the other, and by fate. The content of all
// of them follows.
const (
	colShape   = iota // of a thread: 4 * steps + 2 if it is the rest of one + 1 if it has a distance
	colBack           // that distance: how many elements of a step were left since
	colLength         // of a thread: elements
	colActor          // of a thread that is no rest: its actor, as a number of the document's
	colCounter        // of the same: its counter, less the last such thread's end
	colFate           // of a fate: 4 * (elements - 1) + one of the kinds below
	colBy             // of a span: its actor
	colWhen           // of a span: its counter, less what it would be had it come at once
	colLayers         // of a fate that is involved: how many revivals and spans there are
	colText           // of all elements: the content, a zero byte for an item
	columns
)

// Kinds of fate.
const (
	fateAlive    = iota
	fateForward  // deleted by one span whose step is 1
	fateBack     // deleted by one span whose step is -1
	fateInvolved // items; or other deletions and revivals, within one thread and run
)

// AppendBinary appends the compact form, which has no mark of its version.
// Actors are written by their numbers.
func (s *Sequence) AppendBinary(b []byte) []byte {
	e := encoder{s: s}
	for r := s.next(nil); r != nil; r = s.next(r) {
		e.add(r)
	}
	e.thread()
	e.fate()
	for _, c := range e.cols {
		b = binary.AppendUvarint(b, uint64(len(c)))
		b = append(b, c...)
	}
	return b
}

// encoder gathers the columns.
type encoder struct {
	s    *Sequence
	cols [columns][]byte
	path path
	run  Run    // the thread at hand: its IDs, number and origin
	end  uint32 // of the last thread that was no rest
	of   Run    // the fate at hand: its first ID, number, deletions, revivals, item
}

func (e *encoder) put(col int, x uint64) { e.cols[col] = binary.AppendUvarint(e.cols[col], x) }

func (e *encoder) putSigned(col int, x int64) { e.cols[col] = binary.AppendVarint(e.cols[col], x) }

// add adds the next run of the text to both.
func (e *encoder) add(r *node) {
	rest := e.run.N > 0 && r.first == e.run.First.Plus(e.run.N) && r.origin == e.run.Last()
	if rest {
		e.run.N += int(r.n)
	} else {
		e.thread()
		e.run = Run{First: r.first, Origin: r.origin, N: int(r.n)}
	}
	if !e.goesOn(r, rest) {
		e.fate()
		e.of = e.s.run(r)
	}
	if r.item() {
		e.cols[colText] = append(e.cols[colText], 0)
	} else {
		e.cols[colText] = append(e.cols[colText], e.s.content(r)...)
	}
}

// goesOn makes the next run a part of the fate at hand, if it is. rest says that
// it belongs to the same thread.
func (e *encoder) goesOn(r *node, rest bool) bool {
	f := &e.of
	involved := r.more != nil && !r.item()
	if f.N == 0 || r.item() != (f.Item != nil) || involved && (!rest || f.N+int(r.n) > maxRun) {
		return false
	}
	deleted, ok := joinedSpans(f.Deleted, f.N, r.deleted(), int(r.n))
	if !ok {
		return false
	}
	revived, ok := joinedLayers(f.Revived, f.N, r.revived(), int(r.n))
	if !ok {
		return false
	}
	f.N, f.Deleted, f.Revived = f.N+int(r.n), deleted, revived
	return true
}

// thread writes the thread at hand.
func (e *encoder) thread() {
	r := &e.run
	if r.N == 0 {
		return
	}
	steps, back, _ := e.path.way(r.Origin)
	shape := uint64(steps) << 2
	rest := !r.Origin.IsZero() && r.First == r.Origin.Plus(1)
	if rest {
		shape |= 2
	}
	if back > 0 {
		shape |= 1
		e.put(colBack, uint64(back))
	}
	e.put(colShape, shape)
	e.put(colLength, uint64(r.N))
	if !rest {
		e.put(colActor, uint64(r.First.Actor))
		e.putSigned(colCounter, int64(r.First.Counter)-int64(e.end))
		e.end = r.First.Counter + uint32(r.N)
	}
	e.path.turn(steps, back)
	e.path.push(r.First, r.N)
}

// fate writes the fate at hand.
func (e *encoder) fate() {
	f := &e.of
	kind := fateInvolved
	switch {
	case f.N == 0:
		return
	case f.Item == nil && len(f.Revived) == 0 && len(f.Deleted) == 0:
		kind = fateAlive
	case f.Item == nil && len(f.Revived) == 0 && len(f.Deleted) == 1:
		kind = fateForward
		if f.Deleted[0].Step < 0 {
			kind = fateBack
		}
	}
	e.put(colFate, uint64(f.N-1)<<2|uint64(kind))
	if kind == fateInvolved {
		e.involved()
		return
	}
	for _, d := range f.Deleted {
		e.span(d)
	}
}

// involved writes how many spans there are of each sort, and which way each goes.
// Of an item it writes only that it is one.
func (e *encoder) involved() {
	f := &e.of
	if f.Item != nil {
		e.put(colLayers, 0)
		return
	}
	e.put(colLayers, uint64(len(f.Revived))+1)
	e.spans(f.Deleted)
	for _, l := range f.Revived {
		e.put(colLayers, backBit(l.Span))
		e.span(l.Span)
		e.spans(l.Deleted)
	}
}

func (e *encoder) spans(spans []Span) {
	e.put(colLayers, uint64(len(spans)))
	for _, s := range spans {
		e.put(colLayers, backBit(s))
		e.span(s)
	}
}

func backBit(s Span) uint64 {
	if s.Step < 0 {
		return 1
	}
	return 0
}

// span writes an operation.
func (e *encoder) span(s Span) {
	e.put(colBy, uint64(s.Op.Actor))
	e.putSigned(colWhen, int64(s.Op.Counter)-soonest(e.of.First, e.of.N, s.Step))
}

// soonest is when the first of n elements would have been touched had that begun
// at once after the last of them was written.
func soonest(first opid.ID, n int, step int8) int64 {
	at := int64(first.Counter) + 1
	if step < 0 {
		at += 2 * int64(n-1)
	}
	return at
}
