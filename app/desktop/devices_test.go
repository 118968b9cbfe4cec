package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"starling/sync/peer"
)

// Two devices that are linked are one person: the space of the one is on the
// other, and one revokes the other.
func TestLinkAndRevoke(t *testing.T) {
	ada, grace := connect(t)
	ada.showMe()
	ada.until("the devices are listed", func() bool { return ada.shows("This device") })
	ada.press("Link my other device…")
	ada.press("Link")
	ada.until("both know of it", func() bool {
		return ada.pair != nil && ada.pair.answers.Visible() && len(grace.people.view.Requests) == 1
	})
	if got := grace.people.view.Requests[0].Below; got != "would like to be linked as yours" {
		t.Errorf("the other is asked: %q", got)
	}
	grace.showRequest(grace.people.view.Requests[0])
	grace.until("the code shows", func() bool { return grace.pair.answers.Visible() })
	for _, s := range []*stage{ada, grace} {
		if s.pair.title.words != "Does your other device show this code?" || !strings.Contains(s.pair.advice.words, "the same person") {
			t.Errorf("says %q, %q", s.pair.title.words, s.pair.advice.words)
		}
		test.Tap(s.pair.same)
	}
	ada.until("the spaces are on both", func() bool {
		return ada.dialog == nil && grace.dialog == nil && len(ada.world.Spaces) == 2 && len(grace.world.Spaces) == 2
	})
	ada.until("ada is told", func() bool { return ada.says("is a device of yours now") })
	ada.showMe()
	ada.until("the device can be revoked", func() bool { return ada.shows("Grace’s device") || ada.shows("Ada’s device") })
	ada.press("Revoke")
	ada.press("Revoke")
	ada.until("ada is told", func() bool { return ada.says("is no longer yours") })
	ada.until("grace is told", func() bool {
		for _, s := range grace.world.Spaces {
			if gone(s) {
				return true
			}
		}
		return false
	})
}

// Adding one who looks like somebody known asks first, and says how a person's new
// device becomes theirs. It is said to be theirs only if it is known who that is.
func TestWhoLooksLikeSomebodyIsAskedAbout(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	info := peer.PeerInfo{Tag: "c0ffee", Name: "Gracе", Nearby: true, LooksLike: "Grace", LooksLikeID: grace.ID}
	s.addPerson(nearbyRow(info, true))
	if !s.shows("Is this Grace’s new device?") || s.pair != nil {
		t.Fatal("it does not ask")
	}
	for answer, as := range map[string]peer.Person{"Yes, Grace’s": {ID: grace.ID, Name: "Grace"}, "No, somebody else": {}} {
		s.addPerson(nearbyRow(info, true))
		s.press(answer)
		if s.pair == nil {
			t.Fatalf("%s: it does not go on", answer)
		}
		s.closeDialog()
		s.askLike(info.Name, peer.Person{ID: grace.ID, Name: "Grace"}, func(got peer.Person) {
			if got != as {
				t.Errorf("%s: it goes on with %+v", answer, got)
			}
		})
		s.press(answer)
	}
	info.LooksLikeID = peer.DeviceID{}
	s.addPerson(nearbyRow(info, true))
	if !s.shows("Is this Grace’s new device?") || s.shows("Yes, Grace’s") {
		t.Error("it is said to be of somebody with whom no code was compared")
	}
}

// Devices of strangers are told from those of people whom one knows.
func TestLinkable(t *testing.T) {
	strange, known := linkable([]peer.PeerInfo{
		{Tag: "1", Name: "Grace", Nearby: true, Known: true},
		{Tag: "2", Name: "away"},
		{Tag: "3", Name: "mine", Nearby: true, Mine: true},
		{Tag: "4", Name: "phone", Connected: true, LooksLike: "Grace"},
	})
	for want, rows := range map[string][]personRow{"phone: nearby": strange, "Grace: somebody you know": known} {
		if len(rows) != 1 || rows[0].Name+": "+rows[0].Below+rows[0].Like != want {
			t.Errorf("%+v, want %q", rows, want)
		}
	}
}

// Who is known by the word of others alone is not added without a code, whatever
// their name; who was in the space before is shown as who they are.
func TestWhoIsAddedWithoutACode(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	info := peer.PeerInfo{ID: edith.ID, Name: "Grace", Nearby: true, Known: true, Spaces: []peer.SpaceID{field2}}
	s.addPerson(nearbyRow(info, true))
	if s.shows("Add Grace to “") || s.pair == nil {
		t.Error("a member of another space is added without a code")
	}
	s.closeDialog()
	like := info
	like.LooksLike, like.LooksLikeID = "Grace", grace.ID
	row := nearbyRow(like, true)
	if row.Below != "not the Grace you know" {
		t.Errorf("one who is called like somebody known is %q", row.Below)
	}
	s.addPerson(row)
	if !s.shows("Is this Grace’s new device?") {
		t.Error("it does not ask about one who looks like somebody known")
	}
	s.closeDialog()
	info.Paired = true
	s.addPerson(nearbyRow(info, true))
	if !s.shows("Add Grace to “") {
		t.Error("somebody with whom a code was compared is asked for another")
	}
	if got := againLead(peer.Member{Person: grace, NotTheOne: "Grace"}); got != "Grace was in this space before. This is not the Grace you know." {
		t.Errorf("of one who was here before: %q", got)
	}
}

// One who is called as the person here may be another device of theirs, and then is
// linked: whoever of the two began, and as whatever.
func TestOneWhoIsCalledAsOneselfIsLinked(t *testing.T) {
	for _, asked := range []bool{false, true} {
		one, two := connectNamed(t, "Ada", "Àda")
		if asked {
			two.addPerson(two.people.view.Nearby[0])
			two.press("No, somebody else")
			one.until("one is asked", func() bool { return two.pair.answers.Visible() && len(one.people.view.Requests) == 1 })
			one.showRequest(one.people.view.Requests[0])
		} else {
			one.addPerson(one.people.view.Nearby[0])
		}
		if !one.shows("Is this your other device?") {
			t.Fatal("it does not ask")
		}
		one.press("Yes, link it")
		one.until("both know of it", func() bool {
			return one.pair != nil && one.pair.answers.Visible() && len(two.people.view.Requests) == 1 && two.people.view.Requests[0].Link
		})
		if two.dialog != nil {
			two.closeDialog()
		}
		two.showRequest(two.people.view.Requests[0])
		two.until("the code shows", func() bool { return two.pair.answers.Visible() })
		for _, s := range []*stage{one, two} {
			test.Tap(s.pair.same)
		}
		one.until("they are one person's", func() bool { return one.says("is a device of yours now") })
	}
}

// What has the keyboard's focus in a dialog keeps it while news come that change
// nothing there.
func TestRowsOfDialogsKeepTheFocus(t *testing.T) {
	ada, _ := connect(t)
	ada.showLinking()
	link := func() (found *button) {
		for _, o := range test.LaidOutObjects(ada.dialog) {
			if b, ok := o.(*button); ok && b.words == "Link" {
				found = b
			}
		}
		return found
	}
	before := link()
	ada.Canvas().Focus(before)
	world := ada.world
	ada.show(news{world: &world})
	if link() != before || ada.Canvas().Focused() != before {
		t.Error("the focus is lost")
	}
	world.Peers = nil
	ada.show(news{world: &world})
	if link() != nil {
		t.Error("one who has gone is shown still")
	}
	ada.closeDialog()
}

// What is known of one's devices is there at once: nothing moves away under the mouse.
func TestYourDevicesAreThereAtOnce(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.showMe()
	at, size := s.dialog.panel.Position(), s.dialog.panel.Size()
	s.until("the devices are listed", func() bool { return s.shows("This device") })
	if gotAt, got := s.dialog.panel.Position(), s.dialog.panel.Size(); gotAt != at || got != size {
		t.Errorf("it was at %v of %v, and is at %v of %v", at, size, gotAt, got)
	}
	s.press("Link my other device…")
}

// Whoever is somebody else is not one press away from being linked as oneself.
func TestOthersAreNotLinkedByOnePress(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.world.Peers = []peer.PeerInfo{{ID: grace.ID, Tag: "c0ffee", Name: "Grace", Nearby: true, Known: true}}
	s.showLinking()
	for _, o := range test.LaidOutObjects(s.dialog) {
		if b, ok := o.(*button); ok && b.words == "Link" {
			t.Error("somebody known has a button that links them")
		}
	}
	s.press("Grace")
	if s.pair != nil || !s.shows("Is this device your own?") {
		t.Fatal("it does not ask")
	}
	s.press("Link it")
	if s.pair == nil || !s.pair.link {
		t.Error("it does not go on")
	}
}

// A pairing can be given up while its code is compared: nobody waits for it then.
func TestPairingIsGivenUp(t *testing.T) {
	ada, grace := connect(t)
	ada.addPerson(ada.people.view.Nearby[0])
	ada.until("both know of it", func() bool { return ada.pair.answers.Visible() && len(grace.people.view.Requests) == 1 })
	ada.press("Cancel")
	ada.until("nobody waits", func() bool {
		return ada.dialog == nil && len(ada.people.view.Requests) == 0 && len(grace.people.view.Requests) == 0
	})
	if len(ada.world.Pairings) != 0 || ada.page.notice != nil {
		t.Errorf("%+v, %+v are left", ada.world.Pairings, ada.page.notice)
	}
}
