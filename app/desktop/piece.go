package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
)

// ink picks a colour from the tokens, so that what it paints follows day and
// night.
type ink func(*assets.Tokens) color.Color

func inkText(t *assets.Tokens) color.Color     { return t.Text }
func inkDim(t *assets.Tokens) color.Color      { return t.Dim }
func inkFaint(t *assets.Tokens) color.Color    { return t.Faint }
func inkSide(t *assets.Tokens) color.Color     { return t.Side }
func inkPage(t *assets.Tokens) color.Color     { return t.Page }
func inkSelected(t *assets.Tokens) color.Color { return t.Selected }
func inkArrived(t *assets.Tokens) color.Color  { return t.Arrived }
func inkLine(t *assets.Tokens) color.Color     { return t.Line }

// piece is the renderer of our widgets: objects that stay, a function that
// places them and one that colours them.
type piece struct {
	owner   fyne.Widget
	objects []fyne.CanvasObject
	min     func() fyne.Size
	layout  func(fyne.Size)
	paint   func(*assets.Tokens) // may be nil
}

// draw finishes a renderer by painting it once.
func draw(p piece) fyne.WidgetRenderer {
	if p.paint != nil {
		p.paint(look())
	}
	return &p
}

func (p *piece) Destroy()                     {}
func (p *piece) Objects() []fyne.CanvasObject { return p.objects }
func (p *piece) MinSize() fyne.Size           { return p.min() }
func (p *piece) Layout(size fyne.Size)        { p.layout(size) }

// Refresh colours and places everything anew: the theme or the widget's state
// has changed.
func (p *piece) Refresh() {
	if p.paint != nil {
		p.paint(look())
	}
	p.layout(p.owner.Size())
	canvas.Refresh(p.owner)
}

// place puts an object at a place with a size.
func place(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(width, 0), max(height, 0)))
}

// middle is where something of a length starts to be centred in another.
func middle(outer, inner float32) float32 {
	return float32(int((outer - inner) / 2))
}

// mix returns a with a share of b, from 0 to 1, opaque.
func mix(a, b color.NRGBA, share float32) color.NRGBA {
	blend := func(x, y uint8) uint8 { return uint8(float32(x)*(1-share) + float32(y)*share + 0.5) }
	return color.NRGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 0xFF}
}

// glyph is an icon that takes a colour.
type glyph struct {
	*canvas.Image
	icon   assets.Icon
	drawn  assets.Icon
	colour color.Color
}

func newGlyph(icon assets.Icon) *glyph {
	image := &canvas.Image{FillMode: canvas.ImageFillContain}
	return &glyph{Image: image, icon: icon}
}

// ink draws the icon in a colour, if it is not drawn so already.
func (g *glyph) ink(c color.Color) {
	if g.drawn == g.icon && g.colour == c {
		return
	}
	g.drawn, g.colour = g.icon, c
	g.Resource = g.icon.In(c)
	g.Image.Refresh()
}
