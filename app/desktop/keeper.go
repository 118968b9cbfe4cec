package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// keptMost is how many keys are kept at most: half a minute of the fastest
// typing.
const keptMost = 4096

// keeper has the keyboard while a document that the person asked for is on its
// way, and lies over the page so that no click gives it back to the text before:
// what is typed is meant for the new one, and the old one may be shared. It keeps
// what is typed, in order, until [window.handOver] or [window.giveUp].
type keeper struct {
	widget.BaseWidget
	wishes []wish
	lost   int // keys beyond keptMost
	shift  bool
}

// wish is one thing that was done meanwhile: a letter, a key, a shortcut, or
// something else to do.
type wish struct {
	letter   rune
	key      fyne.KeyName
	shift    bool // held with the key
	shortcut fyne.Shortcut
	do       func()
}

var (
	_ fyne.Focusable    = (*keeper)(nil)
	_ fyne.Shortcutable = (*keeper)(nil)
	_ fyne.Tabbable     = (*keeper)(nil)
	_ desktop.Keyable   = (*keeper)(nil)
)

func newKeeper() *keeper {
	k := &keeper{}
	k.ExtendBaseWidget(k)
	k.Hide()
	return k
}

func (k *keeper) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{owner: k, min: func() fyne.Size { return fyne.Size{} }, layout: func(fyne.Size) {}})
}

// end returns what was kept, and how many keys were too many, and keeps no more.
func (k *keeper) end() (wishes []wish, lost int) {
	wishes, lost = k.wishes, k.lost
	k.wishes, k.lost, k.shift = nil, 0, false
	k.Hide()
	return wishes, lost
}

func (k *keeper) keep(one wish) {
	if len(k.wishes) >= keptMost {
		k.lost++
		return
	}
	k.wishes = append(k.wishes, one)
}

// FocusGained does nothing.
func (k *keeper) FocusGained() {}

// FocusLost forgets about Shift.
func (k *keeper) FocusLost() { k.shift = false }

// TypedRune keeps a letter.
func (k *keeper) TypedRune(r rune) { k.keep(wish{letter: r}) }

// TypedKey keeps a key.
func (k *keeper) TypedKey(event *fyne.KeyEvent) {
	k.keep(wish{key: event.Name, shift: shiftHeld(k.shift)})
}

// TypedShortcut keeps a shortcut.
func (k *keeper) TypedShortcut(s fyne.Shortcut) { k.keep(wish{shortcut: s}) }

// AcceptsTab makes Tab a key like any other.
func (k *keeper) AcceptsTab() bool { return true }

// KeyDown follows Shift.
func (k *keeper) KeyDown(event *fyne.KeyEvent) { k.holdShift(event, true) }

// KeyUp follows Shift.
func (k *keeper) KeyUp(event *fyne.KeyEvent) { k.holdShift(event, false) }

func (k *keeper) holdShift(event *fyne.KeyEvent, down bool) {
	if event.Name == desktop.KeyShiftLeft || event.Name == desktop.KeyShiftRight {
		k.shift = down
	}
}

// shiftHeld says whether Shift is down, as the driver knows it, or else as was
// seen.
func shiftHeld(seen bool) bool {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
	}
	return seen
}

// keepKeys gives the keyboard to the keeper until the document is there that the
// person asks for, and says so where that takes long. making says that it is a
// new one.
func (w *window) keepKeys(making bool) {
	w.making = making
	if !w.entered {
		return
	}
	setVisible(w.keeper, true)
	w.focusText()
}

// afterKeys has something done in its turn: now, or once the keys that were
// typed before are in the document that they are meant for.
func (w *window) afterKeys(do func()) {
	if w.keeper.Visible() && len(w.keeper.wishes) > 0 {
		w.keeper.keep(wish{do: do})
		return
	}
	do()
}

// handOver gives the keyboard to the text that was put on the desk, and does
// what was kept as if the text had been there at once.
func (w *window) handOver() {
	wishes, lost := w.keeper.end()
	w.making = false
	w.focusText()
	over := w.dialog
	for i, one := range wishes {
		if w.keeper.Visible() { // one of them asked for another document
			w.keeper.wishes = append(wishes[i:len(wishes):len(wishes)], w.keeper.wishes...)
			w.keeper.lost += lost
			return
		}
		w.fulfil(one, over)
	}
	if lost > 0 {
		w.mention("Opening took so long that not all that you typed was kept.")
	}
}

// giveUp gives the keyboard back after the document did not come. What was typed
// goes nowhere; it returns a sentence on that, or "". What else was wished is
// done.
func (w *window) giveUp() (line string) {
	wishes, lost := w.keeper.end()
	w.making = false
	w.focusText()
	for i, one := range wishes {
		if one.do == nil {
			lost++
			continue
		}
		one.do()
		if w.keeper.Visible() {
			w.keeper.wishes = append(w.keeper.wishes, wishes[i+1:]...)
		}
		break
	}
	if lost == 0 {
		return ""
	}
	return " What you typed meanwhile is not in any document."
}

// fulfil does what was kept. over is the dialog that has come over the text
// meanwhile, for which it was not meant.
func (w *window) fulfil(one wish, over *sheet) {
	to := w.Canvas().Focused()
	if over != nil && w.dialog == over && w.reading() != nil {
		to = w.reading()
	}
	switch {
	case one.do != nil:
		one.do()
	case one.shortcut != nil:
		w.shortcut(to, one.shortcut)
	case one.letter != 0 && to != nil:
		to.TypedRune(one.letter)
	case one.key != "":
		w.press(to, one)
	}
}

// press gives a key to what has the focus, which asks for itself whether Shift
// is held: where that has changed, it gets a shortcut that says it.
func (w *window) press(to fyne.Focusable, one wish) {
	taker, takes := to.(fyne.Shortcutable)
	switch {
	case to == nil:
		w.key(&fyne.KeyEvent{Name: one.key})
	case takes && one.shift != shiftHeld(one.shift):
		held := fyne.KeyModifier(0)
		if one.shift {
			held = fyne.KeyModifierShift
		}
		taker.TypedShortcut(&desktop.CustomShortcut{KeyName: one.key, Modifier: held})
	default:
		to.TypedKey(&fyne.KeyEvent{Name: one.key})
	}
}

func (w *window) shortcut(to fyne.Focusable, s fyne.Shortcut) {
	if taker, ok := to.(fyne.Shortcutable); ok {
		taker.TypedShortcut(s)
	} else if taker, ok := w.Canvas().(fyne.Shortcutable); ok {
		taker.TypedShortcut(s)
	}
}
