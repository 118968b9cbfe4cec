package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/crdt"
)

// types gives keys to whatever has the keyboard, as the driver does.
func (s *stage) types(text string) {
	for _, r := range text {
		to := s.Canvas().Focused()
		if to == nil {
			s.t.Fatalf("%q goes nowhere", r)
		}
		if r == '\n' {
			to.TypedKey(key(fyne.KeyReturn))
		} else {
			to.TypedRune(r)
		}
	}
}

// What is typed while a new document is on its way is in that, in order.
func TestKeysGoToTheNewDocument(t *testing.T) {
	s := writing(t, "# Old\n")
	old := s.desk.Doc
	s.createDocument()
	s.types("# New\nOne.\n")
	if s.desk.Doc != old || s.editor.Text() != "# Old\n" {
		t.Fatalf("the old text is %q", s.editor.Text())
	}
	s.createDocument() // and another, at once
	s.types("# Newer\nTwo.")
	s.opened("Newer")
	if got := s.editor.Text(); got != "# Newer\nTwo." {
		t.Errorf("the second document has %q", got)
	}
	s.until("there are three", func() bool {
		return len(s.world.Documents) == 3 && docCalled(s, "Old") != crdt.DocID{} && docCalled(s, "New") != crdt.DocID{}
	})
	want := map[string]string{"Old": "# Old\n", "New": "# New\nOne.\n", "Newer": "# Newer\nTwo."}
	for _, d := range s.world.Documents {
		text, err := s.peer.Text(t.Context(), d.ID)
		if err != nil || text != want[d.Title] {
			t.Errorf("%q has %q, %v", d.Title, text, err)
		}
	}
	if s.keeper.Visible() || s.Canvas().Focused() != s.editor {
		t.Error("the text has not got the keyboard back")
	}
}

// The same where a search has found it: also if one types faster than that
// finds.
func TestKeysGoToTheDocumentThatWasFound(t *testing.T) {
	s := writing(t, "# Tides\nHigh water at ten.")
	tides := s.desk.Doc
	s.opened("Tides")
	s.createDocument()
	s.opened("Untitled")
	s.types("# Gulls\n")
	s.opened("Gulls")
	s.until("its words can be found", func() bool {
		hits, behind, err := s.peer.Search(t.Context(), "water", 9)
		return err == nil && behind == 0 && len(hits) == 1
	})
	s.Canvas().Focus(s.places.search)
	s.types("water\nMore. ")
	s.until("it opens", func() bool { return s.desk.Doc == tides && !s.keeper.Visible() })
	if got := s.editor.Text(); got != "# Tides\nHigh water at ten.More. " {
		t.Errorf("it has %q", got)
	}
	if text, err := s.peer.Text(t.Context(), docCalled(s, "Gulls")); err != nil || text != "# Gulls\n" {
		t.Errorf("the other has %q, %v", text, err)
	}
	s.Canvas().Focus(s.places.search)
	s.types("nowhere at all\nLost. ")
	s.until("it is given up", func() bool { return !s.keeper.Visible() })
	if n := s.page.notice; n == nil || !strings.Contains(n.words.words, "Nothing") || !strings.Contains(n.words.words, "What you typed") {
		t.Errorf("says %+v", n)
	}
	if strings.Contains(s.editor.Text(), "Lost") {
		t.Error("the open document has got it")
	}
}

func docCalled(s *stage, title string) crdt.DocID {
	for _, d := range s.world.Documents {
		if d.Title == title {
			return d.ID
		}
	}
	return crdt.DocID{}
}

// Where nothing opens, what was typed goes nowhere, and that is said.
func TestKeysOfADocumentThatDoesNotOpen(t *testing.T) {
	s := writing(t, "# Old\n")
	s.openWanted(crdt.DocID{9})
	s.types("lost")
	s.until("it is told of", func() bool { return s.page.notice != nil })
	if !strings.Contains(s.page.notice.words.words, "What you typed") || s.editor.Text() != "# Old\n" {
		t.Errorf("says %q; the text is %q", s.page.notice.words.words, s.editor.Text())
	}
	s.types("back")
	if got := s.editor.Text(); got != "# Old\nback" {
		t.Errorf("the text is %q", got)
	}
}

// A click on the old text does not give it the keyboard.
func TestTheOldTextCanNotBeClicked(t *testing.T) {
	s := writing(t, "# Old\n")
	s.createDocument()
	under := s.keeper.Position().AddXY(200, 200)
	test.TapCanvas(s.Canvas(), under)
	s.types("x")
	s.opened("x")
}

// A new document that nothing was written in is new enough.
func TestNewOnAnEmptyDocumentStays(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	for range 3 {
		s.createDocument()
	}
	s.opened("Untitled")
	doc := s.desk.Doc
	for range 3 {
		s.createDocument()
		if s.keeper.Visible() {
			t.Fatal("another is made")
		}
	}
	s.until("it is listed", func() bool { return len(s.world.Documents) == 2 })
	s.write("x")
	s.editor.TypedKey(key(fyne.KeyBackspace))
	s.createDocument() // it was written in
	s.until("another is made", func() bool { return s.desk.Doc != doc })
}

func TestKeptKeysAreBounded(t *testing.T) {
	k := newKeeper()
	for range keptMost + 3 {
		k.TypedRune('x')
	}
	if wishes, lost := k.end(); len(wishes) != keptMost || lost != 3 {
		t.Errorf("kept %d, lost %d", len(wishes), lost)
	}
	if wishes, lost := k.end(); len(wishes) != 0 || lost != 0 {
		t.Error("they are there twice")
	}
}

// What was asked for by the mouse after keys waits for these.
func TestWishesKeepTheirOrder(t *testing.T) {
	s := writing(t, "# Old\n")
	old := s.desk.Doc
	s.createDocument()
	s.types("# New\n")
	s.choose(old)
	if s.desk.Doc != old { // it is still there
		t.Fatal("something opened at once")
	}
	s.types("end")
	s.until("the old one is back", func() bool { return s.desk.Doc == old && !s.keeper.Visible() })
	if got := s.editor.Text(); got != "# Old\nend" {
		t.Errorf("the old one has %q", got)
	}
	s.until("the new one is listed", func() bool { return docCalled(s, "New") != (crdt.DocID{}) })
	if text, err := s.peer.Text(t.Context(), docCalled(s, "New")); err != nil || text != "# New\n" {
		t.Errorf("the new one has %q, %v", text, err)
	}
}
