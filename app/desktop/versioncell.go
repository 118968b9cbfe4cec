package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
)

const (
	versionHeight = 50
	dayHeight     = 28
	versionAvatar = 24
	versionInset  = 42 // of the words
	versionMargin = 8  // at the right of the rows, where the scroll bar is
)

// versionCell draws one row of the list of versions; it is used for one row
// after another.
type versionCell struct {
	row     versionRow
	state   versionState
	tokens  *assets.Tokens
	back    *canvas.Rectangle
	avatar  *avatar
	name    *canvas.Text
	time    *canvas.Text
	count   *canvas.Text
	did     *canvas.Text
	objects []fyne.CanvasObject
}

// versionState is how a row stands out.
type versionState struct{ selected, hovered, focused bool }

func newVersionCell() *versionCell {
	c := &versionCell{
		back: canvas.NewRectangle(color.Transparent), avatar: newAvatar(figure{}, versionAvatar),
		name: &canvas.Text{}, time: &canvas.Text{}, count: &canvas.Text{}, did: &canvas.Text{},
	}
	faceMedium.apply(c.name)
	faceSmall.apply(c.time)
	faceHint.apply(c.count)
	c.back.CornerRadius = assets.RowRadius
	c.objects = []fyne.CanvasObject{c.back, c.avatar, c.name, c.time, c.count, c.did}
	return c
}

// show takes on a row's words and colours.
func (c *versionCell) show(row versionRow, state versionState, t *assets.Tokens) {
	if c.row == row && c.state == state && c.tokens == t {
		return
	}
	c.row, c.state, c.tokens = row, state, t
	c.back.FillColor, c.back.StrokeWidth = color.Transparent, 0
	switch {
	case state.selected:
		c.back.FillColor = t.Selected
	case state.hovered:
		c.back.FillColor = t.Hover
	}
	if state.focused {
		c.back.StrokeWidth, c.back.StrokeColor = 1.5, t.Accent
	}
	c.avatar.set(row.Author.Figure)
	c.name.Color, c.time.Color, c.count.Color, c.did.Color = t.Text, t.Dim, t.Dim, t.Dim
	c.time.Text, c.count.Text = row.Time, row.Counts
	c.didFace().apply(c.did)
	if row.Named != "" {
		c.did.Color = t.Text
	}
}

// didFace is the face of the second line, which has the version's name if it has
// one.
func (c *versionCell) didFace() face {
	if c.row.Named != "" {
		return faceButton
	}
	return faceSmall
}

// layout places the row, with some air above and below.
func (c *versionCell) layout(at fyne.Position, size fyne.Size) {
	place(c.back, at.X, at.Y+1, size.Width, size.Height-2)
	place(c.avatar, at.X+8, at.Y+middle(size.Height, versionAvatar), versionAvatar, versionAvatar)
	put := func(t *canvas.Text, f face, x, y float32) float32 {
		own := f.measure(t.Text)
		place(t, x, y, own.Width, own.Height)
		return own.Width
	}
	end := at.X + size.Width - 10
	count := faceHint.width(c.count.Text)
	put(c.count, faceHint, end-count, at.Y+9)
	x := at.X + versionInset
	clock := faceSmall.width(c.time.Text)
	room := end - count - 8 - clock - 5 - x
	c.name.Text = ellipsis(c.row.Author.Name, room, faceMedium.width)
	x += put(c.name, faceMedium, x, at.Y+7) + 5
	put(c.time, faceSmall, x, at.Y+8)
	words := c.row.Words
	if c.row.Named != "" {
		words = c.row.Named
	}
	f := c.didFace()
	c.did.Text = ellipsis(words, end-at.X-versionInset, f.width)
	put(c.did, f, at.X+versionInset, at.Y+26)
}
