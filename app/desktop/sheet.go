package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// sheet lays a panel over the window: a dialog in the middle of it with all
// else darkened, or a menu at a place.
type sheet struct {
	widget.BaseWidget
	content fyne.CanvasObject
	pad     fyne.Size
	// at is where a menu stands; a dialog stands in the middle.
	at   fyne.Position
	menu bool
	// onDismiss is called by Escape and by a click outside. It must close the
	// sheet, or leave it, if it must be answered.
	onDismiss func()

	// top is where a dialog stood in a window of the size within: it stays there as
	// it grows, so that nothing moves away under the mouse.
	top    float32
	within fyne.Size

	scrim, panel *canvas.Rectangle
	canvas       fyne.Canvas // nil while it is not shown
}

const (
	dialogPad = 26 // above and below what a dialog says
	// widePad is that at the sides, and narrowPad where there is little room.
	widePad, narrowPad = 32, 18
	// sheetMargin is what is left of the window around a sheet.
	sheetMargin = 8
)

func newDialog(content fyne.CanvasObject, onDismiss func()) *sheet {
	return newSheet(&sheet{content: content, pad: fyne.NewSize(widePad, dialogPad), onDismiss: onDismiss})
}

func newMenu(content fyne.CanvasObject, at fyne.Position, onDismiss func()) *sheet {
	return newSheet(&sheet{content: content, pad: fyne.NewSize(6, 6), at: at, menu: true, onDismiss: onDismiss})
}

func newSheet(s *sheet) *sheet {
	s.scrim, s.panel = canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	s.ExtendBaseWidget(s)
	return s
}

// show lays the sheet over a window.
func (s *sheet) show(c fyne.Canvas) {
	if s.canvas == nil {
		s.canvas = c
		c.Overlays().Add(s)
	}
}

// hide takes it away.
func (s *sheet) hide() {
	if s.canvas != nil {
		s.canvas.Overlays().Remove(s)
		s.canvas = nil
	}
}

// shown says whether it lies over a window.
func (s *sheet) shown() bool { return s.canvas != nil }

func (s *sheet) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: s, objects: []fyne.CanvasObject{s.scrim, s.panel, s.content},
		min:    func() fyne.Size { return s.content.MinSize().Add(s.pad).Add(s.pad) },
		layout: s.layout, paint: s.paint,
	})
}

func (s *sheet) layout(size fyne.Size) {
	place(s.scrim, 0, 0, size.Width, size.Height)
	pad := s.padIn(size)
	own := s.content.MinSize().Add(pad).Add(pad)
	at := fyne.NewPos(middle(size.Width, own.Width), middle(size.Height, own.Height)*0.92)
	switch {
	case s.menu:
		at = s.at
	case s.within == size:
		at.Y = s.top
	}
	at.X = float32(int(max(min(at.X, size.Width-own.Width-sheetMargin), 0)))
	at.Y = float32(int(max(min(at.Y, size.Height-own.Height-sheetMargin), 0)))
	s.top, s.within = at.Y, size
	place(s.panel, at.X, at.Y, own.Width, own.Height)
	place(s.content, at.X+pad.Width, at.Y+pad.Height, own.Width-2*pad.Width, own.Height-2*pad.Height)
}

// padIn is what lies around the content in a window of a size.
func (s *sheet) padIn(size fyne.Size) fyne.Size {
	pad := s.pad
	if !s.menu && s.content.MinSize().Width+2*pad.Width > size.Width-2*sheetMargin {
		pad.Width = narrowPad
	}
	return pad
}

func (s *sheet) paint(t *assets.Tokens) {
	s.scrim.FillColor = t.Scrim
	s.panel.CornerRadius = assets.DialogRadius
	if s.menu {
		s.scrim.FillColor = color.Transparent
		s.panel.CornerRadius = assets.FieldRadius + 2
	}
	s.panel.FillColor = t.Panel
	s.panel.StrokeWidth, s.panel.StrokeColor = assets.HairlineSize, t.Line
	s.panel.Shadow = canvas.Shadow{Color: t.Shadow, BlurRadius: 28, Offset: fyne.NewPos(0, 10)}
	if s.menu {
		s.panel.Shadow.BlurRadius, s.panel.Shadow.Offset = 16, fyne.NewPos(0, 4)
	}
}

// Tapped dismisses the sheet if the click was outside of its panel.
func (s *sheet) Tapped(event *fyne.PointEvent) {
	at, size := s.panel.Position(), s.panel.Size()
	p := event.Position
	inside := p.X >= at.X && p.Y >= at.Y && p.X < at.X+size.Width && p.Y < at.Y+size.Height
	if !inside {
		s.dismiss()
	}
}

func (s *sheet) dismiss() {
	if s.onDismiss != nil {
		s.onDismiss()
	}
}
