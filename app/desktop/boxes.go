package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// ground is a plain area of a colour, with what lies on it.
type ground struct {
	widget.BaseWidget
	ink     ink
	objects []fyne.CanvasObject
	least   func() fyne.Size
	place   func(fyne.Size)
	back    *canvas.Rectangle
}

// newGround returns an area with objects that place puts in their places.
func newGround(colour ink, least func() fyne.Size, place func(fyne.Size), objects ...fyne.CanvasObject) *ground {
	g := &ground{ink: colour, objects: objects, least: least, place: place, back: canvas.NewRectangle(color.Transparent)}
	g.ExtendBaseWidget(g)
	return g
}

func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: g, objects: append([]fyne.CanvasObject{g.back}, g.objects...),
		min: g.least,
		layout: func(size fyne.Size) {
			place(g.back, 0, 0, size.Width, size.Height)
			g.place(size)
		},
		paint: func(t *assets.Tokens) { g.back.FillColor = g.ink(t) },
	})
}

func inkNone(*assets.Tokens) color.Color { return color.Transparent }

// hairline separates.
func newHairline() *ground {
	return newGround(inkLine,
		func() fyne.Size { return fyne.NewSquareSize(assets.HairlineSize) },
		func(fyne.Size) {})
}

// stack lays objects below each other, each with a gap above it; hidden ones
// take no room.
type stack struct {
	gap    float32
	centre bool // at their own width, in the middle
}

func (s stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	before := float32(0)
	for _, o := range objects {
		if o.Visible() {
			own := o.MinSize()
			size.Width = max(size.Width, own.Width)
			size.Height += before + own.Height
			before = s.gap
		}
	}
	return size
}

func (s stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		own := o.MinSize()
		if s.centre {
			place(o, middle(size.Width, own.Width), y, own.Width, own.Height)
		} else {
			place(o, 0, y, size.Width, own.Height)
		}
		y += own.Height + s.gap
	}
}

func newStack(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: stack{gap: gap}, Objects: objects}
}

func newCentredStack(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: stack{gap: gap, centre: true}, Objects: objects}
}

// line lays objects side by side at their own width, in the middle of the
// height; the one called grow, if any, takes what is left.
type line struct {
	gap  float32
	grow fyne.CanvasObject
}

func (l line) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	before := float32(0)
	for _, o := range objects {
		if o.Visible() {
			own := o.MinSize()
			size.Width += before + own.Width
			size.Height = max(size.Height, own.Height)
			before = l.gap
		}
	}
	return size
}

func (l line) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := size.Width - l.MinSize(objects).Width
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		own := o.MinSize()
		if o == l.grow {
			own.Width += max(spare, 0)
		}
		place(o, x, middle(size.Height, own.Height), own.Width, own.Height)
		x += own.Width + l.gap
	}
}

func newLine(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: line{gap: gap}, Objects: objects}
}

func newGrowingLine(gap float32, grow fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: line{gap: gap, grow: grow}, Objects: objects}
}

// newOutdented lets an object that keeps room at its sides begin and end further
// out.
func newOutdented(o fyne.CanvasObject, left, right float32) *ground {
	return newGround(inkNone,
		func() fyne.Size { return o.MinSize().SubtractWidthHeight(left+right, 0) },
		func(size fyne.Size) { place(o, -left, 0, size.Width+left+right, size.Height) }, o)
}

// gap is room and nothing in it.
func newGap(width, height float32) *ground {
	return newGround(inkNone, func() fyne.Size { return fyne.NewSize(width, height) }, func(fyne.Size) {})
}

// picture is an icon that stands alone.
func newPicture(icon assets.Icon, side float32, colour ink) *picture {
	p := &picture{glyph: newGlyph(icon), side: side, ink: colour}
	p.ExtendBaseWidget(p)
	return p
}

type picture struct {
	widget.BaseWidget
	glyph *glyph
	side  float32
	ink   ink
}

// set changes the icon.
func (p *picture) set(icon assets.Icon) {
	if p.glyph.icon != icon {
		p.glyph.icon = icon
		p.Refresh()
	}
}

func (p *picture) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: p, objects: []fyne.CanvasObject{p.glyph.Image},
		min:    func() fyne.Size { return fyne.NewSquareSize(p.side) },
		layout: func(size fyne.Size) { place(p.glyph, 0, 0, size.Width, size.Height) },
		paint:  func(t *assets.Tokens) { p.glyph.ink(p.ink(t)) },
	})
}
