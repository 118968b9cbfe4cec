package desktop

import (
	"image/color"
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// figure is how a person is drawn: a colour and an initial, never a colour
// alone. A device of which we know no person has an icon instead.
type figure struct {
	Initial string
	Colour  int // number of the person's colour in the tokens
	Device  bool
	Away    bool
}

// figureOf is the figure of a person by name and "#RRGGBB". Both come from
// another computer: any colour that is not one of ours becomes the nearest
// that is.
func figureOf(name, colour string) figure {
	return figure{Initial: initial(name), Colour: colourNumber(colour)}
}

// initial is the first letter or digit of a name, in upper case.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "?"
}

// colourNumber finds the person's colour that is nearest to "#RRGGBB"; what is
// not of that form gets the first.
func colourNumber(text string) int {
	c, ok := parseColour(text)
	if !ok {
		return 0
	}
	best, least := 0, 1<<30
	for i, p := range assets.Light.People {
		dr, dg, db := int(p.Fill.R)-int(c.R), int(p.Fill.G)-int(c.G), int(p.Fill.B)-int(c.B)
		if d := dr*dr + dg*dg + db*db; d < least {
			best, least = i, d
		}
	}
	return best
}

func parseColour(text string) (color.NRGBA, bool) {
	digits, ok := strings.CutPrefix(text, "#")
	if !ok || len(digits) != 6 {
		return color.NRGBA{}, false
	}
	var rgb [3]uint8
	for i := range rgb {
		for _, d := range []byte(digits[2*i : 2*i+2]) {
			v := strings.IndexByte("0123456789abcdef", d|0x20)
			if v < 0 {
				return color.NRGBA{}, false
			}
			rgb[i] = rgb[i]<<4 | uint8(v)
		}
	}
	return color.NRGBA{rgb[0], rgb[1], rgb[2], 0xFF}, true
}

// colourText is the n-th person's colour as "#RRGGBB".
func colourText(n int) string {
	const digits = "0123456789ABCDEF"
	c := assets.Light.Person(n).Fill
	out := []byte{'#'}
	for _, v := range []uint8{c.R, c.G, c.B} {
		out = append(out, digits[v>>4], digits[v&0xF])
	}
	return string(out)
}

// avatar draws a figure.
type avatar struct {
	widget.BaseWidget
	figure  figure
	side    float32
	ring    ink // the ground that it stands on, if it overlaps others
	outline *canvas.Circle
	disc    *canvas.Circle
	text    *canvas.Text
	icon    *glyph
}

func newAvatar(f figure, side float32) *avatar {
	a := &avatar{
		figure: f, side: side,
		outline: canvas.NewCircle(color.Transparent), disc: canvas.NewCircle(color.Transparent),
		text: &canvas.Text{}, icon: newGlyph(assets.IconLaptop),
	}
	a.ExtendBaseWidget(a)
	return a
}

func (a *avatar) set(f figure) {
	if a.figure != f {
		a.figure = f
		a.Refresh()
	}
}

func (a *avatar) letter() face { return face{assets.InterSemiBold, max(8, a.side*0.43)} }

func (a *avatar) CreateRenderer() fyne.WidgetRenderer {
	a.letter().apply(a.text)
	return draw(piece{
		owner: a, objects: []fyne.CanvasObject{a.outline, a.disc, a.text, a.icon.Image},
		min: func() fyne.Size { return fyne.NewSquareSize(a.side) },
		layout: func(size fyne.Size) {
			x, y := middle(size.Width, a.side), middle(size.Height, a.side)
			place(a.outline, x-2, y-2, a.side+4, a.side+4)
			place(a.disc, x, y, a.side, a.side)
			own := a.letter().measure(a.text.Text)
			place(a.text, x+(a.side-own.Width)/2, y+(a.side-own.Height)/2, own.Width, own.Height)
			icon := float32(int(a.side * 0.5))
			place(a.icon, x+(a.side-icon)/2, y+(a.side-icon)/2, icon, icon)
		},
		paint: a.paint,
	})
}

func (a *avatar) paint(t *assets.Tokens) {
	fill, on := t.Person(a.figure.Colour).Fill, assets.OnPerson
	if a.figure.Device {
		fill = t.Faint
	}
	if a.figure.Away {
		fill = mix(fill, t.Side, 0.3)
	}
	a.outline.FillColor = color.Transparent
	if a.ring != nil {
		a.outline.FillColor = a.ring(t)
	}
	a.disc.FillColor, a.text.Color = fill, on
	a.text.Text, a.text.Hidden = a.figure.Initial, a.figure.Device
	a.icon.Hidden = !a.figure.Device
	a.icon.ink(on)
}

// crowd is a row of figures, each over a part of the one before.
type crowd struct {
	widget.BaseWidget
	figures []figure
	side    float32
	ground  ink
	most    int // how many are drawn
	box     *fyne.Container
	self    fyne.Widget // of which it is a part
}

func newCrowd(side float32, ground ink, most int) *crowd {
	c := &crowd{}
	c.init(c, side, ground, most)
	return c
}

func (c *crowd) init(self fyne.Widget, side float32, ground ink, most int) {
	c.side, c.ground, c.most, c.box, c.self = side, ground, most, &fyne.Container{}, self
	c.ExtendBaseWidget(self)
}

// pressCrowd is a crowd whose figures can be pressed.
type pressCrowd struct {
	crowd
	do func(i int) // is told which was pressed
}

func newPressCrowd(side float32, ground ink, most int, do func(i int)) *pressCrowd {
	c := &pressCrowd{do: do}
	c.init(c, side, ground, most)
	return c
}

// Tapped is a click on one of them.
func (c *pressCrowd) Tapped(event *fyne.PointEvent) {
	if i := int(event.Position.X / c.step()); len(c.figures) > 0 {
		c.do(min(i, len(c.figures)-1))
	}
}

// Cursor is the pointer of the mouse over them.
func (c *pressCrowd) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (c *crowd) set(figures []figure) {
	figures = figures[:min(len(figures), c.most)]
	if slices.Equal(c.figures, figures) {
		return
	}
	c.figures = figures
	c.box.Objects = nil
	for _, f := range figures {
		a := newAvatar(f, c.side)
		a.ring = c.ground
		c.box.Objects = append(c.box.Objects, a)
	}
	c.Refresh()
}

func (c *crowd) step() float32 { return float32(int(c.side * 0.8)) }

func (c *crowd) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: c.self, objects: []fyne.CanvasObject{c.box},
		min: func() fyne.Size {
			if len(c.figures) == 0 {
				return fyne.Size{}
			}
			return fyne.NewSize(c.side+c.step()*float32(len(c.figures)-1), c.side)
		},
		layout: func(size fyne.Size) {
			c.box.Resize(size)
			for i, o := range c.box.Objects {
				place(o, c.step()*float32(i), middle(size.Height, c.side), c.side, c.side)
			}
		},
	})
}
