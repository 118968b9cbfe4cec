package desktop

import (
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// reachWidth is how wide the menu is that says who has the text.
const reachWidth = 270

// showReach opens a menu that says where the text is, person by person, or why
// nobody may write in it here.
func (w *window) showReach() {
	if w.dialog != nil || w.editor == nil {
		return
	}
	rows := newStack(2)
	if w.readOnly != "" {
		rows.Add(newPadded(newProse(w.readOnly, reachWidth-20, faceSmall, inkText), reachWidth))
	}
	space := w.world.space(w.desk.Space)
	if gone(space) {
		rows.Add(w.newSaveRow(space))
	}
	if !gone(space) && !w.arrives() { // else it reaches nobody, or nobody was asked who has it
		if len(rows.Objects) > 0 {
			rows.Add(newRule())
		}
		for _, row := range reachRows(w.desk.Reach, time.Now()) {
			rows.Add(row)
		}
	}
	pill := w.header.pill
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(pill)
	w.openDialog(newMenu(w.newTall(reachWidth, rows),
		at.AddXY(pill.Size().Width-reachWidth-12, pill.Size().Height+6), w.closeDialog))
}

// reachRows say of each person whether they have the text.
func reachRows(r *peer.Reached, now time.Time) []fyne.CanvasObject {
	if r == nil {
		return []fyne.CanvasObject{newNote("It is being looked up.")}
	}
	saved := "Saved on this computer"
	switch {
	case r.Err != nil:
		saved = "Not saved: the disk takes nothing"
	case !r.Saved:
		saved = "Being saved on this computer"
	}
	rows := []fyne.CanvasObject{newSign(assets.IconCheck, saved)}
	if r.Err != nil {
		rows[0] = newSign(assets.IconTriangleAlert, saved)
	}
	reached, missing := whoHasLines(r, now)
	if len(reached) > 0 {
		rows = append(rows, newMenuSection("Have all of it"))
	}
	for _, line := range reached {
		rows = append(rows, newSign(assets.IconCheck, line))
	}
	if len(missing) > 0 {
		rows = append(rows, newMenuSection("Not yet"))
	}
	for _, line := range missing {
		rows = append(rows, newSign(assets.IconClock, line))
	}
	return rows
}

// newMenuSection is a small title above rows of a menu.
func newMenuSection(title string) *ground {
	text := newLabel(title, faceSection, inkDim)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(60, 27) },
		func(size fyne.Size) { place(text, 10, 8, size.Width-20, 15) }, text)
}

// newSign is a line with a picture before it.
func newSign(icon assets.Icon, words string) *ground {
	picture, text := newPicture(icon, assets.SmallIcon, inkDim), newCutLabel(words, faceText, inkText)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(120, 26) },
		func(size fyne.Size) {
			place(picture, 10, middle(size.Height, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
			place(text, 33, 0, size.Width-43, size.Height)
		}, picture, text)
}

// newPadded puts something into a menu with room around it.
func newPadded(o fyne.CanvasObject, width float32) *ground {
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(width, o.MinSize().Height+12) },
		func(size fyne.Size) { place(o, 10, 6, size.Width-20, size.Height-12) }, o)
}
