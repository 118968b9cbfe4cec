package desktop

import (
	"testing"

	"fyne.io/fyne/v2"
)

// One key leads out of the text and through all parts of the window, and to what is
// said below the text.
func TestEveryPartIsReachedByAKey(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	pressed := false
	s.announce(false, "Something is to be read.", "Open it", func() { pressed = true })
	s.focusText()
	want := []fyne.Focusable{s.page.notice.action, s.aside.tabs[0], s.places.search, s.header.places, s.editor}
	for i, part := range want {
		if s.Canvas().Focused().TypedKey(key(fyne.KeyF6)); s.Canvas().Focused() != part {
			t.Fatalf("press %d leads to %T, want %T", i, s.Canvas().Focused(), part)
		}
	}
	s.editor.TypedKey(key(fyne.KeyF6))
	s.Canvas().Focused().TypedKey(key(fyne.KeyReturn))
	if !pressed || s.page.notice != nil {
		t.Error("what is said can't be answered by the keyboard")
	}
	s.Resize(fyne.NewSize(420, 700)) // no columns
	s.focusText()
	for range 2 {
		s.Canvas().Focused().TypedKey(key(fyne.KeyF6))
	}
	if s.Canvas().Focused() != s.editor {
		t.Errorf("in a narrow window it ends at %T", s.Canvas().Focused())
	}
}
