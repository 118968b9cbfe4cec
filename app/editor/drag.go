package editor

import (
	"fyne.io/fyne/v2"
)

// dragging is selected text on its way to another place.
type dragging struct {
	// ready says that the button went down on the selection: a movement begins
	// to drag it, and a release without one is a click.
	ready bool
	on    bool
	// to is the point of the widget where it would be dropped.
	to fyne.Position
}

// grabText makes ready to drag the selection if p is on it.
func (e *Editor) grabText(p fyne.Position) bool {
	if e.mouse.clicks != 1 || !e.onSelection(p) {
		return false
	}
	e.mouse.drag = dragging{ready: true, to: p}
	return true
}

// onSelection reports whether a point is on selected text, and not only at its
// edge or beside it.
func (e *Editor) onSelection(p fyne.Position) bool {
	from, to := e.buf.Selection()
	at := e.placeAt(p)
	if from == to || at < from || at > to {
		return false
	}
	switch s, ok := e.spotOf(at); {
	case !ok, p.Y < s.y, p.Y >= s.y+s.h:
		return false
	case at == from:
		return p.X >= s.x
	case at == to:
		return p.X < s.x
	}
	_, end := e.buf.LineAround(at)
	return at != end
}

// dragText moves what is dragged to a point.
func (e *Editor) dragText(p fyne.Position) {
	e.mouse.drag.on = true
	e.mouse.drag.to = p
	e.update()
}

// cancelDrag gives up dragging text, and reports whether it was dragged.
func (e *Editor) cancelDrag() bool {
	if !e.mouse.drag.on {
		return false
	}
	e.mouse.release()
	e.update()
	return true
}

// dropAt returns where the text would go that is being dragged; ok is false if
// none is.
func (e *Editor) dropAt() (at int, ok bool) {
	if !e.mouse.drag.on {
		return 0, false
	}
	return e.placeAt(e.mouse.drag.to), true
}

// drop ends a press that began on the selection: with the text at another
// place, or as a plain click.
func (e *Editor) drop(mod fyne.KeyModifier) {
	d, last := e.mouse.drag, e.mouse.last
	at := e.placeAt(d.to)
	e.mouse.release()
	if !d.on {
		e.selectQuietly(func() { e.buf.Select(at, at) })
		return
	}
	if size := e.Size(); last.X < 0 || last.Y < 0 || last.X > size.Width || last.Y > size.Height || e.refuse() {
		e.update()
		return
	}
	e.edit(e.here(func() error { return e.buf.MoveText(at, mod&e.copyModifier() != 0) }))
}

// copyModifier is the key that makes a drag leave the text where it was too.
func (e *Editor) copyModifier() fyne.KeyModifier {
	if e.hands.system == "darwin" {
		return fyne.KeyModifierAlt
	}
	return fyne.KeyModifierControl
}

// dropCaret draws where text that is being dragged would go.
func (p *page) dropCaret() {
	at, ok := p.e.dropAt()
	if !ok {
		return
	}
	if s, ok := p.e.spotOf(at); ok {
		b := s.caret()
		p.box(b.x, b.y, b.w, b.h, p.e.config.Theme.Accent, 0)
	}
}
