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
// device becomes theirs.
func TestWhoLooksLikeSomebodyIsAskedAbout(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	row := nearbyRow(peer.PeerInfo{Tag: "c0ffee", Name: "Gracе", Nearby: true, LooksLike: "Grace"}, true)
	s.addPerson(row)
	if !s.shows("Is this Grace’s new device?") || s.pair != nil {
		t.Fatal("it does not ask")
	}
	for _, answer := range []string{"Yes, Grace’s", "No, somebody else"} {
		s.addPerson(row)
		s.press(answer)
		if s.pair == nil {
			t.Fatalf("%s: it does not go on", answer)
		}
		s.closeDialog()
	}
}
