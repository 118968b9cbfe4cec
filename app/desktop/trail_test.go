package desktop

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"starling/crdt"
)

func TestSpotIsFoundAgain(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, c := range []struct{ was, is, want string }{
		{"one |two", "one two", "one |two"},
		{"|one", "one", "|one"},
		{"one|", "one", "one|"},
		{"|", "", "|"},
		{"one |two", "more. one two", "more. one |two"},
		{"a b |c d", "", "|"},
		{"héllo wö|rld", "§ héllo wörld", "§ héllo wö|rld"},
		{long + "high |water" + long, "x" + long + "high water" + long, "x" + long + "high |water" + long},
		{long + "high |water", long + "high wind", long + "high |wind"},
		{"gull |and gull and gull", "gull and gull and gull", "gull |and gull and gull"},
	} {
		before, after, _ := strings.Cut(c.was, "|")
		at := spotAt(before+after, len([]rune(before))).in(c.is)
		got := slice(c.is, 0, at) + "|" + slice(c.is, at, len([]rune(c.is)))
		if got != c.want {
			t.Errorf("%q in %q is at %q, not %q", c.was, c.is, got, c.want)
		}
	}
}

func TestTrailIsKeptAndBounded(t *testing.T) {
	home, log := t.TempDir(), slog.New(slog.DiscardHandler)
	k, err := readTrail(home, log)
	if err != nil {
		t.Fatal(err)
	}
	for i := range trailMost + 10 {
		k.leave(crdt.DocID{byte(i >> 8), byte(i)}, spot{Caret: i})
	}
	k.note(crdt.DocID{1, 1}, func() spot { return spot{Caret: 7} })
	k.write()
	again, err := readTrail(home, log)
	if err != nil || len(again.kept.Spots) != trailMost {
		t.Fatalf("%d are kept, %v", len(again.kept.Spots), err)
	}
	if s, ok := again.of(crdt.DocID{1, 1}); !ok || s.Caret != 7 || !again.opened(crdt.DocID{1, 1}) {
		t.Errorf("the open one is %+v", s)
	}
	if _, ok := again.of(crdt.DocID{0, 1}); ok {
		t.Error("the oldest is kept")
	}
	if err := os.WriteFile(filepath.Join(home, trailFile), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := readTrail(home, log); err == nil || k == nil || len(k.kept.Spots) != 0 {
		t.Errorf("what is broken is %+v, %v", k, err)
	}
}

// After the end one goes on where one was, in the document that was open, though
// another was written in later.
func TestPlaceOutlivesTheProgram(t *testing.T) {
	home := t.TempDir()
	s, end := raiseIn(t, home, "Ada")
	s.opened("Welcome, Ada")
	var text strings.Builder
	text.WriteString("# Long\n")
	for i := range 200 {
		fmt.Fprintf(&text, "Line %d.\n", i)
	}
	welcome := s.desk.Doc
	s.createDocument()
	s.until("it is new", func() bool { return s.desk.Doc != welcome && s.editor != nil && !s.keeper.Visible() })
	s.editor.ReplaceRange(0, 0, text.String())
	s.opened("Long")
	long := s.desk.Doc
	s.editor.GoTo(1000)
	s.openDocument(welcome)
	s.until("the first is open", func() bool { return s.desk.Doc == welcome })
	s.write("Later. ")
	s.openDocument(long)
	s.until("the long one is open", func() bool { return s.desk.Doc == long })
	if at, _ := s.editor.Caret(); at != 1000 {
		t.Errorf("comes back to %d", at)
	}
	s.editor.GoTo(1200)
	s.editor.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -130)})
	top, _ := s.editor.FirstRow()
	end()

	s, end = raiseIn(t, home, "")
	defer end()
	s.until("something is open", func() bool { return s.editor != nil })
	if at, _ := s.editor.Caret(); at != 1200 || s.desk.Doc != long {
		t.Errorf("goes on at %d of %v", at, s.desk.Doc)
	}
	s.until("the view is where it was", func() bool {
		at, ok := s.editor.FirstRow()
		return ok && at == top
	})
	s.openDocument(welcome)
	s.until("the first is open", func() bool { return s.desk.Doc == welcome })
	s.openDocument(long)
	s.until("the view comes back", func() bool {
		at, ok := s.editor.FirstRow()
		return s.desk.Doc == long && ok && at == top
	})
}
