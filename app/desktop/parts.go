package desktop

import (
	"fyne.io/fyne/v2"
)

// part is a part of the window and what gets the keyboard there first.
type part struct {
	root  fyne.CanvasObject
	first fyne.Focusable
}

// parts are those that are shown, in the order in which a key goes through them: the
// text keeps Tab for itself, so there is no other way out of it by the keyboard.
func (w *window) parts() (all []part) {
	if e := w.reading(); e != nil {
		all = append(all, part{w.page.body, e})
	}
	if n := w.page.notice; n != nil {
		first := fyne.Focusable(n.close)
		if n.action != nil {
			first = n.action
		}
		all = append(all, part{n.root, first})
	}
	if w.aside.root.Visible() {
		all = append(all, part{w.aside.root, w.aside.tabs[0]})
	}
	if w.places.root.Visible() {
		all = append(all, part{w.places.root, w.places.search})
	}
	return append(all, part{w.header.root, w.header.places})
}

// nextPart gives the keyboard to the part of the window behind the one that has it.
func (w *window) nextPart() {
	all := w.parts()
	next := 0
	if at, ok := w.Canvas().Focused().(fyne.CanvasObject); ok {
		for i, p := range all {
			if within(at, p.root) {
				next = (i + 1) % len(all)
			}
		}
	}
	w.Canvas().Focus(all[next].first)
}

// within says whether the middle of an object is in another one, on the screen.
func within(o, in fyne.CanvasObject) bool {
	d := fyne.CurrentApp().Driver()
	at, from := d.AbsolutePositionForObject(o), d.AbsolutePositionForObject(in)
	x, y := at.X-from.X+o.Size().Width/2, at.Y-from.Y+o.Size().Height/2
	return x >= 0 && y >= 0 && x < in.Size().Width && y < in.Size().Height
}
