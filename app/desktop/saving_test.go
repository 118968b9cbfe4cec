package desktop

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/sync/peer"
)

func TestFileNames(t *testing.T) {
	for title, want := range map[string]string{
		"Tide tables": "Tide tables", "a/b\\c:d": "a-b-c-d", " .. ": "Untitled", "Why?": "Why-",
		"con": "_con", "LPT1.notes": "_LPT1.notes", "concert": "concert", strings.Repeat("ü", 90): strings.Repeat("ü", 60),
		strings.Repeat("🐦", 50): strings.Repeat("🐦", 30), "a" + strings.Repeat("🐦", 50): "a" + strings.Repeat("🐦", 29),
	} {
		if got := fileName(title); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
	names := map[string]bool{}
	var got []string
	for _, name := range []string{"a", "A", "a 2", "a", "b"} {
		got = append(got, uniqueName(names, name))
	}
	if want := []string{"a", "A 2", "a 2 2", "a 3", "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSavedLines(t *testing.T) {
	for want, s := range map[string]saved{
		"1 document is in /x.":   {"/x", 1, 0, 0},
		"3 documents are in /x.": {"/x", 3, 0, 0},
		"3 documents are in /x. 1 more is damaged and could not be saved.":  {"/x", 3, 1, 0},
		"0 documents are in /x. 2 more are damaged and could not be saved.": {"/x", 0, 2, 0},
		"3 documents are in /x. 2 more could not be saved.":                 {"/x", 3, 0, 2},
	} {
		if got := s.line(); got != want {
			t.Errorf("says %q, want %q", got, want)
		}
	}
}

// What a space held that one has left is saved from its notice, beside whatever is
// there already.
func TestSaveALeftSpace(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	space, err := s.peer.NewSpace(t.Context(), "Tides")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"# Log\none", "# Log\ntwo"} {
		if _, err := s.peer.NewDocument(t.Context(), space, text); err != nil {
			t.Fatal(err)
		}
	}
	left := peer.Space{ID: space, Name: "Tides", Left: true}
	s.until("they are listed", func() bool { return len(s.world.inSpace(space)) == 2 })
	s.openDocument(s.world.inSpace(space)[0].ID)
	s.until("it says that the space is left", func() bool {
		if !s.world.space(space).Left { // the peer itself knows nothing of it
			world := s.world
			world.Spaces = []peer.Space{left}
			s.show(news{world: &world})
		}
		return s.says("You have left this space.") && s.page.notice.action != nil
	})
	s.page.notice.action.Tapped(nil)
	s.until("it asks where", func() bool { return s.dialog != nil && s.shows("Save what “Tides” held") })
	s.closeDialog()

	root := t.TempDir()
	folder := filepath.Join(root, "Tides")
	s.save(left, folder, peer.FormatMarkdown)
	s.until("it is said where they are", func() bool { return s.says("2 documents are in " + folder + ".") })
	s.save(left, folder, peer.FormatAutomerge)
	s.until("and the others", func() bool { return s.says("2 documents are in " + folder + " 2.") })
	var texts []string
	for _, name := range []string{"Log.md", "Log 2.md"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	slices.Sort(texts)
	if !slices.Equal(texts, []string{"# Log\none", "# Log\ntwo"}) {
		t.Errorf("the files have %q", texts)
	}
	if files, err := filepath.Glob(filepath.Join(folder+" 2", "*.automerge")); err != nil || len(files) != 2 {
		t.Errorf("%q, %v", files, err)
	}
	s.save(left, filepath.Join(folder, "Log.md", "under a file"), peer.FormatMarkdown)
	s.until("a folder that can't be is told of", func() bool { return s.says("can't be written: not a directory.") })
}
