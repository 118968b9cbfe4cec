package editor

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TypedRune implements [fyne.Focusable].
func (e *Editor) TypedRune(r rune) {
	if e.refuse() {
		return
	}
	e.edit(func() error {
		if done, err := e.typeSign(r); done {
			return err
		}
		return e.buf.Insert(string(r))
	})
}

// TypedKey implements [fyne.Focusable]. Only Shift can be held with the keys
// that come here.
func (e *Editor) TypedKey(ev *fyne.KeyEvent) {
	c := chord{key: ev.Name}
	if e.shiftHeld() {
		c.mod = fyne.KeyModifierShift
	}
	if e.press(c) {
		return
	}
	if c := e.canvas(); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(ev) // as if nothing had the focus
	}
}

// press does what the chord stands for, and reports whether it stands for
// anything.
func (e *Editor) press(c chord) bool {
	name, ok := e.hands.keys.does[c]
	return ok && e.run(name)
}

// KeyDown implements [desktop.Keyable]. TypedKey comes without modifiers.
func (e *Editor) KeyDown(ev *fyne.KeyEvent) { e.holdShift(ev, true) }

// KeyUp implements [desktop.Keyable].
func (e *Editor) KeyUp(ev *fyne.KeyEvent) { e.holdShift(ev, false) }

// shiftHeld reports whether Shift is down. What KeyDown and KeyUp told is not
// all where a menu took the keyboard in between; a driver may know better.
func (e *Editor) shiftHeld() bool {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
	}
	return e.shift
}

func (e *Editor) holdShift(ev *fyne.KeyEvent, down bool) {
	if ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight {
		e.shift = down
	}
}

// AcceptsTab implements [fyne.Tabbable].
func (e *Editor) AcceptsTab() bool { return true }

// TypedShortcut implements [fyne.Shortcutable]. What Fyne makes shortcuts of its
// own becomes a key again, so that one table says what it does.
func (e *Editor) TypedShortcut(s fyne.Shortcut) {
	c, ok := e.hands.chordOf(s)
	if !ok || !e.press(c) {
		e.passOn(s)
	}
}

// chordOf returns the key behind a shortcut.
func (h *hands) chordOf(s fyne.Shortcut) (chord, bool) {
	const ctrl, shift = fyne.KeyModifierControl, fyne.KeyModifierShift
	main := ctrl
	if h.system == "darwin" {
		main = fyne.KeyModifierSuper
	}
	switch s := s.(type) {
	case *desktop.CustomShortcut:
		return chord{s.KeyName, s.Modifier}, true
	case *fyne.ShortcutSelectAll:
		return chord{fyne.KeyA, main}, true
	case *fyne.ShortcutUndo:
		return chord{fyne.KeyZ, main}, true
	case *fyne.ShortcutRedo:
		return chord{fyne.KeyY, main}, true
	case *fyne.ShortcutCopy:
		if s.Secondary {
			return chord{fyne.KeyInsert, main}, true
		}
		return chord{fyne.KeyC, main}, true
	case *fyne.ShortcutCut:
		if s.Secondary {
			return chord{fyne.KeyDelete, shift}, true
		}
		return chord{fyne.KeyX, main}, true
	case *fyne.ShortcutPaste:
		if s.Secondary {
			return chord{fyne.KeyInsert, shift}, true
		}
		return chord{fyne.KeyV, main}, true
	}
	return chord{}, false
}

// passOn gives a shortcut that means nothing in a text to the window, which
// Fyne asks only when nothing has the focus.
func (e *Editor) passOn(s fyne.Shortcut) {
	if c, ok := e.canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}
