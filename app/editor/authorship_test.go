package editor

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

func TestAuthorsTakeTheColoursOfTheTheme(t *testing.T) {
	s := newStage(t, "hello")
	s.config.Pieces = func(_, n int, _ uint64, _ bool) ([]Piece, bool) {
		return []Piece{{N: n, Who: Writer{ID: "a", Line: s.config.Theme.Accent}}}, true
	}
	s.SetSettings(Settings{Authors: true})
	s.SetTheme(darkTheme(t))
	if got, want := s.written.parts[0].piece.Who.Line, darkTheme(t).Accent; got != want {
		t.Errorf("by night the author has the colour %v, want %v", got, want)
	}
}

// TestKeysLeaveDeletedTextElsewhereAlone types above deleted text that is shown:
// the line that is typed in is laid out anew, and no other.
func TestKeysLeaveDeletedTextElsewhereAlone(t *testing.T) {
	s := newStage(t, strings.Repeat("a line of words\n", 20))
	s.config.Pieces = func(at, n int, seen uint64, _ bool) ([]Piece, bool) {
		hole := 40 + int(seen) - at // each key is a patch, and above it
		return []Piece{{N: hole, Who: ada}, {Gone: true, Text: strings.Repeat("what was here ", 20)}, {N: n - hole, Who: ada}}, true
	}
	s.SetSettings(Settings{Deleted: true})
	s.GoTo(3)
	before := s.view.layouts.Len()
	s.TypedRune('x')
	if n := s.view.layouts.Len() - before; n != 1 {
		t.Errorf("%d lines are laid out anew", n)
	}
}

// TestAuthorsStayAtTheirText holds that what is known of authors moves with the
// text while it can't be read anew.
func TestAuthorsStayAtTheirText(t *testing.T) {
	s := newStage(t, "Ada's. Grace's.\n")
	answer := wrote(Piece{N: 7, Who: ada}, Piece{Gone: true, Text: "gone", Who: ada, By: ada}, Piece{N: 9, Who: grace})
	late := false
	s.config.Pieces = func(at, n int, seen uint64, deleted bool) ([]Piece, bool) {
		if late {
			return nil, false
		}
		return answer(at, n, seen, deleted)
	}
	s.SetSettings(Settings{Authors: true, Deleted: true})
	late = true
	s.by("a", 2, 0, "xyz")
	w := &s.written
	if w.parts[0].to != 10 || w.parts[1].from != 10 || w.gone[0].at != 10 {
		t.Errorf("parts are %d to %d and from %d, with a hole at %d", w.parts[0].from, w.parts[0].to, w.parts[1].from, w.gone[0].at)
	}
	s.by("a", 0, 12, "")
	if w.parts[0].to != 0 || w.parts[1].from != 0 || w.gone[0].at != 0 {
		t.Errorf("parts are %d to %d and from %d, with a hole at %d", w.parts[0].from, w.parts[0].to, w.parts[1].from, w.gone[0].at)
	}
}

// TestHoverTellsOfTheLetterBelow holds that the right half of a letter is as much
// its author's as the left one.
func TestHoverTellsOfTheLetterBelow(t *testing.T) {
	for _, text := range []string{"mmmm", "שששש"} {
		s := newStage(t, text)
		s.config.Pieces = wrote(Piece{N: 2, Who: ada}, Piece{N: 2, Who: grace})
		s.SetSettings(Settings{Authors: true})
		for i, want := range []Writer{ada, ada, grace, grace} {
			from, _ := s.spotOf(i)
			to, _ := s.spotOf(i + 1)
			for _, part := range []float32{0.1, 0.4, 0.6, 0.9} {
				at := fyne.NewPos(from.x+(to.x-from.x)*part, from.y+5)
				if got := s.tell(at); got != want.Name {
					t.Errorf("%s: at %v of letter %d the mouse is told %q, want %q", text, part, i, got, want.Name)
				}
			}
		}
	}
}

// TestHoverEndsWhenTheTextMoves holds that what is told of a place does not stay
// over another.
func TestHoverEndsWhenTheTextMoves(t *testing.T) {
	for name, move := range map[string]func(s *stage){
		"scrolling": func(s *stage) { s.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -60)}) },
		"a key":     func(s *stage) { s.TypedRune('x') },
	} {
		s := newStage(t, numbered(200))
		s.config.Pieces = func(_, n int, _ uint64, _ bool) ([]Piece, bool) { return []Piece{{N: n, Who: ada}}, true }
		s.SetSettings(Settings{Authors: true})
		at, _ := s.spotOf(70)
		s.hoverAt(fyne.NewPos(at.x, at.y+5))
		s.fire(hoverTime)
		if s.hover.said == "" {
			t.Fatal("nothing is told")
		}
		move(s)
		if s.hover.said != "" {
			t.Errorf("after %s %q is still told", name, s.hover.said)
		}
	}
}

// TestInitialsBesideWhatIsInView holds that the initial of whose text is at the
// top of the view is there, though the text begins above it.
func TestInitialsBesideWhatIsInView(t *testing.T) {
	for name, text := range map[string]string{
		"a long line": strings.Repeat("some words ", 1000),
		"lines":       numbered(200),
	} {
		for _, deleted := range []bool{false, true} {
			s := newStage(t, text)
			s.config.Pieces = func(_, n int, _ uint64, _ bool) ([]Piece, bool) { return []Piece{{N: n, Who: ada}}, true }
			s.SetSettings(Settings{Authors: true, Deleted: deleted})
			s.scrollTo(300)
			s.paint()
			seen := false
			for _, x := range s.page.texts[:s.page.nTexts] {
				seen = seen || x.Text == ada.Initial && x.Position().Y >= -chip && x.Position().Y < 60
			}
			if !seen {
				t.Errorf("%s, with deleted text %v: no initial at the top of the view", name, deleted)
			}
		}
	}
}

// TestWrittenIsReadForTheRowsInView holds that a long line costs no more than
// what is seen of it.
func TestWrittenIsReadForTheRowsInView(t *testing.T) {
	s := newStage(t, strings.Repeat("some words ", 20_000))
	asked := 0
	s.config.Pieces = func(_, n int, _ uint64, _ bool) ([]Piece, bool) {
		asked = n
		return []Piece{{N: n, Who: ada}}, true
	}
	s.SetSettings(Settings{Authors: true})
	s.scrollTo(5_000)
	s.TypedRune('x')
	if asked == 0 || asked > 4_000 {
		t.Errorf("%d characters are asked for", asked)
	}
	w := &s.written
	if last := &s.view.lines[0]; w.from > s.view.top.At || w.to < last.place(last.Rows[last.rowBelow(stageHeight)].To) {
		t.Errorf("the view is from %d, and known is %d to %d", s.view.top.At, w.from, w.to)
	}
}
