package desktop

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// wordsAt is where the text's words are on the screen, of those that are in view
// above a height.
func (s *stage) wordsAt(above float32) map[string]fyne.Position {
	out := map[string]fyne.Position{}
	from := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.editor)
	for _, o := range test.WidgetRenderer(s.editor).Objects() {
		if text, ok := o.(*canvas.Text); ok && text.Visible() {
			if at := from.Add(text.Position()); at.Y+text.Size().Height < above {
				out[text.Text] = at
			}
		}
	}
	return out
}

// A notice that comes or goes while somebody writes moves no word, whether the text
// fits the page, goes on below it, or ends there; and what is written is in view.
func TestANoticeMovesNoWord(t *testing.T) {
	var long strings.Builder
	for i := range 300 {
		long.WriteString("Row ")
		long.WriteString(strings.Repeat("i", i%7+1))
		long.WriteString(string(rune('a'+i%26)) + string(rune('a'+i/26)) + "\n\n")
	}
	for name, c := range map[string]struct {
		text string
		at   int
	}{
		"short": {"# Tides\n\nHigh at noon.", 23}, "at the start": {long.String(), 0},
		"amid": {long.String(), long.Len() / 2}, "at the end": {long.String(), long.Len()},
	} {
		s := writing(t, c.text)
		s.page.showNotice(nil)
		s.editor.GoTo(c.at)
		s.focusText()
		before := s.wordsAt(600)
		if len(before) < 2 {
			t.Fatalf("%s: %d words are in view", name, len(before))
		}
		same := func(when string) {
			t.Helper()
			if now := s.wordsAt(600); !maps.Equal(now, before) {
				t.Errorf("%s: %s the words are at %v, and were at %v", name, when, now, before)
			}
		}
		for _, words := range []string{"Something is said.", strings.Repeat("Much is to be said. ", 20)} {
			s.notify(words, "Do it", func() {})
			same("with a notice")
			if top, bottom := s.page.body.Position().Y, s.page.body.Position().Y+s.page.body.Size().Height; top != 0 || bottom != s.page.notice.root.Position().Y {
				t.Errorf("%s: the text goes from %v to %v, the notice begins at %v", name, top, bottom, s.page.notice.root.Position().Y)
			}
			s.page.showNotice(nil)
			same("after it")
		}
		s.notify(strings.Repeat("Much is to be said. ", 20), "", nil)
		s.editor.GoTo(c.at)
		s.write("X")
		under := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.page.notice.root).Y
		if !slices.ContainsFunc(slices.Collect(maps.Keys(s.wordsAt(under))), func(word string) bool { return strings.Contains(word, "X") }) {
			t.Errorf("%s: what is written is not seen", name)
		}
	}
}
