package typeset

import (
	"math"
	"unicode/utf8"
)

// maxNoWrap is the longest line, in bytes, that may stay in one row.
const maxNoWrap = 16 << 10

// Layout is a line laid out. Rows out of view have no fragments yet; for the
// rest it is never changed.
type Layout struct {
	Text   string
	Rows   []Row // at least one
	Height float32

	setter *Setter
	line   Line // without its text and spans
	shown  string
	pieces []piece
	width  float32 // of a row
	after  float32 // indent of rows after the first

	mixed  bool    // something is written from right to left
	base   uint8   // level of the line
	levels []uint8 // see [Layout.levelsOf]
}

// Lay breaks a line into rows. The layout of the same line before an edit, if
// any is given, makes it cheaper. The line's strings are kept, its spans are
// not.
func (s *Setter) Lay(line Line, before *Layout) *Layout {
	l := &Layout{Text: line.Text, setter: s, line: line}
	l.shown, l.pieces = compose(&line)
	l.line.Text, l.line.Spans = "", nil
	l.width = max(line.Width-2*line.Inset, 4*line.Base.Size)
	if line.NoWrap && len(l.shown) <= maxNoWrap {
		l.width = math.MaxFloat32
	}
	if line.Hang > 0 {
		l.after = l.indent(l.shownAt(line.Hang))
	}
	if before != nil && before.setter == s && before.width == l.width && before.after == l.after {
		l.again(before)
	} else {
		l.mixed = fromRight(l.shown)
		l.fill()
	}
	if l.mixed {
		l.base = baseLevel(l.shown)
	}
	l.stack()
	return l
}

// fill finds the rows.
func (l *Layout) fill() {
	l.Rows = make([]Row, 0, 1+len(l.shown)/60)
	for from := 0; ; {
		r := l.breakRow(from)
		l.Rows = append(l.Rows, r)
		if int(r.to) >= len(l.shown) {
			break
		}
		from = int(r.to)
	}
	l.count(0)
}

// breakRow finds where the row ends that starts at from.
func (l *Layout) breakRow(from int) Row {
	r := Row{from: int32(from)}
	width := l.width
	if from > 0 {
		width -= l.after
	}
	sc := l.setter.scan(l, from)
	f := l.flow(from)
	var c cluster
	last := from // after the last break
	to := len(l.shown)
	for sc.next(&c) {
		x := f.add(&c)
		if x > width && !c.space && c.from > from {
			if to = c.from; last > from {
				to = last
			}
			break
		}
		if c.breaks {
			last = c.to
		}
		if l.pieces[c.piece].kind != unit {
			f.x = sc.rush(x, width)
		}
	}
	r.to = int32(to)
	r.reach = int32(max(sc.looked, sc.at+lookAhead))
	return r
}

// indent is how wide what is shown before to is, at most half a row.
func (l *Layout) indent(to int) float32 {
	sc := l.setter.scan(l, 0)
	f := l.flow(0)
	var c cluster
	var x float32
	for sc.next(&c) && c.to <= to && x < l.width/2 {
		x = f.add(&c)
	}
	return min(x, l.width/2)
}

// after is where the cluster ends that begins at x.
func (c *cluster) after(x float32) float32 {
	if c.tab {
		return (float32(int(x/c.w+0.01)) + 1) * c.w
	}
	return x + c.w
}

// count gives the rows from first on their places in the text.
func (l *Layout) count(first int) {
	at := 0
	if first > 0 {
		at = l.Rows[first-1].To
	}
	for i := first; i < len(l.Rows); i++ {
		r := &l.Rows[i]
		r.From = at
		if at = len(l.Text); int(r.to) < len(l.shown) {
			at = l.textEnd(int(r.to))
		}
		r.To = at
		r.Runes = utf8.RuneCountInString(l.Text[r.From:r.To])
	}
}

// stack puts the rows on each other.
func (l *Layout) stack() {
	line := &l.line
	base := l.setter.metricsOf(line.Base.pen(nil))
	baseline := (line.Row-base.height)/2 + base.baseline
	start := 0
	for i := range l.Rows {
		r := &l.Rows[i]
		r.Start = start
		start += r.Runes
		r.Y, r.H, r.Baseline = line.Above+float32(i)*line.Row, line.Row, baseline
		r.X = line.Inset
		if i > 0 && l.base == 0 {
			r.X += l.after
		}
	}
	l.Height = line.Above + float32(len(l.Rows))*line.Row + line.Below
}
