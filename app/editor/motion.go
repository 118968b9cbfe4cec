package editor

import (
	"fyne.io/fyne/v2"

	"starling/app/buffer"
)

// goal is the x that movements up and down keep to, from the column's edge.
type goal struct {
	x   float32
	set bool
}

// moves are the commands that go about in the text.
func moves() []action {
	var all []action
	for _, list := range [][]action{
		goes("char.left", "Character back", by(buffer.Character, false)),
		goes("char.right", "Character on", by(buffer.Character, true)),
		goes("word.left", "Word back", by(buffer.Word, false)),
		goes("word.right", "Word on", by(buffer.Word, true)),
		goes("row.up", "Row up", rows(-1)),
		goes("row.down", "Row down", rows(1)),
		goes("row.start", "Start of the row", rowEnd(false)),
		goes("row.end", "End of the row", rowEnd(true)),
		goes("line.start", "Start of the line", by(buffer.LineEnd, false)),
		goes("line.end", "End of the line", by(buffer.LineEnd, true)),
		goes("paragraph.up", "Paragraph up", by(buffer.Paragraph, false)),
		goes("paragraph.down", "Paragraph down", by(buffer.Paragraph, true)),
		goes("page.up", "Page up", pages(-1)),
		goes("page.down", "Page down", pages(1)),
		goes("text.start", "Start of the text", by(buffer.TextEnd, false)),
		goes("text.end", "End of the text", by(buffer.TextEnd, true)),
	} {
		all = append(all, list...)
	}
	return append(all,
		looking("scroll.page.up", "Scroll a page up", scrollPages(-1)),
		looking("scroll.page.down", "Scroll a page down", scrollPages(1)),
		looking("scroll.start", "Scroll to the start", func(e *Editor) { e.scrollAndPaint(0) }),
		looking("scroll.end", "Scroll to the end", func(e *Editor) { e.scrollAndPaint(e.content()) }),
		looking("select.all", "Select all", selectAll),
		looking("select.word", "Select the word", selectWord),
		looking("select.line", "Select the line", selectLine),
		action{"cancel", "Cancel", looks, cancel},
	)
}

// by moves by a unit.
func by(unit buffer.Unit, forward bool) func(e *Editor, extend bool) {
	return func(e *Editor, extend bool) {
		e.goal.set = false
		e.own(func() error {
			e.buf.Move(unit, forward, extend)
			return nil
		})
	}
}

// goTo moves the caret to a place.
func (e *Editor) goTo(at int, extend bool) {
	e.own(func() error {
		e.buf.MoveTo(at, extend)
		return nil
	})
}

// rowEnd goes to the end or start of the row on the screen.
func rowEnd(forward bool) func(e *Editor, extend bool) {
	return func(e *Editor, extend bool) { e.goTo(e.rowEdge(forward), extend) }
}

// rowEdge is the end or start of the caret's row on the screen.
func (e *Editor) rowEdge(forward bool) int {
	e.goal.set = false
	l, row := e.caretRow()
	e.goal.set = false
	if forward {
		return l.place(l.End(row))
	}
	return l.place(l.Rows[row].From)
}

// caretRow returns the line and row of the caret, wherever the view is.
func (e *Editor) caretRow() (line, int) {
	e.measureAll()
	n, _ := e.buf.LineAt(e.buf.Caret())
	l := e.lineAt(n)
	row, offset := l.row(e.buf.Caret())
	if !e.goal.set {
		e.goal = goal{l.X(row, offset), true}
	}
	return l, row
}

// rows moves up or down by rows, 1 or -1.
func rows(by int) func(e *Editor, extend bool) {
	return func(e *Editor, extend bool) {
		l, row := e.caretRow()
		at := e.buf.Caret()
		// Rows that hold deleted text alone are at the caret's place: on to the next.
		for to := at; to == at; {
			row += by
			switch {
			case row < 0 && l.i == 0:
				e.goal.set = false
				e.goTo(0, extend)
				return
			case row >= len(l.Rows) && l.i == e.buf.Lines()-1:
				e.goal.set = false
				e.goTo(e.buf.Len(), extend)
				return
			case row < 0:
				l = e.lineAt(l.i - 1)
				row = len(l.Rows) - 1
			case row >= len(l.Rows):
				l = e.lineAt(l.i + 1)
				row = 0
			}
			if to = l.place(l.OffsetAt(row, e.goal.x)); to != at {
				e.goTo(to, extend)
			}
		}
	}
}

// pageHeight is how far a page goes: what is in view, less a row.
func (e *Editor) pageHeight() float32 { return max(textRow, e.Size().Height-2*textRow) }

// pages moves by pages, 1 or -1, and scrolls as far.
func pages(by float32) func(e *Editor, extend bool) {
	return func(e *Editor, extend bool) {
		e.reveal()
		e.caretRow() // sets the goal
		s, ok := e.spotOf(e.buf.Caret())
		if !ok {
			return
		}
		before := e.offset()
		d := by * e.pageHeight()
		e.scrollBy(d)
		moved := float32(e.offset() - before)
		x, _ := e.column()
		// At an end of the text the view moves less, so the caret moves more.
		y := s.y + s.h/2 + d - moved
		at := e.placeAt(fyne.NewPos(x+e.goal.x, y))
		first, last := &e.view.lines[0], &e.view.lines[len(e.view.lines)-1]
		switch {
		case y < first.y && first.i == 0:
			at = 0
		case y >= last.y+last.Height && last.i == e.buf.Lines()-1:
			at = e.buf.Len()
		}
		e.goTo(at, extend)
	}
}

// scrollPages scrolls by pages and leaves the caret where it is.
func scrollPages(by float32) func(e *Editor) {
	return func(e *Editor) {
		e.Follow("")
		e.scrollBy(by * e.pageHeight())
		e.paint()
	}
}

func (e *Editor) scrollAndPaint(y float64) {
	e.Follow("")
	e.scrollTo(y)
	e.paint()
}

// selectQuietly changes the selection without bringing its end into view.
func (e *Editor) selectQuietly(change func()) {
	e.Follow("")
	caret, anchor := e.Caret()
	change()
	e.wake()
	e.update()
	if c, a := e.Caret(); c != caret || a != anchor {
		if e.config.OnCaret != nil {
			e.config.OnCaret(c, a)
		}
		e.changed()
	}
}

func selectAll(e *Editor) {
	e.goal.set = false
	e.selectQuietly(e.buf.SelectAll)
}

func selectWord(e *Editor) {
	e.goal.set = false
	e.selectQuietly(func() { e.buf.SelectWord(e.buf.Caret()) })
}

// selectLine selects the lines of the selection, and then one more each time.
func selectLine(e *Editor) {
	e.goal.set = false
	e.own(func() error {
		from, to := e.buf.Selection()
		from, _ = e.buf.LineAround(from)
		_, to = e.buf.LineAround(to)
		e.buf.Select(from, to)
		return nil
	})
}

// cancel ends what is going on: dragging text, a search, a selection.
func cancel(e *Editor) bool {
	from, to := e.buf.Selection()
	switch {
	case e.cancelDrag(), e.endSelecting():
	case e.finding() && e.passCommand(Cancel):
	case from != to:
		e.goTo(e.buf.Caret(), false)
	default:
		return e.passCommand(Cancel)
	}
	return true
}

// GoToLine puts the caret at the start of line n, counted from 1; the nearest
// if there is no such line.
func (e *Editor) GoToLine(n int) {
	e.goal.set = false
	e.goTo(e.buf.LineStart(n-1), false)
}

// Select selects from one place to another, where the caret then is, and brings
// that into view.
func (e *Editor) Select(from, to int) {
	e.goal.set = false
	e.own(func() error {
		e.buf.Select(from, to)
		return nil
	})
}
