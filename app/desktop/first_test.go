package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/assets"
	"starling/sync/peer"
)

// The colour at the first start is one that nobody nearby has, until the person
// chooses.
func TestProposedColourIsFree(t *testing.T) {
	near := func(but ...int) (all []peer.PeerInfo) {
		for i := range assets.PeopleColours {
			free := false
			for _, n := range but {
				free = free || n == i
			}
			all = append(all, peer.PeerInfo{Colour: colourText(i), Nearby: !free, Known: true})
		}
		return all
	}
	for range 20 {
		f := newFirst("", 0, func(string, int, string) {})
		f.propose(near(2, 5))
		first := f.colour.chosen
		if first != 2 && first != 5 || !f.colour.all[first].chosen {
			t.Fatalf("proposes %d", first)
		}
		f.propose(near(2, 5, 6))
		if f.colour.chosen != first {
			t.Fatal("proposes another without need")
		}
		f.propose(near(6)) // somebody has come who has it
		if f.colour.chosen != 6 {
			t.Fatalf("proposes %d, which is taken", f.colour.chosen)
		}
		f.propose(near())
		if f.colour.chosen != 6 {
			t.Fatal("does not rest where all are taken")
		}
		test.Tap(f.colour.all[1])
		f.propose(near(3))
		if f.colour.chosen != 1 {
			t.Fatal("takes away what the person chose")
		}
	}
	seen := map[int]bool{}
	for range 200 {
		f := newFirst("", 0, func(string, int, string) {})
		f.propose(nil)
		seen[f.colour.chosen] = true
	}
	if len(seen) < assets.PeopleColours/2 {
		t.Errorf("of all only %d are proposed", len(seen))
	}
}

// Who was sent a link joins with it at the first start, and gets no space of their
// own beside it; a link that leads nowhere leaves them where they were.
func TestFirstStartByLink(t *testing.T) {
	ada, grace := raise(t, "Ada"), raise(t, "")
	ada.opened("Welcome, Ada")
	ada.until("all is there", func() bool { return len(ada.world.Status.Listen) > 0 && grace.first != nil })
	ada.showInvite()
	ada.press("Make a link")
	ada.until("there is a link", func() bool { return ada.linkIn() != "" })
	page := grace.first
	page.name.SetText("Grace")
	page.invite.Tapped(nil)
	if page.start.words != "Join" || !page.start.Disabled() || !page.link.Visible() {
		t.Error("it does not ask for the link")
	}
	page.link.SetText("starling:AAAA")
	test.Tap(page.start)
	ada.until("grace is told", func() bool { return page.said == "Not an invitation link, or only a part of one." })
	page.link.SetText(ada.linkIn())
	test.Tap(page.start)
	grace.opened("Welcome, Ada")
	if n := len(grace.world.Spaces); n != 1 {
		t.Errorf("there are %d spaces", n)
	}
}

// Who was sent no link after all goes back: by the words they pressed, or by Escape,
// also while the one who invited them is looked for.
func TestFirstStartWithoutTheLink(t *testing.T) {
	ada, end := raiseIn(t, t.TempDir(), "Ada")
	ada.opened("Welcome, Ada")
	ada.until("ada listens", func() bool { return len(ada.world.Status.Listen) > 0 })
	invite, err := ada.peer.Invite(t.Context(), ada.desk.Space, peer.InviteOptions{Role: roleEditor, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	end()
	grace := raise(t, "")
	grace.until("it asks for a name", func() bool { return grace.first != nil })
	page := grace.first
	page.name.SetText("Grace")
	if a, b := page.name.MinSize().Height, page.link.MinSize().Height; a != b {
		t.Errorf("the fields are %v and %v high", a, b)
	}
	escape := func() { grace.Canvas().OnTypedKey()(key(fyne.KeyEscape)) }
	escape()
	for name, back := range map[string]func(){"the words": func() { test.Tap(page.invite) }, "Escape": escape} {
		test.Tap(page.invite)
		if page.invite.words != "Begin without a link" || grace.Canvas().Focused() != page.link {
			t.Errorf("%s: it says %q", name, page.invite.words)
		}
		back()
		if page.invite.words != "I was sent a link" || page.link.Visible() || page.start.words != "Start writing" || page.start.Disabled() {
			t.Errorf("%s: it says %q and %q", name, page.invite.words, page.start.words)
		}
		if grace.Canvas().Focused() != page.name {
			t.Errorf("%s: the keyboard is with %T", name, grace.Canvas().Focused())
		}
	}
	test.Tap(page.invite)
	page.link.SetText(invite.Link)
	test.Tap(page.start)
	grace.until("the one who invited is looked for", func() bool { return strings.HasPrefix(page.said, "Looking for") })
	escape()
	if page.said != "" || page.start.Disabled() {
		t.Errorf("it says %q", page.said)
	}
	grace.until("nobody is looked for", func() bool { return grace.joining == 0 })
	if page.said != "" {
		t.Errorf("then it says %q", page.said)
	}
	test.Tap(page.start)
	grace.opened("Welcome, Grace")
}

// Who joins a space that has nothing yet is told so, and sees what comes first.
func TestFirstStartInABareSpace(t *testing.T) {
	ada, grace := raise(t, "Ada"), raise(t, "")
	ada.opened("Welcome, Ada")
	space, err := ada.peer.NewSpace(t.Context(), "Bare")
	if err != nil {
		t.Fatal(err)
	}
	invite, err := ada.peer.Invite(t.Context(), space, peer.InviteOptions{Role: roleEditor, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	ada.until("both are there", func() bool { return len(ada.world.Status.Listen) > 0 && grace.first != nil })
	page := grace.first
	page.name.SetText("Grace")
	page.invite.Tapped(nil)
	page.link.SetText(invite.Link)
	test.Tap(page.start)
	grace.until("there is nothing", func() bool { return grace.entered && grace.page.body == grace.page.empty })
	if _, err := ada.peer.NewDocument(t.Context(), space, "# Tides\n"); err != nil {
		t.Fatal(err)
	}
	grace.opened("Tides")
}
