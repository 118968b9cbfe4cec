package desktop

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/sync/peer"
)

func TestFollow(t *testing.T) {
	s := writing(t, "# Words\n\nand more")
	s.show(news{doc: s.desk.Doc, others: &[]peer.Cursor{{Person: grace, Caret: 4, Anchor: 4, Seen: s.shared.seen}}})
	card := s.people.rows.Objects[1].(*personCard)
	test.Tap(card.follow)
	if s.following != grace.ID || !s.header.chip.Visible() || s.header.chip.name != "Grace" || !card.follow.on {
		t.Fatalf("follows %v, the header says %q", s.following, s.header.chip.name)
	}
	test.Tap(s.header.chip)
	if s.following != (peer.DeviceID{}) || s.header.chip.Visible() || card.follow.on {
		t.Error("stop does not end it")
	}
	test.Tap(card.follow)
	s.editor.TypedRune('x')
	if s.following != (peer.DeviceID{}) || s.header.chip.Visible() {
		t.Error("typing does not end it")
	}
	test.Tap(card.follow)
	test.Tap(card.follow)
	if s.following != (peer.DeviceID{}) {
		t.Error("a second press does not end it")
	}
	// A press on the person, or on their figure above the page, goes there once.
	for name, press := range map[string]func(){
		"the person": func() { test.Tap(card) },
		"the figure": func() { s.header.crowd.Tapped(&fyne.PointEvent{Position: fyne.NewPos(9, 9)}) },
	} {
		s.editor.GoTo(0)
		press()
		if at, _ := s.editor.Caret(); at == 0 || s.following != (peer.DeviceID{}) {
			t.Errorf("%s: the caret is at %d", name, at)
		}
	}
}

func TestViewersAreTold(t *testing.T) {
	space := peer.Space{Role: "viewer", Members: []peer.Member{{Person: grace, Role: "owner"}}}
	if got := readOnlyLine(space); got != "You are a viewer here: you may read, not write. Ask Grace for the right to." {
		t.Errorf("says %q", got)
	}
	for _, role := range []string{"owner", "editor"} {
		if got := readOnlyLine(peer.Space{ID: field1, Role: role}); got != "" {
			t.Errorf("tells an %s %q", role, got)
		}
	}
}

// Who loses the right to write is told so, and again when they try, and what they
// see stays.
func TestRightIsTakenAway(t *testing.T) {
	s := writing(t, "# Words\n")
	s.bridge.show = func(news) {} // the peer itself knows of no such right
	as := func(role string) {
		w := s.world
		w.Spaces = slices.Clone(w.Spaces)
		for i := range w.Spaces {
			w.Spaces[i].Role = role
		}
		before := s.editor
		s.show(news{world: &w})
		s.until("it is opened anew", func() bool { return s.editor != nil && s.editor != before })
	}
	as("viewer")
	if !s.says("You are a viewer here") {
		t.Error("it is not said before one tries")
	}
	s.page.showNotice(nil)
	s.editor.TypedRune('x')
	if got := s.editor.Text(); got != "# Words\n" {
		t.Errorf("the text is %q", got)
	}
	if s.page.notice == nil || !strings.HasPrefix(s.page.notice.words.words, "You are a viewer here") {
		t.Error("nothing is said")
	}
	as("editor")
	if !s.says("You are an editor here now: you may write.") {
		t.Error("it is not said that one may write again")
	}
	s.editor.GoTo(0)
	s.editor.TypedRune('x')
	if got := s.editor.Text(); got != "x# Words\n" {
		t.Errorf("the text is %q", got)
	}
}
