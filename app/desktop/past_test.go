package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"starling/crdt"
)

// reading waits until a version is on the page.
func (s *stage) reading(text string) {
	s.t.Helper()
	s.until("the page shows "+text, func() bool {
		if s.past == nil || s.past.page == nil {
			return false
		}
		_, ok := s.past.current()
		return ok && s.past.fresh && !s.past.stale && s.past.page.leaf.Plain == text && s.page.body == s.past.page.root
	})
}

// newest is the newest version of the open document.
func (s *stage) newest() crdt.Version {
	all := s.shared.doc.History()
	return all[len(all)-1]
}

func mouseAt(x, y float32) *desktop.MouseEvent {
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	e.Position = fyne.NewPos(x, y)
	return e
}

// twoVersions has Ada write a document, name what it is, and go on.
func twoVersions(t *testing.T) *stage {
	t.Helper()
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	test.Tap(s.places.create)
	s.opened("Untitled")
	s.write("# Tides\nHigh water at ten.")
	s.opened("Tides")
	if err := s.shared.doc.NameVersion("First draft", s.newest()); err != nil {
		t.Fatal(err)
	}
	s.write(" Low at four.")
	s.editor.GoTo(0)
	s.editor.TypedKey(key(fyne.KeyDelete))
	return s
}

func TestPastIsReadAndBroughtBack(t *testing.T) {
	s := twoVersions(t)
	now := s.editor.Text()
	s.openPast()
	s.reading(now)
	v := s.versions
	if s.Canvas().Focused() != v.list || !v.root.Visible() || s.people.root.Visible() {
		t.Error("the versions are not shown, or have no keyboard")
	}
	if len(s.past.all) != 2 || !v.back.disabled || v.copy.disabled {
		t.Errorf("there are %d versions; bring back: %v, copy: %v", len(s.past.all), !v.back.disabled, !v.copy.disabled)
	}
	s.until("the rows tell what was done", func() bool { return len(s.past.deeds) == 2 })
	if row := s.past.row(0); row.Author.Name != "You" || row.Counts == "" || row.Words == "" {
		t.Errorf("the newest row is %+v", row)
	}
	if row := s.past.row(1); row.Named != "First draft" {
		t.Errorf("the other row is %+v", row)
	}

	v.list.TypedKey(key(fyne.KeyDown))
	s.reading("# Tides\nHigh water at ten.")
	if s.editor.Text() != now || s.status.words.words != "“First draft”, read only" || v.back.disabled {
		t.Errorf("reads %q, says %q", s.editor.Text(), s.status.words.words)
	}
	v.list.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "# Tides\nHigh water at ten." {
		t.Errorf("copied %q", got)
	}

	v.list.TypedKey(key(fyne.KeyReturn))
	s.until("the text is back", func() bool { return s.past == nil && s.editor.Text() == "# Tides\nHigh water at ten." })
	if s.page.body != s.editor || s.Canvas().Focused() != s.editor || !s.people.root.Visible() {
		t.Error("the page is not the text again")
	}
	if n := s.page.notice; n == nil || !strings.Contains(n.words.words, "First draft") {
		t.Error("it is not said")
	}
	s.editor.TypedShortcut(&fyne.ShortcutUndo{})
	s.until("undo takes it back", func() bool { return s.editor.Text() == now })
	s.until("nothing else is said any more", func() bool { return s.page.notice == nil })
	s.mention("The text is so.")
	s.untilEdited()
	s.createDocument()
	s.opened("Untitled")
	s.until("it is not said of another", func() bool { return s.page.notice == nil })
}

func TestEscapeLeavesThePast(t *testing.T) {
	s := twoVersions(t)
	now := s.editor.Text()
	for name, leave := range map[string]func(){
		"Escape":            func() { s.versions.list.TypedKey(key(fyne.KeyEscape)) },
		"Escape elsewhere":  func() { s.versions.copy.TypedKey(key(fyne.KeyEscape)) },
		"People":            func() { test.Tap(s.aside.tabs[sidePeople]) },
		"the document":      func() { s.choose(s.desk.Doc) },
		"the keys":          func() { s.togglePast() },
		"without a column":  func() { s.togglePeople() },
		"Escape, too early": func() { s.closePast(); s.openPast(); s.Canvas().OnTypedKey()(key(fyne.KeyEscape)) },
	} {
		s.columns.right = true
		test.Tap(s.aside.tabs[sideHistory])
		s.reading(now)
		leave()
		if s.past != nil || s.page.body != s.editor || s.Canvas().Focused() != s.editor || s.editor.Text() != now {
			t.Errorf("%s: the text is not there again", name)
		}
	}
}

func TestPastNeedsItsColumn(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.togglePeople()
	s.togglePast()
	if s.past == nil || !s.versions.root.Visible() || !s.aside.root.Visible() {
		t.Error("the column does not come with it")
	}
	s.closePast()
	s.Resize(fyne.NewSize(760, 600))
	s.togglePast()
	if s.past == nil || !s.versions.root.Visible() || s.places.root.Visible() {
		t.Error("where there is no room for both columns, the right one does not take the left one's")
	}
}

// What others write while one reads is in the list soon, and in the text after.
func TestPastFollows(t *testing.T) {
	s := twoVersions(t)
	now := s.editor.Text()
	s.openPast()
	s.reading(now)
	doc := s.past.doc
	s.past.choose(1)
	s.reading("# Tides\nHigh water at ten.")
	if err := doc.Write(t.Context(), "# Storm\n"); err != nil {
		t.Fatal(err)
	}
	s.until("the list has it", func() bool { return s.past.all[0].Changes > 0 && s.past.row(0).Counts != "" && !s.past.stale })
	if s.past.at != len(s.past.all)-1 || s.past.page.leaf.Plain != "# Tides\nHigh water at ten." {
		t.Errorf("another version is shown: %d, %q", s.past.at, s.past.page.leaf.Plain)
	}
	s.past.choose(0)
	s.reading("# Storm\n")
	s.closePast()
	s.until("the text has it, too", func() bool { return s.editor.Text() == "# Storm\n" })
}

func TestNameAVersion(t *testing.T) {
	s := twoVersions(t)
	s.openPast()
	s.reading(s.editor.Text())
	s.past.askName()
	field, ok := s.Canvas().Focused().(*field)
	if !ok {
		t.Fatal("no field has the keyboard")
	}
	test.Type(field, "Before the storm")
	field.TypedKey(key(fyne.KeyReturn))
	s.until("it is called so", func() bool { return s.past.at >= 0 && s.past.row(s.past.at).Named == "Before the storm" })
	if s.Canvas().Focused() != s.versions.list {
		t.Error("the versions have no keyboard")
	}
}

// Another document, or none, ends it.
func TestPastEndsWithItsDocument(t *testing.T) {
	s := twoVersions(t)
	s.openPast()
	s.createDocument()
	s.opened("Untitled")
	if s.past != nil || s.page.body != s.editor {
		t.Error("the past of another document is shown")
	}
	s.openPast()
	s.reading("")
	s.clearDesk(s.desk.Space)
	s.render()
	if s.past != nil || s.page.body != s.page.empty {
		t.Error("the past of no document is shown")
	}
	s.openPast()
	if !s.versions.empty.Visible() || s.versions.empty.words != "No document is open." {
		t.Errorf("says %q", s.versions.empty.words)
	}
}

// The mouse selects in the past and gives the keyboard back.
func TestSelectInThePast(t *testing.T) {
	s := twoVersions(t)
	s.openPast()
	s.reading(s.editor.Text())
	text := s.past.page.text
	g := newGlass(text, s.focusBack)
	at := func(x, y float32) fyne.PointEvent { return fyne.PointEvent{Position: fyne.NewPos(x, y)} }
	g.MouseDown(mouseAt(60, 50))
	g.Dragged(&fyne.DragEvent{PointEvent: at(400, 90)})
	g.MouseUp(mouseAt(400, 90))
	g.DragEnd()
	if s.Canvas().Focused() != s.versions.list {
		t.Error("the versions have no keyboard")
	}
	if caret, anchor := text.Caret(); caret == anchor {
		t.Fatal("nothing is selected")
	}
	fyne.CurrentApp().Clipboard().SetContent("")
	s.versions.list.TypedShortcut(&fyne.ShortcutCopy{})
	got := fyne.CurrentApp().Clipboard().Content()
	if got == "" || got == s.past.page.leaf.Plain || !strings.Contains(s.past.page.leaf.Text, got) {
		t.Errorf("copied %q", got)
	}
}
