package desktop

import (
	"fyne.io/fyne/v2"

	"starling/assets"
)

const (
	// placesLeast is the least width of a window that shows the left column beside
	// the text by itself, and textLeast that of a text beside both.
	placesLeast = 620
	textLeast   = 320
)

// columns says which columns the person wants beside the text.
type columns struct {
	left, right bool
	// peek shows the left one until the keyboard is the text's again: in a narrow
	// window, where it pushes the text aside, or to search.
	peek bool
	// glance shows the right one where it has no room by itself: in place of the
	// left one, or, in a narrow window, pushing the text aside.
	glance bool
}

// content lays out the three columns.
func (w *window) content() fyne.CanvasObject {
	return newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(360, 240) },
		w.placeColumns,
		w.places.root, w.header.root, w.page.root, w.aside.root, w.status.root, w.keeper)
}

// placeColumns places the text, and beside it what is wanted and has room. Where
// the left column has none, it pushes the text to the right, out of the window.
func (w *window) placeColumns(size fyne.Size) {
	start, end := float32(0), size.Width
	right := w.rightShown(size)
	left := w.leftShown(size)
	setVisible(w.places.root, left)
	if left {
		start = assets.PlacesWidth
		if narrow(size) {
			end += start
		}
		place(w.places.root, 0, 0, assets.PlacesWidth, size.Height)
	}
	setVisible(w.aside.root, right)
	if right {
		end -= assets.PeopleWidth
		place(w.aside.root, end, 0, assets.PeopleWidth, size.Height)
		if narrow(size) {
			start -= assets.PeopleWidth
		}
	}
	place(w.header.root, start, 0, end-start, assets.BarHeight)
	for _, o := range []fyne.CanvasObject{w.page.root, w.keeper} {
		place(o, start, assets.BarHeight, end-start, size.Height-assets.BarHeight-assets.StatusHeight)
	}
	place(w.status.root, start, size.Height-assets.StatusHeight, end-start, assets.StatusHeight)
}

// narrow says whether there is no room for the left column beside the text.
func narrow(size fyne.Size) bool { return size.Width < placesLeast }

func (w *window) leftShown(size fyne.Size) bool {
	switch {
	case w.columns.peek:
		return true
	case narrow(size) || !w.columns.left:
		return false
	}
	return !w.columns.glance || roomForBoth(size)
}

// roomForBoth says whether both columns have room beside the text.
func roomForBoth(size fyne.Size) bool {
	return size.Width >= assets.PlacesWidth+assets.PeopleWidth+textLeast
}

func (w *window) rightShown(size fyne.Size) bool {
	switch {
	case w.columns.peek && narrow(size):
		return false
	case w.columns.glance:
		return true
	case narrow(size) || !w.columns.right:
		return false
	}
	return roomForBoth(size) || !w.columns.left && size.Width >= assets.PeopleWidth+textLeast
}

// togglePlaces shows or hides the left column.
func (w *window) togglePlaces() {
	size := w.Canvas().Size()
	switch {
	case w.leftShown(size):
		w.columns.peek = false
		if !narrow(size) {
			w.columns.left = false
		}
		w.focusBack() // it may have been there
	case narrow(size):
		w.columns.peek = true
	default:
		w.columns.left, w.columns.glance = true, false
	}
	w.Content().Refresh()
}

// peek shows the left column, for as long as the keyboard is not the text's.
func (w *window) peek() {
	if !w.leftShown(w.Canvas().Size()) {
		w.columns.peek = true
		w.Content().Refresh()
	}
}

// endPeek ends that, and a glance that pushes the text aside.
func (w *window) endPeek() {
	glances := w.columns.glance && narrow(w.Canvas().Size())
	if w.columns.peek || glances {
		w.columns.peek = false
		w.columns.glance = w.columns.glance && !glances
		w.columnsChanged()
	}
}

// goToSearch gives the keyboard to the field that searches all documents.
func (w *window) goToSearch() {
	w.peek()
	w.Canvas().Focus(w.places.search)
}

// togglePeople shows or hides the right column.
func (w *window) togglePeople() {
	size := w.Canvas().Size()
	shown := w.rightShown(size)
	w.closePast()
	if shown {
		w.hideRight(size)
	} else {
		w.showRight()
	}
}

// hideRight hides the right column.
func (w *window) hideRight(size fyne.Size) {
	w.columns.glance = false
	if !narrow(size) {
		w.columns.right = false
	}
	w.columnsChanged()
}

// showRight shows it, whether there is room for it or not.
func (w *window) showRight() {
	size := w.Canvas().Size()
	if w.rightShown(size) {
		return
	}
	w.columns.peek = w.columns.peek && !narrow(size)
	w.columns.right = true
	w.columns.glance = !w.rightShown(size)
	w.columnsChanged()
}

func (w *window) columnsChanged() {
	w.wantOutline()
	w.Content().Refresh()
}
