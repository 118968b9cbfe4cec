package typeset

import "sort"

// RowOf returns the row that the caret before a byte of the line stands in.
func (l *Layout) RowOf(offset int) int {
	i := sort.Search(len(l.Rows), func(i int) bool { return l.Rows[i].To > offset })
	if at := l.caretAt(offset); at != l.shownAt(offset) {
		i = sort.Search(len(l.Rows), func(i int) bool { return int(l.Rows[i].to) > at })
	}
	return min(i, len(l.Rows)-1)
}

// X returns where the caret before a byte of a row stands, from the column's
// left edge: at the edge where what follows begins, which from right to left is
// its right edge; at the row's end where what is before ends; before inserted text
// that does not lead; in a cell that is not full, where its text ends. It goes
// with the logical order.
func (l *Layout) X(row, offset int) float32 {
	r := &l.Rows[row]
	at := min(max(l.caretAt(offset), int(r.from)), int(r.to))
	d := l.drawn(row)
	n := len(d.visual)
	for i := range n {
		f := d.nth(i)
		if at <= int(f.from) || at < int(f.to) {
			return r.X + l.edge(f, at)
		}
	}
	if n > 0 {
		return r.X + l.edge(d.nth(n-1), at)
	}
	return r.X
}

// OffsetAt returns the byte of the line nearest to x, from the column's left
// edge, up to [Layout.End].
func (l *Layout) OffsetAt(row int, x float32) int {
	r := &l.Rows[row]
	end := l.End(row)
	all := l.Fragments(row)
	for i := range all {
		f := &all[i]
		if x-r.X > f.X+f.W && i+1 < len(all) {
			continue
		}
		return min(l.offsetIn(f, x-r.X-f.X), end)
	}
	return end
}

// End returns the last place in a row, in logical order: behind its last
// grapheme in the last row, before it in one that goes on in the next, because
// the place behind it is where the next row starts.
func (l *Layout) End(row int) int {
	if row == len(l.Rows)-1 {
		return l.Rows[row].To
	}
	return l.lastIn(row)
}

// lastIn returns where the last grapheme of a row starts.
func (l *Layout) lastIn(row int) int {
	d := l.drawn(row)
	for i := len(d.visual) - 1; i >= 0; i-- {
		f := d.nth(i)
		if f.From == f.To {
			continue
		}
		st := l.stopsOf(f)
		return max(int(st.at[len(st.at)-2]), l.Rows[row].From)
	}
	return l.Rows[row].From
}

// Segments yields what the bytes from from to to cover of a row, from the
// column's left edge and from left to right: several stretches if the text goes
// both ways.
func (l *Layout) Segments(row, from, to int, yield func(x, w float32)) {
	r := &l.Rows[row]
	var left, right float32
	open := false
	all := l.Fragments(row)
	for i := range all {
		f := &all[i]
		a, b, ok := l.covered(f, from, to)
		if !ok {
			continue
		}
		if open && a-right < 0.5 {
			right = max(right, b)
			continue
		}
		if open {
			yield(r.X+left, right-left)
		}
		left, right, open = a, b, true
	}
	if open {
		yield(r.X+left, right-left)
	}
}

// covered returns the part of a fragment between two bytes of the line.
// Inserted text and mere room count if what is around them does.
func (l *Layout) covered(f *Fragment, from, to int) (left, right float32, ok bool) {
	if f.From == f.To {
		return f.X, f.X + f.W, from < f.From && f.From < to
	}
	if to <= f.From || f.To <= from || from >= to {
		return 0, 0, false
	}
	left, right = f.X, f.X+f.W
	if from > f.From {
		left = l.edge(f, int(f.from)+from-f.From)
	} else if f.RTL {
		left = right
	}
	switch {
	case to < f.To:
		right = l.edge(f, int(f.from)+to-f.From)
	case f.RTL:
		right = f.X
	}
	return min(left, right), max(left, right), true
}
