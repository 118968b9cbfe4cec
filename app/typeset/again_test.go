package typeset

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"
)

// edited returns a text with a random edit.
func edited(r *rand.Rand, text string, words []string) string {
	at := func(n int) int {
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		return n
	}
	from := at(r.IntN(len(text) + 1))
	to := at(min(len(text), from+r.IntN(12)))
	return text[:from] + randomText(r, words, 4) + text[to:]
}

// randomSpans covers a text with spans, some of which change what is shown.
func randomSpans(r *rand.Rand, text string) []Span {
	var spans []Span
	for at := 0; at < len(text); {
		to := min(len(text), at+1+r.IntN(20))
		for to < len(text) && !utf8.RuneStart(text[to]) {
			to++
		}
		s := Span{From: at, To: to, Ink: ink, Tag: uint32(r.IntN(3))}
		s.Ink.Face = Face(r.IntN(3))
		switch r.IntN(8) {
		case 0:
			s.Hidden = true
		case 1:
			s.As = "• "
		case 2:
			spans = append(spans, Span{From: at, To: at, Ink: ink, As: words[r.IntN(len(words))] + "gone"})
		case 3:
			s.Width = float32(r.IntN(100))
		}
		spans = append(spans, s)
		at = to
	}
	return spans
}

// moved returns spans of another text, some of which are the same.
func moved(r *rand.Rand, spans []Span, before, after string) []Span {
	cut := commonStart(before, after)
	var out []Span
	at := 0
	for _, s := range spans {
		if s.To > cut {
			break
		}
		out = append(out, s)
		at = s.To
	}
	var tail []Span
	end := len(after)
	for i := len(spans) - 1; i >= 0; i-- {
		s := spans[i]
		s.From, s.To = s.From+len(after)-len(before), s.To+len(after)-len(before)
		if s.From < at || len(after)-s.From > commonEnd(before, after) {
			break
		}
		tail = append(tail, s)
		end = s.From
	}
	if at < end {
		for _, s := range randomSpans(r, after[at:end]) {
			s.From, s.To = s.From+at, s.To+at
			out = append(out, s)
		}
	}
	for i := len(tail) - 1; i >= 0; i-- {
		out = append(out, tail[i])
	}
	return out
}

// same fails unless two layouts are alike, fragments and all.
func same(t *testing.T, got, want *Layout) {
	t.Helper()
	if got.Height != want.Height || len(got.Rows) != len(want.Rows) {
		t.Fatalf("%q: %d rows, want %d", got.Text, len(got.Rows), len(want.Rows))
	}
	for i := range got.Rows {
		a, b := got.Rows[i], want.Rows[i]
		a.drawn, b.drawn = nil, nil
		if a != b {
			t.Fatalf("%q: row %d\n%+v, want\n%+v", got.Text, i, a, b)
		}
		f, g := got.Fragments(i), want.Fragments(i)
		for j := range f {
			f[j].stops = nil
		}
		if !reflect.DeepEqual(f, g) {
			t.Fatalf("%q: row %d is drawn\n%+v, want\n%+v", got.Text, i, f, g)
		}
	}
}

// TestAgain holds that a layout made with the help of the one before an edit is
// the one made from nothing.
func TestAgain(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	for seed := range uint64(60) {
		again(t, s, seed, 12)
	}
}

func again(t *testing.T, s *Setter, seed uint64, edits int) {
	r := rand.New(rand.NewPCG(seed, 7))
	words := append([]string{"עברית ", "العربية ", "12", "(", ") ", "हिन्दी ", "ไทย"}, words...)
	text := randomText(r, words, 80)
	spans := randomSpans(r, text)
	line := page(text, 200, spans...)
	line.Hang = r.IntN(3)
	l := s.Lay(line, nil)
	for range edits {
		for i := range l.Rows {
			if r.IntN(2) == 0 {
				l.Fragments(i)
			}
		}
		after := edited(r, text, words)
		spans = moved(r, spans, text, after)
		text = after
		line.Text, line.Spans = text, spans
		l = s.Lay(line, l)
		same(t, l, s.Lay(line, nil))
	}
}

func FuzzAgain(f *testing.F) {
	for _, seed := range []uint64{1, 2, 3, 5, 8} {
		f.Add(seed)
	}
	test.NewTempApp(f)
	s := New(testFonts(f))
	f.Fuzz(func(t *testing.T, seed uint64) { again(t, s, seed, 6) })
}

func BenchmarkAgain(b *testing.B) {
	long := longText(1 << 20)
	blank := strings.Repeat("QmFzZTY0IGlzIG5vIHByb3Nl", 1<<20/24)
	places := map[string]int{"start": 10, "middle": len(long) / 2, "end": len(long), "unbroken": 10}
	for name, at := range places {
		long := long
		if name == "unbroken" {
			long = blank
		}
		b.Run(name, func(b *testing.B) {
			test.NewTempApp(b)
			s := New(testFonts(b))
			l := s.Lay(page(long, 640), nil)
			other := page(long[:at]+"x"+long[at:], 640)
			line := page(long, 640)
			b.ReportAllocs()
			for b.Loop() {
				l = s.Lay(other, l)
				l = s.Lay(line, l)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(2*b.N), "µs/key")
		})
	}
}

// longText is a line of random words, the sentence's or others.
func longText(n int, all ...string) string {
	r := rand.New(rand.NewPCG(3, 3))
	if len(all) == 0 {
		all = strings.Fields(sentence)
	}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(all[r.IntN(len(all))] + " ")
	}
	return b.String()
}
