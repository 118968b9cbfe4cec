package desktop

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestOutline(t *testing.T) {
	s := writing(t, "# Tides\n\nWords.\n\n## High\n\n## Low\n")
	s.goToOutline()
	if s.side != sideOutline || s.Canvas().Focused() != s.outline.list {
		t.Fatal("the outline is not shown, or the keys are not in it")
	}
	titles := func(want ...string) {
		t.Helper()
		s.until("the headings are there", func() bool {
			rows := s.outline.list.rows
			if len(rows) != len(want) {
				return false
			}
			for i := range rows {
				if rows[i].Title != want[i] {
					return false
				}
			}
			return true
		})
	}
	titles("Tides", "High", "Low")
	s.outline.list.TypedKey(key(fyne.KeyEnd))
	s.outline.list.TypedKey(key(fyne.KeyReturn))
	if caret, _ := s.editor.Caret(); caret != 26 || s.Canvas().Focused() != s.editor {
		t.Errorf("Enter goes to %d", caret)
	}
	if !s.outline.list.rows[2].Selected {
		t.Error("the heading of the caret is not marked")
	}
	// What is written moves the headings at once, and brings new ones soon.
	s.editor.GoTo(0)
	s.write("More. \n")
	if at := s.shared.places[2]; at != 33 {
		t.Errorf("the last heading is at %d", at)
	}
	s.editor.GoTo(len([]rune(s.editor.Text())))
	s.write("# Ebb")
	titles("Tides", "High", "Low", "Ebb")
	test.Tap(s.aside.tabs[sidePeople])
	if s.side != sidePeople || s.bridge.outline.Load() {
		t.Error("the headings are still read")
	}
}

// The outline is the help's while that is read.
func TestOutlineOfTheHelp(t *testing.T) {
	s := writing(t, "# Mine\n")
	s.showSide(sideOutline)
	s.openHelp()
	if rows := s.outline.list.rows; len(rows) < 8 || rows[0].Title != "Help" {
		t.Fatalf("the outline is %+v", rows)
	}
	s.openHelpLink("#keys-on-macos")
	at := -1
	for i, h := range s.help.headings {
		if h.Text == "Keys on macOS" {
			at = s.help.places[i]
		}
	}
	if caret, _ := s.help.text.Caret(); caret != at || at < 0 {
		t.Errorf("the link leads to %d, not %d", caret, at)
	}
	s.closeHelp()
	s.until("the outline is the text's", func() bool {
		rows := s.outline.list.rows
		return len(rows) == 1 && rows[0].Title == "Mine"
	})
}

// The words and characters of the selection are told beside all.
func TestSelectionIsCounted(t *testing.T) {
	s := writing(t, "one two three")
	s.until("all is counted", func() bool { return s.status.words.words == "3 words" && s.status.long.words == "13 characters" })
	s.editor.Select(4, 13)
	s.until("the selection is counted", func() bool {
		return s.status.words.words == "2 of 3 words" && s.status.long.words == "9 of 13 characters"
	})
	s.editor.GoTo(0)
	s.until("nothing is selected", func() bool { return s.status.words.words == "3 words" })
}

// However long the outline, it shows where in the text one is: by the mouse, by
// the keys, and when the headings come after it.
func TestOutlineShowsWhereOneIs(t *testing.T) {
	var text strings.Builder
	for i := range 120 {
		fmt.Fprintf(&text, "## Part %d\n\nWords.\n\n", i)
	}
	s := writing(t, text.String())
	s.editor.GoTo(len([]rune(text.String())))
	shows := func(how string) {
		t.Helper()
		s.until("the last heading is in view, "+how, func() bool {
			l := s.outline.list
			bottom := l.offset + l.Size().Height
			return len(l.rows) == 120 && l.rows[119].Selected && bottom >= 120*l.pitch-0.5
		})
	}
	s.goToOutline()
	shows("by the keys")
	s.focusText()
	s.outline.list.offset = 0
	s.goToOutline()
	shows("by the keys again")
	s.focusText()
	test.Tap(s.aside.tabs[sidePeople])
	s.outline.list.offset = 0
	test.Tap(s.aside.tabs[sideOutline])
	shows("by the mouse")
}
