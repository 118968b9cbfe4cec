package desktop

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/assets"
)

// In a narrow window the left column gives way, and comes by its icon and for the
// search.
func TestLeftColumnGivesWay(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	shown := func(what string, want bool) {
		t.Helper()
		if s.places.root.Visible() != want {
			t.Errorf("%s: the left column is shown: %v", what, !want)
		}
		if x := s.header.root.Position().X; (x > 0) != want {
			t.Errorf("%s: the text begins at %v", what, x)
		}
	}
	shown("at first", true)
	test.Tap(s.header.places)
	shown("after a click", false)
	s.goToSearch()
	shown("to search", true)
	s.leaveSearch()
	shown("after the search", false)
	test.Tap(s.header.places)
	shown("after another click", true)

	s.Resize(fyne.NewSize(420, 300))
	shown("in a narrow window", false)
	test.Tap(s.header.places)
	shown("called for there", true)
	if got := s.page.root.Size().Width; got != 420 {
		t.Errorf("the text is %v wide, not pushed aside", got)
	}
	s.leave()
	shown("after Escape", false)
	s.goToSearch()
	shown("to search there", true)
	s.places.search.TypedKey(key(fyne.KeyEscape))
	shown("after the search there", false)
	s.Resize(fyne.NewSize(1280, 800))
	shown("in a wide one again", true)
}

// Where both columns have no room, the right one takes the left one's, or pushes
// the text aside.
func TestRightColumnComesWhenCalled(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	for _, c := range []struct {
		width            float32
		left, right      bool // at first
		leftIn, textFrom float32
	}{{1280, true, true, 1, assets.PlacesWidth}, {800, true, false, 0, 0}, {420, false, false, 0, -assets.PeopleWidth}} {
		s.columns = columns{left: true, right: true}
		s.Resize(fyne.NewSize(c.width, 600))
		if s.places.root.Visible() != c.left || s.aside.root.Visible() != c.right {
			t.Errorf("at %v at first: left %v, right %v", c.width, s.places.root.Visible(), s.aside.root.Visible())
		}
		s.showRight()
		end := s.aside.root.Position().X + s.aside.root.Size().Width
		if !s.aside.root.Visible() || end != c.width || s.places.root.Visible() != (c.leftIn > 0) || s.page.root.Position().X != c.textFrom {
			t.Errorf("at %v the column ends at %v, the text begins at %v, left %v", c.width, end, s.page.root.Position().X, s.places.root.Visible())
		}
		s.togglePeople()
		if s.aside.root.Visible() {
			t.Errorf("at %v it does not go", c.width)
		}
	}
	s.showRight()
	s.focusText()
	if s.aside.root.Visible() {
		t.Error("it lies over the text that one writes in")
	}
	s.showRight()
	s.togglePlaces()
	if s.aside.root.Visible() || !s.places.root.Visible() {
		t.Error("the left column does not take its place")
	}
}

// Nothing in the line below the page lies over anything else, however narrow.
func TestStatusFits(t *testing.T) {
	s := newStatus()
	s.show(statusView{
		Words: "12,345 of 100,000 words", Characters: "67,890 of 1,000,000 characters",
		Who: "Saved here; reached Grace and Alan; not yet Edith, last seen 14:02", Brief: "Reached 2 of 3",
		Network: "On this network only", Icon: assets.IconWifi, Open: true,
	})
	shows := func(o fyne.CanvasObject, width float32, want bool) {
		t.Helper()
		if o.Visible() != want {
			t.Errorf("at %v: shown %v", width, !want)
		}
	}
	for width := float32(60); width < 1000; width += 7 {
		show(t, s.root, width, assets.StatusHeight)
		end := float32(0)
		for _, o := range []fyne.CanvasObject{s.words, s.long, s.kind, s.who, s.brief, s.reach, s.network} {
			if !o.Visible() {
				continue
			}
			if o.Position().X < end {
				t.Errorf("at %v a %T at %v lies over what ends at %v", width, o, o.Position().X, end)
			}
			end = o.Position().X + o.Size().Width
		}
		if end > width {
			t.Errorf("at %v it ends at %v", width, end)
		}
	}
	show(t, s.root, 999, assets.StatusHeight)
	shows(s.who, 999, true)
	shows(s.brief, 999, false)
	show(t, s.root, 520, assets.StatusHeight)
	shows(s.who, 520, false)
	shows(s.brief, 520, true)
	show(t, s.root, 240, assets.StatusHeight)
	shows(s.words, 240, true)
	shows(s.reach, 240, true)
	shows(s.network, 240, false)
	show(t, s.root, 340, assets.StatusHeight)
	shows(s.network, 340, true)
	shows(s.long, 340, false)
}

// What is written moves nothing in the line below the page, whatever digits the counts
// have, and neither does whom it has reached.
func TestStatusIsAtRest(t *testing.T) {
	s := newStatus()
	var at []float32
	for _, c := range []statusView{
		{Words: "30 words", Characters: "199 characters", Who: "Saved here; reached Grace"},
		{Words: "31 words", Characters: "200 characters", Who: "Saving…"},
		{Words: "44 words", Characters: "444 characters", Who: "Saved here; not yet Grace and Alan"},
	} {
		c.Network, c.Icon, c.Open = "On this network only", assets.IconWifi, true
		s.show(c)
		show(t, s.root, 752, assets.StatusHeight)
		var now []float32
		for _, l := range []*label{s.words, s.long, s.kind, s.who} {
			if !l.Visible() {
				t.Errorf("%q is not shown", l.words)
			}
			now = append(now, l.Position().X)
		}
		if at != nil && !slices.Equal(at, now) {
			t.Errorf("%q, %q, %q moves it from %v to %v", c.Words, c.Characters, c.Who, at, now)
		}
		at = now
	}
}
