package desktop

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/editor"
)

// windowKey is a key that works everywhere in the window. Those of the text are
// the editor's.
type windowKey struct {
	name  string
	title string
	key   fyne.KeyName
	// more is held beside Ctrl, or Cmd on macOS; bare says that nothing is.
	more fyne.KeyModifier
	bare bool
}

// Names of the window's keys.
const (
	keyNew     = "new"
	keySearch  = "search"
	keyColumn  = "column"
	keyPlaces  = "places"
	keyOutline = "outline"
	keyHistory = "history"
	keyView    = "view"
	keyHelp    = "help"
	keyPart    = "part"
)

// windowKeys are the same on every system but for Ctrl, which is Cmd on macOS.
var windowKeys = []windowKey{
	{keyNew, "New document", fyne.KeyN, 0, false},
	{keySearch, "Search all documents", fyne.KeyP, 0, false},
	{keyPlaces, "Show or hide the left column", fyne.KeyBackslash, fyne.KeyModifierShift, false},
	{keyColumn, "Show or hide the right column", fyne.KeyBackslash, 0, false},
	{keyOutline, "Outline", fyne.KeyO, fyne.KeyModifierShift, false},
	{keyHistory, "History", fyne.KeyH, fyne.KeyModifierShift, false},
	{keyView, "How the page looks", fyne.KeyComma, 0, false},
	{keyPart, "Next part of the window", fyne.KeyF6, 0, true},
	{keyHelp, "Help", fyne.KeyF1, 0, true},
}

// write is how people read it on a system, runtime.GOOS.
func (k windowKey) write(system string) string {
	var held []string
	if !k.bare {
		main := "Ctrl"
		if system == "darwin" {
			main = "Cmd"
		}
		held = append(held, main)
		if k.more&fyne.KeyModifierShift != 0 {
			held = append(held, "Shift")
		}
	}
	return strings.Join(append(held, string(k.key)), "+")
}

// hint is how it stands in a row: "Ctrl N", or as macOS writes it.
func (k windowKey) hint(system string) string {
	switch {
	case system != "darwin" || k.bare:
		return strings.ReplaceAll(k.write(system), "+", " ")
	case k.more&fyne.KeyModifierShift != 0:
		return "⇧⌘" + string(k.key)
	}
	return "⌘" + string(k.key)
}

// hintOf is the hint of one of the window's doings on this system.
func hintOf(name string) string {
	for _, k := range windowKeys {
		if k.name == name {
			return k.hint(runtime.GOOS)
		}
	}
	return ""
}

// commandKeys is how the keys of one of the editor's commands are written here.
func commandKeys(c editor.Command) string {
	for _, info := range editor.Commands() {
		if info.Name == c {
			return info.Keys
		}
	}
	return ""
}

// shortcuts are the keys that work everywhere in the window.
func (w *window) shortcuts() {
	does := map[string]func(){
		keyNew: w.createDocument, keySearch: w.goToSearch, keyPlaces: w.togglePlaces,
		keyColumn: w.togglePeople, keyOutline: w.goToOutline, keyHistory: w.togglePast,
		keyView: w.showView,
	}
	for _, k := range windowKeys {
		if !k.bare {
			w.on(k.key, fyne.KeyModifierShortcutDefault|k.more, does[k.name])
		}
	}
	// The text passes these on, and they are good elsewhere, too.
	w.on(fyne.KeyF, fyne.KeyModifierShortcutDefault, func() { w.showFind(false) })
	w.on(fyne.KeyG, fyne.KeyModifierShortcutDefault, func() { w.findNext(false) })
	w.on(fyne.KeyG, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, func() { w.findNext(true) })
	w.on(fyne.KeyL, fyne.KeyModifierShortcutDefault, w.showLine)
	if runtime.GOOS == "darwin" {
		w.on(fyne.KeyF, fyne.KeyModifierSuper|fyne.KeyModifierAlt, func() { w.showFind(true) })
	} else {
		w.on(fyne.KeyH, fyne.KeyModifierControl, func() { w.showFind(true) })
	}
	w.Canvas().SetOnTypedKey(w.key)
}

// on has something done by keys, unless a dialog lies over the window.
func (w *window) on(key fyne.KeyName, held fyne.KeyModifier, do func()) {
	w.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: held}, func(fyne.Shortcut) {
		if w.first == nil && w.dialog == nil {
			do()
		}
	})
}

// key takes what nothing else has taken.
func (w *window) key(event *fyne.KeyEvent) {
	top, _ := w.Canvas().Overlays().Top().(*sheet)
	switch event.Name {
	case fyne.KeyEscape:
		switch {
		case top != nil:
			top.dismiss()
		case w.first != nil:
			w.first.back()
		default:
			w.leave()
		}
	case fyne.KeyDown, fyne.KeyUp:
		if top != nil && top.menu {
			w.stepMenu(event.Name == fyne.KeyDown)
		}
	case fyne.KeyF1:
		if top == nil && w.first == nil {
			w.toggleHelp()
		}
	case fyne.KeyF6:
		if top == nil && w.first == nil {
			w.nextPart()
		}
	case fyne.KeyF3:
		if top == nil {
			w.findNext(false)
		}
	}
}

// stepMenu goes to the next row of the menu that is open, or the one before.
func (w *window) stepMenu(down bool) {
	if down {
		w.Canvas().FocusNext()
	} else {
		w.Canvas().FocusPrevious()
	}
}

// leave is what Escape does where there is nothing to dismiss: it goes back to
// the text, from whatever is shown in its place or beside it.
func (w *window) leave() {
	switch {
	case w.bar() != nil:
		w.closeBar()
	case w.help != nil:
		w.closeHelp()
	case w.past != nil:
		w.closePast()
	default:
		w.focusText()
	}
}
