package desktop

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/app/editor"
)

// inMenu finds a row of the menu that is open.
func inMenu(s *stage, words string) *rowButton {
	s.t.Helper()
	if s.dialog == nil {
		s.t.Fatal("no menu is open")
	}
	var found *rowButton
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *rowButton:
			if o.words == words {
				found = o
			}
		case *check:
			if o.words == words {
				found = o.rowButton
			}
		case *fyne.Container:
			for _, inner := range o.Objects {
				look(inner)
			}
		case fyne.Widget:
			for _, inner := range test.WidgetRenderer(o).Objects() {
				look(inner)
			}
		}
	}
	look(s.dialog.content)
	if found == nil {
		s.t.Fatalf("the menu has no row %q", words)
	}
	return found
}

func TestViewIsChangedAndKept(t *testing.T) {
	s := writing(t, "# Words\n")
	s.showView()
	test.Tap(inMenu(s, "Hide marks away from the caret"))
	test.Tap(inMenu(s, "Show deleted text"))
	test.Tap(inMenu(s, "Show deleted text"))
	s.change(func(set *settings) { set.Face, set.Width, set.Zoom = faceOfSans, widthWide, 125 })
	got := s.editor.Settings()
	if !got.HideMarks || got.Deleted || got.Face != editor.Sans || got.Column != editor.WideColumn || got.Zoom != 1.25 {
		t.Errorf("the editor has %+v", got)
	}
	s.until("it is kept", func() bool {
		kept, err := readSettings(s.home)
		return err == nil && kept.HideMarks && kept.Zoom == 125 && !kept.Deleted
	})
	s.closeDialog()
	// A key in the text counts for all documents and the next time, too.
	s.editor.Do("zoom.reset")
	if s.settings.Zoom != 100 {
		t.Errorf("the zoom is %d", s.settings.Zoom)
	}
	s.until("it is kept", func() bool {
		kept, err := readSettings(s.home)
		return err == nil && kept.Zoom == 100
	})
	s.createDocument()
	s.opened("Untitled")
	if got := s.editor.Settings(); !got.HideMarks || got.Face != editor.Sans {
		t.Errorf("another document has %+v", got)
	}
}

// The arrow keys go through a menu, and Escape closes it.
func TestMenuByKeys(t *testing.T) {
	s := writing(t, "Words")
	s.showTextMenu(editor.Menu{At: fyne.NewPos(300, 300)})
	s.key(key(fyne.KeyDown))
	first := s.Canvas().Focused()
	if row, ok := first.(*rowButton); !ok || row.disabled {
		t.Fatalf("the focus is on %T", first)
	}
	s.key(key(fyne.KeyDown))
	if s.Canvas().Focused() == first {
		t.Error("the arrow key does not go on")
	}
	s.key(key(fyne.KeyUp))
	if s.Canvas().Focused() != first {
		t.Error("the arrow key does not go back")
	}
	s.key(key(fyne.KeyEscape))
	if s.dialog != nil || s.Canvas().Focused() != s.editor {
		t.Error("Escape does not close the menu")
	}
}
