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

func move(by buffer.Unit, forward bool) command {
	return func(e *Editor, shift bool) {
		e.goal.set = false
		e.own(func() error {
			e.buf.Move(by, forward, shift)
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
func rowEnd(forward bool) command {
	return func(e *Editor, shift bool) {
		e.goal.set = false
		l, row := e.caretRow()
		offset := l.rows[row].from
		if forward {
			const far = 1 << 20
			offset = l.offsetAt(e.m, row, far)
		}
		e.goTo(l.place(offset), shift)
	}
}

// caretRow returns the line and row of the caret, wherever the view is.
func (e *Editor) caretRow() (line, int) {
	e.measureAll()
	n, _ := e.buf.LineAt(e.buf.Caret())
	l := e.lineAt(n)
	row, offset := l.row(e.buf.Caret())
	if !e.goal.set {
		e.goal = goal{l.xAt(e.m, &l.rows[row], offset), true}
	}
	return l, row
}

// rows moves up or down by rows, 1 or -1.
func rows(by int) command {
	return func(e *Editor, shift bool) {
		l, row := e.caretRow()
		row += by
		switch {
		case row < 0 && l.i == 0:
			e.goal.set = false
			e.goTo(0, shift)
			return
		case row >= len(l.rows) && l.i == e.buf.Lines()-1:
			e.goal.set = false
			e.goTo(e.buf.Len(), shift)
			return
		case row < 0:
			l = e.lineAt(l.i - 1)
			row = len(l.rows) - 1
		case row >= len(l.rows):
			l = e.lineAt(l.i + 1)
			row = 0
		}
		e.goTo(l.place(l.offsetAt(e.m, row, e.goal.x)), shift)
	}
}

// pages moves by what is in view, less a row, and scrolls as far.
func pages(by float32) command {
	return func(e *Editor, shift bool) {
		e.reveal()
		e.caretRow() // sets the goal
		s, ok := e.spotOf(e.buf.Caret())
		if !ok {
			return
		}
		before := e.offset()
		d := by * max(textRow, e.Size().Height-2*textRow)
		e.scrollBy(d)
		moved := float32(e.offset() - before)
		x, _ := e.column()
		// At an end of the text the view moves less, so the caret moves more.
		y := s.y + s.h/2 + d - moved
		at := e.placeAt(fyne.NewPos(x+e.goal.x, y))
		if first := e.view.lines[0]; y < first.y && first.i == 0 {
			at = 0
		}
		e.goTo(at, shift)
	}
}
