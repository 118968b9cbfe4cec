package sequence

import (
	"cmp"
	"slices"

	"starling/crdt/opid"
)

// Item is an element that is not one code point with deletions and revivals: its
// values are its owner's, and so is what was done to them.
type Item interface {
	// Text is what the element shows in a version, and "" if nothing. It is
	// called on the goroutine that uses the Sequence, which it must not change.
	Text(at opid.Clock) string
	// Frozen returns the element as it is now, which never changes and any
	// goroutine may ask for its text.
	Frozen() Item
}

// Span says that element i of a run was touched by the operation Op.Counter +
// i*Step of Op's actor. Step is 1 or -1, and 1 for a run of one element.
type Span struct {
	Op   opid.ID
	Step int8
}

// At is the operation that touched element i.
func (s Span) At(i int) opid.ID { return s.Op.Plus(i * int(s.Step)) }

// counter is that of the operation that touched element i. It may be none that
// there can be.
func (s Span) counter(i int) int64 { return int64(s.Op.Counter) + int64(i)*int64(s.Step) }

// Layer is a value that brought elements back: the operations that set it, and
// who deleted what they set.
type Layer struct {
	Span
	Deleted []Span
}

// Run is elements that lie side by side, of one actor, with counters one after
// the other, each inserted after the one before it, and all of one fate. Its
// slices must not be written to; they stay as they are when the Sequence changes.
type Run struct {
	First opid.ID
	N     int
	// Origin is what First was inserted after; zero is the head.
	Origin opid.ID
	// Content is N code points, of deleted elements too; "" for an item.
	Content string
	// Deleted is who deleted the values that the insertions wrote, ordered by the
	// counters of the operations on the first element, and where these are alike
	// by the actors' numbers. That need not be the order on the others. So is
	// Revived.
	Deleted []Span
	Revived []Layer
	// Item is set for an element that is no plain one: then N is 1, Width is how
	// many visible code points it has, and Deleted and Revived are nil.
	Item  Item
	Width int
}

// Alive reports whether the run's elements show.
func (r *Run) Alive() bool {
	if r.Item != nil {
		return r.Width > 0
	}
	return shows(r.Deleted, r.Revived)
}

// maxTouches is how many deletions and revivals a plain element has before no
// more are taken: each costs as much as there are. Nobody comes near it who does
// not undo and redo one thing over and over.
const maxTouches = 1024

// Worn reports whether the elements were deleted and revived so often that they
// are touched no more. Such an element is to become an item, whose owner keeps
// track of any number.
func (r *Run) Worn() bool { return r.Item == nil && worn(r.Deleted, r.Revived) }

func worn(deleted []Span, revived []Layer) bool {
	n := len(deleted) + len(revived)
	for i := 0; i < len(revived) && n <= maxTouches; i++ {
		n += len(revived[i].Deleted)
	}
	return n > maxTouches
}

// Last is the ID of the last element.
func (r *Run) Last() opid.ID { return r.First.Plus(r.N - 1) }

// Clip is the elements from i on, n of them.
func (r *Run) Clip(i, n int) Run {
	c := *r
	if i == 0 && n == r.N {
		return c
	}
	c.First, c.N = r.First.Plus(i), n
	if i > 0 {
		c.Origin = r.First.Plus(i - 1)
	}
	from := offset(r.Content, r.N, i)
	c.Content = r.Content[from : from+offset(r.Content[from:], r.N-i, n)]
	c.Deleted, c.Revived = clipSpans(r.Deleted, i, n), clipLayers(r.Revived, i, n)
	return c
}

// shows reports whether any of an element's values is not deleted.
func shows(deleted []Span, revived []Layer) bool {
	return len(deleted) == 0 || slices.ContainsFunc(revived, func(l Layer) bool { return len(l.Deleted) == 0 })
}

// clip is what a span says of n elements from i on.
func (s Span) clip(i, n int) Span {
	s.Op = s.At(i)
	if n == 1 {
		s.Step = 1
	}
	return s
}

func clipSpans(spans []Span, i, n int) []Span {
	if len(spans) == 0 {
		return nil
	}
	out := make([]Span, len(spans))
	for j, s := range spans {
		out[j] = s.clip(i, n)
	}
	sortSpans(out)
	return out
}

func clipLayers(layers []Layer, i, n int) []Layer {
	if len(layers) == 0 {
		return nil
	}
	out := make([]Layer, len(layers))
	for j, l := range layers {
		out[j] = Layer{l.clip(i, n), clipSpans(l.Deleted, i, n)}
	}
	sortLayers(out)
	return out
}

// byCounter is the order of the operations on an element. It need not be Lamport's,
// but runs that are one have to have the same.
func byCounter(a, b opid.ID) int {
	if c := cmp.Compare(a.Counter, b.Counter); c != 0 {
		return c
	}
	return cmp.Compare(a.Actor, b.Actor)
}

func sortSpans(spans []Span) {
	if len(spans) > 1 {
		slices.SortFunc(spans, func(a, b Span) int { return byCounter(a.Op, b.Op) })
	}
}

func sortLayers(layers []Layer) {
	if len(layers) > 1 {
		slices.SortFunc(layers, func(a, b Layer) int { return byCounter(a.Op, b.Op) })
	}
}

// joined is one span for n elements of a and then m of b, if there is one.
func joined(a Span, n int, b Span, m int) (Span, bool) {
	step := a.Step
	switch {
	case n == 1 && m > 1:
		step = b.Step
	case n == 1 && b.Op.Counter < a.Op.Counter:
		step = -1
	case n == 1:
		step = 1
	}
	a.Step = step
	return a, b.Op == a.At(n) && (m == 1 || b.Step == step)
}

func joinedSpans(a []Span, n int, b []Span, m int) ([]Span, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	if len(a) == 0 {
		return nil, true
	}
	out := make([]Span, len(a))
	for i := range a {
		var ok bool
		if out[i], ok = joined(a[i], n, b[i], m); !ok {
			return nil, false
		}
	}
	return out, true
}

func joinedLayers(a []Layer, n int, b []Layer, m int) ([]Layer, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	if len(a) == 0 {
		return nil, true
	}
	out := make([]Layer, len(a))
	for i := range a {
		var set, del bool
		out[i].Span, set = joined(a[i].Span, n, b[i].Span, m)
		out[i].Deleted, del = joinedSpans(a[i].Deleted, n, b[i].Deleted, m)
		if !set || !del {
			return nil, false
		}
	}
	return out, true
}
