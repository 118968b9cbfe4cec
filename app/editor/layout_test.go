package editor

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"
)

var pieces = []string{
	"a", "word ", "longer ", "é", "👩‍👩‍👧", "漢字", "\t", "\x00", "\u2028", "**", "*", "`", "- ", "# ", "  ",
	"averyverylongwordthatdoesnotfitintoanarrowcolumn", "Ωμέγα", "العربية",
}

// TestLayoutCovers holds for random lines and widths: rows and fragments cover
// the line in order, rows keep to the width, and nothing that Fyne must not
// draw is drawn.
func TestLayoutCovers(t *testing.T) {
	test.NewTempApp(t)
	th := testTheme(t)
	m := newMeasurer(&th)
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var text strings.Builder
		for range r.IntN(30) {
			text.WriteString(pieces[r.IntN(len(pieces))])
		}
		state := []uint32{0, stateText, 1 | 3<<lengthShift}[r.IntN(3)]
		width := float32(100 + r.IntN(600))
		l := m.layoutLine(state, text.String(), width)
		at, runs, y := 0, 0, l.shape.above
		for i := range l.rows {
			row := &l.rows[i]
			if row.from != at || row.start != runs || row.y != y {
				t.Fatalf("%q: row %d from %d at %v, want %d at %v", l.text, i, row.from, row.y, at, y)
			}
			at, y = checkRow(t, m, l, i, width), y+row.h
			runs += row.runs
		}
		if at != len(l.text) || runs != utf8.RuneCountInString(l.text) || l.height != y+l.shape.below {
			t.Fatalf("%q: rows end at %d, %d code points, height %v of %v", l.text, at, runs, y, l.height)
		}
	}
}

func checkRow(t *testing.T, m *measurer, l *layout, i int, width float32) (end int) {
	t.Helper()
	row := &l.rows[i]
	at, x := row.from, float32(0)
	for _, f := range l.fragments(m, row) {
		if f.from != at || f.x != x {
			t.Fatalf("%q: fragment from %d at %v, want %d at %v", l.text, f.from, f.x, at, x)
		}
		if strings.IndexFunc(f.text, unprintable) >= 0 || f.text == "" && l.text[f.from:f.to] != "\t" {
			t.Fatalf("%q: draws %q", l.text, f.text)
		}
		at, x = f.to, x+f.w
	}
	if at != row.to {
		t.Fatalf("%q: fragments end at %d of %d", l.text, at, row.to)
	}
	full := strings.TrimRight(l.text[row.from:row.to], " \t")
	if right := l.xAt(m, row, row.from+len(full)); right > width+12 && len(row.drawn) > 1 {
		t.Fatalf("%q: row %q is %v wide, of %v", l.text, full, right, width)
	}
	// Where a place is, a click finds it.
	offset := row.from
	for part := range clustersOf(full) {
		if strings.Contains(full, "ع") {
			break // the caret in text from right to left is not done
		}
		if got := l.offsetAt(m, i, l.xAt(m, row, offset)); abs(l.xAt(m, row, got)-l.xAt(m, row, offset)) > 8 {
			t.Fatalf("%q: byte %d is found at %d", l.text, offset, got)
		}
		offset += len(part)
	}
	return row.to
}

func TestWrap(t *testing.T) {
	test.NewTempApp(t)
	th := testTheme(t)
	m := newMeasurer(&th)
	for text, want := range map[string]string{
		"":                                "",
		"short":                           "short",
		"some words that do not fit here": "some words |that do not fit |here",
		"trailing spaces                 hang over": "trailing spaces                 |hang over",
		"a well-known-half-hearted":                 "a well-known-|half-hearted",
		"- a list item hangs under itself, all":     "- a list item |hangs under |itself, all",
		"漢字漢字漢字漢字漢字":                                "漢字漢字漢字漢|字漢字",
		"averyveryverylongwordthatfitsnowhere":      "averyveryvery|longwordthatf|itsnowhere",
	} {
		l := m.layoutLine(0, text, 120)
		var rows []string
		for i := range l.rows {
			rows = append(rows, text[l.rows[i].from:l.rows[i].to])
		}
		if got := strings.Join(rows, "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestFallback holds that what a font lacks is drawn by Fyne's own.
func TestFallback(t *testing.T) {
	test.NewTempApp(t)
	th := testTheme(t)
	m := newMeasurer(&th)
	l := m.layoutLine(0, "a 🎉 b", 600)
	var other []string
	for _, f := range l.fragments(m, &l.rows[0]) {
		if f.ink.other {
			other = append(other, f.text)
		}
	}
	if strings.Join(other, "|") != "🎉" {
		t.Errorf("drawn by other fonts: %q", other)
	}
}
