package sequence

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"starling/crdt/opid"
)

// Decode reads the compact form. item is asked for each element that is an item,
// in order. Everything is checked: what is accepted is a sequence that operations
// could have made. Memory is taken in proportion to b, which is not kept.
func Decode(b []byte, actors *opid.Actors, item func(opid.ID) (item Item, width int, err error)) (*Sequence, error) {
	d := decoder{b: NewBuilder(actors), item: item}
	for i := range d.cols {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, ErrFormat
		}
		d.cols[i], b = b[size:size+int(n)], b[size+int(n):]
	}
	if len(b) > 0 || len(d.cols[colText]) > math.MaxUint32 {
		return nil, ErrFormat
	}
	d.b.text = string(d.cols[colText])
	if !utf8.ValidString(d.b.text) {
		return nil, ErrFormat
	}
	d.left = utf8.RuneCountInString(d.b.text)
	d.ascii = d.left == len(d.b.text)
	for len(d.cols[colShape]) > 0 && d.err == nil {
		d.thread()
	}
	d.cols[colText] = d.cols[colText][d.pos:]
	for _, c := range d.cols {
		if len(c) > 0 {
			d.fail(ErrFormat)
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	s, err := d.b.Done()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return s, nil
}

// decoder takes the columns apart. After an error it yields zeros.
type decoder struct {
	b     *Builder
	item  func(opid.ID) (Item, int, error)
	cols  [columns][]byte
	err   error
	left  int // elements not yet taken from the text
	pos   int // in it
	ascii bool
	end   uint32 // of the last thread that was no rest
	fate  fate
}

// fate is one of those in the columns, from the elements not yet taken on.
type fate struct {
	n       int
	kind    uint64
	item    bool
	deleted []Span
	revived []Layer
	one     [1]Span
}

// fail notes the first error.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// take takes a number off a column: no more than most.
func (d *decoder) take(col int, most uint64) uint64 {
	x, size := binary.Uvarint(d.cols[col])
	if size <= 0 || x > most || size > 1 && d.cols[col][size-1] == 0 || d.err != nil {
		d.fail(ErrFormat)
		return 0
	}
	d.cols[col] = d.cols[col][size:]
	return x
}

// counter takes a counter that is written as a difference.
func (d *decoder) counter(col int, to int64) uint32 {
	x := d.take(col, math.MaxUint64)
	at := int64(x>>1) ^ -int64(x&1)
	// The difference alone may overflow nothing.
	if at < -1<<34 || at > 1<<34 || to+at < 1 || to+at > math.MaxUint32 {
		d.fail(ErrFormat)
		return 1
	}
	return uint32(to + at)
}

// thread takes the next one and gives its runs to the builder.
func (d *decoder) thread() {
	shape := d.take(colShape, math.MaxUint32)
	back := uint64(0)
	if shape&1 != 0 {
		back = d.take(colBack, math.MaxInt32)
	}
	n := int(d.take(colLength, uint64(d.left)))
	origin, ok := d.b.path.at(int(shape>>2), int(back))
	if !ok || n == 0 {
		d.fail(ErrFormat)
		return
	}
	run := Run{First: origin.Plus(1), Origin: origin}
	if shape&2 == 0 {
		run.First.Actor = uint32(d.take(colActor, math.MaxUint32))
		run.First.Counter = d.counter(colCounter, int64(d.end))
		d.end = run.First.Counter + uint32(n)
	} else if origin.IsZero() {
		d.fail(ErrFormat)
	}
	if uint64(run.First.Counter)+uint64(n) > math.MaxUint32 {
		d.fail(ErrFormat)
	}
	for n > 0 && d.err == nil {
		if d.fate.n == 0 {
			d.nextFate(run.First, n)
		}
		run.N = min(n, d.fate.n)
		if d.fate.item {
			run.N = 1
		}
		d.run(run)
		n -= run.N
		run.Origin, run.First = run.Last(), run.First.Plus(run.N)
	}
}

// run takes the content of a run and the part of the fate that is its own, and
// gives it to the builder.
func (d *decoder) run(run Run) {
	f := &d.fate
	if d.err != nil {
		return
	}
	from := d.pos
	d.pos += d.size(run.N)
	d.left -= run.N
	if f.item {
		if d.b.text[from] != 0 {
			d.fail(ErrFormat)
			return
		}
		var err error
		if run.Item, run.Width, err = d.item(run.First); err != nil {
			d.fail(refuse("decode", run.First, err))
			return
		}
	} else {
		run.Content = d.b.text[from:d.pos]
		run.Deleted, run.Revived = f.deleted, f.revived
	}
	if err := d.b.append(run, uint32(from)); err != nil {
		d.fail(fmt.Errorf("%w: %w", ErrFormat, err))
	}
	if f.n -= run.N; f.kind == fateForward || f.kind == fateBack {
		f.one[0].Op = f.one[0].At(run.N)
	}
}

// size is how many bytes the next n elements of the text have.
func (d *decoder) size(n int) int {
	if d.ascii {
		return n
	}
	rest := d.b.text[d.pos:]
	if n == d.left {
		return len(rest)
	}
	return offset(rest, -1, n)
}

// nextFate takes the next fate. first is its first element, and thread how many
// elements of its thread there are from that on.
func (d *decoder) nextFate(first opid.ID, thread int) {
	x := d.take(colFate, math.MaxUint64)
	f := &d.fate
	*f = fate{kind: x & 3}
	if x>>2 >= uint64(d.left) {
		d.fail(ErrFormat)
		return
	}
	f.n = int(x>>2) + 1
	switch f.kind {
	case fateForward:
		f.deleted = f.one[:]
		f.one[0] = d.span(first, f.n, 1)
	case fateBack:
		f.deleted = f.one[:]
		f.one[0] = d.span(first, f.n, -1)
	case fateInvolved:
		revived := d.take(colLayers, uint64(len(d.cols[colLayers])))
		if f.item = revived == 0; f.item {
			return
		}
		if f.n > thread || f.n > maxRun {
			d.fail(ErrFormat)
			return
		}
		f.deleted = d.spans(first, f.n)
		for range revived - 1 {
			l := Layer{Span: d.span(first, f.n, d.step())}
			l.Deleted = d.spans(first, f.n)
			f.revived = append(f.revived, l)
		}
	}
}

func (d *decoder) spans(first opid.ID, n int) (spans []Span) {
	for range d.take(colLayers, uint64(len(d.cols[colBy]))) {
		spans = append(spans, d.span(first, n, d.step()))
	}
	return spans
}

// step takes the direction of a span.
func (d *decoder) step() int8 {
	if d.take(colLayers, 1) == 1 {
		return -1
	}
	return 1
}

// span takes an operation.
func (d *decoder) span(first opid.ID, n int, step int8) Span {
	actor := uint32(d.take(colBy, math.MaxUint32))
	return Span{opid.ID{Actor: actor, Counter: d.counter(colWhen, soonest(first, n, step))}, step}
}
