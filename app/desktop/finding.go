package desktop

import (
	"starling/app/editor"
	"starling/app/find"
)

// reading is the text on the page: the open document's or the help's; nil if
// there is none that can be searched in.
func (w *window) reading() *editor.Editor {
	switch {
	case w.help != nil:
		return w.help.text
	case w.past != nil:
		return nil
	}
	return w.editor
}

// bar is what is above the text to find something; nil if nothing is.
func (w *window) bar() *ground { return w.page.bar }

// showFind begins a search in the text, with what is selected.
func (w *window) showFind(replace bool) {
	e := w.reading()
	if e == nil {
		return
	}
	if w.finding == nil || w.bar() != w.finding.root {
		w.finding = newFindBar(w.findEvents())
		w.finding.recall(w.sought, w.replacement)
	}
	w.finding.begin(soughtIn(selected(e)), replace && w.help == nil)
	w.page.showBar(w.finding.root)
	w.Canvas().Focus(w.finding.text)
}

func (w *window) findEvents() findEvents {
	on := func(do func(e *editor.Editor)) {
		if e := w.reading(); e != nil {
			do(e)
		}
	}
	return findEvents{
		onQuery: func(s sought) {
			w.sought = s
			on(func(e *editor.Editor) {
				e.Find(find.Query{Text: s.Text, Case: s.Case, Word: s.Word, Regexp: s.Regexp})
			})
		},
		onNext:    w.findNext,
		onReplace: func(with string) { on(func(e *editor.Editor) { e.Replace(with) }) },
		onReplaceAll: func(with string) (n int) {
			on(func(e *editor.Editor) { n = e.ReplaceAll(with) })
			return n
		},
		onClose: w.closeBar,
	}
}

// findNext goes to the next match, or the one before; where nothing is sought
// yet, it asks what.
func (w *window) findNext(back bool) {
	e := w.reading()
	switch {
	case e == nil:
	case w.finding == nil || w.bar() != w.finding.root:
		w.showFind(false)
	default:
		e.FindNext(back)
	}
}

// found says in the bar how the search in a text stands.
func (w *window) found(f editor.Found) {
	if b := w.finding; b != nil {
		b.found(foundOf(b.query.Text, f))
		w.page.root.Refresh() // the bar may be higher
	}
}

// showLine asks for the line to go to.
func (w *window) showLine() {
	if w.reading() == nil {
		return
	}
	w.closeBar()
	bar := newLineBar(func(n int) {
		e := w.reading()
		w.closeBar()
		if e != nil {
			e.GoToLine(n)
		}
	}, w.closeBar)
	w.page.showBar(bar.root)
	w.Canvas().Focus(bar.text)
}

// closeBar ends what the bar above the text is for. The caret stays where it
// is: at what was found.
func (w *window) closeBar() {
	if w.bar() == nil {
		return
	}
	if w.finding != nil {
		w.replacement = w.finding.with.Text()
	}
	w.finding = nil
	w.page.showBar(nil)
	if e := w.reading(); e != nil {
		e.EndFind()
	}
	w.focusBack()
}

// selected is what is selected in a text, as far as a search may begin with it.
func selected(e *editor.Editor) string {
	caret, anchor := e.Caret()
	from, to := min(caret, anchor), max(caret, anchor)
	if from == to || to-from > maxSought {
		return ""
	}
	text, _ := e.Snapshot()
	return slice(text, from, to)
}

// slice is a part of a text by code points.
func slice(text string, from, to int) string {
	n, start := 0, len(text)
	for i := range text {
		if n == from {
			start = i
		}
		if n == to {
			return text[min(start, i):i]
		}
		n++
	}
	return text[start:]
}
