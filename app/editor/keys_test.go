package editor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"starling/app/buffer"
)

// marked puts | at the caret and < at the other end of the selection.
func (s *stage) marked() string {
	var out strings.Builder
	caret, anchor := s.Caret()
	for i, r := range []rune(s.Text() + "\x00") {
		if i == anchor && anchor != caret {
			out.WriteByte('<')
		}
		if i == caret {
			out.WriteByte('|')
		}
		if r != 0 {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// startAt takes the marks out of a text.
func startAt(t testing.TB, marked string) *stage {
	clean := strings.NewReplacer("|", "", "<", "")
	s := newStage(t, clean.Replace(marked))
	at := func(mark string) int {
		before, _, ok := strings.Cut(marked, mark)
		if !ok {
			return -1
		}
		return len([]rune(clean.Replace(before)))
	}
	caret, anchor := at("|"), at("<")
	if anchor < 0 {
		anchor = caret
	}
	s.buf.Select(anchor, caret)
	s.focus()
	return s
}

// do plays keys: a name alone is a key, after "shift+" one with Shift held,
// after "ctrl+" or "ctrl+shift+" what the driver makes of it; "type:x" types.
func (s *stage) do(keys string) {
	for _, k := range strings.Fields(keys) {
		if text, ok := strings.CutPrefix(k, "type:"); ok {
			test.Type(s.Editor, text)
			continue
		}
		name, ctrl := strings.CutPrefix(k, "ctrl+")
		name, shift := strings.CutPrefix(name, "shift+")
		if shift {
			s.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		}
		if ctrl {
			s.TypedShortcut(shortcut(fyne.KeyName(name), shift))
		} else {
			s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyName(name)})
		}
		if shift {
			s.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		}
	}
}

// shortcut is what Fyne's GLFW driver makes of a key with Control.
func shortcut(key fyne.KeyName, shift bool) fyne.Shortcut {
	if shift {
		return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift}
	}
	clipboard := fyne.CurrentApp().Clipboard()
	switch key {
	case fyne.KeyZ:
		return &fyne.ShortcutUndo{}
	case fyne.KeyY:
		return &fyne.ShortcutRedo{}
	case fyne.KeyA:
		return &fyne.ShortcutSelectAll{}
	case fyne.KeyC:
		return &fyne.ShortcutCopy{Clipboard: clipboard}
	case fyne.KeyX:
		return &fyne.ShortcutCut{Clipboard: clipboard}
	case fyne.KeyV:
		return &fyne.ShortcutPaste{Clipboard: clipboard}
	}
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}
}

func TestKeys(t *testing.T) {
	commands = commandsFor("linux")
	long := strings.Repeat("word ", 40) // several rows
	for _, c := range []struct{ before, keys, after string }{
		{"ab|", "type:cd", "abcd|"},
		{"a<bc|d", "type:x", "ax|d"},
		{"ab|cd", "Return", "ab\n|cd"},
		{"ab|cd", "KP_Enter type:é", "ab\né|cd"},
		{"ab|cd", "Tab", "ab\t|cd"},
		{"ab|cd", "shift+Tab", "ab|cd"},
		{"ab|cd", "BackSpace", "a|cd"},
		{"ab|cd", "Delete", "ab|d"},
		{"a<b|cd", "Delete", "a|cd"},
		{"|ab", "BackSpace", "|ab"},
		{"one two|", "ctrl+BackSpace", "one |"},
		{"|one two", "ctrl+Delete", "| two"},
		{"ab|cd", "Left", "a|bcd"},
		{"ab|cd", "shift+Left shift+Left", "|ab<cd"},
		{"ab|cd", "shift+Right Right", "abc|d"},
		{"a<bc|d", "Left", "a|bcd"},
		{"one two| three", "ctrl+Left", "one |two three"},
		{"one two| three", "ctrl+shift+Right", "one two< three|"},
		{"a\nbc|d\ne", "Home", "a\n|bcd\ne"},
		{"a\nb|cd\ne", "shift+End", "a\nb<cd|\ne"},
		{"a\nb|cd\ne", "ctrl+End", "a\nbcd\ne|"},
		{"a\nb|cd\ne", "ctrl+shift+Home", "|a\nb<cd\ne"},
		{"abc\nd|\nefg", "Up", "a|bc\nd\nefg"},
		{"abc|\nd\nefg", "Down Down", "abc\nd\nefg|"},
		{"abc|\nd\nefg", "Down Left Down", "abc\nd\n|efg"},
		{"ab|c", "Up", "|abc"},
		{"ab|c", "shift+Down", "ab<c|"},
		{"a<b|c", "Escape", "ab|c"},
		{"a<b|c", "ctrl+C Right ctrl+V", "abb|c"},
		{"a<b|c", "ctrl+X End ctrl+V", "acb|"},
		{"ab|c", "ctrl+C ctrl+X", "ab|c"},
		{"ab|c", "ctrl+A type:x", "x|"},
		{"|", "type:a ctrl+Z", "|"},
		{"|", "type:a ctrl+Z ctrl+Y", "a|"},
		{"|", "type:a ctrl+Z ctrl+shift+Z", "a|"},
		{"|", "type:a Return ctrl+Z", "a|"},
		{"a<bc|d", "BackSpace Home ctrl+Z", "abc|d"},
		{"ab|cd", "ctrl+Z ctrl+Y", "ab|cd"},
		{long + "|", "Home End", long[:len(long)-1] + " |"},
		{"|" + long, "End", long[:64] + "|" + long[64:]},
	} {
		t.Run(c.before+" "+c.keys, func(t *testing.T) {
			s := startAt(t, c.before)
			if s.do(c.keys); s.marked() != c.after {
				t.Errorf("%q, want %q", s.marked(), c.after)
			}
			if s.Text() != string(s.doc.text) || len(s.errs) > 0 {
				t.Errorf("document %q, errors %v", string(s.doc.text), s.errs)
			}
		})
	}
}

func TestMacKeys(t *testing.T) {
	const alt, super = fyne.KeyModifierAlt, fyne.KeyModifierSuper
	commands = commandsFor("darwin")
	t.Cleanup(func() { commands = commandsFor("linux") })
	for _, c := range []struct {
		before string
		key    fyne.KeyName
		mod    fyne.KeyModifier
		after  string
	}{
		{"one two|", fyne.KeyLeft, alt, "one |two"},
		{"one two|", fyne.KeyBackspace, alt, "one |"},
		{"a\none two|", fyne.KeyLeft, super, "a\n|one two"},
		{"a\n|one", fyne.KeyRight, super | fyne.KeyModifierShift, "a\n<one|"},
		{"a\none|", fyne.KeyUp, super, "|a\none"},
		{"a\none two|", fyne.KeyBackspace, super, "a\n|"},
	} {
		s := startAt(t, c.before)
		s.TypedShortcut(&desktop.CustomShortcut{KeyName: c.key, Modifier: c.mod})
		if s.marked() != c.after {
			t.Errorf("%q %s: %q, want %q", c.before, c.key, s.marked(), c.after)
		}
	}
}

func TestPages(t *testing.T) {
	s := startAt(t, "|"+strings.Repeat("line\n", 200))
	var seen []int
	for range 3 {
		s.do("Next")
		line, _ := s.buf.LineAt(s.buf.Caret())
		seen = append(seen, line)
		if _, ok := s.spotOf(s.buf.Caret()); !ok {
			t.Fatalf("the caret in line %d is out of view", line)
		}
	}
	if fmt.Sprint(seen) != "[16 32 48]" {
		t.Errorf("down to lines %v", seen)
	}
	s.do("Prior Prior Prior")
	if line, _ := s.buf.LineAt(s.buf.Caret()); line != 0 || s.offset() != 0 {
		t.Errorf("back up in line %d, scrolled %v", line, s.offset())
	}
	s.do("ctrl+End Prior ctrl+End Next")
	if s.buf.Caret() != s.buf.Len() {
		t.Errorf("at the end: %d of %d", s.buf.Caret(), s.buf.Len())
	}
}

func TestShiftIsForgotten(t *testing.T) {
	s := startAt(t, "ab|")
	s.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftRight})
	s.window.Canvas().Unfocus()
	s.focus()
	if s.do("Left"); s.marked() != "a|b" {
		t.Error(s.marked())
	}
}

func TestErrors(t *testing.T) {
	s := startAt(t, "ab|")
	s.doc.err = errors.New("disk full")
	if s.do("type:x"); s.marked() != "ab|" || len(s.errs) != 1 {
		t.Errorf("%q, errors %v", s.marked(), s.errs)
	}

	// A view that is too old reads the text again and then edits.
	s = startAt(t, "ab|")
	s.doc.put(0, 0, "new ")
	s.config.Document, s.doc.err = s.doc, buffer.ErrStale
	s.config.Reload = func() (string, uint64) {
		s.doc.err = nil
		return string(s.doc.text), uint64(len(s.doc.patches))
	}
	if s.do("type:c"); s.marked() != "new abc|" || len(s.errs) != 0 {
		t.Errorf("%q, errors %v", s.marked(), s.errs)
	}

	// So does one that is given patches with a gap.
	s = startAt(t, "ab|")
	s.doc.put(0, 0, "1")
	s.doc.put(1, 0, "2")
	if s.Apply(s.doc.patches[1:]); s.marked() != "12ab|" || len(s.errs) != 0 {
		t.Errorf("%q, errors %v", s.marked(), s.errs)
	}
}

func TestOnCaret(t *testing.T) {
	s := startAt(t, "ab|")
	s.moves = 0
	for i, c := range []struct {
		act  func()
		want int
	}{
		{func() { s.do("Left") }, 1},
		{func() { s.do("type:x") }, 1},
		{func() { s.do("ctrl+A") }, 1},
		{func() { s.do("ctrl+A") }, 0},
		{func() { s.Apply([]buffer.Patch{s.doc.put(0, 0, "y")}) }, 0},
		{func() { s.GoTo(2) }, 1},
	} {
		s.moves = 0
		if c.act(); s.moves != c.want {
			t.Errorf("%d: told %d times, want %d", i, s.moves, c.want)
		}
	}
}

// listener is a canvas that notes what reaches the window.
type listener struct {
	fyne.Canvas
	heard []string
}

func (l *listener) OnTypedKey() func(*fyne.KeyEvent) {
	return func(ev *fyne.KeyEvent) { l.heard = append(l.heard, string(ev.Name)) }
}

func (l *listener) TypedShortcut(s fyne.Shortcut) { l.heard = append(l.heard, s.ShortcutName()) }

// Keys that mean nothing in a text go to the window, which Fyne itself asks
// only when nothing has the focus.
func TestForeignKeysReachTheWindow(t *testing.T) {
	s := startAt(t, "ab|")
	l := &listener{Canvas: s.window.Canvas()}
	s.canvas = func() fyne.Canvas { return l }
	open := &desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierControl}
	s.TypedShortcut(open)
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if want := []string{open.ShortcutName(), "F1"}; !slices.Equal(l.heard, want) || s.marked() != "a|b" {
		t.Errorf("the window heard %q, the text is %q", l.heard, s.marked())
	}
}
