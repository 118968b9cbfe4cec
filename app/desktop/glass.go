package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/app/editor"
)

// glass lies over a text that is not to be written in: the mouse goes through
// it, and what takes the keyboard with a click loses it with the click's end.
type glass struct {
	widget.BaseWidget
	text *editor.Editor
	// onDone is told that the mouse is done.
	onDone func()
}

var (
	_ fyne.Scrollable    = (*glass)(nil)
	_ fyne.Draggable     = (*glass)(nil)
	_ desktop.Mouseable  = (*glass)(nil)
	_ desktop.Hoverable  = (*glass)(nil)
	_ desktop.Cursorable = (*glass)(nil)
)

func newGlass(text *editor.Editor, onDone func()) *glass {
	g := &glass{text: text, onDone: onDone}
	g.ExtendBaseWidget(g)
	return g
}

func (g *glass) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner:  g,
		min:    func() fyne.Size { return fyne.Size{} },
		layout: func(fyne.Size) {},
	})
}

// Scrolled scrolls the text.
func (g *glass) Scrolled(event *fyne.ScrollEvent) { g.text.Scrolled(event) }

// MouseDown begins to select.
func (g *glass) MouseDown(event *desktop.MouseEvent) { g.text.MouseDown(event) }

// MouseUp ends it.
func (g *glass) MouseUp(event *desktop.MouseEvent) {
	g.text.MouseUp(event)
	g.onDone()
}

// Dragged selects.
func (g *glass) Dragged(event *fyne.DragEvent) { g.text.Dragged(event) }

// DragEnd ends it.
func (g *glass) DragEnd() {
	g.text.DragEnd()
	g.onDone()
}

// MouseIn, MouseMoved and MouseOut choose the mouse's cursor.
func (g *glass) MouseIn(event *desktop.MouseEvent) { g.text.MouseIn(event) }

// MouseMoved is as MouseIn.
func (g *glass) MouseMoved(event *desktop.MouseEvent) { g.text.MouseMoved(event) }

// MouseOut is as MouseIn.
func (g *glass) MouseOut() { g.text.MouseOut() }

// Cursor is that of the text.
func (g *glass) Cursor() desktop.Cursor { return g.text.Cursor() }
