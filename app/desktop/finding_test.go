package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"starling/app/editor"
)

// writing is a stage with a text in which to find something.
func writing(t *testing.T, text string) *stage {
	t.Helper()
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.editor.ReplaceRange(0, len([]rune(s.editor.Text())), text)
	return s
}

func held(name fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: name, Modifier: mod}
}

// All of searching and replacing works with the keyboard alone.
func TestFindByKeys(t *testing.T) {
	s := writing(t, "One gull, two Gulls.\nThree gulls and a gullet.\n")
	s.editor.GoTo(0)
	s.editor.Do(editor.ShowFind)
	if s.finding == nil || s.Canvas().Focused() != s.finding.text || s.page.bar != s.finding.root {
		t.Fatal("there is no bar to find in, or the keys are not in it")
	}
	bar := s.finding
	counts := func(want string) {
		t.Helper()
		s.until("it says "+want, func() bool { return bar.count.words == want })
	}
	test.Type(bar.text, "gull")
	counts("1 of 4")
	bar.text.TypedKey(key(fyne.KeyReturn))
	counts("2 of 4")
	bar.text.KeyDown(key(desktop.KeyShiftLeft))
	bar.text.TypedKey(key(fyne.KeyReturn))
	bar.text.KeyUp(key(desktop.KeyShiftLeft))
	counts("1 of 4")

	bar.text.TypedShortcut(held(fyne.KeyW, fyne.KeyModifierAlt))
	counts("1 of 1")
	if !bar.word.on || bar.letters.on || bar.regexp.on {
		t.Error("the switches don't show how it is searched")
	}
	bar.text.TypedShortcut(held(fyne.KeyW, fyne.KeyModifierAlt))
	counts("1 of 4")

	// Replace, and all.
	s.editor.Do(editor.ShowReplace)
	if !bar.replace || !bar.with.Visible() {
		t.Fatal("there is nothing to replace with")
	}
	s.Canvas().Focus(bar.with)
	test.Type(bar.with, "tern")
	bar.with.TypedKey(key(fyne.KeyReturn))
	counts("1 of 3")
	bar.with.TypedShortcut(held(fyne.KeyA, fyne.KeyModifierAlt))
	counts("3 replaced")
	if got := s.editor.Text(); got != "One tern, two terns.\nThree terns and a ternet.\n" {
		t.Errorf("the text is %q", got)
	}
	bar.text.TypedKey(key(fyne.KeyEscape))
	if s.page.bar != nil || s.finding != nil || s.Canvas().Focused() != s.editor {
		t.Error("Escape does not end it")
	}
	s.editor.Do("undo")
	if got := s.editor.Text(); strings.Count(got, "tern") != 1 {
		t.Errorf("replacing all is not one step back: %q", got)
	}
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	s := writing(t, "a (b) c")
	s.showFind(false)
	high := s.page.bar.MinSize().Height
	test.Type(s.finding.text, "(")
	test.Tap(s.finding.regexp)
	s.until("what is wrong is said", func() bool { return s.finding.wrong.words != "" })
	if s.finding.count.words != "" || s.page.bar.MinSize().Height <= high {
		t.Errorf("counts %q, or has no room", s.finding.count.words)
	}
	s.finding.text.SetText("[a-c]")
	s.until("three match", func() bool { return strings.Contains(s.finding.count.words, "3") })
	if s.finding.wrong.words != "" || s.page.bar.MinSize().Height != high {
		t.Error("what was wrong is still said")
	}
}

func TestFindBeginsWithTheSelection(t *testing.T) {
	s := writing(t, "one two three two")
	s.editor.Select(4, 7)
	s.showFind(false)
	if got := s.finding.text.Text(); got != "two" {
		t.Errorf("begins with %q", got)
	}
	s.until("it counts", func() bool { return s.finding.count.words == "1 of 2" })
	s.leave()
	caret, anchor := s.editor.Caret()
	if min(caret, anchor) != 4 || max(caret, anchor) != 7 {
		t.Errorf("the selection is %d to %d", anchor, caret)
	}
	// What was sought is still there the next time, and F3 goes on at once.
	s.editor.GoTo(0)
	s.key(key(fyne.KeyF3))
	if s.finding == nil || s.finding.text.Text() != "two" {
		t.Error("what was sought is forgotten")
	}
}

func TestGoToLine(t *testing.T) {
	s := writing(t, "one\ntwo\nthree\n")
	s.editor.Do(editor.ShowLine)
	field, ok := s.Canvas().Focused().(*field)
	if !ok || s.page.bar == nil {
		t.Fatal("nothing asks for a line")
	}
	test.Type(field, "x")
	field.TypedKey(key(fyne.KeyReturn))
	if s.page.bar == nil {
		t.Error("x is a line")
	}
	field.SetText("3")
	field.TypedKey(key(fyne.KeyReturn))
	if caret, _ := s.editor.Caret(); caret != 8 || s.page.bar != nil || s.Canvas().Focused() != s.editor {
		t.Errorf("the caret is at %d", caret)
	}
}

// A search ends with the document that it is in.
func TestSearchEndsWithTheDocument(t *testing.T) {
	s := writing(t, "one two")
	s.showFind(true)
	s.createDocument()
	s.opened("Untitled")
	if s.page.bar != nil || s.finding != nil {
		t.Error("the bar is still there")
	}
}

// Nothing in the bar lies over anything else.
func TestFindBarFits(t *testing.T) {
	b := newFindBar(findEvents{onQuery: func(sought) {}})
	b.setReplace(true)
	b.query.Text = "x"
	b.found(foundView{Count: "1,234 of 100,000+"})
	for _, width := range []float32{440, 560, 752, 1400} {
		show(t, b.root, width, b.height())
		end := float32(0)
		for _, o := range []fyne.CanvasObject{b.text, b.letters, b.word, b.regexp, b.prev, b.next, b.close} {
			if o.Position().X < end {
				t.Errorf("at %v a %T at %v lies over what ends at %v", width, o, o.Position().X, end)
			}
			end = o.Position().X + o.Size().Width
		}
		if end > width || b.text.Size().Width < 80 {
			t.Errorf("at %v it ends at %v, and the field has %v", width, end, b.text.Size().Width)
		}
	}
}
