package typeset

import (
	"sort"
	"unicode/utf8"
)

// stops are the places within a fragment where the caret can stand, in logical
// order, the ends included: bytes of the line, and how far from the fragment's
// logical start.
type stops struct {
	at []int32
	x  []float32
}

// stopsOf finds the stops when they are first asked for.
func (l *Layout) stopsOf(f *Fragment) *stops {
	if f.stops != nil {
		return f.stops
	}
	st := &stops{at: []int32{int32(f.From)}, x: []float32{0}}
	switch {
	case f.whole:
		st.at, st.x = append(st.at, int32(f.To)), append(st.x, f.W)
	case l.setter.faceOf(f.Ink.pen(f.by)) != nil:
		l.shapeStops(f, st)
		st.add(f, int(f.to), f.W)
	default:
		l.measureStops(f, st)
		st.add(f, int(f.to), f.W)
	}
	f.stops = st
	return st
}

// add adds the stop before a byte of what is shown.
func (st *stops) add(f *Fragment, at int, x float32) {
	st.at = append(st.at, int32(f.From+at-int(f.from)))
	st.x = append(st.x, min(max(x, st.x[len(st.x)-1]), f.W))
}

// shapeStops asks the font.
func (l *Layout) shapeStops(f *Fragment, st *stops) {
	text := l.shown[f.from:f.to]
	x := l.setter.shape(f, Printable(text))
	scale := float32(1)
	if sum := x[len(x)-1]; sum > 0 {
		scale = f.W / sum
	}
	at, n := 0, 0
	for part := range clustersOf(text) {
		if at > 0 {
			st.add(f, int(f.from)+at, x[n]*scale)
		}
		at += len(part)
		n += utf8.RuneCountInString(part)
	}
}

// measureStops measures what is before each stop, for Fyne alone knows which
// font draws it. A letter that joins the next takes its form by a joiner.
func (l *Layout) measureStops(f *Fragment, st *stops) {
	text := l.shown[f.from:f.to]
	p := f.Ink.pen(f.by)
	at := 0
	for part := range clustersOf(text) {
		if at > 0 {
			before := Printable(text[:at])
			if joins(firstRune(text[at:])) && joins(lastRune(text[:at])) {
				before += joiner
			}
			st.add(f, int(f.from)+at, l.setter.width(p, before))
		}
		at += len(part)
	}
}

// edge returns where a byte of what is shown begins in a fragment, from the
// row's X.
func (l *Layout) edge(f *Fragment, at int) float32 {
	var w float32
	switch {
	case at <= int(f.from) || f.whole && at < int(f.to):
	case at >= int(f.to):
		w = f.W
	default:
		st := l.stopsOf(f)
		offset := int32(f.From + at - int(f.from))
		i := sort.Search(len(st.at), func(i int) bool { return st.at[i] > offset })
		w = st.x[i-1]
	}
	if f.RTL {
		return f.X + f.W - w
	}
	return f.X + w
}

// offsetIn returns the byte of the line nearest to x in a fragment.
func (l *Layout) offsetIn(f *Fragment, x float32) int {
	if f.RTL {
		x = f.W - x
	}
	st := l.stopsOf(f)
	for i := range len(st.x) - 1 {
		if x < (st.x[i]+st.x[i+1])/2 {
			return int(st.at[i])
		}
	}
	return f.To
}
