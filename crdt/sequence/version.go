package sequence

import (
	"slices"
	"strings"

	"starling/crdt/opid"
)

// Piece is elements of one fate in each of two versions.
type Piece struct {
	Run
	InA, InB bool // whether they show there
}

// TextAt is the text in a version; nil is now.
func (s *Sequence) TextAt(at opid.Clock) string {
	if at == nil {
		return s.Text()
	}
	var b strings.Builder
	b.Grow(s.Len())
	var cuts []int
	for r := s.next(nil); r != nil; r = s.next(r) {
		if r.item() {
			b.WriteString(r.more.item.Text(at))
			continue
		}
		text := s.content(r)
		cuts = r.cuts(cuts[:0], at)
		n := int(r.n)
		for i, from := range cuts[:len(cuts)-1] {
			m := cuts[i+1] - from
			size := offset(text, n, m)
			if r.showsAt(from, at) {
				b.WriteString(text[:size])
			}
			text, n = text[size:], n-m
		}
	}
	return b.String()
}

// Diff yields all elements in order, as runs that are clipped to those of one
// fate in both versions; a nil one is now. An item shows where its text is not
// empty; it may be another one in each. The sequence must not change meanwhile.
func (s *Sequence) Diff(a, b opid.Clock, yield func(Piece) bool) {
	d := differ{a: a, b: b, yield: yield}
	for r := s.next(nil); r != nil; r = s.next(r) {
		if !d.run(s.run(r), r) {
			return
		}
	}
}

// differ compares versions run by run.
type differ struct {
	a, b  opid.Clock
	yield func(Piece) bool
	cuts  []int
}

func (d *differ) run(run Run, r *node) bool {
	if r.item() {
		return d.yield(Piece{run, run.Item.Text(d.a) != "", run.Item.Text(d.b) != ""})
	}
	d.cuts = r.cuts(d.cuts[:0], d.a, d.b)
	for i, from := range d.cuts[:len(d.cuts)-1] {
		p := Piece{run.Clip(from, d.cuts[i+1]-from), r.showsAt(from, d.a), r.showsAt(from, d.b)}
		if !d.yield(p) {
			return false
		}
	}
	return true
}

// cuts appends where a plain run has to be cut for the elements of each piece to
// have the same fate in versions: in order, from 0 to the number of elements.
func (r *node) cuts(cuts []int, versions ...opid.Clock) []int {
	n := int(r.n)
	cuts = append(cuts, 0, n)
	for _, at := range versions {
		if at == nil {
			continue
		}
		cuts = Span{r.first, 1}.cut(cuts, n, at)
		if r.more == nil {
			if !r.del.IsZero() {
				cuts = r.only().cut(cuts, n, at)
			}
			continue
		}
		for _, d := range r.more.deleted {
			cuts = d.cut(cuts, n, at)
		}
		for _, l := range r.more.revived {
			cuts = l.cut(cuts, n, at)
			for _, d := range l.Deleted {
				cuts = d.cut(cuts, n, at)
			}
		}
	}
	if len(cuts) > 2 {
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
	}
	return cuts
}

// cut appends where the elements whose operation is in a version end or begin,
// if that is within the run of n.
func (s Span) cut(cuts []int, n int, at opid.Clock) []int {
	var have int // the greatest counter that the version has
	if int(s.Op.Actor) < len(at) {
		have = int(at[s.Op.Actor])
	}
	i := have - int(s.Op.Counter) + 1 // elements before it are in the version
	if s.Step < 0 {
		i = int(s.Op.Counter) - have // elements before it are not
	}
	if i > 0 && i < n {
		cuts = append(cuts, i)
	}
	return cuts
}

// showsAt reports whether element i of a plain run shows in a version.
func (r *node) showsAt(i int, at opid.Clock) bool {
	if r.more == nil {
		return at.Has(r.first.Plus(i)) && (r.del.IsZero() || !at.Has(r.only().At(i)))
	}
	if at.Has(r.first.Plus(i)) && !anyIn(r.more.deleted, i, at) {
		return true
	}
	for _, l := range r.more.revived {
		if at.Has(l.At(i)) && !anyIn(l.Deleted, i, at) {
			return true
		}
	}
	return false
}

// anyIn reports whether a version has any of the operations on element i.
func anyIn(spans []Span, i int, at opid.Clock) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return at.Has(s.At(i)) })
}
