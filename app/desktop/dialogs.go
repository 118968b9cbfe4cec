package desktop

import (
	"context"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// formWidth is how wide the text in dialogs is where there is room.
const formWidth = 380

// wide is how wide the text in a dialog may be in this window.
func (w *window) wide() float32 {
	return max(min(formWidth, w.Canvas().Size().Width-2*narrowPad-2*sheetMargin), 240)
}

// ask asks whether to do something that can't be undone by a key.
func (w *window) ask(title, words, yes string, do func()) {
	w.openDialog(newDialog(newStack(14,
		newHeading(title, w.wide()),
		newProse(words, w.wide(), faceText, inkDim),
		newAnswers(w.wide(), newButton(plain, "Cancel", w.closeDialog), newButton(primary, yes, func() {
			w.closeDialog()
			do()
		}))), w.closeDialog))
}

// tellOf explains something.
func (w *window) tellOf(title, words string) {
	w.openDialog(newDialog(newStack(14,
		newHeading(title, w.wide()),
		newProse(words, w.wide(), faceText, inkDim),
		newEndLine(newButton(primary, "Close", w.closeDialog))), w.closeDialog))
}

// newHeading is the title of a dialog, over several lines if it needs them.
func newHeading(title string, width float32) *prose {
	p := newProse(title, width, faceTitle, inkText)
	p.pitch = 26
	return p
}

// try has the peer do something, says in the end what has come of it, and
// complains if it went wrong. done may be "".
func (w *window) try(done string, work func(ctx context.Context) error) {
	w.bridge.do(work, func(err error) {
		defer w.bridge.wake()
		switch {
		case err != nil:
			w.complain(err)
		case done != "":
			w.mention(done)
		}
	})
}

// newTall shows rows of a width that scroll where the window is too low for
// them. The rows may change; the dialog is to be refreshed then.
func (w *window) newTall(width float32, rows *fyne.Container) *ground {
	return w.newTallBut(width, 0, rows)
}

// newTallOver is newTall with something below it that always stays in view.
func (w *window) newTallOver(width float32, rows *fyne.Container, foot fyne.CanvasObject) fyne.CanvasObject {
	const gap = 12
	return newStack(gap, w.newTallBut(width, foot.MinSize().Height+gap, rows), foot)
}

// newTallBut is newTall that leaves room for something else in the window's height.
func (w *window) newTallBut(width, room float32, rows *fyne.Container) *ground {
	return newScrolling(width, rows, func() float32 {
		most := w.Canvas().Size().Height - 2*(dialogPad+sheetMargin+8) - room
		high := float32(math.Ceil(float64(rows.MinSize().Height))) // a fraction that is lost would make it scroll
		return max(min(high, most), 120)
	})
}

// newScrolling shows rows of a width in a height, and scrolls them where they are
// higher. The rows may change; what they stand in is to be refreshed then.
func newScrolling(width float32, rows *fyne.Container, high func() float32) *ground {
	const ring = 5 // around what has the focus or is chosen, outside of it
	inner := newGround(inkNone,
		func() fyne.Size { return rows.MinSize().AddWidthHeight(2*ring, 2*ring) },
		func(size fyne.Size) { place(rows, ring, ring, width, size.Height-2*ring) }, rows)
	scroll := container.NewVScroll(inner)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(width, high()) },
		func(size fyne.Size) { place(scroll, -ring, -ring, size.Width+2*ring, size.Height+2*ring) }, scroll)
}

// rowKeys remember what the rows of a dialog say, so that they are made anew only if
// that changes: a row that is made anew loses the keyboard's focus.
type rowKeys []string

// other takes on what rows are to say, and reports whether that is something else.
func (k *rowKeys) other(now []string) bool {
	same := *k != nil && slices.Equal(*k, now)
	*k = append([]string{}, now...)
	return !same
}

// watch calls f with each news of the world, until the dialog closes.
func (w *window) watch(f func()) { w.watching = f }

// fixedWidth gives an object a width.
func fixedWidth(width float32, o fyne.CanvasObject) *ground {
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(width, o.MinSize().Height) },
		func(size fyne.Size) { place(o, 0, 0, size.Width, size.Height) }, o)
}

// newAnswers puts buttons side by side at the right, or, where they have no room,
// below each other, the last one first.
func newAnswers(width float32, buttons ...fyne.CanvasObject) *fyne.Container {
	line := newEndLine(buttons...)
	if line.MinSize().Width <= width {
		return line
	}
	slices.Reverse(buttons)
	return newStack(8, buttons...)
}
