package editor

import (
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2/canvas"
)

// textOf is what is drawn of a text.
func (s *stage) textOf(t *testing.T, text string) *canvas.Text {
	t.Helper()
	for _, o := range s.page.texts[:s.page.nTexts] {
		if o.Text == text {
			return o
		}
	}
	t.Fatalf("no %q in %q", text, s.drawn())
	return nil
}

// boxesIn are the boxes drawn in a colour.
func (s *stage) boxesIn(c color.NRGBA) (out []*canvas.Rectangle) {
	for _, b := range s.page.boxes[:s.page.nBoxes] {
		if b.FillColor == c {
			out = append(out, b)
		}
	}
	return out
}

func TestAddressesLookLikeLinks(t *testing.T) {
	s := newStage(t, "see https://a.example and <https://b.example> and [it](https://c.example)\n")
	for text, link := range map[string]bool{"https://a.example": true, "https://b.example": true, "it": true, "](https://c.example)": false} {
		o := s.textOf(t, text)
		if got := o.Color == s.config.Theme.Accent && o.TextStyle.Underline; got != link {
			t.Errorf("%q looks like a link: %v", text, got)
		}
	}
}

func TestNestedItemsAreIndented(t *testing.T) {
	s := newStage(t, "- a\n  aa\n  - b\n    bb\n    - c\n\n1. d\n   - e\n\n> - f\n>   - g\n")
	for _, hide := range []bool{false, true} {
		s.SetSettings(Settings{HideMarks: hide})
		x := func(text string) float32 {
			for i := range s.view.lines {
				if l := &s.view.lines[i]; strings.HasSuffix(l.text, " "+text) {
					return l.X(0, len(l.text)-len(text))
				}
			}
			t.Fatalf("no %q", text)
			return 0
		}
		for _, c := range [][2]string{{"a", "b"}, {"b", "c"}, {"d", "e"}, {"f", "g"}} {
			if by := x(c[1]) - x(c[0]); by < 20 || by > 35 {
				t.Errorf("marks hidden %v: %q is indented by %v", hide, c[1], by)
			}
		}
		for _, c := range [][2]string{{"a", "aa"}, {"b", "bb"}} {
			if by := x(c[1]) - x(c[0]); abs(by) > 6 {
				t.Errorf("marks hidden %v: %q stands %v beside %q", hide, c[1], by, c[0])
			}
		}
	}
}

func TestCodeBlocksStandApart(t *testing.T) {
	s := newStage(t, "```\na\n```\n```\nb\n```\n")
	boxes := s.boxesIn(s.config.Theme.Code)
	if len(boxes) != 2 {
		t.Fatalf("%d boxes", len(boxes))
	}
	if gap := boxes[1].Position().Y - boxes[0].Position().Y - boxes[0].Size().Height; gap < 6 {
		t.Errorf("%v between them", gap)
	}
}

func TestQuotesFromTheRight(t *testing.T) {
	s := newStage(t, "> left\n\n> שלום\n")
	x, width := s.column()
	bars := s.boxesIn(s.config.Theme.Line)
	if len(bars) < 2 {
		t.Fatalf("%d bars", len(bars))
	}
	if at := bars[0].Position().X; at >= x {
		t.Errorf("the bar of the left one is at %v, the column at %v", at, x)
	}
	if at := bars[1].Position().X; at < x+width {
		t.Errorf("the bar of the right one is at %v, the column ends at %v", at, x+width)
	}
}

func TestHeadingsDiffer(t *testing.T) {
	s := newStage(t, "# a\n## b\n### c\n#### d\n##### e\n###### f\n")
	var last float32 = 100
	for _, text := range []string{"a", "b", "c", "d", "e", "f"} {
		size := s.textOf(t, text).TextSize
		if size >= last {
			t.Errorf("%q is %v, the one above it %v", text, size, last)
		}
		last = size
	}
}
