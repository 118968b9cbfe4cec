package sequence

import (
	"slices"
	"unicode/utf8"

	"starling/crdt/opid"
)

// maxRun is how many elements a run has at most, so that a code point is found
// in it in bounded time.
const maxRun = 1024

// node is a run, and a node of the treap. A nil node is an empty tree.
type node struct {
	left, right, up *node
	first, origin   opid.ID
	least           opid.ID // the least first of this subtree
	del             opid.ID // the only deletion of the first element, if more is nil
	more            *more
	pos             uint32 // of the content in the pages
	live            uint32 // visible code points of this subtree
	n               uint16
	size            uint16 // bytes of content; n if all is ASCII
	back            bool   // the step of del is -1; of no meaning if n is 1
	hidden          bool   // all values of a plain element are deleted
}

// more is what few runs have. It is never written to, but replaced.
type more struct {
	deleted []Span
	revived []Layer
	item    Item
	width   int
}

func (r *node) end() uint32 { return r.first.Counter + uint32(r.n) }

func (r *node) last() opid.ID { return r.first.Plus(int(r.n) - 1) }

func (r *node) item() bool { return r.more != nil && r.more.item != nil }

func (r *node) alive() bool { return r.own() > 0 }

// own is how many visible code points the run itself has.
func (r *node) own() int {
	switch {
	case r.item():
		return r.more.width
	case r.hidden:
		return 0
	}
	return int(r.n)
}

// only is the single deletion.
func (r *node) only() Span {
	s := Span{r.del, 1}
	if r.back && r.n > 1 {
		s.Step = -1
	}
	return s
}

func (r *node) deleted() []Span {
	switch {
	case r.more != nil:
		return r.more.deleted
	case r.del.IsZero():
		return nil
	}
	return []Span{r.only()}
}

func (r *node) revived() []Layer {
	if r.more == nil {
		return nil
	}
	return r.more.revived
}

// setFate says who deleted and revived the run's elements.
func (r *node) setFate(deleted []Span, revived []Layer) {
	r.more, r.del, r.back = nil, opid.ID{}, false
	r.hidden = !shows(deleted, revived)
	switch {
	case len(deleted) > 1 || len(revived) > 0:
		r.more = &more{deleted: deleted, revived: revived}
	case len(deleted) == 1:
		r.del, r.back = deleted[0].Op, deleted[0].Step < 0
	}
}

// clip makes r, a copy of another run, its elements from i on, n of them. from
// and size are where their content lies in that run's.
func (r *node) clip(i, n, from, size int) {
	if i > 0 {
		r.origin = r.first.Plus(i - 1)
	}
	r.first = r.first.Plus(i)
	if r.more != nil {
		r.more = &more{deleted: clipSpans(r.more.deleted, i, n), revived: clipLayers(r.more.revived, i, n)}
	} else if !r.del.IsZero() {
		r.del = r.only().At(i)
	}
	r.n, r.pos, r.size = uint16(n), r.pos+uint32(from), uint16(size)
}

// few reports whether a run's deletions and revivals are so few that splitting
// and joining it takes no time to speak of. A peer could give an element any
// number of them.
func (r *node) few() bool {
	const few = 16
	n := len(r.more.deleted) + len(r.more.revived)
	for i := 0; i < len(r.more.revived) && n <= few; i++ {
		n += len(r.more.revived[i].Deleted)
	}
	return n <= few
}

// absorb makes b, which lies right of r, a part of it, and reports false where
// they are no one run.
func (r *node) absorb(b *node) bool {
	n, m := int(r.n), int(b.n)
	if r.end() != b.first.Counter || r.first.Actor != b.first.Actor || b.origin != r.last() ||
		n+m > maxRun || r.pos+uint32(r.size) != b.pos || r.item() || b.item() {
		return false
	}
	switch {
	case r.more == nil && b.more == nil:
		if r.del.IsZero() != b.del.IsZero() {
			return false
		}
		if !r.del.IsZero() {
			s, ok := joined(r.only(), n, b.only(), m)
			if !ok {
				return false
			}
			r.back = s.Step < 0
		}
	case r.more == nil || b.more == nil || !r.few() || !b.few():
		return false
	default:
		deleted, ok := joinedSpans(r.more.deleted, n, b.more.deleted, m)
		if !ok {
			return false
		}
		revived, ok := joinedLayers(r.more.revived, n, b.more.revived, m)
		if !ok {
			return false
		}
		r.more = &more{deleted: deleted, revived: revived}
	}
	r.n, r.size = r.n+b.n, r.size+b.size
	return true
}

// withSpan adds a span to some, in their order. It fails if the operation is there already. The spans there are stay
// as they are, for Runs may have them; only what lies behind them is written to.
func withSpan(spans []Span, add Span) ([]Span, bool) {
	i, found := slices.BinarySearchFunc(spans, add.Op, func(sp Span, id opid.ID) int { return byCounter(sp.Op, id) })
	return insert(spans, i, add), !found
}

// withLayer is the same for revivals.
func withLayer(layers []Layer, add Layer) ([]Layer, bool) {
	i, found := slices.BinarySearchFunc(layers, add.Op, func(l Layer, id opid.ID) int { return byCounter(l.Op, id) })
	return insert(layers, i, add), !found
}

// insert puts v at i, and copies all unless that is the end.
func insert[T any](all []T, i int, v T) []T {
	if i == len(all) {
		return append(all, v)
	}
	return slices.Insert(slices.Clip(all), i, v)
}

// offset is where code point i of a text of n begins, in bytes.
func offset(text string, n, i int) int {
	switch {
	case len(text) == n:
		return i
	case i == n:
		return len(text)
	}
	at := 0
	for ; i > 0; i-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
