package editor

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// at is the point of a place, a little to the right of it.
func (s *stage) at(place int) fyne.Position {
	spot, _ := s.spotOf(place)
	return fyne.NewPos(spot.x+1, spot.y+spot.h/2)
}

func (s *stage) press(p fyne.Position, mod fyne.KeyModifier) {
	ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mod}
	ev.Position = p
	s.MouseDown(ev)
}

func (s *stage) release(mod fyne.KeyModifier) {
	s.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mod})
	s.DragEnd()
}

func (s *stage) click(p fyne.Position) {
	s.press(p, 0)
	s.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
}

func (s *stage) drag(p fyne.Position) {
	ev := &fyne.DragEvent{}
	ev.Position = p
	s.Dragged(ev)
}

// mouseStep plays a step of the mouse. Its argument is a place of the text, with
// points to the right after a >, or below for one under all text, above for one
// over it, or none; before it may stand a modifier.
func (s *stage) mouseStep(t testing.TB, verb, arg string) {
	var mod fyne.KeyModifier
	for _, m := range modifiers {
		if rest, ok := strings.CutPrefix(arg, m.name+"+"); ok {
			mod, arg = mod|m.mod, rest
		}
	}
	p := s.point(t, arg)
	switch verb {
	case "click":
		s.press(p, mod)
		s.release(mod)
	case "double", "triple":
		s.click(p)
		s.click(p)
		if verb == "triple" {
			s.click(p)
		}
	case "wait":
		s.clock = s.clock.Add(time.Second)
	case "press":
		s.press(p, mod)
	case "drag":
		s.drag(p)
	case "release":
		s.release(mod)
	case "leave": // a release over something else
		s.DragEnd()
	case "right":
		ev := &desktop.MouseEvent{Button: desktop.MouseButtonSecondary}
		ev.Position = p
		s.MouseDown(ev)
		s.MouseUp(ev)
		s.TappedSecondary(&fyne.PointEvent{Position: p, AbsolutePosition: p})
	case "middle":
		ev := &desktop.MouseEvent{Button: desktop.MouseButtonTertiary}
		ev.Position = p
		s.MouseDown(ev)
		s.MouseUp(ev)
	default:
		t.Fatalf("%q is no step", verb)
	}
}

func (s *stage) point(t testing.TB, arg string) fyne.Position {
	switch arg {
	case "below":
		return fyne.NewPos(300, stageHeight-20)
	case "above":
		return fyne.NewPos(0, 2)
	case "outside":
		return fyne.NewPos(-30, 50)
	case "none":
		return fyne.Position{}
	}
	place, right, _ := strings.Cut(arg, ">")
	at, err := strconv.Atoi(place)
	if err != nil {
		t.Fatalf("%q is no place", arg)
	}
	by, _ := strconv.Atoi(right)
	return s.at(at).AddXY(float32(by), 0)
}

func TestAutoscroll(t *testing.T) {
	s := newStage(t, strings.Repeat("line\n", 300))
	s.press(s.at(2), 0)
	s.drag(fyne.NewPos(300, stageHeight+40))
	for i := range 5 {
		before := s.offset()
		if s.fire(autoscrollTime) != 1 || s.offset() <= before {
			t.Fatalf("step %d: scrolled from %v to %v", i, before, s.offset())
		}
	}
	if line, _ := s.buf.LineAt(s.buf.Caret()); line < 16 || s.buf.Anchor() != 2 {
		t.Errorf("selected from %d to line %d", s.buf.Anchor(), line)
	}
	s.drag(fyne.NewPos(300, 100))
	s.fire(autoscrollTime)
	before := s.offset()
	if s.DragEnd(); s.offset() != before || s.mouse.stop != nil {
		t.Error("scrolls on")
	}
}

func TestScrollBar(t *testing.T) {
	s := newStage(t, strings.Repeat("line\n", 1000))
	y, height, ok := s.thumb()
	if !ok || y != barPad || height < thumbMin {
		t.Fatalf("thumb at %v, %v high, %v", y, height, ok)
	}
	edge := fyne.NewPos(stageWidth-5, y+5)
	s.press(edge, 0)
	s.drag(edge.AddXY(0, 2000))
	if y, height, _ := s.thumb(); y+height != stageHeight-barPad || !s.atEnd() {
		t.Errorf("dragged to the end, the thumb ends at %v", y+height)
	}
	s.drag(edge.AddXY(0, -2000))
	if s.offset() != 0 {
		t.Errorf("dragged back: scrolled %v", s.offset())
	}
	s.DragEnd()
	s.click(fyne.NewPos(stageWidth-5, stageHeight/2))
	if part := s.offset() / (s.content() - stageHeight); part < 0.45 || part > 0.55 {
		t.Errorf("a click half-way scrolls to %v", part)
	}
	if s.marked()[:1] != "|" {
		t.Error("the scroll bar moved the caret")
	}
}

// A click on a box tells of the change, and does not scroll to the caret.
func TestBoxFarFromTheCaret(t *testing.T) {
	s := newStage(t, "- [ ] task\n"+strings.Repeat("line\n", 200)+"end")
	s.do("Ctrl+End")
	s.scrollTo(0)
	changes := 0
	s.config.OnChange = func() { changes++ }
	s.step(t, "click:3")
	if !strings.HasPrefix(s.Text(), "- [x] task\n") || s.offset() != 0 || changes != 1 || s.buf.Caret() != s.buf.Len() {
		t.Errorf("%.12q, scrolled %v, %d changes, caret %d", s.Text(), s.offset(), changes, s.buf.Caret())
	}
	s.agree(t)
}

// While text is dragged a caret shows where it would go, and only then.
func TestDropCaret(t *testing.T) {
	s := startAt(t, "one «two|» three")
	s.press(s.at(5), 0)
	if _, ok := s.dropAt(); ok {
		t.Error("a press drops")
	}
	s.drag(s.at(9))
	if at, ok := s.dropAt(); !ok || at != 9 {
		t.Errorf("drops at %d, %v", at, ok)
	}
	s.drag(fyne.NewPos(300, stageHeight+40))
	s.do("Escape")
	if _, ok := s.dropAt(); ok || s.mouse.stop != nil || s.marked() != "one «two|» three" {
		t.Errorf("goes on after Escape: %q", s.marked())
	}
}

// Where nobody can write, a click follows a link, and leaves the caret where it is;
// a drag from it selects, and a click beside it does neither.
func TestAClickFollowsALinkInAReadOnlyText(t *testing.T) {
	for _, c := range []struct {
		name, readOnly, steps, want string
		from, to                    int // what is selected at the end
	}{
		{"a click", "no", "click:5", "open #help", 0, 0},
		{"a click with a hand that shakes", "no", "press:5 drag:5>2 release:none", "open #help", 0, 0},
		{"a drag", "no", "press:5 drag:18 release:none", "", 5, 18},
		{"beside it", "no", "click:18", "", 18, 18},
		{"beyond the end of its row", "no", "click:14>200", "", 14, 14},
		{"where one may write", "", "click:5", "", 5, 5},
	} {
		s := newStage(t, "[Writing](#help)\n\nbelow it")
		said := s.listen()
		s.config.ReadOnly = c.readOnly
		if c.name == "beyond the end of its row" {
			s.buf.Select(16, 16)
		}
		for step := range strings.FieldsSeq(c.steps) {
			s.step(t, step)
		}
		if got := strings.Join(*said, ", "); got != c.want {
			t.Errorf("%s: says %q, want %q", c.name, got, c.want)
		}
		if c.to != 14 && (s.buf.Anchor() != c.from || s.buf.Caret() != c.to) {
			t.Errorf("%s: selects %d to %d", c.name, s.buf.Anchor(), s.buf.Caret())
		}
	}
}
