package editor

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
	"starling/app/markdown"
)

const (
	clickTime = 400 * time.Millisecond
	clickNear = 4
	// While the mouse is dragged outside, the text scrolls this often.
	autoscrollTime = 30 * time.Millisecond
)

// mouse is what the mouse is doing.
type mouse struct {
	clicks  int // 1 a click, 2 a double, 3 a triple one
	when    time.Time
	where   fyne.Position
	down    bool
	overBar bool
	// The ends of what the click selected, which a drag keeps selected. The
	// buffer moves them past what others write.
	from, to buffer.Mark
	tracked  bool
	// grip is where on the scroll bar's thumb it was grabbed, if onBar.
	onBar bool
	grip  float32

	// link is what was pressed in a text that can't be written in, and is followed
	// when the mouse is let go there, "" for none; overLink says that the mouse is over
	// one.
	link     string
	overLink bool

	drag dragging
	last fyne.Position // of a drag
	stop func()        // the autoscroll, nil if there is none
}

func (m *mouse) release() {
	m.down, m.onBar, m.link = false, false, ""
	m.drag = dragging{}
	if m.stop != nil {
		m.stop()
		m.stop = nil
	}
}

// endSelecting ends a drag that selects, which keeps what is selected by now, and
// one of text, which stays where it is. It reports whether there was one.
func (e *Editor) endSelecting() bool {
	m := &e.mouse
	if !m.down || m.onBar {
		return false
	}
	m.release()
	return true
}

// keep remembers what the click selected.
func (e *Editor) keep(from, to int) {
	m := &e.mouse
	if !m.tracked {
		e.buf.Track(&m.from)
		e.buf.Track(&m.to)
		m.tracked = true
	}
	m.from.At, m.to.At = from, to
}

// MouseDown implements [desktop.Mouseable].
func (e *Editor) MouseDown(ev *desktop.MouseEvent) {
	if c := e.canvas(); c != nil && !e.focused {
		c.Focus(e)
	}
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	e.mouse.release()
	if e.grab(ev.Position) {
		e.mouse.down = true
		return
	}
	e.goal.set = false
	if e.pressMark(ev) {
		return
	}
	e.mouse.down = true
	e.countClick(ev.Position)
	at := e.placeAt(ev.Position)
	if ev.Modifier&fyne.KeyModifierShift != 0 {
		e.mouse.clicks = 1
		e.keep(e.buf.Anchor(), e.buf.Anchor())
		e.goTo(at, true)
		return
	}
	if e.grabText(ev.Position) {
		return
	}
	from, to := e.around(at)
	e.keep(from, to)
	if e.mouse.link = e.linkUnder(ev); e.mouse.link != "" && e.mouse.clicks == 1 {
		return // the caret stays: where it is, the marks of a link are shown
	}
	e.selectQuietly(func() { e.buf.Select(from, to) })
}

// linkUnder returns the address of the link under the mouse, if a click alone follows
// it: in a text that can't be written in.
func (e *Editor) linkUnder(ev *desktop.MouseEvent) string {
	if e.config.ReadOnly == "" || e.config.OpenLink == nil || ev.Modifier != 0 {
		return ""
	}
	at := e.placeAt(ev.Position)
	s, seen := e.spotOf(at)
	if p := ev.Position; !seen || abs(p.X-s.x) > s.h || p.Y < s.y || p.Y >= s.y+s.h {
		return "" // beside the row
	}
	return e.linkAt(at)
}

// pressMark follows a link with Ctrl held, which is Cmd on macOS, and ticks a
// box. It reports whether there was one.
func (e *Editor) pressMark(ev *desktop.MouseEvent) bool {
	switch ev.Modifier {
	case fyne.KeyModifierControl: // what Fyne makes of Cmd too
		return e.openLinkAt(e.placeAt(ev.Position))
	case 0:
		return e.pressBox(ev.Position)
	}
	return false
}

// pressBox ticks the box of a task at a point, if there is one. The caret stays
// where it is, and so does the view.
func (e *Editor) pressBox(p fyne.Position) bool {
	const near = 3
	from, to, ok := e.boxAt(e.placeAt(p))
	left, seen := e.spotOf(from)
	right, _ := e.spotOf(to)
	if !ok || !seen || p.X < left.x-near || p.X > right.x+near || p.Y < left.y || p.Y >= left.y+left.h {
		return false
	}
	if e.refuse() {
		return true
	}
	e.try(e.here(func() error {
		t := prose{e.buf}
		line, _ := e.buf.LineAt(from)
		r, _ := markdown.Tick(t, line)
		r.Caret, r.Anchor = t.ends()
		return t.carryOut(r)
	}))
	e.update()
	e.changed()
	return true
}

// TappedSecondary implements [fyne.SecondaryTappable]: it asks for a menu about
// the selection if it is there, else about the place.
func (e *Editor) TappedSecondary(ev *fyne.PointEvent) {
	at := e.placeAt(ev.Position)
	if !e.onSelection(ev.Position) {
		e.goal.set = false
		e.selectQuietly(func() { e.buf.Select(at, at) })
	}
	e.askMenu(ev.AbsolutePosition, at)
}

// countClick tells double and triple clicks from single ones.
func (e *Editor) countClick(p fyne.Position) {
	m := &e.mouse
	now := e.now()
	near := abs(p.X-m.where.X) <= clickNear && abs(p.Y-m.where.Y) <= clickNear
	if near && now.Sub(m.when) <= clickTime {
		m.clicks = m.clicks%3 + 1
	} else {
		m.clicks = 1
	}
	m.when, m.where = now, p
}

func abs(x float32) float32 { return max(x, -x) }

// around returns what a click, or a drag that began with one, takes at a place.
func (e *Editor) around(at int) (from, to int) {
	switch e.mouse.clicks {
	case 2:
		return e.buf.WordAround(at)
	case 3:
		return e.buf.LineAround(at)
	default:
		return at, at
	}
}

// MouseUp implements [desktop.Mouseable].
func (e *Editor) MouseUp(ev *desktop.MouseEvent) {
	if e.mouse.drag.ready && ev.Button == desktop.MouseButtonPrimary {
		e.drop(ev.Modifier)
		return
	}
	link := e.mouse.link
	e.mouse.release()
	if link != "" && ev.Button == desktop.MouseButtonPrimary {
		e.config.OpenLink(link)
	}
}

// Dragged implements [fyne.Draggable].
func (e *Editor) Dragged(ev *fyne.DragEvent) {
	m := &e.mouse
	if !m.down {
		return
	}
	if m.onBar {
		e.dragThumb(ev.Position.Y - m.grip)
		return
	}
	m.last = ev.Position
	if near := abs(m.last.X-m.where.X) <= clickNear && abs(m.last.Y-m.where.Y) <= clickNear; m.link != "" && near {
		return // no hand is quite still
	}
	m.link = ""
	e.dragTo(ev.Position)
	if e.outside() != 0 && m.stop == nil {
		m.stop = e.after(autoscrollTime, e.autoscroll)
	}
}

// DragEnd implements [fyne.Draggable]. A drag that ends on the widget has been
// told to MouseUp before.
func (e *Editor) DragEnd() {
	if !e.cancelDrag() {
		e.mouse.release()
	}
}

func (e *Editor) dragTo(p fyne.Position) {
	m := &e.mouse
	if m.drag.ready {
		e.dragText(p)
		return
	}
	from, to := e.around(e.placeAt(p))
	e.selectQuietly(func() {
		if from < m.from.At {
			e.buf.Select(m.to.At, from)
		} else {
			e.buf.Select(m.from.At, max(to, m.to.At))
		}
	})
}

// outside is how far the mouse is dragged below the widget, negative above.
func (e *Editor) outside() float32 {
	y := e.mouse.last.Y
	return min(y, 0) + max(y-e.Size().Height, 0)
}

// autoscroll scrolls while the mouse is held outside, faster further out.
func (e *Editor) autoscroll() {
	d := e.outside()
	if d == 0 {
		e.mouse.stop = nil
		return
	}
	e.mouse.stop = e.after(autoscrollTime, e.autoscroll)
	e.scrollBy(min(max(d/2, -60), 60))
	p := e.mouse.last
	p.Y = min(max(p.Y, 0), e.Size().Height-1)
	e.dragTo(p)
}

// grab takes hold of the scroll bar if p is on it.
func (e *Editor) grab(p fyne.Position) bool {
	y, height, ok := e.thumb()
	if !ok || p.X < e.Size().Width-barGrip {
		return false
	}
	e.mouse.onBar = true
	e.mouse.grip = p.Y - y
	if p.Y < y || p.Y > y+height {
		e.mouse.grip = height / 2
		e.dragThumb(p.Y - e.mouse.grip)
	}
	return true
}

// MouseIn implements [desktop.Hoverable].
func (e *Editor) MouseIn(ev *desktop.MouseEvent) { e.MouseMoved(ev) }

// MouseMoved implements [desktop.Hoverable].
func (e *Editor) MouseMoved(ev *desktop.MouseEvent) {
	e.hoverAt(ev.Position)
	_, _, bar := e.thumb()
	e.mouse.overBar = bar && ev.Position.X >= e.Size().Width-barGrip
	e.mouse.overLink = !e.mouse.down && e.linkUnder(ev) != ""
}

// MouseOut implements [desktop.Hoverable].
func (e *Editor) MouseOut() {
	e.unhover()
	e.mouse.overBar, e.mouse.overLink = false, false
}

// Cursor implements [desktop.Cursorable].
func (e *Editor) Cursor() desktop.Cursor {
	if e.mouse.overBar {
		return desktop.DefaultCursor
	}
	if e.mouse.overLink {
		return desktop.PointerCursor
	}
	return desktop.TextCursor
}
