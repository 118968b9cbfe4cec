package desktop

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// maxVersionName is how long the name of a version may be, in code points.
const maxVersionName = 60

// versionEvents are what the list of versions and what is below it do to the
// past that is shown.
func (w *window) versionEvents() versionsEvents {
	on := func(do func(*past)) func() {
		return func() {
			if w.past != nil {
				do(w.past)
			}
		}
	}
	return versionsEvents{
		versionEvents: versionEvents{
			onSelect: func(i int) { on(func(p *past) { p.choose(i) })() },
			onView:   func(from, to int) { on(func(p *past) { p.view(from, to) })() },
			onPage: func(pages int) {
				on(func(p *past) {
					if p.page != nil {
						p.page.scroll(pages)
					}
				})()
			},
			onEnter: on((*past).bringBack),
			onCopy:  on((*past).copySelected),
			row:     func(i int) versionRow { return w.past.row(i) },
		},
		onBringBack: on((*past).bringBack), onCopyText: on((*past).copyText), onName: on((*past).askName),
	}
}

// row is a version as the list shows it. It is only asked for while the list
// has some.
func (p *past) row(i int) versionRow {
	row := rowOf(p.all[i], p.who, time.Now())
	row.deed = p.deeds[p.all[i].ID]
	return row
}

// bringBack makes the text what it was in the version on the page, and returns
// to it.
func (p *past) bringBack() {
	v, ok := p.current()
	if !ok || p.same || p.window.dialog != nil {
		return
	}
	left := 0
	p.window.versions.allow(false, true)
	p.ask(func(context.Context) (err error) {
		_, seen := p.doc.Snapshot()
		_, _, left, err = p.doc.RestoreVersion(v, seen)
		return err
	}, func(err error) {
		if err != nil {
			p.allow()
			p.window.complain(err)
			return
		}
		p.window.closePast()
		p.window.mention(broughtBackLine(v, left, time.Now()))
		p.window.untilEdited()
	})
}

// untilEdited hides the notice that is shown as soon as the text is another one,
// or that of another document: what it says holds no more.
func (w *window) untilEdited() {
	if w.shared == nil {
		return
	}
	n := w.page.notice
	w.shared.changed = func() {
		if w.page.notice == n {
			w.page.showNotice(nil)
		}
	}
}

// broughtBackLine says what was done, and how to take it back. left is how many
// parts stayed as they were.
func broughtBackLine(v crdt.Version, left int, now time.Time) string {
	line := "The text is as it was " + versionWhen(v.To, now) + ". Ctrl Z takes that back."
	if len(v.Names) > 0 {
		line = "The text is as it was in “" + clean(v.Names[0]) + "”. Ctrl Z takes that back."
	}
	if left > 0 {
		line += " Parts of it that other programs made stayed."
	}
	return line
}

// copyText puts the text of the version on the page on the clipboard.
func (p *past) copyText() {
	if _, ok := p.current(); ok {
		fyne.CurrentApp().Clipboard().SetContent(p.page.leaf.Plain)
		p.window.mention("Copied the text of this version.")
	}
}

// copySelected copies what is selected, or else all.
func (p *past) copySelected() {
	if p.page != nil && !p.page.copySelected(fyne.CurrentApp().Clipboard()) {
		p.copyText()
	}
}

// askName asks what to call the version on the page.
func (p *past) askName() {
	w := p.window
	v, ok := p.current()
	if !ok {
		return
	}
	name := newField("A name, such as “First draft”", 40, face{assets.InterRegular, 14})
	name.most = maxVersionName
	save := newButton(primary, "Name it", nil)
	save.do = func() {
		chosen := clean(name.Text())
		if chosen == "" {
			return
		}
		w.closeDialog()
		p.ask(func(context.Context) error { return p.doc.NameVersion(chosen, v) }, func(err error) {
			if err != nil {
				w.complain(err)
			}
			p.changed()
		})
	}
	name.onSubmit = save.do
	name.onChange = func(text string) { save.setDisabled(clean(text) == "") }
	save.setDisabled(true)
	w.openDialog(newDialog(newStack(14,
		newLabel("Name this version", faceTitle, inkText),
		newProse("Everyone who writes here sees the name, and can come back to it.", formWidth, faceText, inkDim),
		name,
		newEndLine(newButton(plain, "Cancel", w.closeDialog), save)), w.closeDialog))
	w.Canvas().Focus(name)
}

// openDoc is the open document, nil if there is none.
func (w *window) openDoc() *peer.Doc {
	if w.shared == nil {
		return nil
	}
	return w.shared.doc
}

// choose opens a document, or goes back to the text if it is open.
func (w *window) choose(id crdt.DocID) {
	w.closeHelp()
	w.closePast()
	w.openFromList(id)
}

// readingLine says in the status how long the text is, or which version of it
// the page shows.
func (w *window) readingLine() string {
	if p := w.past; p != nil {
		if v, ok := p.current(); ok {
			return readingLine(v, p.who, time.Now())
		}
	}
	return wordLine(w.desk.Counts, w.desk.Chosen)
}
