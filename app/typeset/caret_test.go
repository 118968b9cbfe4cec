package typeset

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
)

// samples are the lines of testdata/scripts.txt.
func samples(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/scripts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# ") {
			out = append(out, line)
		}
	}
	if len(out) < 30 {
		t.Fatalf("%d samples", len(out))
	}
	return out
}

// TestScripts holds for text of all scripts what carets rely on.
func TestScripts(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	for _, text := range samples(t) {
		for _, width := range []float32{600, 150} {
			l := s.Lay(page(text, width), nil)
			checkRows(t, l, page(text, width))
			for i := range l.Rows {
				checkCarets(t, l, i)
			}
		}
	}
}

// TestMixed holds the same for random text of several scripts.
func TestMixed(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	r := rand.New(rand.NewPCG(6, 6))
	mixed := []string{"שלום", "بيت", " ", " ", "12", "abc", "(", ")", ",", "漢字", "\t", "🎉", "हिन्दी", "é", "- ", "\u200b", "ไทย", "٣٤"}
	for range 150 {
		text := randomText(r, mixed, 25)
		l := s.Lay(page(text, 200), nil)
		checkRows(t, l, page(text, 200))
		for i := range l.Rows {
			checkCarets(t, l, i)
		}
	}
}

// checkCarets holds: fragments stand side by side and cover the row; within
// one, X goes with the logical order; where a place is, a click finds it; and
// what parts of the row cover adds up to the row.
func checkCarets(t *testing.T, l *Layout, row int) {
	t.Helper()
	fragments := l.Fragments(row)
	var total float32
	var covered []int
	for i := range fragments {
		f := &fragments[i]
		if i > 0 && math.Abs(float64(f.X-fragments[i-1].X-fragments[i-1].W)) > 0.01 {
			t.Fatalf("%q: fragment %d at %v does not follow", l.Text, i, f.X)
		}
		total += f.W
		for at := f.From; at < f.To; at++ {
			covered = append(covered, at)
		}
		checkStops(t, l, row, f)
		checkFont(t, l, f)
	}
	slices.Sort(covered)
	r := &l.Rows[row]
	if len(covered) != r.To-r.From || len(covered) > 0 && (covered[0] != r.From || covered[len(covered)-1] != r.To-1) {
		t.Fatalf("%q: fragments of row %d cover %d bytes of %d", l.Text, row, len(covered), r.To-r.From)
	}
	var sum, all float32
	at := r.From
	for part := range clustersOf(l.Text[r.From:r.To]) {
		l.Segments(row, at, at+len(part), func(x, w float32) { sum += w })
		at += len(part)
	}
	l.Segments(row, r.From, r.To, func(x, w float32) { all += w })
	if d := sum - total; d > 0.1 || d < -0.1 || all < total-0.1 || all > total+0.1 {
		t.Fatalf("%q: row %d is %v wide, its graphemes %v, all selected %v", l.Text, row, total, sum, all)
	}
	if r.Runes > 0 && len(fragments) > 0 && fragments[0].X < -12 && strings.TrimRight(l.Text[r.From:r.To], " \t") == l.Text[r.From:r.To] {
		t.Fatalf("%q: row %d begins at %v", l.Text, row, fragments[0].X)
	}
}

// checkFont holds that a font of our own has what it draws.
func checkFont(t *testing.T, l *Layout, f *Fragment) {
	t.Helper()
	face := l.setter.faceOf(f.Ink.pen(f.by))
	if face == nil || f.Text == "" {
		return
	}
	for part := range clustersOf(f.Text) {
		if part != " " && !l.setter.has(face, part) && len(part) > 1 {
			t.Fatalf("%q: %q is drawn with a font that lacks %q", l.Text, f.Text, part)
		}
	}
}

func checkStops(t *testing.T, l *Layout, row int, f *Fragment) {
	t.Helper()
	st := l.stopsOf(f)
	r := &l.Rows[row]
	for i, at := range st.at[:len(st.at)-1] {
		x := l.X(row, int(at))
		if i > 0 && f.RTL != (x <= l.X(row, int(st.at[i-1]))) && x != l.X(row, int(st.at[i-1])) {
			t.Fatalf("%q: the caret at %d goes back, to %v", l.Text, at, x)
		}
		if i == 0 || st.x[i]-st.x[i-1] < 0.5 || st.x[i+1]-st.x[i] < 0.5 {
			continue // the edges are of two fragments, and some letters share a place
		}
		if got := l.OffsetAt(row, x); got != int(at) {
			t.Fatalf("%q: %d is found at %d, row %+v", l.Text, at, got, *r)
		}
	}
}

func FuzzLay(f *testing.F) {
	for i, text := range samples(f) {
		f.Add(text, uint16(60+20*i))
	}
	f.Add("\x80\x80\xff", uint16(100))
	test.NewTempApp(f)
	s := New(testFonts(f))
	f.Fuzz(func(t *testing.T, text string, width uint16) {
		line := page(text, float32(width%800))
		l := s.Lay(line, nil)
		checkRows(t, l, line)
		for i := range l.Rows {
			checkCarets(t, l, i)
		}
	})
}
