package desktop

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
)

// oneLine makes every run of line breaks and other control characters a space.
func oneLine(text string) string {
	control := false
	return strings.Map(func(r rune) rune {
		was := control
		control = unicode.IsControl(r)
		switch {
		case !control:
			return r
		case was:
			return -1
		}
		return ' '
	}, text)
}

// FocusGained shows the caret.
func (w *field) FocusGained() {
	w.focused = true
	w.Refresh()
}

// FocusLost hides it.
func (w *field) FocusLost() {
	w.focused, w.shift = false, false
	w.Refresh()
}

// TypedRune types a character.
func (w *field) TypedRune(r rune) { w.enter(string(r)) }

// KeyDown and KeyUp follow Shift, which TypedKey does not tell.
func (w *field) KeyDown(event *fyne.KeyEvent) { w.follow(event, true) }

// KeyUp is the end of KeyDown.
func (w *field) KeyUp(event *fyne.KeyEvent) { w.follow(event, false) }

func (w *field) follow(event *fyne.KeyEvent, down bool) {
	if event.Name == desktop.KeyShiftLeft || event.Name == desktop.KeyShiftRight {
		w.shift = down
	}
}

// TypedKey moves, erases and submits.
func (w *field) TypedKey(event *fyne.KeyEvent) {
	if w.onKey != nil && w.onKey(event.Name) {
		return
	}
	switch event.Name {
	case fyne.KeyLeft:
		w.move(buffer.Character, false)
	case fyne.KeyRight:
		w.move(buffer.Character, true)
	case fyne.KeyHome:
		w.move(buffer.TextEnd, false)
	case fyne.KeyEnd:
		w.move(buffer.TextEnd, true)
	case fyne.KeyBackspace:
		w.act(w.content.Backspace(buffer.Character))
	case fyne.KeyDelete:
		w.act(w.content.Delete(buffer.Character))
	case fyne.KeyReturn, fyne.KeyEnter:
		if w.onSubmit != nil {
			w.onSubmit()
		}
	default:
		passKeyOn(w, event)
	}
}

func (w *field) move(by buffer.Unit, forward bool) {
	w.content.Move(by, forward, w.shift)
	w.Refresh()
}

// act shows what an action did to the text.
func (w *field) act(err error) {
	if err != nil { // the local document refuses nothing
		fyne.LogError("Edit a field", err)
	}
	w.changed()
}

// TypedShortcut does what is done to text, and leaves the rest to the window.
func (w *field) TypedShortcut(shortcut fyne.Shortcut) {
	switch s := shortcut.(type) {
	case *fyne.ShortcutCopy:
		if text := w.content.Selected(); text != "" {
			s.Clipboard.SetContent(text)
		}
	case *fyne.ShortcutCut:
		text, err := w.content.Cut()
		if text != "" {
			s.Clipboard.SetContent(text)
		}
		w.act(err)
	case *fyne.ShortcutPaste:
		w.enter(s.Clipboard.Content())
	case *fyne.ShortcutSelectAll:
		w.content.SelectAll()
		w.Refresh()
	case *fyne.ShortcutUndo:
		_, err := w.content.Undo()
		w.act(err)
	case *fyne.ShortcutRedo:
		_, err := w.content.Redo()
		w.act(err)
	case *desktop.CustomShortcut:
		w.custom(s)
	}
}

func (w *field) custom(s *desktop.CustomShortcut) {
	if s.Modifier&^fyne.KeyModifierShift == fyne.KeyModifierShortcutDefault {
		switch s.KeyName {
		case fyne.KeyLeft, fyne.KeyRight:
			w.content.Move(buffer.Word, s.KeyName == fyne.KeyRight, s.Modifier&fyne.KeyModifierShift != 0)
			w.Refresh()
			return
		case fyne.KeyBackspace:
			w.act(w.content.Backspace(buffer.Word))
			return
		case fyne.KeyDelete:
			w.act(w.content.Delete(buffer.Word))
			return
		}
	}
	if w.onShortcut == nil || !w.onShortcut(s) {
		passShortcutOn(w, s)
	}
}

// passShortcutOn gives a shortcut that o does not need to its window.
func passShortcutOn(o fyne.CanvasObject, s fyne.Shortcut) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if window, ok := c.(fyne.Shortcutable); ok {
		window.TypedShortcut(s)
	}
}
