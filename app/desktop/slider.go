package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

const (
	sliderHeight = 24
	sliderTrack  = 4
	sliderKnob   = 13
)

// slider is a knob on a track with steps from 0 to most.
type slider struct {
	widget.BaseWidget
	at, most         int
	hovered, focused bool
	onChange         func(at int)

	track, done, ring *canvas.Rectangle
	knob              *canvas.Circle
}

func newSlider(onChange func(at int)) *slider {
	s := &slider{
		onChange: onChange, knob: canvas.NewCircle(color.Transparent), ring: canvas.NewRectangle(color.Transparent),
		track: canvas.NewRectangle(color.Transparent), done: canvas.NewRectangle(color.Transparent),
	}
	s.ExtendBaseWidget(s)
	return s
}

// set puts the knob somewhere, without telling anybody.
func (s *slider) set(at, most int) {
	if s.at != at || s.most != most {
		s.at, s.most = at, most
		s.Refresh()
	}
}

func (s *slider) CreateRenderer() fyne.WidgetRenderer {
	s.track.CornerRadius, s.done.CornerRadius = sliderTrack/2, sliderTrack/2
	s.ring.CornerRadius = sliderKnob/2 + ringWidth
	return draw(piece{
		owner: s, objects: []fyne.CanvasObject{s.track, s.done, s.ring, s.knob},
		min: func() fyne.Size { return fyne.NewSize(4*sliderKnob, sliderHeight) },
		layout: func(size fyne.Size) {
			x, y := s.knobAt(size.Width), middle(size.Height, sliderTrack)
			place(s.track, 0, y, size.Width, sliderTrack)
			place(s.done, 0, y, x+sliderKnob/2, sliderTrack)
			top := middle(size.Height, sliderKnob)
			place(s.knob, x, top, sliderKnob, sliderKnob)
			place(s.ring, x-ringWidth, top-ringWidth, sliderKnob+2*ringWidth, sliderKnob+2*ringWidth)
		},
		paint: func(t *assets.Tokens) {
			s.track.FillColor, s.done.FillColor, s.knob.FillColor = t.Line, t.Accent, t.Accent
			if s.hovered {
				s.knob.FillColor = mix(t.Accent, t.Text, 0.12)
			}
			paintRing(s.ring, s.focused, t)
		},
	})
}

// knobAt is the knob's left edge on a track of a width.
func (s *slider) knobAt(width float32) float32 {
	if s.most == 0 {
		return width - sliderKnob
	}
	return float32(int((width - sliderKnob) * float32(s.at) / float32(s.most)))
}

// move puts the knob to the step nearest to x.
func (s *slider) move(x float32) {
	part := (x - sliderKnob/2) / max(s.Size().Width-sliderKnob, 1)
	s.step(int(part*float32(s.most)+0.5) - s.at)
}

// step moves the knob by some steps, as far as there are any, and tells of it.
func (s *slider) step(by int) {
	to := min(max(s.at+by, 0), s.most)
	if to != s.at {
		s.set(to, s.most)
		s.onChange(to)
	}
}

// MouseDown moves the knob under the mouse.
func (s *slider) MouseDown(event *desktop.MouseEvent) { s.move(event.Position.X) }

// MouseUp does nothing.
func (s *slider) MouseUp(*desktop.MouseEvent) {}

// Dragged moves the knob along.
func (s *slider) Dragged(event *fyne.DragEvent) { s.move(event.Position.X) }

// DragEnd does nothing.
func (s *slider) DragEnd() {}

// Scrolled moves the knob by the wheel.
func (s *slider) Scrolled(event *fyne.ScrollEvent) {
	switch {
	case event.Scrolled.DY > 0:
		s.step(1)
	case event.Scrolled.DY < 0:
		s.step(-1)
	}
}

// MouseIn lights the knob.
func (s *slider) MouseIn(*desktop.MouseEvent) { s.light(true) }

// MouseMoved does nothing.
func (s *slider) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (s *slider) MouseOut() { s.light(false) }

func (s *slider) light(hovered bool) {
	s.hovered = hovered
	s.Refresh()
}

// Cursor is the pointer of the mouse over it.
func (s *slider) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained shows the ring.
func (s *slider) FocusGained() {
	s.focused = true
	s.Refresh()
}

// FocusLost hides it.
func (s *slider) FocusLost() {
	s.focused = false
	s.Refresh()
}

// TypedRune does nothing.
func (s *slider) TypedRune(rune) {}

// TypedKey moves the knob.
func (s *slider) TypedKey(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeyLeft, fyne.KeyDown:
		s.step(-1)
	case fyne.KeyRight, fyne.KeyUp:
		s.step(1)
	case fyne.KeyHome:
		s.step(-s.most)
	case fyne.KeyEnd:
		s.step(s.most)
	default:
		passKeyOn(s, event)
	}
}
