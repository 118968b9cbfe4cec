package editor

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/typeset"
)

const (
	authorTint  = 0x22
	authorUnder = 2
	// patterns is how many kinds of underline there are.
	patterns = 4
	// chip is the size of the initial beside a row.
	chip = 15
	// hoverTime is how long the mouse rests before it is said who wrote what.
	hoverTime = 350 * time.Millisecond
)

// authors draws who wrote what: the person's colour behind it, and below it a
// line whose pattern tells people apart whose colours look alike.
func (p *page) authors() {
	e := p.e
	if !e.settings.Authors {
		return
	}
	for i := range e.written.parts {
		w := &e.written.parts[i]
		p.stretch(w.from, w.to, 0, func(l *line, r *typeset.Row, x, right float32) {
			y, end := round(l.y+r.Y), round(l.y+r.Y+r.H)
			p.box(x, y+1, right-x, end-y-2, fade(w.piece.Who.Line, authorTint), 3)
			p.pattern(x, end-authorUnder-2, right, w.piece.Who)
		})
	}
}

// pattern draws a line from x to right as the person's pattern says: whole,
// dotted, dashed, or dashed and dotted.
func (p *page) pattern(x, y, right float32, who Writer) {
	var strokes []float32 // drawn, left out, drawn …
	switch who.Pattern % patterns {
	case 1:
		strokes = []float32{2, 3}
	case 2:
		strokes = []float32{9, 4}
	case 3:
		strokes = []float32{9, 3, 2, 3}
	default:
		p.box(x, y, right-x, authorUnder, who.Line, 0)
		return
	}
	for n := 0; x < right; n++ {
		w := strokes[n%len(strokes)]
		if n%2 == 0 {
			p.box(x, y, min(w, right-x), authorUnder, who.Line, 0)
		}
		x += w
	}
}

// initials draws, beside each row where another person's text begins, who that
// is.
func (p *page) initials() {
	e := p.e
	if !e.settings.Authors {
		return
	}
	left, _ := e.column()
	last, lastY := "", float32(-1<<20)
	for i := range e.written.parts {
		w := &e.written.parts[i]
		if w.piece.Who.ID == last {
			continue
		}
		if w.to <= e.view.top.At {
			continue // above the view
		}
		s, ok := e.spotOf(max(w.from, e.view.top.At))
		if !ok || s.y < lastY+chip {
			continue
		}
		last, lastY = w.piece.Who.ID, s.y
		x, y := left-chip-8, round(s.y+(s.h-chip)/2)
		p.box(x, y, chip, chip, w.piece.Who.Colour, chip/2.0)
		ink := typeset.Ink{Face: typeset.UI, Size: 9}
		height, baseline := e.setter.Metrics(ink)
		width := e.setter.Width(ink, w.piece.Who.Initial)
		p.words(x+(chip-width)/2, y+(chip-height)/2+baseline, ink, w.piece.Who.Initial, white)
	}
}

var white = color.NRGBA{0xff, 0xff, 0xff, 0xff}

// hover is what the mouse rests at.
type hover struct {
	at   fyne.Position
	said string // what is shown there, empty for nothing
	stop func()
}

// hoverAt notes where the mouse is. What it rests on is told after a moment.
func (e *Editor) hoverAt(at fyne.Position) {
	h := &e.hover
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
	if e.hush() {
		e.paint()
	}
	h.at = at
	e.nearCaret(at.X, at.Y)
	if e.settings.Authors || e.settings.Deleted {
		h.stop = e.after(hoverTime, func() {
			h.stop = nil
			if h.said = e.tell(h.at); h.said != "" {
				e.paint()
			}
		})
	}
}

// hush takes back what is told of what the mouse rests on, and reports whether
// there was anything.
func (e *Editor) hush() bool {
	said := e.hover.said
	e.hover.said = ""
	return said != ""
}

// unhover is for when the mouse has left.
func (e *Editor) unhover() {
	e.hoverAt(fyne.NewPos(-1<<10, -1<<10))
	if e.hover.stop != nil {
		e.hover.stop()
		e.hover.stop = nil
	}
}

// tell says who wrote what is at a point of the widget, or who deleted it.
func (e *Editor) tell(at fyne.Position) string {
	if len(e.view.lines) == 0 {
		return ""
	}
	l, row := e.rowAt(at.Y)
	r := &l.Rows[row]
	left, _ := e.column()
	if y := at.Y - l.y - r.Y; y < 0 || y > r.H {
		return ""
	}
	for _, f := range l.Fragments(row) {
		if x := at.X - left - r.X - f.X; x < 0 || x >= f.W {
			continue
		}
		if holeOf(&f) >= 0 {
			return e.tellGone(l, &f)
		}
		if w, ok := e.written.partAt(l.letterAt(row, at.X-left)); ok {
			return whoWhen(w.piece.Who, w.piece.When, "")
		}
	}
	return ""
}

// letterAt is the place before the letter at x of a row, from the column's edge.
func (l *line) letterAt(row int, x float32) int {
	offset := l.OffsetAt(row, x) // the nearer of its two ends
	at := l.place(offset)
	l.Segments(row, l.offset(max(at-1, l.start)), offset, func(from, w float32) {
		if from <= x && x < from+w {
			at--
		}
	})
	return at
}

func (e *Editor) tellGone(l *line, f *typeset.Fragment) string {
	for _, g := range e.written.goneFrom(l.start) {
		if l.offset(g.at) == f.From && g.text == l.holes[holeOf(f)].text {
			return whoWhen(g.piece.Who, g.piece.When, "") + " · " + whoWhen(g.piece.By, g.piece.Went, "deleted by ")
		}
	}
	return ""
}

// whoWhen says who did something and when, as short as the day allows.
func whoWhen(who Writer, when time.Time, did string) string {
	if when.IsZero() {
		return did + who.Name
	}
	return did + who.Name + ", " + when.Format("2 January 2006, 15:04")
}

// bubble draws what is told of what the mouse rests on.
func (p *page) bubble() {
	h := &p.e.hover
	if h.said == "" {
		return
	}
	const pad, high, above = 8, 22, 10
	t := &p.e.config.Theme
	i := typeset.Ink{Face: typeset.UI, Size: flagSize}
	w := p.e.setter.Width(i, h.said)
	size := p.e.Size()
	x := max(4, min(h.at.X-w/2-pad, size.Width-barGrip-w-2*pad))
	y := h.at.Y - high - above
	if y < 0 {
		y = h.at.Y + above
	}
	p.box(round(x), round(y), round(w)+2*pad, high, t.Text, 6)
	height, baseline := p.e.setter.Metrics(i)
	p.words(round(x)+pad, round(y)+(high-height)/2+baseline, i, h.said, t.Page)
}
