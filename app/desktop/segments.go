package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// segments is a few words side by side, of which one is chosen.
type segments struct {
	widget.BaseWidget
	tabs []*tab
	do   func(i int)
}

func newSegments(words []string, chosen int, do func(i int)) *segments {
	s := &segments{do: do}
	for i, word := range words {
		t := newTab(word, func() { s.choose(i) })
		t.slim = true
		t.choose(i == chosen)
		s.tabs = append(s.tabs, t)
	}
	s.ExtendBaseWidget(s)
	return s
}

// choose chooses the i-th, and tells of it.
func (s *segments) choose(i int) {
	for n, t := range s.tabs {
		t.choose(n == i)
	}
	s.do(i)
}

func (s *segments) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(s.tabs))
	for i, t := range s.tabs {
		objects[i] = t
	}
	return draw(piece{
		owner: s, objects: objects,
		min: func() fyne.Size {
			width := float32(0)
			for _, t := range s.tabs {
				width += t.MinSize().Width
			}
			return fyne.NewSize(width, segmentHeight)
		},
		layout: func(size fyne.Size) {
			x := float32(0)
			for _, t := range s.tabs {
				width := t.MinSize().Width
				place(t, x, 0, width, size.Height)
				x += width
			}
		},
	})
}

const segmentHeight = 26

// choiceEdge is the room before the words of a choice.
const choiceEdge = 8

// newChoice is a row with what is chosen at the left and the choice at the right.
func newChoice(words string, choice fyne.CanvasObject) *ground {
	text := newLabel(words, faceText, inkText)
	return newGround(inkNone,
		func() fyne.Size {
			return fyne.NewSize(choiceEdge+text.natural()+20+choice.MinSize().Width+4, assets.RowHeight+2)
		},
		func(size fyne.Size) {
			own := choice.MinSize()
			place(text, choiceEdge, 0, size.Width-own.Width-2*choiceEdge, size.Height)
			place(choice, size.Width-own.Width-4, middle(size.Height, own.Height), own.Width, own.Height)
		}, text, choice)
}

// check is a row that can be ticked.
type check struct {
	*rowButton
	on bool
}

func newCheck(words, hint string, on bool, do func(on bool)) *check {
	c := &check{on: on}
	c.rowButton = newRowButton(boxIcon(on), words, hint, func() {
		c.on = !c.on
		c.rowButton.icon.icon = boxIcon(c.on)
		c.rowButton.lit = c.on
		c.rowButton.Refresh()
		do(c.on)
	})
	c.rowButton.lit = on
	return c
}

func boxIcon(on bool) assets.Icon {
	if on {
		return assets.IconSquareCheck
	}
	return assets.IconSquare
}

// stepper is a number between a way down and a way up.
type stepper struct {
	widget.BaseWidget
	less, more *iconButton
	value      *label
}

func newStepper(value string, do func(by int) string) *stepper {
	s := &stepper{value: newLabel(value, faceText, inkText)}
	s.value.centre = true
	step := func(by int) func() { return func() { s.value.set(do(by)) } }
	s.less = newIconButton(assets.IconMinus, step(-1))
	s.more = newIconButton(assets.IconPlus, step(1))
	s.ExtendBaseWidget(s)
	return s
}

func (s *stepper) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: s, objects: []fyne.CanvasObject{s.less, s.value, s.more},
		min: func() fyne.Size { return fyne.NewSize(28+52+28, 28) },
		layout: func(size fyne.Size) {
			place(s.less, 0, 0, 28, 28)
			place(s.value, 28, 0, size.Width-56, 28)
			place(s.more, size.Width-28, 0, 28, 28)
		},
	})
}
