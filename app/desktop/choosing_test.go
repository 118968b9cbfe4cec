package desktop

import (
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

func TestBranchLines(t *testing.T) {
	w, d := sample()
	f := peer.ForkInfo{Doc: doc1, Branch: doc2, Device: grace.ID}
	const what = "This is the other text of “Tide tables”. A device of Grace’s was copied, and both copies wrote."
	role := func(role string, left bool) {
		for i := range w.Spaces {
			if w.Spaces[i].ID == d.Space {
				w.Spaces[i].Role, w.Spaces[i].Left = role, left
			}
		}
	}
	for _, c := range []struct {
		role          string
		words, action string
	}{
		{roleOwner, what, "Choose…"},
		{roleEditor, what + " Ada can choose which of the two goes on.", ""},
		{"", what, ""},
	} {
		role(c.role, c.role == "")
		words, action := branchLine(w, f)
		if c.role == roleEditor {
			c.words = what + " " + ownerOf(w.space(d.Space)) + " can choose which of the two goes on."
		}
		if words != c.words || action != c.action {
			t.Errorf("as %q: %q, %q; want %q, %q", c.role, words, action, c.words, c.action)
		}
	}
	w.Forks = []peer.ForkInfo{f}
	if got, ok := w.forkOf(doc2); !ok || got != f {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := w.forkOf(doc1); ok {
		t.Error("the document itself counts as a branch")
	}
	f.Chosen = true
	w.Forks = []peer.ForkInfo{f}
	if got := forkLine(w, f, 0); !strings.HasPrefix(got, "An owner has chosen which text goes on in “Tide tables”.") {
		t.Errorf("says %q", got)
	}
}

func TestBranchesStandBehind(t *testing.T) {
	documents := []peer.Document{{ID: doc3, Title: "a"}, {ID: doc2, Title: "b"}, {ID: crdt.DocID{4}, Title: "b"}, {ID: doc1, Title: "b"}}
	branchesBehind(documents, []peer.ForkInfo{{Doc: doc1, Branch: doc2}, {Doc: doc1, Branch: doc3}})
	var got []crdt.DocID
	for _, d := range documents {
		got = append(got, d.ID)
	}
	if want := []crdt.DocID{doc3, {4}, doc1, doc2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A branch is named in the list and above its text, and an owner is asked about it.
func TestBranchIsNamed(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	origin := s.desk.Doc
	other, err := s.peer.NewDocument(t.Context(), s.desk.Space, "# Welcome, Ada\nAnother text.\n")
	if err != nil {
		t.Fatal(err)
	}
	s.until("it is listed", func() bool { return s.world.document(other).ID == other })
	s.settings.Told = []string{other.String()}
	fork := func(forks ...peer.ForkInfo) {
		s.board.mu.Lock()
		defer s.board.mu.Unlock()
		s.board.forks = forks
		s.bridge.wake()
	}
	fork(peer.ForkInfo{Doc: origin, Branch: other, Device: s.peer.ID(), Here: true})
	s.until("it is known", func() bool { return len(s.world.Forks) == 1 })
	if s.says("other text") {
		t.Error("the other document is named")
	}
	notes := 0
	for _, r := range s.places.list.rows {
		if r.Note == "other text" {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("the list has %+v", s.places.list.rows)
	}
	s.openDocument(other)
	s.until("it is named", func() bool {
		return s.desk.Doc == other && s.says("This is the other text of “Welcome, Ada”. This device was copied")
	})
	s.page.notice.action.Tapped(nil)
	if s.dialog == nil || !s.shows("Go on with this text in “Welcome, Ada”?") {
		t.Fatal("does not ask")
	}
	s.press("Read the other one")
	s.until("that is open", func() bool { return s.desk.Doc == origin && s.page.notice == nil })
	s.openDocument(other)
	s.until("it is named again", func() bool { return s.desk.Doc == other && s.page.notice != nil })
	fork()
	s.until("it is none any more", func() bool { return s.page.notice == nil })
}
