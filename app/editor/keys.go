package editor

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
)

// chord is a key with modifiers, Shift left out.
type chord struct {
	key fyne.KeyName
	mod fyne.KeyModifier
}

// command is what a chord does; shift is whether Shift was held.
type command func(e *Editor, shift bool)

var commands = commandsFor(runtime.GOOS)

// commandsFor returns the keys as they are on a system, runtime.GOOS.
func commandsFor(system string) map[chord]command {
	const ctrl, alt, super = fyne.KeyModifierControl, fyne.KeyModifierAlt, fyne.KeyModifierSuper
	all := map[chord]command{
		{fyne.KeyLeft, 0}:      move(buffer.Character, false),
		{fyne.KeyRight, 0}:     move(buffer.Character, true),
		{fyne.KeyUp, 0}:        rows(-1),
		{fyne.KeyDown, 0}:      rows(1),
		{fyne.KeyPageUp, 0}:    pages(-1),
		{fyne.KeyPageDown, 0}:  pages(1),
		{fyne.KeyHome, 0}:      rowEnd(false),
		{fyne.KeyEnd, 0}:       rowEnd(true),
		{fyne.KeyBackspace, 0}: backspace(buffer.Character),
		{fyne.KeyDelete, 0}:    erase(buffer.Character),
		{fyne.KeyReturn, 0}:    newline,
		{fyne.KeyEnter, 0}:     newline,
		{fyne.KeyTab, 0}:       tab,
		{fyne.KeyEscape, 0}:    unselect,
	}
	word, main := ctrl, ctrl
	if system == "darwin" {
		word, main = alt, super
		all[chord{fyne.KeyLeft, super}] = rowEnd(false)
		all[chord{fyne.KeyRight, super}] = rowEnd(true)
		all[chord{fyne.KeyUp, super}] = move(buffer.TextEnd, false)
		all[chord{fyne.KeyDown, super}] = move(buffer.TextEnd, true)
		all[chord{fyne.KeyBackspace, super}] = backspace(buffer.LineEnd)
	} else {
		all[chord{fyne.KeyHome, ctrl}] = move(buffer.TextEnd, false)
		all[chord{fyne.KeyEnd, ctrl}] = move(buffer.TextEnd, true)
	}
	all[chord{fyne.KeyLeft, word}] = move(buffer.Word, false)
	all[chord{fyne.KeyRight, word}] = move(buffer.Word, true)
	all[chord{fyne.KeyBackspace, word}] = backspace(buffer.Word)
	all[chord{fyne.KeyDelete, word}] = erase(buffer.Word)
	all[chord{fyne.KeyZ, main}] = undo
	all[chord{fyne.KeyY, main}] = func(e *Editor, _ bool) { e.redo() }
	all[chord{fyne.KeyReturn, main}] = newline
	all[chord{fyne.KeyEnter, main}] = newline
	return all
}

// TypedRune implements [fyne.Focusable].
func (e *Editor) TypedRune(r rune) {
	e.edit(func() error { return e.buf.Insert(string(r)) })
}

// TypedKey implements [fyne.Focusable].
func (e *Editor) TypedKey(ev *fyne.KeyEvent) {
	if e.press(chord{ev.Name, 0}, e.shift) {
		return
	}
	if c := e.canvas(); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(ev) // as if nothing had the focus
	}
}

// press does what the chord stands for, and reports whether it stands for
// anything.
func (e *Editor) press(c chord, shift bool) bool {
	do, ok := commands[c]
	if ok {
		do(e, shift)
	}
	return ok
}

// KeyDown implements [desktop.Keyable]. TypedKey comes without modifiers.
func (e *Editor) KeyDown(ev *fyne.KeyEvent) { e.follow(ev, true) }

// KeyUp implements [desktop.Keyable].
func (e *Editor) KeyUp(ev *fyne.KeyEvent) { e.follow(ev, false) }

func (e *Editor) follow(ev *fyne.KeyEvent, down bool) {
	if ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight {
		e.shift = down
	}
}

// AcceptsTab implements [fyne.Tabbable].
func (e *Editor) AcceptsTab() bool { return true }

// TypedShortcut implements [fyne.Shortcutable].
func (e *Editor) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		e.goal.set = false
		e.selectQuietly(e.buf.SelectAll)
	case *fyne.ShortcutCopy:
		if text := e.buf.Selected(); text != "" {
			s.Clipboard.SetContent(text)
		}
	case *fyne.ShortcutCut:
		e.cut(s.Clipboard)
	case *fyne.ShortcutPaste:
		text := s.Clipboard.Content()
		e.edit(func() error { return e.buf.Paste(text) })
	case *fyne.ShortcutUndo:
		undo(e, false)
	case *fyne.ShortcutRedo:
		e.redo()
	case *desktop.CustomShortcut:
		if !e.press(chord{s.KeyName, s.Modifier &^ fyne.KeyModifierShift}, s.Modifier&fyne.KeyModifierShift != 0) {
			e.passOn(s)
		}
	}
}

// passOn gives a shortcut that means nothing in a text to the window, which
// Fyne asks only when nothing has the focus.
func (e *Editor) passOn(s fyne.Shortcut) {
	if c, ok := e.canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// selectQuietly changes the selection without bringing its end into view.
func (e *Editor) selectQuietly(change func()) {
	caret, anchor := e.Caret()
	change()
	e.wake()
	e.update()
	if c, a := e.Caret(); (c != caret || a != anchor) && e.config.OnCaret != nil {
		e.config.OnCaret(c, a)
	}
}

func (e *Editor) cut(to fyne.Clipboard) {
	e.edit(func() error {
		text := e.buf.Selected()
		if text == "" {
			return nil
		}
		to.SetContent(text)
		_, err := e.buf.Cut()
		return err
	})
}

func undo(e *Editor, shift bool) {
	if shift {
		e.redo()
		return
	}
	e.edit(func() error {
		_, err := e.buf.Undo()
		return err
	})
}

func (e *Editor) redo() {
	e.edit(func() error {
		_, err := e.buf.Redo()
		return err
	})
}

func newline(e *Editor, _ bool) {
	e.edit(func() error { return e.buf.Newline() })
}

func tab(e *Editor, shift bool) {
	if !shift {
		e.edit(func() error { return e.buf.Insert("\t") })
	}
}

func backspace(by buffer.Unit) command {
	return func(e *Editor, _ bool) {
		e.edit(func() error { return e.buf.Backspace(by) })
	}
}

func erase(by buffer.Unit) command {
	return func(e *Editor, _ bool) {
		e.edit(func() error { return e.buf.Delete(by) })
	}
}

func unselect(e *Editor, _ bool) { e.goTo(e.buf.Caret(), false) }
