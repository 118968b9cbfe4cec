package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

const (
	cardHeight    = 48
	cardAvatar    = 28
	requestHeight = 84
	cardEdge      = 16 // at the sides
)

// personCard is one person in the column of people. One who is in the document
// can be pressed, to go where they write, and followed.
type personCard struct {
	press
	row         personRow
	avatar      *avatar
	name, below *label
	follow      *iconButton
	more        *iconButton
	add         *button
	back        *canvas.Rectangle
}

func newPersonCard(e peopleEvents) *personCard {
	c := &personCard{
		avatar: newAvatar(figure{}, cardAvatar), back: canvas.NewRectangle(color.Transparent),
		name: newCutLabel("", faceMedium, inkText), below: newCutLabel("", faceSmall, inkDim),
	}
	c.follow = newIconButton(assets.IconEye, func() { e.onFollow(c.row.ID) })
	c.follow.onHover = func(bool) { c.tell() }
	c.more = newIconButton(assets.IconEllipsis, func() { e.onMenu(c.row, c.more) })
	c.add = newButton(plain, "Add", func() { e.onAdd(c.row) }).small()
	c.do = func() { e.onGoTo(c.row.ID) }
	c.own(c)
	return c
}

func (c *personCard) set(row personRow) {
	c.row = row
	c.disabled = row.Action != actGoTo
	c.avatar.set(row.Figure)
	c.name.set(row.Name)
	c.name.ink = inkText
	if row.Figure.Away {
		c.name.ink = inkDim
	}
	c.follow.turn(row.Followed)
	setVisible(c.follow, row.Action == actGoTo)
	setVisible(c.add, row.Action == actAdd)
	setVisible(c.more, row.Menu)
	c.below.ink = inkDim
	if row.Like != "" {
		c.below.ink = inkText
	}
	c.tell()
	c.Refresh()
}

// tell says below the name how they are, or what a press would do.
func (c *personCard) tell() {
	below := c.row.Below
	switch {
	case c.follow.hovered && c.row.Followed:
		below = "stop following"
	case c.follow.hovered:
		below = "follow what they do"
	}
	c.below.set(below)
}

func (c *personCard) CreateRenderer() fyne.WidgetRenderer {
	c.back.CornerRadius = assets.RowRadius
	return draw(piece{
		owner: c, objects: []fyne.CanvasObject{c.back, c.avatar, c.name, c.below, c.follow, c.more, c.add},
		min: func() fyne.Size { return fyne.NewSize(200, cardHeight) },
		layout: func(size fyne.Size) {
			place(c.back, 8, 1, size.Width-16, size.Height-2)
			end := size.Width - 16
			if c.row.Menu {
				place(c.more, end-24, middle(size.Height, 28), 28, 28)
				end -= 30
			}
			switch c.row.Action {
			case actAdd:
				own := c.add.MinSize()
				end -= own.Width
				place(c.add, end, middle(size.Height, own.Height), own.Width, own.Height)
				end -= 8
			case actGoTo:
				place(c.follow, end-24, middle(size.Height, 28), 28, 28)
				end -= 30
			}
			placePerson(c.avatar, c.name, c.below, end)
		},
		paint: func(t *assets.Tokens) {
			c.back.FillColor, c.back.StrokeWidth = color.Transparent, 0
			if c.row.Action == actGoTo {
				paintRow(c.back, &c.press, t)
			}
		},
	})
}

// placePerson places who someone is, up to a place at the right.
func placePerson(a *avatar, name, below *label, end float32) {
	place(a, 16, middle(cardHeight, cardAvatar), cardAvatar, cardAvatar)
	place(name, 54, 6, end-54, 18)
	place(below, 54, 25, end-54, 17)
}

// requestCard is someone who waits for an answer.
type requestCard struct {
	widget.BaseWidget
	row           requestRow
	avatar        *avatar
	name, below   *label
	show, decline *button
}

func newRequestCard(e peopleEvents) *requestCard {
	c := &requestCard{
		avatar: newAvatar(figure{}, cardAvatar),
		name:   newCutLabel("", faceMedium, inkText), below: newCutLabel("", faceSmall, inkDim),
	}
	c.show = newButton(primary, "Show code", func() { e.onShow(c.row) }).small()
	c.decline = newButton(plain, "Not now", func() { e.onDecline(c.row) }).small()
	c.ExtendBaseWidget(c)
	return c
}

func (c *requestCard) set(row requestRow) {
	c.row = row
	c.avatar.set(row.Figure)
	c.name.set(row.Title)
	c.below.set(row.Below)
	c.show.set("Show code")
	c.decline.set("Not now")
	if row.New {
		c.show.set("It is")
		c.decline.set("It is not")
	}
	if row.Asked {
		c.decline.set("Cancel")
	}
}

func (c *requestCard) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: c, objects: []fyne.CanvasObject{c.avatar, c.name, c.below, c.show, c.decline},
		min: func() fyne.Size { return fyne.NewSize(200, requestHeight) },
		layout: func(size fyne.Size) {
			placePerson(c.avatar, c.name, c.below, size.Width-12)
			show, decline := c.show.MinSize(), c.decline.MinSize()
			place(c.show, 54, 49, show.Width, show.Height)
			place(c.decline, 54+show.Width+8, 49, decline.Width, decline.Height)
		},
	})
}
