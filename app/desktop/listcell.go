package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
)

// maxIndent keeps deep rows readable.
const maxIndent = 5

// cellState is how a row stands out.
type cellState struct{ hovered, focused bool }

// listCell draws one row of a list; it is used for one row after another.
type listCell struct {
	row     listRow
	state   cellState
	tokens  *assets.Tokens
	back    *canvas.Rectangle
	icon    *glyph
	title   *canvas.Text
	below   *canvas.Text
	note    *canvas.Text
	crowd   *crowd
	objects []fyne.CanvasObject
}

func newListCell() *listCell {
	c := &listCell{
		back: canvas.NewRectangle(color.Transparent), icon: newGlyph(assets.IconFileText),
		title: &canvas.Text{}, below: &canvas.Text{}, note: &canvas.Text{},
		crowd: newCrowd(16, func(t *assets.Tokens) color.Color { return t.Selected }, 3),
	}
	faceText.apply(c.title)
	faceSmall.apply(c.below)
	faceHint.apply(c.note)
	c.objects = []fyne.CanvasObject{c.back, c.icon.Image, c.title, c.below, c.note, c.crowd}
	return c
}

// show takes on a row's words and colours.
func (c *listCell) show(row listRow, state cellState, t *assets.Tokens) {
	if c.row == row && c.state == state && c.tokens == t {
		return
	}
	c.row, c.state, c.tokens = row, state, t
	c.back.FillColor, c.back.StrokeWidth = color.Transparent, 0
	c.title.FontSource = assets.InterRegular
	c.title.Color, c.below.Color, c.note.Color = t.Text, t.Dim, t.Dim
	icon := t.Dim
	switch {
	case row.Selected:
		c.back.FillColor, icon = t.Selected, t.Accent
		c.title.FontSource = assets.InterMedium
	case state.hovered:
		c.back.FillColor = t.Hover
	}
	if row.Quiet {
		c.title.Color = t.Dim
	}
	if state.focused {
		c.back.StrokeWidth, c.back.StrokeColor = 1.5, t.Accent
	}
	if c.icon.Hidden = row.Icon == ""; !c.icon.Hidden {
		c.icon.icon = row.Icon
		c.icon.ink(icon)
	}
	c.crowd.ground = func(t *assets.Tokens) color.Color {
		if row.Selected {
			return t.Selected
		}
		return t.Side
	}
	c.crowd.set(row.Figures[:row.People])
}

// start is where the title begins.
func (c *listCell) start() float32 {
	indent := float32(min(c.row.Indent, maxIndent)) * 14
	if c.row.Icon == "" {
		return 10 + indent
	}
	return 31 + indent
}

// layout places the row, with a pixel of air above and below.
func (c *listCell) layout(at fyne.Position, size fyne.Size) {
	c.back.CornerRadius = assets.RowRadius
	place(c.back, at.X, at.Y, size.Width, size.Height)
	place(c.icon, at.X+8, at.Y+middle(assets.RowHeight, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
	crowd := c.crowd.MinSize()
	place(c.crowd, at.X+size.Width-crowd.Width-8, at.Y+middle(size.Height, crowd.Height), crowd.Width, crowd.Height)
	start := c.start()
	room := size.Width - start - 8
	c.note.Hidden = c.row.Note == "" || c.row.People > 0
	switch {
	case c.row.People > 0:
		room -= crowd.Width + 8
	case !c.note.Hidden:
		c.note.Text = c.row.Note
		own := faceHint.measure(c.note.Text)
		room -= own.Width + 8
		place(c.note, at.X+size.Width-own.Width-8, at.Y+middle(assets.RowHeight, own.Height), own.Width, own.Height)
	}
	title := face{c.title.FontSource, assets.TextSize}
	c.title.Text = ellipsis(c.row.Title, room, title.width)
	own := title.measure(c.title.Text)
	place(c.title, at.X+start, at.Y+middle(assets.RowHeight, own.Height), own.Width, own.Height)
	c.below.Hidden = c.row.Below == ""
	if !c.below.Hidden {
		c.below.Text = ellipsis(c.row.Below, room, faceSmall.width)
		own = faceSmall.measure(c.below.Text)
		place(c.below, at.X+start, at.Y+25, own.Width, own.Height)
	}
}
