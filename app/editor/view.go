package editor

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"starling/app/buffer"
)

// maxRows is how many rows, in whole lines, stay laid out in each of two
// generations.
const maxRows = 4096

// view is which part of the text is on the screen.
//
// What holds it is a row and not an offset from the text's top: the first row
// in view, by the place where it starts, which the buffer shifts, and where
// that row is on the screen. So nothing that happens above moves it, neither
// edits nor lines whose true height comes out.
type view struct {
	top   buffer.Mark
	dy    float32 // of the row at top, from the widget's top
	width float32 // of the column that the layouts are for
	lines []line  // in view, after settle
	// hidden says that the caret is to be brought into view once there is one.
	hidden bool
	// fresh says that the caret is to be put where one begins once there is room.
	fresh bool
	// marks are what was inserted and deleted, see [Mark].
	marks []Mark

	layouts recent[layoutKey, *layout]
}

type layoutKey struct {
	version uint64
	state   uint32
}

// line is a line of the text on the screen.
type line struct {
	i, start int     // number, and place where it starts
	y        float32 // from the widget's top
	*layout
}

func (l *line) end() int { return l.start + l.rows[len(l.rows)-1].start + l.rows[len(l.rows)-1].runs }

// place of a byte of the line.
func (l *line) place(offset int) int { return l.start + utf8.RuneCountInString(l.text[:offset]) }

// row that holds a place, and the place as a byte of the line.
func (l *line) row(at int) (row, offset int) {
	offset = buffer.ByteAt(l.text, at-l.start)
	return l.rowOf(offset), offset
}

// home goes to the top of the text.
func (v *view) home() {
	v.top.At, v.dy = 0, columnTop
}

// forget drops all layouts.
func (v *view) forget() {
	v.width = 0
}

// column returns the left edge and the width of the text.
func (e *Editor) column() (x, width float32) {
	w := e.Size().Width
	width = max(min(columnWidth, w-2*sideMargin), 60)
	return float32(int((w - width) / 2)), width
}

// lay lays a line out, or returns how it was laid out before.
func (e *Editor) lay(state uint32, l buffer.Line) *layout {
	v := &e.view
	key := layoutKey{l.Version, state}
	done, ok := v.layouts.get(key)
	if !ok {
		done = e.m.layoutLine(state, l.Text, v.width)
		v.layouts.put(key, done, len(done.rows))
	}
	return done
}

// lineAt lays out line i.
func (e *Editor) lineAt(i int) (out line) {
	e.buf.Walk(i, func(i, start int, state uint32, l buffer.Line, _ string) (float32, bool) {
		out = line{i: i, start: start, layout: e.lay(state, l)}
		return out.height, false
	})
	return out
}

// measureAll makes the layouts of another width void.
func (e *Editor) measureAll() {
	_, width := e.column()
	if e.view.width == width {
		return
	}
	e.view.width = width
	e.view.layouts.clear()
	e.buf.Estimate(func(text string, runes int) float32 { return estimate(text, runes, width) })
}

// settle lays out the lines in view, around the row that holds the view, and
// keeps the view within the text.
func (e *Editor) settle() {
	if e.Size().IsZero() {
		return
	}
	e.measureAll()
	n, _ := e.buf.LineAt(e.view.top.At)
	l := e.lineAt(n)
	row, _ := l.row(e.view.top.At)
	l.y = e.view.dy - l.rows[row].y
	bottom := e.fill(l)
	height := e.Size().Height
	if rest := height - columnEnd - bottom; rest > 0 && e.atEnd() {
		// Scrolled past the end, as when much was deleted.
		first := e.view.lines[0]
		first.y += rest
		e.fill(first)
	}
	e.hold()
}

func (e *Editor) atEnd() bool {
	return e.view.lines[len(e.view.lines)-1].i == e.buf.Lines()-1
}

// fill finds the lines in view given one that is where it should be, and
// returns where the last of them ends.
func (e *Editor) fill(l line) (bottom float32) {
	for l.y > 0 && l.i > 0 {
		above := e.lineAt(l.i - 1)
		above.y = l.y - above.height
		l = above
	}
	if l.i == 0 && l.y > columnTop {
		l.y = columnTop
	}
	e.view.lines = e.view.lines[:0]
	height := e.Size().Height
	y := l.y
	e.buf.Walk(l.i, func(i, start int, state uint32, text buffer.Line, _ string) (float32, bool) {
		l := line{i: i, start: start, y: y, layout: e.lay(state, text)}
		y += l.height
		if y > 0 || i == e.buf.Lines()-1 {
			e.view.lines = append(e.view.lines, l)
		}
		return l.height, y < height
	})
	return y
}

// hold makes the first row in view the one that holds the view.
func (e *Editor) hold() {
	v := &e.view
	first := &v.lines[0]
	row := 0
	for row < len(first.rows)-1 && first.y+first.rows[row].y+first.rows[row].h <= 0 {
		row++
	}
	v.top.At = first.start + first.rows[row].start
	v.dy = first.y + first.rows[row].y
	// With the text's very start in view, what is written there is seen.
	v.top.Sticky = v.top.At == 0 && v.dy >= 0
}

// spotOf returns where a place is on the screen: the left edge and top of its
// row, the row's height and the size of its text. ok is false if its line is
// not in view.
func (e *Editor) spotOf(at int) (s spot, ok bool) {
	for i := range e.view.lines {
		l := &e.view.lines[i]
		if at < l.start || at > l.end() {
			continue
		}
		n, offset := l.row(at)
		r := &l.rows[n]
		x, _ := e.column()
		return spot{x + l.xAt(e.m, r, offset), l.y + r.y, r.h, l.shape.size}, true
	}
	return spot{}, false
}

// spot is a place on the screen.
type spot struct{ x, y, h, size float32 }

// placeAt returns the place in the text nearest to a point of the widget.
func (e *Editor) placeAt(p fyne.Position) int {
	if len(e.view.lines) == 0 {
		return 0
	}
	l := &e.view.lines[0]
	for i := range e.view.lines {
		if e.view.lines[i].y > p.Y {
			break
		}
		l = &e.view.lines[i]
	}
	row := 0
	for row < len(l.rows)-1 && p.Y >= l.y+l.rows[row].y+l.rows[row].h {
		row++
	}
	x, _ := e.column()
	return l.place(l.offsetAt(e.m, row, p.X-x))
}

// offset of a place, as a byte of the line.
func (l *line) offset(at int) int { return buffer.ByteAt(l.text, at-l.start) }
