package editor

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
)

// adaAt is where somebody is whom the tests follow.
func adaAt(caret, top int) Remote {
	return Remote{Writer: ada, Caret: caret, Anchor: caret, Top: top, HasTop: true}
}

// firstRow returns the ends of the first row in view.
func (s *stage) firstRow() (from, to int) {
	l, row := s.rowAt(0)
	return l.place(l.Rows[row].Start), l.place(l.End(row))
}

// paragraphs are n lines of many rows each.
func paragraphs(n int) string {
	return strings.Repeat(strings.Repeat("some words of a long paragraph ", 20)+"\n", n)
}

// TestFollowScrolls holds that who follows sees from the same row on, wherever
// the one followed scrolls, as long as that leaves a full view.
func TestFollowScrolls(t *testing.T) {
	text := "# Tides\n\n" + paragraphs(40) + numbered(300)
	her, his := newStage(t, text), newStage(t, text)
	show := func() { his.SetRemotes([]Remote{adaAt(her.whereabouts())}) }
	show()
	his.Follow(ada.ID)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		her.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, float32(rng.IntN(1200)-900))})
		show()
		want, _ := her.FirstRow()
		if got, _ := his.firstRow(); got != want {
			t.Fatalf("she sees from %d on, he from %d", want, got)
		}
		show() // more news changes nothing
		if got, _ := his.firstRow(); got != want {
			t.Fatalf("then he sees from %d on, she from %d", got, want)
		}
	}
	if his.buf.Caret() != 0 || his.following != ada.ID {
		t.Errorf("his caret is at %d, he follows %q", his.buf.Caret(), his.following)
	}
	her.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 1e6)})
	show()
	if his.offset() != 0 {
		t.Errorf("at the start of the text it is scrolled to %v", his.offset())
	}
	her.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1e6)})
	show()
	if !his.shows(his.buf.Len()) {
		t.Error("the end of the text is not in view")
	}
}

// whereabouts is where the person is, as others are told.
func (s *stage) whereabouts() (caret, top int) {
	caret, _ = s.Caret()
	top, _ = s.FirstRow()
	return caret, top
}

// TestFollowInANarrowWindow holds that a row of theirs is in the first row here,
// though rows are broken elsewhere.
func TestFollowInANarrowWindow(t *testing.T) {
	text := paragraphs(60)
	her, his := newStage(t, text), newStage(t, text)
	his.window.Resize(fyne.NewSize(300, 320))
	his.SetRemotes([]Remote{adaAt(0, 0)})
	his.Follow(ada.ID)
	for range 30 {
		her.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -113)})
		_, top := her.whereabouts()
		his.SetRemotes([]Remote{adaAt(0, top)})
		if from, to := his.firstRow(); top < from || top > to {
			t.Fatalf("she sees from %d on, his first row is %d to %d", top, from, to)
		}
	}
}

// TestFollowStays holds that the row stays while others write above it, and that
// news of somebody else leaves it.
func TestFollowStays(t *testing.T) {
	s := newStage(t, numbered(300))
	top := s.buf.LineStart(100)
	s.SetRemotes([]Remote{adaAt(5, top)})
	s.Follow(ada.ID)
	if from, _ := s.firstRow(); from != top {
		t.Fatalf("it begins with %d, want %d", from, top)
	}
	s.Apply([]buffer.Patch{s.doc.put(20, 0, "above\n")})
	top += 6
	other := Remote{Writer: grace, Caret: 3, Anchor: 3}
	s.SetRemotes([]Remote{adaAt(5, top), other})
	if from, _ := s.firstRow(); from != top || s.others.sights[ada.ID].moved {
		t.Errorf("after an edit above it begins with %d, want %d", from, top)
	}
}

// TestFollowTheCaret holds that what was moved last is in view: theirs may be
// much taller than the window here.
func TestFollowTheCaret(t *testing.T) {
	s := newStage(t, numbered(300))
	line := s.buf.LineStart
	for _, step := range []struct {
		what           string
		caret, top     int
		first, visible int // a line, -1 for any
	}{
		{"they are seen first", 60, 30, 30, -1},
		{"the caret moves, out of view", 61, 30, -1, 61},
		{"the caret moves within our view", 60, 30, -1, 60},
		{"they scroll", 60, 31, 31, -1},
		{"the caret moves back into view", 33, 31, 31, 33},
		{"both move", 200, 195, 195, 200},
		{"both move, the caret far below", 201, 160, -1, 201},
		{"the caret comes back to their top", 160, 160, 160, 160},
		{"they scroll away from the caret", 160, 5, 5, -1},
	} {
		s.SetRemotes([]Remote{adaAt(line(step.caret), line(step.top))})
		s.Follow(ada.ID)
		for range 2 { // the second time nothing is new
			if from, _ := s.firstRow(); step.first >= 0 && from != line(step.first) {
				t.Errorf("%s: it begins with %d, want line %d, %d", step.what, from, step.first, line(step.first))
			}
			if step.visible >= 0 && !s.shows(line(step.visible)) {
				t.Errorf("%s: line %d is not in view", step.what, step.visible)
			}
			s.SetRemotes([]Remote{adaAt(line(step.caret), line(step.top))})
		}
	}
	// Who begins to follow sees what they see, but for a caret that moved last.
	s.SetRemotes([]Remote{adaAt(line(100), line(5))})
	s.SetRemotes([]Remote{adaAt(line(8), line(5))})
	s.GoTo(line(250))
	s.Follow(ada.ID)
	if from, _ := s.firstRow(); from != line(5) {
		t.Errorf("who follows begins with %d, want %d", from, line(5))
	}
}

// TestFollowNowhere holds that a view that can't be does no harm.
func TestFollowNowhere(t *testing.T) {
	for _, text := range []string{"", "word", numbered(300)} {
		s := newStage(t, text)
		s.SetRemotes([]Remote{adaAt(0, 0)})
		s.Follow(ada.ID)
		for _, at := range []int{math.MaxInt, math.MinInt, -1, len(text), len(text) + 1, len(text) / 2} {
			s.SetRemotes([]Remote{adaAt(0, at)})
			s.Apply([]buffer.Patch{s.doc.put(0, 0, "x")})
			s.SetRemotes([]Remote{adaAt(at, at)})
			if at >= len(text) && !s.shows(s.buf.Len()) {
				t.Errorf("followed to %d the end of %.10q is not in view", at, text)
			}
		}
		s.Apply([]buffer.Patch{s.doc.put(0, len(s.doc.text), "")})
		if at, ok := s.FirstRow(); !ok || at != 0 {
			t.Errorf("in an empty text it begins with %d, %v", at, ok)
		}
	}
}

// TestFollowEnds holds that any scrolling of one's own ends it, with where one
// then is told, and that what one is led to is not told.
func TestFollowEnds(t *testing.T) {
	for name, act := range map[string]func(s *stage){
		"the wheel": func(s *stage) { s.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -200)}) },
		"the scroll bar": func(s *stage) {
			press := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
			press.Position = fyne.NewPos(stageWidth-2, stageHeight/2)
			s.MouseDown(press)
		},
		"a key that scrolls": func(s *stage) { scrollPages(1)(s.Editor) },
		"a key that goes":    func(s *stage) { s.GoTo(0) },
		"a letter":           func(s *stage) { s.TypedRune('x') },
	} {
		s := newStage(t, numbered(300))
		var told []int
		s.config.OnScroll = func(top int) { told = append(told, top) }
		s.SetRemotes([]Remote{adaAt(5, s.buf.LineStart(100))})
		s.Follow(ada.ID)
		s.SetRemotes([]Remote{adaAt(5, s.buf.LineStart(120))})
		if len(told) > 0 {
			t.Errorf("%s: led to %v, and told so", name, told)
		}
		act(s)
		top, _ := s.FirstRow()
		if s.following != "" || top == s.buf.LineStart(120) {
			t.Errorf("%s: follows %q, at %d", name, s.following, top)
		}
		var want []int
		if top != 0 { // where one was before
			want = []int{top}
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s: told %v, want %v", name, told, want)
		}
	}
}

// TestScrollIsTold holds that each first row that differs is told once.
func TestScrollIsTold(t *testing.T) {
	s := newStage(t, numbered(300))
	var told []int
	s.config.OnScroll = func(top int) { told = append(told, top) }
	line := s.buf.LineStart
	s.scrollAndPaint(s.buf.Top(10) + columnTop)
	s.scrollAndPaint(s.buf.Top(10) + columnTop + 2) // the same row
	s.Apply([]buffer.Patch{s.doc.put(0, 0, "above\n")})
	s.GoTo(0)
	if want := []int{line(11) - 6, 0}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if at, ok := New(Config{Document: s.doc, Theme: testTheme(t)}).FirstRow(); ok {
		t.Errorf("without a size it begins with %d", at)
	}
}
