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
		min: func() fyne.Size { return fyne.NewSize(float32(int(own.Width))+22, assets.RowHeight) },
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

// aside is the right column: who is here, or what was.
type aside struct {
	root                  *ground
	peopleTab, historyTab *tab
	people, history       fyne.CanvasObject
}

// newAside returns the column, which shows people.
func newAside(people, history fyne.CanvasObject, onPeople, onHistory func()) *aside {
	a := &aside{people: people, history: history, peopleTab: newTab("People", onPeople), historyTab: newTab("History", onHistory)}
	edge := newHairline()
	a.root = newGround(inkSide,
		func() fyne.Size { return fyne.NewSize(assets.PeopleWidth, 320) },
		func(size fyne.Size) {
			place(edge, 0, 0, 1, size.Height)
			own := a.peopleTab.MinSize()
			place(a.peopleTab, 12, 9, own.Width, own.Height)
			next := a.historyTab.MinSize()
			place(a.historyTab, 12+own.Width+4, 9, next.Width, next.Height)
			for _, body := range []fyne.CanvasObject{people, history} {
				place(body, 1, assets.BarHeight, size.Width-1, size.Height-assets.BarHeight)
			}
		},
		edge, a.peopleTab, a.historyTab, people, history)
	a.show(false)
	return a
}

// show shows the history or the people.
func (a *aside) show(history bool) {
	a.peopleTab.choose(!history)
	a.historyTab.choose(history)
	setVisible(a.history, history)
	setVisible(a.people, !history)
}
