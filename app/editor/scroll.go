package editor

import "fyne.io/fyne/v2"

const (
	barWidth  = 5
	barEdge   = 3  // from the widget's edge
	barGrip   = 14 // how much of the edge can be grabbed
	barPad    = 6  // above and below the track
	thumbMin  = 32
	revealGap = 14 // between the caret's row and the edge, at least
	// typewriterAt is where the caret's row stays, of the height.
	typewriterAt = 0.45
)

// offset is how far the text is scrolled.
func (e *Editor) offset() float64 {
	if len(e.view.lines) == 0 {
		return 0
	}
	first := &e.view.lines[0]
	return e.buf.Top(first.i) + columnTop - float64(first.y)
}

// columnEnd is the room below the last line: enough for a typewriter to keep that
// where it keeps all lines.
func (e *Editor) columnEnd() float32 {
	if e.settings.Typewriter {
		return max(endRoom, e.Size().Height*(1-typewriterAt))
	}
	return endRoom
}

// content is the height of the text with the space around it.
func (e *Editor) content() float64 { return columnTop + e.buf.Height() + float64(e.columnEnd()) }

// scrollBy moves the text up by d.
func (e *Editor) scrollBy(d float32) {
	e.hush()
	if h := e.Size().Height; d > 4*h || d < -4*h {
		e.scrollTo(e.offset() + float64(d))
		return
	}
	e.view.dy -= d
	e.settle()
}

// scrollTo brings the height y of the content to the widget's top.
func (e *Editor) scrollTo(y float64) {
	e.hush()
	y = max(0, min(y, e.content()-float64(e.Size().Height)))
	line, top := e.buf.LineAtHeight(y - columnTop)
	e.view.top.At = e.buf.LineStart(line)
	e.view.dy = float32(top + columnTop - y)
	e.settle()
}

// reveal lays out and brings the caret into view.
func (e *Editor) reveal() {
	e.settle()
	height := e.Size().Height
	e.view.hidden = height == 0
	if e.view.hidden {
		return
	}
	if _, ok := e.spotOf(e.buf.Caret()); !ok {
		line, _ := e.buf.LineAt(e.buf.Caret())
		e.scrollTo(e.buf.Top(line) + columnTop - float64(height)/3)
	}
	s, ok := e.spotOf(e.buf.Caret())
	if !ok {
		return
	}
	if e.settings.Typewriter {
		e.scrollBy(s.y + s.h/2 - height*typewriterAt)
		return
	}
	gap := min(revealGap, max(0, (height-s.h)/2))
	switch {
	case s.y < gap && e.offset() > 0:
		e.scrollBy(s.y - gap)
	case s.y+s.h > height-gap:
		e.scrollBy(s.y + s.h + gap - height)
	}
}

// bringIntoView scrolls to a place, unless it is well in view.
func (e *Editor) bringIntoView(at int) {
	height := e.Size().Height
	s, ok := e.spotOf(at)
	if ok && s.y >= height/8 && s.y+s.h <= height*7/8 {
		return
	}
	if !ok {
		line, _ := e.buf.LineAt(at)
		e.scrollTo(e.buf.Top(line) + columnTop - float64(height)/3)
		// Its row may be far below the line's top.
		if s, ok = e.spotOf(at); !ok || s.y+s.h <= height*7/8 {
			return
		}
	}
	e.scrollBy(s.y - height/3)
}

// Scrolled implements [fyne.Scrollable].
func (e *Editor) Scrolled(ev *fyne.ScrollEvent) {
	e.Follow("")
	e.scrollBy(-ev.Scrolled.DY)
	e.paint()
}

// thumb returns where the scroll bar's thumb is; ok is false if all is in view.
func (e *Editor) thumb() (y, height float32, ok bool) {
	all, seen := e.content(), float64(e.Size().Height)
	track := float32(seen) - 2*barPad
	if all <= seen+1 || track < 2*thumbMin {
		return 0, 0, false
	}
	height = max(thumbMin, track*float32(seen/all))
	y = barPad + (track-height)*float32(e.offset()/(all-seen))
	return min(y, barPad+track-height), height, true
}

// dragThumb scrolls so that the thumb's top is at y.
func (e *Editor) dragThumb(y float32) {
	_, height, ok := e.thumb()
	if !ok {
		return
	}
	e.Follow("")
	seen := e.Size().Height
	part := (y - barPad) / (seen - 2*barPad - height)
	e.scrollTo(float64(part) * (e.content() - float64(seen)))
	e.paint()
}

// barAt returns where on the bar a line of the text is told of.
func (e *Editor) barAt(at int) float32 {
	line, start := e.buf.LineAt(at)
	l := e.buf.Line(line)
	within := float64(l.Height()) * float64(at-start) / float64(l.Runes+1)
	part := (e.buf.Top(line) + columnTop + within) / e.content()
	return barPad + (e.Size().Height-2*barPad)*float32(part)
}
