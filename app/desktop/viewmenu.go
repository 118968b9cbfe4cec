package desktop

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"starling/app/editor"
	"starling/assets"
)

// viewWidth is how wide the menu of the page's looks is.
const viewWidth = 330

// showView opens the menu that says how the page looks.
func (w *window) showView() {
	if w.dialog != nil {
		return
	}
	face := newSegments([]string{"Serif", "Sans", "Mono"}, slices.Index(pageFaces, w.settings.Face),
		func(i int) { w.change(func(s *settings) { s.Face = pageFaces[i] }) })
	width := newSegments([]string{"Narrow", "Normal", "Wide", "Full"}, slices.Index(pageWidths, w.settings.Width),
		func(i int) { w.change(func(s *settings) { s.Width = pageWidths[i] }) })
	zoom := newStepper(percent(w.settings.Zoom), func(by int) string {
		w.change(func(s *settings) { s.Zoom = zoomed(s.Zoom, by) })
		return percent(w.settings.Zoom)
	})
	rows := newStack(1,
		newChoice("Letters", face), newChoice("Width", width), newChoice("Size", zoom),
		newRule(),
		w.newSwitch("Hide marks away from the caret", func(s *settings) *bool { return &s.HideMarks }),
		w.newSwitch("Keep the caret’s line in the middle", func(s *settings) *bool { return &s.Typewriter }),
		w.newSwitch("Dim all but this paragraph", func(s *settings) *bool { return &s.Focus }),
		w.newSwitch("Show spaces and tabs", func(s *settings) *bool { return &s.Invisibles }),
		newRule(),
		w.newSwitch("Colour the text by who wrote it", func(s *settings) *bool { return &s.Authors }),
		w.newSwitch("Show deleted text", func(s *settings) *bool { return &s.Deleted }),
		newRule())
	for _, row := range w.spellingRows() {
		rows.Add(row)
	}
	rows.Add(newRule())
	rows.Add(newRowButton(assets.IconCircleHelp, "Help", hintOf(keyHelp), func() {
		w.closeDialog()
		w.openHelp()
	}))
	scroll := container.NewVScroll(rows)
	box := newGround(inkNone,
		func() fyne.Size {
			most := w.Canvas().Size().Height - 2*60
			return fyne.NewSize(viewWidth, max(min(rows.MinSize().Height, most), 120))
		},
		func(size fyne.Size) { place(scroll, 0, 0, size.Width, size.Height) }, scroll)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.header.view)
	w.openDialog(newMenu(box, at.AddXY(w.header.view.Size().Width-viewWidth-12, w.header.view.Size().Height+6), w.closeDialog))
}

func percent(n int) string { return fmt.Sprintf("%d %%", n) }

// newRule separates the rows of a menu.
func newRule() *ground {
	rule := newHairline()
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(20, 11) },
		func(size fyne.Size) { place(rule, 8, 5, size.Width-16, 1) }, rule)
}

// newSwitch is a row that turns one of the settings on and off.
func (w *window) newSwitch(words string, of func(*settings) *bool) *check {
	return newCheck(words, "", *of(&w.settings), func(on bool) {
		w.change(func(s *settings) { *of(s) = on })
	})
}

// change changes how the person likes to read, here and for the next time.
func (w *window) change(how func(*settings)) {
	before := w.settings
	before.Languages, before.Told = slices.Clone(before.Languages), slices.Clone(before.Told)
	how(&w.settings)
	w.applySettings(before)
	w.keepSettings()
}

// applySettings gives the texts what has changed since before.
func (w *window) applySettings(before settings) {
	if w.editor != nil {
		w.editor.SetSettings(w.settings.page())
	}
	if w.help != nil {
		w.help.text.SetSettings(helpSettings(w.settings))
	}
	if before.Face != w.settings.Face {
		w.restyle()
	}
	if before.NoSpelling != w.settings.NoSpelling || !slices.Equal(before.Languages, w.settings.Languages) {
		w.loadSpelling()
	}
}

// editorSettings takes on what was changed by a key in the text.
func (w *window) editorSettings(e editor.Settings) {
	w.settings = w.settings.with(e)
	w.keepSettings()
}

// keepSettings writes them to the home, the latest only.
func (w *window) keepSettings() {
	if w.keeping {
		w.keepAgain = true
		return
	}
	w.keeping = true
	home, now := w.home, w.settings
	now.Languages, now.Told = slices.Clone(now.Languages), slices.Clone(now.Told)
	w.bridge.do(func(context.Context) error { return writeSettings(home, now) }, func(err error) {
		w.keeping = false
		if err != nil {
			w.complain(err)
		}
		if w.keepAgain {
			w.keepAgain = false
			w.keepSettings()
		}
	})
}
