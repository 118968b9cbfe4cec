package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// emblem is the application's bird on its tile.
type emblem struct {
	widget.BaseWidget
	side float32
	tile *canvas.Rectangle
	bird *glyph
}

func newEmblem(side float32) *emblem {
	e := &emblem{side: side, tile: canvas.NewRectangle(color.Transparent), bird: newGlyph(assets.IconBird)}
	e.ExtendBaseWidget(e)
	return e
}

func (e *emblem) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: e, objects: []fyne.CanvasObject{e.tile, e.bird.Image},
		min: func() fyne.Size { return fyne.NewSquareSize(e.side) },
		layout: func(size fyne.Size) {
			place(e.tile, 0, 0, size.Width, size.Height)
			inner := float32(int(e.side * 0.6))
			place(e.bird, (size.Width-inner)/2, (size.Height-inner)/2, inner, inner)
		},
		paint: func(t *assets.Tokens) {
			e.tile.CornerRadius = e.side * 0.25
			e.tile.FillColor = t.Accent
			e.bird.ink(t.OnAccent)
		},
	})
}

// pill is a chip: a short word in a round box, with an icon.
// It can be pressed, to see more.
type pill struct {
	press
	view  chipView
	short bool
	back  *canvas.Rectangle
	icon  *glyph
	text  *canvas.Text
}

func newPill(do func()) *pill {
	p := &pill{back: canvas.NewRectangle(color.Transparent), icon: newGlyph(assets.IconCheck), text: &canvas.Text{}}
	p.do = do
	p.own(p)
	return p
}

func (p *pill) set(v chipView) {
	if p.view != v {
		p.view = v
		p.Refresh()
	}
}

func (p *pill) setShort(short bool) {
	if p.short != short {
		p.short = short
		p.Refresh()
	}
}

func (p *pill) words() string {
	if p.short {
		return p.view.Short
	}
	return p.view.Words
}

func (p *pill) CreateRenderer() fyne.WidgetRenderer {
	faceSmall.apply(p.text)
	return draw(piece{
		owner: p, objects: []fyne.CanvasObject{p.back, p.icon.Image, p.text},
		min: func() fyne.Size {
			return fyne.NewSize(float32(int(faceSmall.width(p.words())))+39, 24)
		},
		layout: func(size fyne.Size) {
			p.back.CornerRadius = size.Height / 2
			place(p.back, 0, 0, size.Width, size.Height)
			place(p.icon, 11, middle(size.Height, 14), 14, 14)
			p.text.Text = p.words()
			own := faceSmall.measure(p.text.Text)
			place(p.text, 29, middle(size.Height, own.Height), own.Width, own.Height)
		},
		paint: func(t *assets.Tokens) {
			back, on := t.Saved, t.OnSaved
			p.icon.icon = assets.IconCheck
			switch p.view.Tone {
			case toneBusy:
				back, on = t.Code, t.Dim
				p.icon.icon = assets.IconEllipsis
			case toneAlone:
				back, on = t.Code, t.Dim
				p.icon.icon = assets.IconClock
			case toneBad:
				back, on = t.Arrived, t.Text
				p.icon.icon = assets.IconTriangleAlert
			case toneQuiet:
				back, on = t.Code, t.Dim
				p.icon.icon = assets.IconEye
			}
			p.back.StrokeWidth, p.back.StrokeColor = 0, t.Accent
			if p.focused {
				p.back.StrokeWidth = 1.5
			}
			if p.hovered {
				back = mix(back, t.Text, 0.06)
			}
			p.back.FillColor, p.text.Color = back, on
			p.icon.ink(on)
		},
	})
}

// rowButton is a row that can be pressed: an icon, words, and a hint at the
// right.
type rowButton struct {
	press
	icon       *glyph
	words      string
	hint       string
	least      float32 // how wide it is at least
	indent     float32 // as it belongs to the row above
	marked     bool    // as chosen
	lit        bool    // the icon is in the accent
	back       *canvas.Rectangle
	text, tail *canvas.Text
}

func newRowButton(icon assets.Icon, words, hint string, do func()) *rowButton {
	r := &rowButton{
		icon: newGlyph(icon), words: words, hint: hint, least: 120,
		back: canvas.NewRectangle(color.Transparent), text: &canvas.Text{}, tail: &canvas.Text{Text: hint},
	}
	r.do = do
	r.own(r)
	return r
}

func (r *rowButton) CreateRenderer() fyne.WidgetRenderer {
	faceText.apply(r.text)
	faceHint.apply(r.tail)
	return draw(piece{
		owner: r, objects: []fyne.CanvasObject{r.back, r.icon.Image, r.text, r.tail},
		min: func() fyne.Size { return fyne.NewSize(r.least, assets.RowHeight) },
		layout: func(size fyne.Size) {
			r.back.CornerRadius = assets.RowRadius
			place(r.back, 0, 0, size.Width, size.Height)
			place(r.icon, 8+r.indent, middle(size.Height, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
			tail := faceHint.measure(r.hint)
			place(r.tail, size.Width-tail.Width-10, middle(size.Height, tail.Height), tail.Width, tail.Height)
			start := 31 + r.indent
			if r.icon.icon == "" {
				start = 10 + r.indent
			}
			r.text.Text = ellipsis(r.words, size.Width-start-16-tail.Width, faceText.width)
			own := faceText.measure(r.text.Text)
			place(r.text, start, middle(size.Height, own.Height), own.Width, own.Height)
		},
		paint: func(t *assets.Tokens) {
			r.back.FillColor, r.back.StrokeWidth = color.Transparent, 0
			icon := t.Dim
			switch {
			case r.marked:
				r.back.FillColor, icon = t.Selected, t.Accent
			case r.hovered:
				r.back.FillColor = t.Hover
			}
			if r.focused {
				r.back.StrokeWidth, r.back.StrokeColor = 1.5, t.Accent
			}
			if r.lit {
				icon = t.Accent
			}
			r.text.Color, r.tail.Color = t.Text, t.Dim
			if r.disabled {
				r.text.Color, r.back.FillColor = t.Faint, color.Transparent
			}
			if r.icon.Hidden = r.icon.icon == ""; !r.icon.Hidden {
				r.icon.ink(icon)
			}
		},
	})
}
