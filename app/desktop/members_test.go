package desktop

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/sync/peer"
)

// A person is one row, whichever of their devices is where; who was removed is
// below; and only an owner has something to do with others.
func TestMembersByPerson(t *testing.T) {
	w, d := sample()
	phone := peer.DeviceID{22}
	space := &w.Spaces[0]
	space.Members[1].Devices = []peer.Device{{ID: grace.ID}, {ID: phone}}
	space.Members = append(space.Members, peer.Member{Person: edith, Role: "editor", Removed: true})
	w.Peers = append(w.Peers,
		peer.PeerInfo{ID: phone, Name: "Grace", Known: true, Connected: true, Nearby: true},
		peer.PeerInfo{ID: edith.ID, Name: "Edith", Known: true, Connected: true, Nearby: true})
	d.Others = []peer.Cursor{{Person: peer.Person{ID: phone, Name: "Grace"}}}
	got := peopleOf(w, d, noon)
	names := func(rows []personRow) (all []string) {
		for _, r := range rows {
			all = append(all, r.Name)
		}
		return all
	}
	for what, c := range map[string]struct{ got, want []string }{
		"here": {names(got.Here), []string{"Grace"}}, "members": {names(got.Members), []string{"Alan", "You"}},
		"nearby": {names(got.Nearby), []string{"Marsh laptop"}}, "removed": {names(got.Removed), []string{"Edith"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
	if r := got.Here[0]; r.Person != grace.ID || r.ID != phone || !r.Menu {
		t.Errorf("the one here is %+v", r)
	}
	space.Role = "editor"
	got = peopleOf(w, d, noon)
	for _, r := range slices.Concat(got.Here, got.Members, got.Removed) {
		if r.Menu != (r.Name == "You") {
			t.Errorf("an editor's menu of %s: %v", r.Name, r.Menu)
		}
	}
}

// Whether somebody who is in the document has all of it is said of the person, on
// whichever device they are; nothing is said of one who is not in the space, or while
// it is not known.
func TestWhoHasAllIsSaidOfThePerson(t *testing.T) {
	w, d := sample()
	phone := peer.DeviceID{22}
	w.Spaces[0].Members[1].Devices = []peer.Device{{ID: grace.ID}, {ID: phone}}
	her := []peer.Member{member(grace, "editor")}
	for _, c := range []struct {
		on     peer.DeviceID
		typing bool
		state  peer.DocState
		want   string
	}{
		{grace.ID, false, peer.DocState{Missing: her}, "catching up"},
		{phone, false, peer.DocState{Missing: her}, "catching up"},
		{phone, true, peer.DocState{Missing: her}, "typing, catching up"},
		{phone, false, peer.DocState{Reached: her}, "up to date"},
		{phone, true, peer.DocState{}, "typing"},
		{edith.ID, false, peer.DocState{Reached: her}, ""},
		{edith.ID, true, peer.DocState{Reached: her}, "typing"},
	} {
		d.State = c.state
		d.Others = []peer.Cursor{{Person: peer.Person{ID: c.on, Name: "Somebody"}, Typing: c.typing}}
		if got := peopleOf(w, d, noon).Here; len(got) != 1 || got[0].Below != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

// Somebody with a name like another's is called so, in the space and near it.
func TestNotTheOneYouKnow(t *testing.T) {
	w, d := sample()
	w.Peers = append(w.Peers, peer.PeerInfo{ID: edith.ID, Name: "Gracе", Nearby: true, LooksLike: "Grace"})
	w.Spaces[0].Members[2].NotTheOne = "Grace"
	got := peopleOf(w, d, noon)
	for _, r := range []personRow{got.Nearby[0], got.Members[0]} {
		if r.Below != "not the Grace you know" || r.Like != "Grace" {
			t.Errorf("%s: %q", r.Name, r.Below)
		}
	}
}

func TestReadOnlyLines(t *testing.T) {
	const stays = " What it held stays here, to be read and copied."
	for want, s := range map[string]peer.Space{
		"": {ID: field1, Role: "editor"},
		"You are a commenter here: you may read, not write. Ask Grace for the right to.":                                                                                                  {ID: field1, Role: "commenter", Members: []peer.Member{member(grace, "owner")}},
		"Restored from a backup: this is a new device, which is not in this space yet. Link it with your other device, or have it invited. Until then it can read and copy what is here.": {ID: field1},
		"You have left this space." + stays:                     {ID: field1, Left: true},
		"Grace has removed you from this space." + stays:        {ID: field1, RemovedBy: grace},
		"Another device of yours has revoked this one." + stays: {ID: field1, RemovedBy: peer.Person{ID: edith.ID, Name: "Ada’s laptop"}, Revoked: true},
		"Ada has removed you from this space." + stays:          {ID: field1, RemovedBy: peer.Person{ID: edith.ID, Name: "Ada"}},
	} {
		if got := readOnlyLine(s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
	for want, s := range map[string]peer.Space{
		"left": {ID: field1, Left: true}, "read only": {ID: field1, RemovedBy: grace},
		"only you": {ID: field1, Role: "owner", Members: []peer.Member{member(me, "owner"), {Person: grace, Removed: true}}},
		"2 people": {ID: field1, Role: "owner", Members: []peer.Member{member(me, "owner"), member(grace, "viewer")}},
	} {
		if got := membersLine(s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}

func TestRemovalIsExplained(t *testing.T) {
	if got := removalLine("Grace"); !strings.Contains(got, "Grace gets nothing new") || !strings.Contains(got, "takes nothing from another computer") {
		t.Errorf("it says %q", got)
	}
}

// press presses what has words on it in the dialog or menu that is open.
func (s *stage) press(words string) {
	s.t.Helper()
	for _, o := range test.LaidOutObjects(s.dialog) {
		switch o := o.(type) {
		case *button:
			if o.words == words && o.Visible() {
				o.Tapped(nil)
				return
			}
		case *check:
			if o.words == words {
				o.Tapped(nil)
				return
			}
		case *rowButton:
			if o.words == words {
				o.Tapped(nil)
				return
			}
		}
	}
	s.t.Fatalf("nothing says %q in %s", words, test.RenderToMarkup(s.Canvas()))
}

// card is somebody's in the column of people.
func (s *stage) card(name string) *personCard {
	for _, c := range s.people.cards {
		if c, ok := c.(*personCard); ok && c.row.Name == name {
			return c
		}
	}
	return nil
}

func (s *stage) says(words string) bool {
	return s.page.notice != nil && strings.Contains(s.page.notice.words.words, words)
}

// An owner makes a viewer of an editor, and removes them; both windows tell.
func TestRolesAndRemoval(t *testing.T) {
	ada, grace := meet(t)
	ada.until("grace is shown", func() bool { c := ada.card("Grace"); return c != nil && c.row.Menu })
	menu := func() { c := ada.card("Grace"); test.Tap(c.more) }
	menu()
	ada.press("Viewer")
	ada.until("ada is told", func() bool { return ada.says("Grace is a viewer now.") })
	ada.until("grace may read only", func() bool {
		return strings.HasPrefix(grace.readOnly, "You are a viewer here") && grace.header.pill.view.Words == "Read only"
	})
	menu()
	ada.press("Remove Grace…")
	ada.press("Remove")
	ada.until("grace is told who did it", func() bool { return grace.says("Ada has removed you from this space.") })
	ada.until("grace stands below", func() bool { return len(ada.people.view.Removed) == 1 })
	if !strings.HasPrefix(grace.editor.Text(), "# Welcome, Ada") {
		t.Error("what grace had is gone")
	}
	menu()
	ada.press("Add Grace again…")
	ada.press("Add")
	ada.until("grace writes again", func() bool { return grace.readOnly == "" && grace.editor != nil })
}

// Who leaves is told so and reads on; the last owner can't.
func TestLeave(t *testing.T) {
	ada, grace := meet(t)
	for _, s := range []*stage{ada, grace} {
		ada.until("both are shown", func() bool { return s.card("You") != nil && s.card("You").row.Menu })
	}
	ada.showMember(ada.card("You").row, ada.header.root)
	ada.press("Leave this space…")
	if got := test.RenderToMarkup(ada.Canvas()); !strings.Contains(got, "You are the only owner") {
		t.Error("the only owner may leave")
	}
	ada.press("Close")
	grace.showMember(grace.card("You").row, grace.header.root)
	grace.press("Leave this space…")
	grace.press("Leave")
	ada.until("grace is told", func() bool { return grace.says("You have left this space.") })
	ada.until("ada sees it", func() bool { return len(ada.people.view.Removed) == 1 })
}

// Dialogs fit into a narrow window.
func TestDialogsFitNarrowWindows(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.Resize(fyne.NewSize(420, 560))
	for name, open := range map[string]func(){
		"invite": s.showInvite, "find": s.showMissing, "me": s.showMe, "space": s.askSpace, "leave": s.askLeave,
		"add": func() { s.askAdd(grace, "You know Grace already.") }, "remove": func() { s.askRemove(member(grace, "editor")) },
	} {
		open()
		at, size := s.dialog.panel.Position(), s.dialog.panel.Size()
		if at.X < 0 || at.Y < 0 || at.X+size.Width > 420 || at.Y+size.Height > 560 {
			t.Errorf("%s lies at %v and is %v", name, at, size)
		}
		s.closeDialog()
	}
}

// Somebody with whom nobody compared a code, who came by a link and was removed, is
// brought back from the list of those who are no longer here.
func TestOneWhoCameByALinkIsAddedAgain(t *testing.T) {
	ada, grace := connect(t)
	space := ada.desk.Space
	in := func() bool { return grace.world.space(space).Role == "editor" }
	i, err := ada.peer.Invite(t.Context(), space, peer.InviteOptions{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grace.peer.Join(t.Context(), i.Link); err != nil {
		t.Fatal(err)
	}
	ada.until("grace is in", func() bool { return in() && ada.card("Grace") != nil && ada.card("Grace").row.Menu })
	if _, err := ada.peer.Remove(t.Context(), space, grace.world.Me.ID.String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	ada.until("grace stands below", func() bool { return len(ada.people.view.Removed) == 1 && !in() })
	ada.showMember(ada.people.view.Removed[0], ada.header.root)
	ada.press("Add Grace again…")
	ada.press("Add")
	ada.until("ada is told", func() bool { return ada.says("Grace is added") || ada.says("Grace is in") })
	ada.until("grace is back", func() bool { return in() && len(ada.people.view.Removed) == 0 })
}

func TestAddedLine(t *testing.T) {
	laptop := peer.DeviceID{7}
	space := peer.Space{Name: "Notes", Members: []peer.Member{{
		Person: grace, Removed: true, Devices: []peer.Device{{ID: grace.ID}, {ID: laptop}},
	}}}
	away := "Grace is added, and sees “Notes” as soon as their computer is near."
	here := "Grace is in “Notes” now."
	for name, c := range map[string]struct {
		peers []peer.PeerInfo
		space peer.Space
		want  string
	}{
		"away":                     {nil, space, away},
		"seen, and not connected":  {[]peer.PeerInfo{{ID: grace.ID, Nearby: true}}, space, away},
		"another device of theirs": {[]peer.PeerInfo{{ID: laptop, Connected: true}}, space, here},
		"new to the space":         {[]peer.PeerInfo{{ID: grace.ID, Connected: true}}, peer.Space{Name: "Notes"}, here},
		"somebody else":            {[]peer.PeerInfo{{ID: laptop, Connected: true}}, peer.Space{Name: "Notes"}, away},
	} {
		if got := addedLine(c.peers, c.space, grace); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Escape gives the keyboard back to what opened a menu, and to the text if the mouse
// did.
func TestEscapeGoesBackToWhatOpenedAMenu(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	more := s.places.me
	for _, c := range []struct {
		name string
		from fyne.Focusable
	}{{"a row", more}, {"the text", s.editor}} {
		s.Canvas().Focus(c.from)
		s.showMe()
		s.ask("Sure?", "A dialog in place of the menu.", "Yes", func() {})
		s.Canvas().OnTypedKey()(key(fyne.KeyEscape))
		if s.dialog != nil || s.Canvas().Focused() != c.from {
			t.Errorf("from %s: the keyboard is with %T", c.name, s.Canvas().Focused())
		}
	}
	s.Canvas().Focus(more)
	s.showMe()
	s.places.root.Hide() // the row is gone
	s.closeDialog()
	if s.Canvas().Focused() != s.editor {
		t.Errorf("the keyboard is with %T, not the text", s.Canvas().Focused())
	}
}

// One who is called as the person here is most likely their other device; and a role
// that is not the usual one is shown of those who are in the text, too.
func TestOwnNameAndRolesAreTold(t *testing.T) {
	w, d := sample()
	w.Me.Name = "Ada"
	w.Peers = append(w.Peers, peer.PeerInfo{ID: edith.ID, Name: "Ada", Nearby: true, LooksLike: "Ada", LooksLikeID: w.Me.ID})
	w.Spaces[0].Members[2].NotTheOne = "Ada"
	got := peopleOf(w, d, noon)
	for _, r := range []personRow{got.Nearby[0], got.Members[0]} {
		if r.Below != hasYourName {
			t.Errorf("%s: %q", r.Name, r.Below)
		}
	}
	for role, want := range map[string]string{
		roleEditor: "up to date", roleViewer: "viewer, up to date", roleOwner: "owner, up to date",
	} {
		her := peer.Member{Person: grace, Role: role}
		c := peer.Cursor{Person: grace}
		if got := hereRow(c, her, me.ID, peer.DocState{Reached: []peer.Member{her}}, false).Below; got != want {
			t.Errorf("a %s: %q", role, got)
		}
	}
}

// Who has left by themselves can't be added: that is said without an ID, and with a
// way on.
func TestOneWhoLeftCanBeInvited(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.complain(fmt.Errorf("add %q: %w", grace.ID.String(), peer.ErrLeft))
	n := s.page.notice
	if n == nil || strings.Contains(n.words.words, grace.ID.String()[:8]) || !strings.Contains(n.words.words, "left this space") {
		t.Fatalf("says %+v", n)
	}
	if n.action == nil {
		t.Fatal("there is no way on")
	}
	test.Tap(n.action)
	if !s.shows("Invite to “") {
		t.Error("it does not lead to an invitation")
	}
}

// Somebody who has left is invited, with one press.
func TestTheMenuOfOneWhoLeft(t *testing.T) {
	ada, grace := connect(t)
	space := ada.desk.Space
	i, err := ada.peer.Invite(t.Context(), space, peer.InviteOptions{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grace.peer.Join(t.Context(), i.Link); err != nil {
		t.Fatal(err)
	}
	ada.until("grace is in", func() bool { return ada.card("Grace") != nil && ada.card("Grace").row.Menu })
	if _, err := grace.peer.LeaveSpace(t.Context(), space, peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	ada.until("grace stands below", func() bool { return len(ada.people.view.Removed) == 1 })
	ada.showMember(ada.people.view.Removed[0], ada.header.root)
	ada.press("Invite Grace to come back…")
	if !ada.shows("Invite to “") {
		t.Error("it does not lead to an invitation")
	}
}

// What a role may do is said where it is chosen: a commenter writes no comments yet.
func TestRolesAreExplained(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	for where, at := range map[string]struct {
		show func()
		role int // a commenter's
	}{"an invitation": {s.showInvite, 1}, "adding": {func() { s.askAdd(grace, "") }, 2}} {
		at.show()
		if !s.shows("Editor: writes.") {
			t.Errorf("%s does not say what an editor may do", where)
		}
		for _, o := range test.LaidOutObjects(s.dialog) {
			if c, ok := o.(*segments); ok && len(c.tabs) > at.role && c.tabs[at.role].words == "Commenter" {
				c.choose(at.role)
			}
		}
		if !s.shows("Commenter: reads, no comments yet.") {
			t.Errorf("%s does not say what a commenter may do", where)
		}
		s.closeDialog()
	}
}
