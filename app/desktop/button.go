package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
)

// kind is how much a button calls for being pressed.
type kind int

const (
	primary kind = iota // the one thing to do
	plain               // an alternative
)

// ringWidth is the width of the ring around what has the focus.
const ringWidth = 3

// focusEdge is the width of the ring's own edge.
const focusEdge = 1.5

// button is a button with words and perhaps an icon.
type button struct {
	press
	kind   kind
	words  string
	face   face
	height float32
	pad    float32 // left and right of the words
	wide   float32 // it is at least so wide, whatever it says
	icon   *glyph  // nil for none
	// terse leaves the words out, to save width.
	terse bool

	ring, back *canvas.Rectangle
	text       *canvas.Text
}

func newButton(k kind, words string, do func()) *button {
	b := &button{
		kind: k, words: words, face: faceStrong, height: 36, pad: 20,
		ring: canvas.NewRectangle(color.Transparent), back: canvas.NewRectangle(color.Transparent),
		text: &canvas.Text{},
	}
	b.do = do
	b.own(b)
	return b
}

// small makes it fit into a row.
func (b *button) small() *button {
	b.face, b.height, b.pad = faceButton, 25, 11
	return b
}

// withIcon puts an icon before the words.
func (b *button) withIcon(icon assets.Icon) *button {
	b.icon = newGlyph(icon)
	return b
}

// set changes the words.
func (b *button) set(words string) {
	if b.words != words {
		b.words = words
		b.Refresh()
	}
}

// setTerse leaves the words out or shows them.
func (b *button) setTerse(terse bool) {
	if b.terse != terse {
		b.terse = terse
		b.Refresh()
	}
}

func (b *button) CreateRenderer() fyne.WidgetRenderer {
	b.face.apply(b.text)
	objects := []fyne.CanvasObject{b.ring, b.back, b.text}
	if b.icon != nil {
		objects = append(objects, b.icon.Image)
	}
	return draw(piece{owner: b, objects: objects, min: b.least, layout: b.layout, paint: b.paint})
}

func (b *button) least() fyne.Size {
	return fyne.NewSize(max(b.wordsWidth()+b.iconWidth()+2*b.pad, b.wide), b.height)
}

func (b *button) wordsWidth() float32 {
	if b.terse {
		return 0
	}
	return float32(int(b.face.width(b.words) + 0.99))
}

func (b *button) iconWidth() float32 {
	switch {
	case b.icon == nil:
		return 0
	case b.terse:
		return assets.IconSize
	}
	return assets.IconSize + 6
}

func (b *button) layout(size fyne.Size) {
	place(b.ring, -ringWidth, -ringWidth, size.Width+2*ringWidth, size.Height+2*ringWidth)
	place(b.back, 0, 0, size.Width, size.Height)
	b.text.Text = b.words
	b.text.Hidden = b.terse
	own := b.face.measure(b.words)
	x := middle(size.Width, b.wordsWidth()+b.iconWidth())
	if b.icon != nil {
		place(b.icon, x, middle(size.Height, assets.IconSize), assets.IconSize, assets.IconSize)
	}
	place(b.text, x+b.iconWidth(), middle(size.Height, own.Height), own.Width, own.Height)
}

func (b *button) paint(t *assets.Tokens) {
	b.back.CornerRadius = assets.FieldRadius
	b.ring.CornerRadius = assets.FieldRadius + ringWidth
	paintRing(b.ring, b.focused, t)
	fill, on := t.Panel, t.Text
	b.back.StrokeWidth, b.back.StrokeColor = assets.HairlineSize, t.Line
	if b.kind == primary {
		fill, on = t.Accent, t.OnAccent
		b.back.StrokeWidth = 0
	}
	switch {
	case b.disabled:
		fill, on = mix(fill, t.Page, 0.45), mix(on, fill, 0.15)
	case b.hovered && b.kind == primary:
		fill = mix(fill, t.Text, 0.12)
	case b.hovered:
		fill = t.Hover
	}
	b.back.FillColor, b.text.Color = fill, on
	if b.icon != nil {
		b.icon.ink(on)
	}
}

// paintRing shows what has the focus: a halo with an edge, so that it is seen beside
// a button of any colour.
func paintRing(ring *canvas.Rectangle, focused bool, t *assets.Tokens) {
	ring.FillColor, ring.StrokeWidth, ring.StrokeColor = color.Transparent, 0, color.Transparent
	if focused {
		ring.FillColor, ring.StrokeWidth, ring.StrokeColor = t.Halo, focusEdge, t.Accent
	}
}

// iconButton is a square with an icon alone.
type iconButton struct {
	press
	icon       *glyph
	side       float32
	on         bool // what it stands for is so
	ring, back *canvas.Rectangle
}

func newIconButton(icon assets.Icon, do func()) *iconButton {
	b := &iconButton{
		icon: newGlyph(icon), side: 28,
		ring: canvas.NewRectangle(color.Transparent), back: canvas.NewRectangle(color.Transparent),
	}
	b.do = do
	b.own(b)
	return b
}

// set changes the icon.
func (b *iconButton) set(icon assets.Icon) {
	b.icon.icon = icon
	b.Refresh()
}

// turn shows whether what it stands for is so.
func (b *iconButton) turn(on bool) {
	if b.on != on {
		b.on = on
		b.Refresh()
	}
}

func (b *iconButton) CreateRenderer() fyne.WidgetRenderer {
	b.back.CornerRadius = assets.RowRadius
	b.ring.CornerRadius = assets.RowRadius + ringWidth
	return draw(piece{
		owner: b, objects: []fyne.CanvasObject{b.ring, b.back, b.icon.Image},
		min: func() fyne.Size { return fyne.NewSquareSize(b.side) },
		layout: func(size fyne.Size) {
			place(b.ring, -ringWidth, -ringWidth, size.Width+2*ringWidth, size.Height+2*ringWidth)
			place(b.back, 0, 0, size.Width, size.Height)
			place(b.icon, middle(size.Width, assets.IconSize), middle(size.Height, assets.IconSize),
				assets.IconSize, assets.IconSize)
		},
		paint: func(t *assets.Tokens) {
			b.back.FillColor = color.Transparent
			paintRing(b.ring, b.focused, t)
			on := t.Dim
			switch {
			case b.on:
				b.back.FillColor, on = t.Selected, t.Accent
			case b.hovered && !b.disabled:
				b.back.FillColor, on = t.Hover, t.Text
			case b.disabled:
				on = t.Faint
			}
			b.icon.ink(on)
		},
	})
}

// link is words that are underlined and can be pressed.
type link struct {
	press
	words string
	face  face
	text  *canvas.Text
	line  *canvas.Rectangle
	ring  *canvas.Rectangle
}

func newLink(words string, f face, do func()) *link {
	l := &link{
		words: words, face: f, text: &canvas.Text{Text: words},
		line: canvas.NewRectangle(color.Transparent), ring: canvas.NewRectangle(color.Transparent),
	}
	l.do = do
	l.own(l)
	return l
}

// set changes the words.
func (l *link) set(words string) {
	l.words, l.text.Text = words, words
	l.Refresh()
}

func (l *link) CreateRenderer() fyne.WidgetRenderer {
	l.face.apply(l.text)
	l.ring.CornerRadius = ringWidth
	return draw(piece{
		owner: l, objects: []fyne.CanvasObject{l.ring, l.text, l.line},
		min: func() fyne.Size { return l.face.measure(l.words) },
		layout: func(size fyne.Size) {
			own := l.face.measure(l.words)
			place(l.ring, -ringWidth-1, -ringWidth, size.Width+2*ringWidth+2, size.Height+2*ringWidth+1)
			place(l.text, 0, middle(size.Height, own.Height), own.Width, own.Height)
			place(l.line, 0, middle(size.Height, own.Height)+own.Height-1, own.Width, 1)
		},
		paint: func(t *assets.Tokens) {
			colour := t.Accent
			if l.hovered {
				colour = mix(t.Accent, t.Text, 0.35)
			}
			l.text.Color, l.line.FillColor = colour, colour
			paintRing(l.ring, l.focused, t)
		},
	})
}
