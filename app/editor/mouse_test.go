package editor

import (
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

func (s *stage) click(p fyne.Position) {
	s.press(p, 0)
	s.MouseUp(&desktop.MouseEvent{})
}

func (s *stage) drag(p fyne.Position) {
	ev := &fyne.DragEvent{}
	ev.Position = p
	s.Dragged(ev)
}

func TestMouse(t *testing.T) {
	const text = "one two three\nfour five\n\nsix"
	for name, c := range map[string]struct {
		act  func(s *stage)
		want string
	}{
		"click":           {func(s *stage) { s.click(s.at(5)) }, "one t|wo three\nfour five\n\nsix"},
		"click far right": {func(s *stage) { s.click(s.at(14).AddXY(700, 0)) }, "one two three\nfour five|\n\nsix"},
		"click below":     {func(s *stage) { s.click(fyne.NewPos(300, 480)) }, "one two three\nfour five\n\nsix|"},
		"click above":     {func(s *stage) { s.click(fyne.NewPos(0, 2)) }, "|one two three\nfour five\n\nsix"},
		"click between":   {func(s *stage) { s.click(s.at(24).AddXY(50, 0)) }, "one two three\nfour five\n|\nsix"},
		"shift click": {func(s *stage) {
			s.click(s.at(5))
			s.press(s.at(16), fyne.KeyModifierShift)
		}, "one t<wo three\nfo|ur five\n\nsix"},
		"double click": {func(s *stage) {
			s.click(s.at(5))
			s.click(s.at(5))
		}, "one <two| three\nfour five\n\nsix"},
		"triple click": {func(s *stage) {
			s.click(s.at(5))
			s.click(s.at(5))
			s.click(s.at(5))
		}, "<one two three\n|four five\n\nsix"},
		"two slow clicks": {func(s *stage) {
			s.click(s.at(5))
			s.clock = s.clock.Add(time.Second)
			s.click(s.at(5))
		}, "one t|wo three\nfour five\n\nsix"},
		"two far clicks": {func(s *stage) {
			s.click(s.at(5))
			s.click(s.at(9))
		}, "one two t|hree\nfour five\n\nsix"},
		"drag": {func(s *stage) {
			s.press(s.at(5), 0)
			s.drag(s.at(20))
		}, "one t<wo three\nfour f|ive\n\nsix"},
		"drag words": {func(s *stage) {
			s.click(s.at(5))
			s.press(s.at(5), 0)
			s.drag(s.at(15))
		}, "one <two three\nfour| five\n\nsix"},
		"drag words back": {func(s *stage) {
			s.click(s.at(5))
			s.press(s.at(5), 0)
			s.drag(s.at(1))
		}, "|one two< three\nfour five\n\nsix"},
		"no drag after release": {func(s *stage) {
			s.click(s.at(5))
			s.drag(s.at(20))
		}, "one t|wo three\nfour five\n\nsix"},
		"right click": {func(s *stage) {
			s.click(s.at(5))
			s.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
		}, "one t|wo three\nfour five\n\nsix"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, text)
			if c.act(s); s.marked() != c.want {
				t.Errorf("%q, want %q", s.marked(), c.want)
			}
			if s.window.Canvas().Focused() != s.Editor {
				t.Error("no focus")
			}
		})
	}
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
