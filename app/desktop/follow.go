package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
	"starling/sync/peer"
)

// follow keeps in view where somebody writes, until the person here writes,
// clicks or scrolls; for one who is followed already, it ends that.
func (w *window) follow(id peer.DeviceID) {
	if w.editor == nil {
		return
	}
	w.closeHelp()
	w.closePast()
	if w.following == id {
		w.editor.Follow("")
		return
	}
	w.editor.Follow(id.String())
	w.focusText()
}

// stopFollowing ends it.
func (w *window) stopFollowing() {
	if w.editor != nil {
		w.editor.Follow("")
	}
	w.focusText()
}

// followed takes note of whom the text follows now, "" for nobody.
func (w *window) followed(id string) {
	w.following = peer.DeviceID{}
	for _, c := range w.desk.Others {
		if c.ID.String() == id {
			w.following = c.ID
		}
	}
	w.renderDesk()
}

// followedName is the name of whom the text follows, "" for nobody.
func (w *window) followedName() string {
	for _, c := range w.desk.Others {
		if w.following != (peer.DeviceID{}) && c.ID == w.following {
			return nameOr(c.Name, "Someone")
		}
	}
	return ""
}

// followChip says in the header who is followed, and ends that with a press.
type followChip struct {
	press
	name string // "" for nobody
	back *canvas.Rectangle
	text *canvas.Text
	stop *canvas.Text
}

func newFollowChip(do func()) *followChip {
	c := &followChip{back: canvas.NewRectangle(color.Transparent), text: &canvas.Text{}, stop: &canvas.Text{Text: "stop"}}
	c.do = do
	c.own(c)
	c.Hide()
	return c
}

// set names who is followed.
func (c *followChip) set(name string) {
	if c.name == name {
		return
	}
	c.name = name
	setVisible(c, name != "")
	c.Refresh()
}

func (c *followChip) words() string {
	return "Following " + ellipsis(c.name, 110, faceSmall.width) + " ·"
}

func (c *followChip) CreateRenderer() fyne.WidgetRenderer {
	faceSmall.apply(c.text)
	faceButton.apply(c.stop)
	return draw(piece{
		owner: c, objects: []fyne.CanvasObject{c.back, c.text, c.stop},
		min: func() fyne.Size {
			return fyne.NewSize(float32(int(faceSmall.width(c.words())+faceButton.width("stop")))+29, 24)
		},
		layout: func(size fyne.Size) {
			c.back.CornerRadius = size.Height / 2
			place(c.back, 0, 0, size.Width, size.Height)
			c.text.Text = c.words()
			own, stop := faceSmall.measure(c.text.Text), faceButton.measure("stop")
			place(c.text, 12, middle(size.Height, own.Height), own.Width, own.Height)
			place(c.stop, 12+own.Width+4, middle(size.Height, stop.Height), stop.Width, stop.Height)
		},
		paint: func(t *assets.Tokens) {
			c.back.FillColor, c.text.Color, c.stop.Color = t.Selected, t.Text, t.Accent
			c.back.StrokeWidth, c.back.StrokeColor = 0, t.Accent
			if c.hovered {
				c.back.FillColor = t.Hover
			}
			if c.focused {
				c.back.StrokeWidth = 1.5
			}
		},
	})
}
