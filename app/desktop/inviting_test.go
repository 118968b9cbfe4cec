package desktop

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/sync/peer"
)

func TestInvitationLines(t *testing.T) {
	soon := noon.Add(time.Hour)
	one := peer.Invite{Role: "editor", Count: 1, Expiry: soon}
	many := peer.Invite{Role: "viewer", Came: []peer.Person{grace, alan}}
	for _, c := range []struct{ got, want string }{
		{linkLine(one, noon), "Good until 13:00, on this network and while Starling is open here. The first who uses it comes in as an editor. Send it only to those you mean."},
		{linkLine(many, noon), "Good until you take it back, on this network and while Starling is open here. Whoever has it may come in as a viewer. Send it only to those you mean."},
		{inviteTitle(one), "Editor, one person"},
		{inviteTitle(many), "Viewer, any number"},
		{inviteTitle(peer.Invite{Role: "editor", Count: 3}), "Editor, 3 people"},
		{inviteLife(one, noon), "Good until 13:00. Nobody has come by it yet."},
		{inviteLife(peer.Invite{Expiry: noon.AddDate(0, 0, 2)}, noon), "Good until 24 Nov, 12:00. Nobody has come by it yet."},
		{inviteLife(many, noon), "Good until you take it back. Grace and Alan have come by it."},
		{cameLine(one), "Nobody has come by it yet."},
		{cameLine(many), "Grace and Alan have come by it."},
		{cameLine(peer.Invite{Came: []peer.Person{grace}}), "Grace has come by it."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for _, c := range []struct {
		i    peer.Invite
		open bool
	}{
		{one, true},
		{many, true},
		{peer.Invite{Count: 1, Came: []peer.Person{grace}}, false},
		{peer.Invite{Cancelled: true}, false},
		{peer.Invite{Expiry: noon.Add(-time.Second)}, false},
	} {
		if got := openInvite(c.i, noon); got != c.open {
			t.Errorf("%+v is open: %v", c.i, got)
		}
	}
}

func TestErrorsMadeForPeople(t *testing.T) {
	for want, err := range map[string]error{
		"The invitation has expired. Ask for a new link.": fmt.Errorf("join: %w", errors.New("the invitation has expired; ask for a new link")),
		"Not an invitation link, or only a part of one.":  fmt.Errorf("join: %w", errors.New("not an invitation link, or only a part of one")),
	} {
		if got := sentence(err, ""); got != want {
			t.Errorf("%v is said as %q, want %q", err, got, want)
		}
	}
	if got := sentence(fmt.Errorf("in %q: %w", "x", peer.ErrRemoved), ""); !strings.HasPrefix(got, "You are no longer in this space. Ask") {
		t.Errorf("says %q", got)
	}
}

// linkIn is the link that the open sheet shows.
func (s *stage) linkIn() string {
	for _, o := range test.LaidOutObjects(s.dialog) {
		if l, ok := o.(*label); ok && strings.HasPrefix(l.words, "starling:") {
			return l.words
		}
	}
	return ""
}

// buttonIn is the button of the open dialog that says something; nil for none.
func (s *stage) buttonIn(words string) *button {
	for _, o := range test.LaidOutObjects(s.dialog) {
		if b, ok := o.(*button); ok && b.words == words {
			return b
		}
	}
	return nil
}

// midOf is how far down the middle of an object is in the window.
func midOf(o fyne.CanvasObject) float32 {
	return float32(int(fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y + o.Size().Height/2))
}

// shows says whether a line of the open dialog begins so.
func (s *stage) shows(words string) bool {
	if s.dialog == nil {
		return false
	}
	for _, o := range test.LaidOutObjects(s.dialog) {
		switch o := o.(type) {
		case *prose:
			if strings.HasPrefix(o.words, words) && o.Visible() {
				return true
			}
		case *label:
			if strings.HasPrefix(o.words, words) && o.Visible() {
				return true
			}
		}
	}
	return false
}

// A link that one window makes brings the other into the space, with the role
// that it is for; the first sees who has come, and can take it back.
func TestJoinByLink(t *testing.T) {
	ada, grace := raise(t, "Ada"), raise(t, "Grace")
	ada.opened("Welcome, Ada")
	grace.opened("Welcome, Grace")
	ada.until("they listen", func() bool { return len(ada.world.Status.Listen) > 0 && len(grace.world.Status.Listen) > 0 })
	ada.showInvite()
	ada.press("Make a link")
	ada.until("there is a link", func() bool { return ada.linkIn() != "" })
	link := ada.linkIn()
	copied := ada.buttonIn("Copy the link")
	wide := copied.MinSize().Width
	test.Tap(copied)
	if copied.words != "Copied" || copied.MinSize().Width != wide {
		t.Errorf("%q is %v wide, not %v: the buttons beside it move", copied.words, copied.MinSize().Width, wide)
	}
	if got := fyne.CurrentApp().Clipboard().Content(); got != link {
		t.Errorf("copies %q, not %q", got, link)
	}
	join := func(link string) {
		grace.askLink()
		for _, o := range test.LaidOutObjects(grace.dialog) {
			if f, ok := o.(*field); ok {
				f.SetText(link)
			}
		}
		grace.press("Join")
	}
	join("starling:nothing")
	ada.until("grace is told that it is none", func() bool { return grace.shows("Not an invitation link") })
	grace.closeDialog()
	join(link)
	grace.opened("Welcome, Ada")
	ada.until("grace is told", func() bool {
		return grace.dialog == nil && grace.says("You are in “Ada’s notes” now, as an editor.")
	})
	ada.until("ada sees who has come", func() bool { return ada.shows("Grace has come by it.") })
	ada.press("Take it back")
	ada.until("it is taken back", func() bool { return ada.says("Who has come stays.") })
	ada.showInvite()
	ada.press("Make a link")
	ada.until("there is another link", func() bool { return ada.linkIn() != "" })
	link = ada.linkIn()
	ada.closeDialog()
	ada.showInvite()
	ada.until("it is listed", func() bool { return ada.shows("Editor, one person") })
	ada.press("Show")
	if got := ada.linkIn(); got != link || !ada.shows("Nobody has come by it yet.") {
		t.Errorf("it is shown again as %q, and was %q", got, link)
	}
	ada.closeDialog()
	ada.showInvite()
	ada.until("it is listed again", func() bool { return ada.shows("Editor, one person") })
	ada.press("Take back")
	ada.until("it is good for nobody", func() bool { return ada.says("The link is good for nobody now.") })
}

// Of a link that was not made at this window it is said that it can't be shown, and
// it can be taken back.
func TestALinkFromElsewhereIsNotShown(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	if _, err := s.peer.Invite(t.Context(), s.desk.Space, peer.InviteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.showInvite()
	s.until("it is listed", func() bool { return s.shows("Editor, any number") })
	if !s.shows("Links that are still good") || !s.shows("Good until you take it back. Nobody has come by it yet.") {
		t.Error("it is not said what it is")
	}
	if !s.shows(unkept) {
		t.Error("it is not said why it is not shown")
	}
	var pressed, line float32
	for _, o := range test.LaidOutObjects(s.dialog) {
		b, ok := o.(*button)
		switch {
		case ok && b.words == "Show":
			t.Error("it can be shown")
		case ok && b.words == "Take back":
			pressed = midOf(b)
		}
		if l, ok := o.(*label); ok && l.words == "Editor, any number" {
			line = midOf(l)
		}
	}
	if math.Abs(float64(pressed-line)) > 2 {
		t.Errorf("its button is at %v, what it is at %v", pressed, line)
	}
	s.press("Take back")
	s.until("it is good for nobody", func() bool { return s.says("The link is good for nobody now.") })
}
