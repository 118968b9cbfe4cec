package desktop

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// outline is the right column while it tells how the text is made up.
type outline struct {
	root  *ground
	list  *list
	empty *label
	shown outlined
}

// outlined is what an outline was last made of: with each key that is pressed in
// the text, nothing of it changes as a rule.
type outlined struct {
	first   *heading
	n       int
	current int
}

func newOutline(onOpen func(i int)) *outline {
	o := &outline{list: newList(assets.RowHeight, onOpen), empty: newLabel("", faceText, inkDim)}
	o.root = newGround(inkSide,
		func() fyne.Size { return fyne.NewSize(assets.PeopleWidth-1, 120) },
		func(size fyne.Size) {
			place(o.empty, 20, 8, size.Width-36, 20)
			place(o.list, 10, 4, size.Width-20, size.Height-12)
		}, o.empty, o.list)
	return o
}

// set shows headings; the one of the caret comes into view, unless the keys are
// in the list.
func (o *outline) set(rows []listRow, open bool) {
	switch {
	case !open:
		o.empty.set("No document is open.")
	case len(rows) == 0:
		o.empty.set("No headings yet. Begin a line with #.")
	default:
		o.empty.set("")
	}
	fresh := len(o.list.rows) == 0
	o.list.set(rows)
	for i, row := range rows {
		switch {
		case !row.Selected:
		case fresh && o.list.focused: // they came after the keys
			o.list.cursor = i
			o.list.Refresh()
			o.list.reveal(i)
		case !o.list.focused:
			o.list.reveal(i)
		}
	}
}

// showSide shows something in the right column.
func (w *window) showSide(s side) {
	if s == sideHistory {
		w.openPast()
		return
	}
	w.side = s
	w.closePast()
	w.showAside()
}

// showAside shows in the right column what was asked for.
func (w *window) showAside() {
	s := w.side
	if w.past != nil {
		s = sideHistory
	}
	w.aside.show(s)
	w.wantOutline()
	w.renderOutline()
}

// wantOutline has the headings read while they are shown.
func (w *window) wantOutline() {
	wanted := w.side == sideOutline && w.rightShown(w.Canvas().Size()) && w.past == nil
	if w.bridge == nil || w.bridge.outline.Swap(wanted) == wanted {
		return
	}
	if wanted {
		w.bridge.wake()
	}
}

// goToOutline gives the keyboard to the headings, or back to the text.
func (w *window) goToOutline() {
	if w.outline.list.focused {
		w.focusText()
		return
	}
	w.showRight()
	w.showSide(sideOutline)
	if w.aside.root.Visible() { // else the window is too narrow for it
		w.Canvas().Focus(w.outline.list)
	}
}

// openHeading goes to one of the headings.
func (w *window) openHeading(i int) {
	e := w.reading()
	_, places := w.shownHeadings()
	if e == nil || i >= len(places) {
		return
	}
	e.GoTo(places[i])
	w.focusText()
}

// shownHeadings are those of the text on the page, and their places.
func (w *window) shownHeadings() ([]heading, []int) {
	switch {
	case w.help != nil:
		return w.help.headings, w.help.places
	case w.shared != nil:
		return w.shared.headings, w.shared.places
	}
	return nil, nil
}

// read takes in what was read in the text.
func (w *window) read(r reading) {
	w.desk.Counts = r.size
	if !r.outline || w.shared == nil {
		return
	}
	w.shared.setHeadings(r)
	w.renderOutline()
}

// renderOutline brings the outline up to date.
func (w *window) renderOutline() {
	e := w.reading()
	if w.side != sideOutline || w.past != nil {
		return
	}
	if e == nil {
		w.outline.shown = outlined{}
		w.outline.set(nil, false)
		return
	}
	caret, _ := e.Caret()
	headings, places := w.shownHeadings()
	shown := outlined{n: len(headings), current: headingAt(places, caret)}
	if len(headings) > 0 {
		shown.first = &headings[0]
		if shown == w.outline.shown {
			return
		}
	}
	w.outline.shown = shown
	w.outline.set(outlineRows(headings, shown.current), true)
}

// setHeadings takes headings on, with their places carried to the text in the
// editor. Should that have left the text behind that they were read in, they
// come again soon.
func (s *sharedText) setHeadings(r reading) {
	s.headings, s.places = r.headings, make([]int, len(r.headings))
	for i, h := range r.headings {
		s.places[i] = h.At
	}
	if patches, err := s.doc.Since(r.seen); err == nil {
		for i, p := range patches {
			if p.Num > s.seen {
				patches = patches[:i]
				break
			}
		}
		s.places = crdt.Carry(s.places, patches)
	}
}

// tallyPause is the least time between two counts of what is selected.
const tallyPause = 100 * time.Millisecond

// tally counts what is selected off the window's goroutine.
type tally struct {
	busy  bool
	again bool // the selection has changed meanwhile
}

// countSelection counts what is selected, soon.
func (w *window) countSelection() {
	if w.tally.busy {
		w.tally.again = true
		return
	}
	caret, anchor := w.editor.Caret()
	if caret == anchor {
		if w.desk.Chosen != nil {
			w.desk.Chosen = nil
			w.renderStatus()
		}
		return
	}
	w.tally = tally{busy: true}
	shared, doc, seen, text := w.shared, w.shared.doc, w.shared.seen, w.shared.arrived
	var chosen size
	w.bridge.do(func(context.Context) error {
		if from, to := min(caret, anchor), max(caret, anchor); doc == nil {
			chosen = sizeOf(slice(text, from, to))
		} else {
			chosen = countPart(doc, seen, from, to)
		}
		return nil
	}, func(error) {
		if w.shared == shared {
			w.desk.Chosen = &chosen
			w.renderStatus()
		}
		w.bridge.later(tallyPause, func() {
			again := w.tally.again
			w.tally = tally{}
			if again && w.shared != nil {
				w.countSelection()
			}
		})
	})
}

// countPart counts what was from one place to another after patch number seen.
func countPart(doc *peer.Doc, seen uint64, from, to int) size {
	text, _ := doc.Snapshot()
	if patches, err := doc.Since(seen); err == nil {
		at := crdt.Carry([]int{from, to}, patches)
		from, to = at[0], at[1]
	}
	return sizeOf(slice(text, from, to))
}
