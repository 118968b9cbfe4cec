package typeset

import "sort"

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
	if !f.whole {
		pen := f.Ink.pen(f.other)
		at := f.from
		for part := range clustersOf(l.shown[f.from:f.to]) {
			at += int32(len(part))
			if at < f.to {
				w := l.setter.width(pen, Printable(l.shown[f.from:at]))
				st.at = append(st.at, int32(f.From)+at-f.from)
				st.x = append(st.x, min(max(w, st.x[len(st.x)-1]), f.W))
			}
		}
	}
	st.at = append(st.at, int32(f.To))
	st.x = append(st.x, f.W)
	f.stops = st
	return st
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
