package typeset

import (
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
)

// drawnText writes what a row draws, with | between fragments.
func drawnText(l *Layout, row int) string {
	var parts []string
	for _, f := range l.Fragments(row) {
		parts = append(parts, f.Text)
	}
	return strings.Join(parts, "|")
}

// TestHidden holds that hidden text takes no room and the caret steps over it.
func TestHidden(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	bold := ink
	bold.Face = Bold
	l := s.Lay(page("a **b** c", 600,
		Span{From: 0, To: 2, Ink: ink}, Span{From: 2, To: 4, Ink: bold, Hidden: true}, Span{From: 4, To: 5, Ink: bold},
		Span{From: 5, To: 7, Ink: bold, Hidden: true}, Span{From: 7, To: 9, Ink: ink}), nil)
	if got := drawnText(l, 0); got != "a |b| c" {
		t.Fatalf("drawn %q", got)
	}
	fragments := l.Fragments(0)
	for offset, want := range []float32{2: fragments[1].X, 3: fragments[1].X, 4: fragments[1].X, 5: fragments[2].X, 6: fragments[2].X, 7: fragments[2].X} {
		if offset >= 2 && l.X(0, offset) != want {
			t.Errorf("X(%d) = %v, want %v", offset, l.X(0, offset), want)
		}
	}
	if l.Rows[0].To != 9 || l.Rows[0].Runes != 9 {
		t.Errorf("row %+v", l.Rows[0])
	}
	l = s.Lay(page("**", 600, Span{To: 2, Ink: ink, Hidden: true}), nil)
	if len(l.Rows) != 1 || l.Rows[0].To != 2 || len(l.Fragments(0)) != 0 || l.OffsetAt(0, 50) != 2 {
		t.Errorf("all hidden: %+v", l.Rows)
	}
}

// TestHiddenBreak holds that hidden text goes with what follows it.
func TestHiddenBreak(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	l := s.Lay(page("some words **that are bold**", 100,
		Span{From: 0, To: 11, Ink: ink}, Span{From: 11, To: 13, Ink: ink, Hidden: true},
		Span{From: 13, To: 26, Ink: ink}, Span{From: 26, To: 28, Ink: ink, Hidden: true}), nil)
	if got := rowsOf(l); got != "some words |**that are |bold**" {
		t.Errorf("rows %q", got)
	}
	if l.RowOf(11) != 1 || l.RowOf(10) != 0 || l.RowOf(28) != 2 {
		t.Error("a hidden mark is not in the row of its word")
	}
}

// TestAs holds that a unit is stepped over as a whole.
func TestAs(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	l := s.Lay(page("- [ ] milk", 600, Span{To: 5, Ink: ink, As: "□ x"}, Span{From: 5, To: 10, Ink: ink}), nil)
	if got := drawnText(l, 0); got != "□ x| milk" {
		t.Fatalf("drawn %q", got)
	}
	first := l.Fragments(0)[0]
	if first.From != 0 || first.To != 5 {
		t.Errorf("the unit is %d to %d", first.From, first.To)
	}
	for offset := range 5 {
		if l.X(0, offset) != 0 {
			t.Errorf("X(%d) = %v", offset, l.X(0, offset))
		}
	}
	if l.OffsetAt(0, first.W*0.4) != 0 || l.OffsetAt(0, first.W*0.6) != 5 {
		t.Error("a click does not find the nearer end of the unit")
	}
}

// TestInserted holds that inserted text is broken into rows, is behind the
// caret at its place unless it leads, and is selected with what is around it.
func TestInserted(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	spans := []Span{{To: 6, Ink: ink}, {From: 6, To: 6, Ink: ink, Tag: 9, As: "words that are gone and more "}, {From: 6, To: 10, Ink: ink}}
	l := s.Lay(page("there here", 120, spans...), nil)
	var rows []string
	for i := range l.Rows {
		rows = append(rows, drawnText(l, i))
	}
	if got := strings.Join(rows, "/"); got != "there |words /that are gone /and more |here" {
		t.Fatalf("rows %q", got)
	}
	if from := l.Rows[1].From; from != 6 || l.Rows[1].To != 6 || l.RowOf(6) != 0 {
		t.Errorf("the row of inserted text only is %+v, 6 is in row %d", l.Rows[1], l.RowOf(6))
	}
	if f := l.Fragments(2); f[0].Tag != 9 || f[0].From != 6 || f[0].To != 6 {
		t.Errorf("the last row is %+v", f)
	}
	if f := l.Fragments(0)[0]; math.Abs(float64(l.X(0, 6)-f.X-f.W)) > 0.5 {
		t.Errorf("the caret before inserted text stands at %v, not %v", l.X(0, 6), f.X+f.W)
	}
	spans[1].Lead = true
	led := s.Lay(page("there here", 120, spans...), nil)
	if f := led.Fragments(2); led.RowOf(6) != 2 || led.X(2, 6) != f[1].X {
		t.Errorf("the caret behind what leads is in row %d at %v", led.RowOf(6), led.X(2, 6))
	}
	n := 0
	l.Segments(1, 0, 10, func(x, w float32) { n++ })
	l.Segments(1, 6, 10, func(x, w float32) { n += 10 })
	if n != 1 {
		t.Errorf("inserted text is selected %d", n)
	}
}

// TestWidth holds that cells take their width, a cell of several spans too.
func TestWidth(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	bold := ink
	bold.Face = Bold
	line := page("|a|bcd||", 60,
		Span{To: 1, Ink: ink}, Span{From: 1, To: 2, Ink: ink, Tag: 1, Width: 100},
		Span{From: 2, To: 3, Ink: ink},
		Span{From: 3, To: 4, Ink: ink, Tag: 2, Width: 80}, Span{From: 4, To: 6, Ink: bold, Tag: 2, Width: 80},
		Span{From: 6, To: 7, Ink: ink}, Span{From: 7, To: 7, Tag: 3, Width: 50, Ink: ink}, Span{From: 7, To: 8, Ink: ink})
	line.NoWrap = true
	l := s.Lay(line, nil)
	if len(l.Rows) != 1 {
		t.Fatalf("%d rows", len(l.Rows))
	}
	bar := s.Width(ink, "|")
	a := s.Width(ink, "a")
	bcd := s.Width(ink, "b") + s.Width(bold, "cd")
	for offset, want := range map[int]float32{
		0: 0, 1: bar, 2: bar + a, 3: 2*bar + 100, 6: 2*bar + 100 + bcd, 7: 3*bar + 180, 8: 4*bar + 230,
	} {
		if got := l.X(0, offset); got != want {
			t.Errorf("X(%d) = %v, want %v", offset, got, want)
		}
	}
	var widths []float32
	l.Segments(0, 0, 8, func(x, w float32) { widths = append(widths, w) })
	if len(widths) != 1 || widths[0] != 4*bar+230 {
		t.Errorf("a selection of all is %v wide", widths)
	}
	if got := l.OffsetAt(0, bar+90); got != 2 {
		t.Errorf("a click on the room of a cell finds %d", got)
	}
}

// TestRight holds that a line from right to left stands at the right, within
// its insets, and is indented from there.
func TestRight(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	line := page("- שלום עולם שלום עולם שלום עולם", 150)
	line.Inset, line.Hang = 10, 2
	l := s.Lay(line, nil)
	if !l.RTL() || len(l.Rows) < 2 {
		t.Fatalf("from the right %t, %d rows", l.RTL(), len(l.Rows))
	}
	if x := l.X(0, 0); x != 140 {
		t.Errorf("the line begins at %v", x)
	}
	if x, want := l.X(1, l.Rows[1].From), 140-l.after; x < want-0.1 || x > want+0.1 {
		t.Errorf("the second row begins at %v, want %v", x, want)
	}
	line.NoWrap = true
	l = s.Lay(line, nil)
	if f := l.Fragments(0); f[0].X != 0 || len(l.Rows) != 1 || l.X(0, len(line.Text)) != 10 {
		t.Errorf("in one row the line ends at %v", l.X(0, len(line.Text)))
	}
	if w := s.Width(ink, line.Text); w < l.X(0, 0)-11 || w > l.X(0, 0)-9 {
		t.Errorf("it is %v wide, but begins at %v", w, l.X(0, 0))
	}
	if x := s.Lay(page("", 150), nil).X(0, 0); x != 0 {
		t.Errorf("an empty line begins at %v", x)
	}
}

// TestSegments holds that a selection is as many stretches as it looks like.
func TestSegments(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	const text = "abc שלום def"
	l := s.Lay(page(text, 600), nil)
	for _, c := range []struct {
		from, to, want int
		why            string
	}{
		{0, 4, 1, "from the left"},
		{0, 8, 2, "the first letters of a word from the right are at its right"},
		{0, 12, 1, "all of the word"},
		{8, 14, 2, "its last letters and what follows"},
		{6, 8, 1, "a letter"},
		{5, 5, 0, "nothing"},
		{8, 4, 0, "less than nothing"},
	} {
		n, end := 0, float32(-1)
		l.Segments(0, c.from, c.to, func(x, w float32) {
			if x < end || w <= 0 {
				t.Errorf("%s: a stretch at %v, %v wide", c.why, x, w)
			}
			n, end = n+1, x+w
		})
		if n != c.want {
			t.Errorf("%s: %d stretches, want %d", c.why, n, c.want)
		}
	}
	if a, b := l.X(0, 4), l.X(0, 12); a <= b-1 || l.X(0, 6) >= a {
		t.Errorf("a word from the right begins at %v, goes on at %v, and what follows begins at %v", a, l.X(0, 6), b)
	}
}
