package typeset

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"
)

var words = []string{
	"a", "word ", "longer ", "é", "👩‍👩‍👧", "漢字", "\t", "\x00", "\u2028", "**", "*", "`", "- ", "# ", "  ",
	"averyverylongwordthatdoesnotfitintoanarrowcolumn", "Ωμέγα", "fi", "\u200b", "e\u0301",
}

func randomText(r *rand.Rand, words []string, n int) string {
	var text strings.Builder
	for range r.IntN(n) {
		text.WriteString(words[r.IntN(len(words))])
	}
	return text.String()
}

// TestLayoutCovers holds for random lines and widths: rows and fragments cover
// the line in order, rows keep to the width, and nothing that Fyne must not
// draw is drawn.
func TestLayoutCovers(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		line := page(randomText(r, words, 30), float32(100+r.IntN(600)))
		line.Above, line.Below, line.Inset = 3, 5, 7
		line.Hang = r.IntN(len(line.Text)/4 + 1)
		l := s.Lay(line, nil)
		checkRows(t, l, line)
		for i := range l.Rows {
			checkRow(t, l, i, line.Width)
		}
	}
}

func checkRows(t *testing.T, l *Layout, line Line) {
	t.Helper()
	at, runes, y := 0, 0, line.Above
	for i := range l.Rows {
		row := &l.Rows[i]
		if row.From != at || row.Start != runes || row.Y != y {
			t.Fatalf("%q: row %d from %d at %v, want %d at %v", l.Text, i, row.From, row.Y, at, y)
		}
		at, y = row.To, y+row.H
		runes += row.Runes
	}
	if at != len(l.Text) || runes != utf8.RuneCountInString(l.Text) || l.Height != y+line.Below {
		t.Fatalf("%q: rows end at %d, %d code points, height %v of %v", l.Text, at, runes, y, l.Height)
	}
}

func checkRow(t *testing.T, l *Layout, i int, width float32) {
	t.Helper()
	row := &l.Rows[i]
	at, x := row.From, float32(0)
	for _, f := range l.Fragments(i) {
		if f.From != at || f.X != x {
			t.Fatalf("%q: fragment from %d at %v, want %d at %v", l.Text, f.From, f.X, at, x)
		}
		if strings.IndexFunc(f.Text, unprintable) >= 0 || f.Text == "" && l.Text[f.From:f.To] != "\t" {
			t.Fatalf("%q: draws %q", l.Text, f.Text)
		}
		at, x = f.To, x+f.W
	}
	if at != row.To {
		t.Fatalf("%q: fragments end at %d of %d", l.Text, at, row.To)
	}
	full := strings.TrimRight(l.Text[row.From:row.To], " \t")
	if right := l.X(i, row.From+len(full)); right > width+12 && len(l.Fragments(i)) > 1 {
		t.Fatalf("%q: row %q is %v wide, of %v", l.Text, full, right, width)
	}
	// Where a place is, a click finds it.
	offset := row.From
	for part := range clustersOf(full) {
		if got := l.OffsetAt(i, l.X(i, offset)); l.X(i, got) != l.X(i, offset) {
			t.Fatalf("%q: byte %d is found at %d", l.Text, offset, got)
		}
		offset += len(part)
	}
}

func rowsOf(l *Layout) string {
	var rows []string
	for i := range l.Rows {
		rows = append(rows, l.Text[l.Rows[i].From:l.Rows[i].To])
	}
	return strings.Join(rows, "|")
}

func TestWrap(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	for text, want := range map[string]string{
		"":                                "",
		"short":                           "short",
		"some words that do not fit here": "some words |that do not fit |here",
		"trailing spaces                 hang over": "trailing spaces                 |hang over",
		"a well-known-half-hearted":                 "a well-known-|half-hearted",
		"- a list item hangs under itself, all":     "- a list item |hangs under |itself, all",
		"漢字漢字漢字漢字漢字":                                "漢字漢字漢字漢|字漢字",
		"漢字漢字漢字漢。字漢字":                               "漢字漢字漢字|漢。字漢字",
		"averyveryverylongwordthatfitsnowhere":      "averyveryvery|longwordthatf|itsnowhere",
	} {
		line := page(text, 120)
		if strings.HasPrefix(text, "- ") {
			line.Hang = 2
		}
		if got := rowsOf(s.Lay(line, nil)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestFallback holds that what a font lacks is drawn by Fyne's own.
func TestFallback(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	for text, want := range map[string]string{
		"a 🎉 b":       "🎉 ",
		"漢字 and 1️⃣!": "漢字 |1️⃣",
	} {
		var other []string
		for _, f := range s.Lay(page(text, 600), nil).Fragments(0) {
			if f.Source == nil {
				other = append(other, f.Text)
			}
		}
		if got := strings.Join(other, "|"); got != want {
			t.Errorf("%q: drawn by other fonts: %q, want %q", text, got, want)
		}
	}
}
