package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// press is what everything has that can be pressed: by the mouse, or, once Tab
// has brought the focus there, by Enter and Space. A click does not focus it,
// so that the ring of the focus is only seen by those who need it.
type press struct {
	widget.BaseWidget
	self             fyne.Widget
	hovered, focused bool
	disabled         bool
	do               func()
	// onHover, if not nil, is told that the mouse came or left.
	onHover func(hovered bool)
}

// own makes self the widget of which p is a part.
func (p *press) own(self fyne.Widget) {
	p.self = self
	p.ExtendBaseWidget(self)
}

// Disabled tells Fyne to skip it on Tab.
func (p *press) Disabled() bool { return p.disabled }

// Enable lets it be pressed.
func (p *press) Enable() { p.setDisabled(false) }

// Disable takes no more presses.
func (p *press) Disable() { p.setDisabled(true) }

func (p *press) setDisabled(disabled bool) {
	if p.disabled != disabled {
		p.disabled = disabled
		p.Refresh()
	}
}

// Tapped is a click.
func (p *press) Tapped(*fyne.PointEvent) {
	if !p.disabled && p.do != nil {
		p.do()
	}
}

// MouseIn shows that it can be pressed.
func (p *press) MouseIn(*desktop.MouseEvent) { p.setHovered(true) }

// MouseMoved does nothing.
func (p *press) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (p *press) MouseOut() { p.setHovered(false) }

func (p *press) setHovered(hovered bool) {
	if p.hovered != hovered {
		p.hovered = hovered
		p.Refresh()
		if p.onHover != nil {
			p.onHover(hovered)
		}
	}
}

// Cursor is the pointer of the mouse over it.
func (p *press) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// FocusGained shows the ring.
func (p *press) FocusGained() { p.setFocused(true) }

// FocusLost hides it.
func (p *press) FocusLost() { p.setFocused(false) }

func (p *press) setFocused(focused bool) {
	if p.focused != focused {
		p.focused = focused
		p.Refresh()
	}
}

// TypedRune does nothing: Space arrives as a key, too.
func (p *press) TypedRune(rune) {}

// TypedKey presses on Enter and Space, and leaves the rest to the window.
func (p *press) TypedKey(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		p.Tapped(nil)
	default:
		p.passOn(event)
	}
}

// passOn gives a key to the window, as if nothing had the focus.
func (p *press) passOn(event *fyne.KeyEvent) { passKeyOn(p.self, event) }

// passKeyOn gives a key that o does not need to its window.
func passKeyOn(o fyne.CanvasObject, event *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(event)
	}
}
