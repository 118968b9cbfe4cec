package editor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
)

// The marks of caret and selection in the texts of the tables: the caret is at
// one end of the selection.
const (
	caretMark = '|'
	fromMark  = '«'
	toMark    = '»'
	pipeMark  = '¦' // a | of the text
)

// marked is the text with caret and selection marked.
func (s *stage) marked() string {
	var out strings.Builder
	caret, anchor := s.Caret()
	from, to := min(caret, anchor), max(caret, anchor)
	text := []rune(s.Text())
	for i := range len(text) + 1 {
		if i == from && from != to {
			out.WriteRune(fromMark)
		}
		if i == caret {
			out.WriteRune(caretMark)
		}
		if i == to && from != to {
			out.WriteRune(toMark)
		}
		if i < len(text) && text[i] == caretMark {
			out.WriteRune(pipeMark)
		} else if i < len(text) {
			out.WriteRune(text[i])
		}
	}
	return out.String()
}

// unmark takes the marks out of a text.
func unmark(marked string) (text string, caret, anchor int) {
	var out []rune
	from, to := -1, -1
	for _, r := range marked {
		switch r {
		case caretMark:
			caret = len(out)
		case fromMark:
			from = len(out)
		case toMark:
			to = len(out)
		case pipeMark:
			out = append(out, caretMark)
		default:
			out = append(out, r)
		}
	}
	anchor = caret
	if from >= 0 && caret == from {
		anchor = to
	} else if from >= 0 {
		anchor = from
	}
	return string(out), caret, anchor
}

func startAt(t testing.TB, marked string) *stage {
	text, caret, anchor := unmark(marked)
	s := newStage(t, text)
	s.buf.Select(anchor, caret)
	s.focus()
	return s
}

// a behaviour is one line of a table.
type behaviour struct {
	line     int
	systems  []string
	readOnly bool
	before   string
	steps    string
	after    string
	said     []string
}

// behaviours reads a table: systems, text before, steps, text after and what the
// editor says meanwhile, apart by two spaces or more; texts are quoted.
func behaviours(t *testing.T, name string) (all []behaviour) {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		b := behaviour{line: n + 1}
		who, rest, _ := strings.Cut(line, "  ")
		for _, w := range strings.Split(who, ",") {
			switch w {
			case "all":
				b.systems = append(b.systems, systems...)
			case "pc":
				b.systems = append(b.systems, "linux", "windows")
			case "mac":
				b.systems = append(b.systems, "darwin")
			case "viewer":
				b.readOnly = true
			default:
				b.systems = append(b.systems, w)
			}
		}
		b.before, rest = quoted(t, b.line, rest)
		b.steps, rest, _ = strings.Cut(strings.TrimLeft(rest, " "), "  ")
		b.after, rest = quoted(t, b.line, rest)
		if rest = strings.TrimSpace(rest); rest != "" {
			b.said = strings.Split(rest, ", ")
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		t.Fatal("an empty table")
	}
	return all
}

func quoted(t *testing.T, line int, from string) (text, rest string) {
	from = strings.TrimLeft(from, " ")
	q, err := strconv.QuotedPrefix(from)
	if err != nil {
		t.Fatalf("line %d: %v in %q", line, err, from)
	}
	text, _ = strconv.Unquote(q)
	return text, from[len(q):]
}

// TestBehaviours plays the tables of what keys and mouse do.
func TestBehaviours(t *testing.T) {
	s := newStage(t, "")
	for _, name := range []string{"keys.txt", "keys_lines.txt", "keys_markdown.txt", "keys_clipboard.txt", "keys_mouse.txt", "keys_viewer.txt"} {
		for _, b := range behaviours(t, name) {
			for _, system := range b.systems {
				t.Run(fmt.Sprintf("%s/%d/%s", name, b.line, system), func(t *testing.T) {
					s.again(b.before)
					s.useKeysOf(system)
					b.play(t, s)
				})
			}
		}
	}
}

// again is a stage as if it were new, with another text.
func (s *stage) again(marked string) {
	text, caret, anchor := unmark(marked)
	*s.doc = fakeDocument{text: []rune(text)}
	s.Reset(text, 0)
	s.buf.Select(anchor, caret)
	s.mouse.release()
	s.mouse.when = time.Time{}
	s.goal.set = false
	s.hands.line = ""
	s.config.ReadOnly = ""
	s.focus()
	s.reveal()
}

func (b behaviour) play(t *testing.T, s *stage) {
	said := s.listen()
	if b.readOnly {
		s.config.ReadOnly = "no"
	}
	for _, step := range strings.Fields(b.steps) {
		s.step(t, step)
	}
	if got := s.marked(); got != b.after {
		t.Errorf("%q after %s is\n%q, not\n%q", b.before, b.steps, got, b.after)
	}
	if !slices.Equal(*said, b.said) {
		t.Errorf("%q after %s said %q, not %q", b.before, b.steps, *said, b.said)
	}
	s.agree(t)
}

// agree fails unless the document has the editor's text.
func (s *stage) agree(t *testing.T) {
	t.Helper()
	if s.Text() != string(s.doc.text) || len(s.errs) > 0 {
		t.Errorf("the document is %q, errors %v", string(s.doc.text), s.errs)
	}
}

// listen notes what the editor says to its owner.
func (s *stage) listen() *[]string {
	said := new([]string)
	say := func(parts ...string) { *said = append(*said, strings.Join(parts, " ")) }
	s.config.OnCommand = func(c Command) bool { say("do", string(c)); return true }
	s.config.OpenLink = func(url string) { say("open", url) }
	s.config.OnRefused = func(why string) { say("refused", why) }
	s.config.OnMenu = func(m Menu) {
		words := []string{"menu", strconv.Itoa(m.Place)}
		if m.HasSelection {
			words = append(words, "selection")
		}
		if m.URL != "" {
			words = append(words, m.URL)
		}
		say(words...)
	}
	return said
}

// step plays one step: a chord, or a word with an argument, such as type:abc, in
// which _ is a space.
func (s *stage) step(t testing.TB, step string) {
	verb, arg, ok := strings.Cut(step, ":")
	if !ok || arg == "" {
		s.chord(t, step)
		return
	}
	arg = strings.NewReplacer("_", " ", `\n`, "\n", string(pipeMark), string(caretMark)).Replace(arg)
	switch verb {
	case "type":
		for _, r := range arg {
			s.TypedRune(r)
		}
	case "do":
		s.Do(Command(arg))
	case "copied": // by another program
		fyne.CurrentApp().Clipboard().SetContent(arg)
	case "clipboard":
		if got := fyne.CurrentApp().Clipboard().Content(); got != arg {
			t.Errorf("%q is on the clipboard, not %q", got, arg)
		}
	case "remote":
		s.remote(t, arg)
	default:
		s.mouseStep(t, verb, arg)
	}
}

// remote is what somebody else writes, as at+text or at-n; after a ! it only
// comes with the next action.
func (s *stage) remote(t testing.TB, what string) {
	what, late := strings.CutPrefix(what, "!")
	i := strings.IndexAny(what, "+-")
	at, err := strconv.Atoi(what[:max(i, 0)])
	if err != nil {
		t.Fatalf("remote:%s: %v", what, err)
	}
	if what[i] == '+' {
		s.doc.put(at, 0, what[i+1:])
	} else {
		n, _ := strconv.Atoi(what[i+1:])
		s.doc.put(at, n, "")
	}
	if !late {
		s.Apply(s.doc.patches[s.buf.Seen():])
	}
}

// chord presses keys as they are written in the table of keys; Mod is Cmd on
// macOS and Ctrl elsewhere.
func (s *stage) chord(t testing.TB, written string) {
	main := "Ctrl"
	if s.hands.system == "darwin" {
		main = "Cmd"
	}
	if rest, ok := strings.CutPrefix(written, "Mod+"); ok {
		written = main + "+" + rest
	}
	chords, err := parseChord(written)
	if err != nil {
		t.Fatal(err)
	}
	s.play(chords[0])
}

// play does what Fyne's driver does with a chord.
func (s *stage) play(c chord) {
	if c.mod&fyne.KeyModifierShift != 0 {
		s.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		defer s.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	}
	if shortcut := shortcutOf(c, s.hands.system); shortcut != nil {
		s.TypedShortcut(shortcut)
		return
	}
	s.TypedKey(&fyne.KeyEvent{Name: c.key})
}

// shortcutOf is what Fyne's GLFW driver makes of a chord, nil if it is a plain key.
func shortcutOf(c chord, system string) fyne.Shortcut {
	main := fyne.KeyModifierControl
	if system == "darwin" {
		main = fyne.KeyModifierSuper
	}
	board := fyne.CurrentApp().Clipboard()
	if c.mod == main {
		switch c.key {
		case fyne.KeyZ:
			return &fyne.ShortcutUndo{}
		case fyne.KeyY:
			return &fyne.ShortcutRedo{}
		case fyne.KeyV:
			return &fyne.ShortcutPaste{Clipboard: board}
		case fyne.KeyC:
			return &fyne.ShortcutCopy{Clipboard: board}
		case fyne.KeyInsert:
			return &fyne.ShortcutCopy{Clipboard: board, Secondary: true}
		case fyne.KeyX:
			return &fyne.ShortcutCut{Clipboard: board}
		case fyne.KeyA:
			return &fyne.ShortcutSelectAll{}
		}
	}
	if c.mod == fyne.KeyModifierShift {
		switch c.key {
		case fyne.KeyInsert:
			return &fyne.ShortcutPaste{Clipboard: board, Secondary: true}
		case fyne.KeyDelete:
			return &fyne.ShortcutCut{Clipboard: board, Secondary: true}
		}
		return nil
	}
	if c.mod == 0 {
		return nil
	}
	return &desktop.CustomShortcut{KeyName: c.key, Modifier: c.mod}
}

// do plays steps that are known to be written right.
func (s *stage) do(steps string) {
	for _, step := range strings.Fields(steps) {
		s.step(nil, step)
	}
}

func TestPages(t *testing.T) {
	s := startAt(t, "|"+strings.Repeat("line\n", 200))
	var seen []int
	for range 3 {
		s.do("PageDown")
		line, _ := s.buf.LineAt(s.buf.Caret())
		seen = append(seen, line)
		if _, ok := s.spotOf(s.buf.Caret()); !ok {
			t.Fatalf("the caret in line %d is out of view", line)
		}
	}
	if fmt.Sprint(seen) != "[16 32 48]" {
		t.Errorf("down to lines %v", seen)
	}
	s.do("PageUp PageUp PageUp")
	if line, _ := s.buf.LineAt(s.buf.Caret()); line != 0 || s.offset() != 0 {
		t.Errorf("back up in line %d, scrolled %v", line, s.offset())
	}
	s.do("Ctrl+End PageUp Ctrl+End PageDown")
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

	// What was about a place of the old text is left.
	s = startAt(t, "ab| cd")
	s.doc.put(0, 0, "new ")
	s.config.Document, s.doc.err = s.doc, buffer.ErrStale
	s.config.Reload = func() (string, uint64) {
		s.doc.err = nil
		return string(s.doc.text), uint64(len(s.doc.patches))
	}
	if s.do("Ctrl+Shift+Backspace"); s.marked() != "new ab| cd" || len(s.errs) != 0 {
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
		{func() { s.do("Ctrl+A") }, 1},
		{func() { s.do("Ctrl+A") }, 0},
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
