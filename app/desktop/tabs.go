package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
)

// tab is the name of one of the things that a column can show.
type tab struct {
	press
	words  string
	chosen bool
	slim   bool // it stands close to others
	back   *canvas.Rectangle
	text   *canvas.Text
}

func newTab(words string, do func()) *tab {
	t := &tab{words: words, back: canvas.NewRectangle(color.Transparent), text: &canvas.Text{Text: words}}
	t.do = do
	t.own(t)
	return t
}

func (t *tab) choose(chosen bool) {
	if t.chosen != chosen {
		t.chosen = chosen
		t.Refresh()
	}
}

func (t *tab) CreateRenderer() fyne.WidgetRenderer {
	faceMedium.apply(t.text)
	t.back.CornerRadius = assets.FieldRadius
	own := faceMedium.measure(t.words)
	return draw(piece{
		owner: t, objects: []fyne.CanvasObject{t.back, t.text},
		min: func() fyne.Size {
			if t.slim {
				return fyne.NewSize(float32(int(own.Width))+18, segmentHeight)
			}
			return fyne.NewSize(float32(int(own.Width))+22, assets.RowHeight)
		},
		layout: func(size fyne.Size) {
			place(t.back, 0, 0, size.Width, size.Height)
			place(t.text, middle(size.Width, own.Width), middle(size.Height, own.Height), own.Width, own.Height)
		},
		paint: t.paint,
	})
}

func (t *tab) paint(look *assets.Tokens) {
	t.back.FillColor, t.back.StrokeWidth = color.Transparent, 0
	t.text.Color = look.Dim
	switch {
	case t.chosen:
		t.back.FillColor, t.text.Color = look.Page, look.Text
		t.back.StrokeWidth, t.back.StrokeColor = assets.HairlineSize, look.Line
	case t.hovered:
		t.back.FillColor, t.text.Color = look.Hover, look.Text
	}
	if t.focused {
		t.back.StrokeWidth, t.back.StrokeColor = 1.5, look.Accent
	}
}

// side is what the right column can show.
type side int

const (
	sidePeople side = iota
	sideOutline
	sideHistory
	sides
)

// aside is the right column: who is here, how the text is made up, or what was.
type aside struct {
	root   *ground
	tabs   [sides]*tab
	bodies [sides]fyne.CanvasObject
}

// newAside returns the column, which shows people. on is told which tab was
// pressed.
func newAside(people, outline, history fyne.CanvasObject, on func(side)) *aside {
	a := &aside{bodies: [sides]fyne.CanvasObject{people, outline, history}}
	edge := newHairline()
	objects := []fyne.CanvasObject{edge}
	for i, words := range [sides]string{"People", "Outline", "History"} {
		a.tabs[i] = newTab(words, func() { on(side(i)) })
		objects = append(objects, a.tabs[i])
	}
	a.root = newGround(inkSide,
		func() fyne.Size { return fyne.NewSize(assets.PeopleWidth, 320) },
		func(size fyne.Size) {
			place(edge, 0, 0, 1, size.Height)
			x := float32(12)
			for _, t := range a.tabs {
				own := t.MinSize()
				place(t, x, 9, own.Width, own.Height)
				x += own.Width + 4
			}
			for _, body := range a.bodies {
				place(body, 1, assets.BarHeight, size.Width-1, size.Height-assets.BarHeight)
			}
		},
		append(objects, people, outline, history)...)
	a.show(sidePeople)
	return a
}

// show shows one of them.
func (a *aside) show(s side) {
	for i := range a.tabs {
		a.tabs[i].choose(side(i) == s)
		setVisible(a.bodies[i], side(i) == s)
	}
}
