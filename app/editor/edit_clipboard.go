package editor

import (
	"strings"

	"fyne.io/fyne/v2"

	"starling/app/buffer"
)

// clipboard is the system's.
func clipboard() fyne.Clipboard { return fyne.CurrentApp().Clipboard() }

// taken returns what copying and cutting take: the selection, or without one
// the caret's line, with a newline.
func (e *Editor) taken() (from, to int, text string) {
	from, to = e.buf.Selection()
	if from != to {
		return from, to, e.buf.Slice(from, to)
	}
	from, to = e.buf.LineAround(e.buf.Caret())
	text = e.buf.Slice(from, to)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return from, to, text
}

func copyOut(e *Editor) { e.take() }

// take puts what copying takes on the clipboard and returns where it is.
func (e *Editor) take() (from, to int) {
	from, to, text := e.taken()
	if text == "" {
		return from, from
	}
	e.hands.line = ""
	if e.buf.Caret() == e.buf.Anchor() {
		e.hands.line = text
	}
	clipboard().SetContent(text)
	return from, to
}

func cut(e *Editor) {
	e.edit(func() error {
		from, to := e.buf.Selection()
		whole := from == to
		if from, to = e.take(); from == to {
			return nil
		}
		if whole {
			return e.deleteLines()
		}
		return e.replace(from, to, "")
	})
}

// paste puts the clipboard's text in: a line that was taken whole above the
// caret's, an address over a selection as its link, all else as it is.
func paste(e *Editor) {
	text := clipboard().Content()
	e.edit(func() error {
		caret, anchor := e.Caret()
		if caret == anchor && text != "" && text == e.hands.line {
			start, _ := e.buf.LineAround(caret)
			caret += len([]rune(text))
			return e.buf.Replace([]buffer.Splice{{At: start, Insert: text}}, caret, caret)
		}
		if done, err := e.pasteLink(text); done {
			return err
		}
		return e.buf.Paste(text)
	})
}

func pastePlain(e *Editor) {
	text := clipboard().Content()
	e.edit(func() error { return e.buf.Paste(text) })
}
