package editor

import (
	"fyne.io/fyne/v2"

	"starling/app/buffer"
	"starling/app/recent"
	"starling/app/typeset"
)

// view is which part of the text is on the screen.
//
// What holds it is a row and not an offset from the text's top: the first row
// in view, by the place where it starts, which the buffer shifts, and where
// that row is on the screen. So nothing that happens above moves it, neither
// edits nor lines whose true height comes out. While others' patches are taken it
// is the row of the caret, if that is in view.
type view struct {
	top   buffer.Mark
	dy    float32 // of the row at top, from the widget's top
	width float32 // of the column that the layouts are for
	lines []line  // in view, after settle
	// caretLine is the number of the caret's line.
	caretLine int
	// hidden says that the caret is to be brought into view once there is one.
	hidden bool
	// fresh says that the caret is to be put where one begins once there is room.
	fresh bool
	// marks are what was inserted and deleted, see [Mark].
	marks []Mark

	layouts recent.Cache[layoutKey, *laid]
	cells   recent.Cache[cellsKey, cellRow]
	tables  []table         // in view
	long    *typeset.Layout // of the long line laid out last
	own     recent.Cache[ownKey, *typeset.Layout]
}

// maxOwn is how many texts of the editor's own stay laid out in each of two
// generations.
const maxOwn = 256

// home goes to the top of the text.
func (v *view) home() {
	v.top.At, v.dy = 0, columnTop
}

// forget drops all layouts, the lines' once their width is known anew.
func (v *view) forget() {
	v.width = 0
	v.own.Clear()
}

// column returns the left edge and the width of the text.
func (e *Editor) column() (x, width float32) {
	w := e.Size().Width
	width = max(min(e.settings.column()*e.settings.zoom(), w-2*sideMargin), 60)
	return float32(int((w - width) / 2)), width
}

// lineAt lays out line i.
func (e *Editor) lineAt(i int) (out line) {
	e.buf.Walk(i, func(i, start int, state uint32, l buffer.Line, next string) (float32, bool) {
		out = e.lay(i, start, state, l, next)
		return out.Height, false
	})
	return out
}

// measureAll makes the layouts of another width void.
func (e *Editor) measureAll() {
	_, width := e.column()
	if e.view.width == width {
		return
	}
	e.view.width, e.view.long = width, nil
	e.view.layouts.Clear()
	e.view.cells.Clear()
	e.buf.Estimate(e.estimate)
}

// settle lays out the lines in view, around the row that holds the view, and
// keeps the view within the text.
func (e *Editor) settle() {
	if e.Size().IsZero() {
		return
	}
	e.measureAll()
	e.place()
	if e.readWritten() {
		e.place()
	}
	e.colourSoon()
}

// place finds what is in view.
func (e *Editor) place() {
	e.view.tables = e.view.tables[:0]
	e.view.caretLine, _ = e.buf.LineAt(e.buf.Caret())
	n, _ := e.buf.LineAt(e.view.top.At)
	l := e.lineAt(n)
	row, _ := l.row(e.view.top.At)
	l.y = e.view.dy - l.Rows[row].Y
	bottom := e.fill(l)
	height := e.Size().Height
	if rest := height - e.columnEnd() - bottom; rest > 0 && e.atEnd() {
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
		above.y = l.y - above.Height
		l = above
	}
	if l.i == 0 && l.y > columnTop {
		l.y = columnTop
	}
	e.view.lines = e.view.lines[:0]
	height := e.Size().Height
	y := l.y
	e.buf.Walk(l.i, func(i, start int, state uint32, text buffer.Line, next string) (float32, bool) {
		l := e.lay(i, start, state, text, next)
		l.y = y
		y += l.Height
		if y > 0 || i == e.buf.Lines()-1 {
			e.view.lines = append(e.view.lines, l)
		}
		return l.Height, y < height
	})
	return y
}

// hold makes the first row in view the one that holds the view.
func (e *Editor) hold() {
	v := &e.view
	first := &v.lines[0]
	row := first.rowBelow(0)
	v.top.At = first.start + first.Rows[row].Start
	// Of rows that hold deleted text alone the place is that of the row before.
	row, _ = first.row(v.top.At)
	v.dy = first.y + first.Rows[row].Y
	// With the text's very start in view, what is written there is seen.
	v.top.Sticky = v.top.At == 0 && v.dy >= 0
}

// holdCaret makes the caret's row the one that holds the view, if one writes
// there.
func (e *Editor) holdCaret() {
	if !e.focused {
		return
	}
	if s, ok := e.spotOf(e.buf.Caret()); ok && s.y >= 0 && s.y+s.h <= e.Size().Height {
		e.view.top = buffer.Mark{At: e.buf.Caret(), Sticky: true}
		e.view.dy = s.y
	}
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
		r := &l.Rows[n]
		x, _ := e.column()
		return spot{x + l.X(n, offset), l.y + r.Y, r.H, l.shape.size}, true
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
	l, row := e.rowAt(p.Y)
	x, _ := e.column()
	return l.place(l.OffsetAt(row, p.X-x))
}

// rowAt returns the line and the row at a height of the widget, the nearest one
// if there is none.
func (e *Editor) rowAt(y float32) (l *line, row int) {
	l = &e.view.lines[0]
	for i := range e.view.lines {
		if e.view.lines[i].y > y {
			break
		}
		l = &e.view.lines[i]
	}
	return l, l.rowBelow(y)
}
