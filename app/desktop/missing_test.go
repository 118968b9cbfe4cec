package desktop

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/app/doctor"
	"starling/sync/peer"
)

func TestFindingsAreSorted(t *testing.T) {
	box := newStack(0)
	fillFindings(box, []doctor.Finding{
		{Level: doctor.OK, What: "Good."}, {Level: doctor.Problem, What: "Bad.", Do: "Mend it."}, {Level: doctor.Note, What: "Odd."},
	}, 300)
	var got []string
	for _, o := range test.LaidOutObjects(box) {
		if p, ok := o.(*prose); ok && p.Visible() && p.words != "" {
			got = append(got, p.words)
		}
	}
	want := []string{"Bad.", "Mend it.", "Odd.", "Good."}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The page of who is missing says what was found, and what is allowed.
func TestMissingPage(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.showMissing()
	if !s.shows("Looking.") {
		t.Error("it does not say that it looks")
	}
	s.until("something is found", func() bool { return !s.shows("Looking.") })
	if !s.shows("On this network only") {
		t.Error("it does not say how far words travel")
	}
	if err := s.peer.Allow(t.Context(), "203.0.113.9"); err != nil {
		t.Fatal(err)
	}
	s.until("the address is listed", func() bool { return s.shows("203.0.113.9") })
	if words, _ := networkLine(&s.world); words != "This network and 1 address" {
		t.Errorf("the line below says %q", words)
	}
	s.press("Take back")
	s.until("it is taken back", func() bool { return !s.shows("203.0.113.9") && s.shows("On this network only") })
}

// An address beyond this network is asked about once.
func TestFarAddressIsAskedAbout(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.until("it is on the network", func() bool { return s.world.Status.Running })
	form := newAddressForm(formWidth)
	s.bindForm(form)
	show(t, form.root, formWidth, 300)
	form.address.SetText("203.0.113.9:4000")
	test.Tap(form.connect)
	s.until("it is asked about", func() bool { return form.allow.Visible() })
	if got := s.peer.Allowed(); len(got) != 0 {
		t.Errorf("allowed without an answer: %q", got)
	}
	form.onAllow = func(a string) {
		if a != "203.0.113.9:4000" {
			t.Errorf("allows %q", a)
		}
	}
	test.Tap(form.allow)
	form.done(peer.PeerInfo{}, errors.New("odd"))
	if form.allow.Visible() || form.connect.Disabled() {
		t.Error("it asks on")
	}
	form.done(peer.PeerInfo{}, peer.ErrUnreachable)
	if !strings.Contains(form.outcome.words, "has allowed yours") {
		t.Errorf("of one that does not answer: %q", form.outcome.words)
	}
}

// The switch keeps one from being seen, and says so below the page.
func TestInvisible(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.Resize(fyne.NewSize(1280, 800))
	s.showMe()
	s.press("Be invisible here")
	s.until("it is so", func() bool { return s.peer.Invisible() && s.world.Status.Invisible })
	s.press("Be invisible here")
	s.until("it is no longer so", func() bool { return !s.peer.Invisible() })
}

// The page finds somebody by name.
func TestMissingPersonIsLookedFor(t *testing.T) {
	ada, _ := connect(t)
	ada.showMissing()
	ada.until("the machine has been looked at", func() bool { return !ada.shows("Looking.") })
	for _, o := range test.LaidOutObjects(ada.dialog) {
		if f, ok := o.(*field); ok && f.placeholder != "" && f.onSubmit != nil && f.most == maxName {
			f.SetText("Grace")
		}
	}
	ada.press("Look")
	ada.until("she is found", func() bool { return ada.shows("You are connected with Grace.") })
	if !ada.shows("You and Grace have not paired") {
		t.Error("it does not say that nothing is shared yet")
	}
}

// The field for a name has the keyboard and stays where it is, whatever is found, and
// the way out stays in view.
func TestMissingPageStaysWhereItIs(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	for _, window := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 760, Height: 560}} {
		s.Resize(window)
		s.showMissing()
		who, ok := s.Canvas().Focused().(*field)
		if !ok || who.most != maxName {
			t.Fatalf("the keyboard is with %T", s.Canvas().Focused())
		}
		top := func() float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(who).Y }
		before, size := top(), s.dialog.panel.Size()
		s.until("something is found", func() bool { return !s.shows("Looking.") })
		if top() != before || s.dialog.panel.Size() != size {
			t.Errorf("in %v the field was at %v, and is at %v", window, before, top())
		}
		who.SetText("Zoe")
		s.press("Look")
		s.until("she is not found", func() bool { return s.shows("Nobody called Zoe") })
		if top() != before {
			t.Errorf("in %v the field was at %v, and then is at %v", window, before, top())
		}
		for _, o := range test.LaidOutObjects(s.dialog) {
			if b, ok := o.(*button); ok && b.words == "Close" {
				end := fyne.CurrentApp().Driver().AbsolutePositionForObject(b).Y + b.Size().Height
				if end > s.dialog.panel.Position().Y+s.dialog.panel.Size().Height {
					t.Errorf("in %v the way out ends at %v, below the dialog", window, end)
				}
			}
		}
		s.closeDialog()
	}
}
