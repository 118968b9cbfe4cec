package buffer

import (
	"slices"
	"strings"
	"testing"
)

func TestMove(t *testing.T) {
	const family = "👩‍👩‍👧"
	for _, c := range []struct {
		before  string
		by      Unit
		forward bool
		after   string
	}{
		{"|ab", Character, true, "a|b"},
		{"ab|", Character, true, "ab|"},
		{"a|\nb", Character, true, "a\n|b"},
		{"a\n|b", Character, false, "a|\nb"},
		{"|e\u0301x", Character, true, "e\u0301|x"},
		{"e\u0301|x", Character, false, "|e\u0301x"},
		{"a|" + family + "b", Character, true, "a" + family + "|b"},
		{"a" + family + "|b", Character, false, "a|" + family + "b"},
		{"🇫🇷🇩🇪|", Character, false, "🇫🇷|🇩🇪"},
		{"a<bc|d", Character, false, "a|bcd"},
		{"a<bc|d", Character, true, "abc|d"},
		{"|one two", Word, true, "one| two"},
		{"one| two", Word, true, "one two|"},
		{"one |  (two)", Word, true, "one   (two|)"},
		{"one two|", Word, false, "one |two"},
		{"one   (t|wo)", Word, false, "one   (|two)"},
		{"one   (|two)", Word, false, "|one   (two)"},
		{"  |", Word, false, "|  "},
		{"one|\n two", Word, true, "one\n two|"},
		{"one|\n\ntwo", Word, true, "one\n|\ntwo"},
		{"one\n|two", Word, false, "|one\ntwo"},
		{"don't stop|", Word, false, "don't |stop"},
		{"don't| stop", Word, false, "|don't stop"},
		{"x snake_ca|se", Word, false, "x |snake_case"},
		{"a\nb|c\nd", LineEnd, true, "a\nbc|\nd"},
		{"a\nb|c\nd", LineEnd, false, "a\n|bc\nd"},
		{"a\nb|c\nd", TextEnd, true, "a\nbc\nd|"},
		{"a\nb|c\nd", TextEnd, false, "|a\nbc\nd"},
	} {
		text, places := parseMarks(c.before)
		_, b := view(text)
		b.MoveTo(places['|'], false)
		if anchor, ok := places['<']; ok {
			b.Select(anchor, places['|'])
		}
		_, want := parseMarks(c.after)
		if b.Move(c.by, c.forward, false); b.Caret() != want['|'] || b.Anchor() != b.Caret() {
			t.Errorf("%q by %d, forward %v: caret %d, anchor %d, want %q", c.before, c.by, c.forward, b.Caret(), b.Anchor(), c.after)
		}
		// The same with the selection growing.
		b.MoveTo(places['|'], false)
		if b.Move(c.by, c.forward, true); b.Anchor() != places['|'] {
			t.Errorf("%q by %d, extending: the anchor moved", c.before, c.by)
		}
	}
}

// TestStyles tells where | goes by each style, forward and back, until it stays.
func TestStyles(t *testing.T) {
	for _, c := range []struct {
		text          string
		by            Unit
		style         Style
		forward, back string // with | wherever it stops
	}{
		{"one  (two) -- three", Word, ToEnds, "|one|  (two|) -- three|", "|one  (|two) -- |three|"},
		{"one  (two) -- three", Word, ToStarts, "|one  |(|two|) |-- |three|", "|one  |(|two|) |-- |three|"},
		{"a.\n\n  bc d", Word, ToEnds, "|a|.|\n|\n  bc| d|", "|a.\n|\n|  |bc |d|"},
		{"a.\n\n  bc d", Word, ToStarts, "|a|.|\n|\n|  |bc |d|", "|a|.\n|\n|  |bc |d|"},
		{"漢字かな", Word, ToEnds, "|漢|字|か|な|", "|漢|字|か|な|"},
		{"カナ", Word, ToStarts, "|カナ|", "|カナ|"},
		{"ที่นี่ดี", Word, ToEnds, "|ที่|นี่|ดี|", "|ที่|นี่|ดี|"},
		{"don't снова مرحبا", Word, ToStarts, "|don't |снова |مرحبا|", "|don't |снова |مرحبا|"},
		{"ab\n\ncd\ne", Paragraph, ToEnds, "|ab|\n|\ncd|\ne|", "|ab\n|\n|cd\n|e|"},
		{"ab\n\ncd\ne", Paragraph, ToStarts, "|ab\n|\n|cd\n|e|", "|ab\n|\n|cd\n|e|"},
	} {
		text := strings.ReplaceAll(c.forward, "|", "")
		_, b := view(text)
		b.SetStyle(c.style)
		if got := stops(b, c.by, true); got != c.forward || text != c.text {
			t.Errorf("%q, style %d, unit %d: %q, want %q", c.text, c.style, c.by, got, c.forward)
		}
		if got := stops(b, c.by, false); got != c.back {
			t.Errorf("%q, style %d, unit %d back: %q, want %q", c.text, c.style, c.by, got, c.back)
		}
	}
}

// stops marks where the caret comes by on its way through the text.
func stops(b *Buffer, by Unit, forward bool) string {
	at := 0
	if !forward {
		at = b.Len()
	}
	var all []int
	for b.MoveTo(at, false); ; b.Move(by, forward, false) {
		if n := len(all); n > 0 && all[n-1] == b.Caret() {
			break
		}
		all = append(all, b.Caret())
	}
	slices.Sort(all)
	text := []rune(b.Text())
	for _, at := range slices.Backward(all) {
		text = slices.Insert(text, at, '|')
	}
	return string(text)
}

// TestStepsMeet walks a text by each unit to its end and back: both ways must
// end, and by character meet the same places.
func TestStepsMeet(t *testing.T) {
	text := strings.Join(alphabet, "") + strings.Join(alphabet, "x") + strings.Repeat("🇫🇷", 9)
	_, b := view(text)
	for _, by := range []Unit{Character, Word} {
		var up, down []int
		for b.MoveTo(0, false); b.Caret() < b.Len(); b.Move(by, true, false) {
			up = append(up, b.Caret())
		}
		for ; b.Caret() > 0; b.Move(by, false, false) {
			down = append(down, b.Caret())
		}
		for i := range up {
			if by == Character && i > 0 && up[i] != down[len(down)-i] {
				t.Fatalf("%d up, %d down", up[i], down[len(down)-i])
			}
		}
	}
}

func TestSelectAround(t *testing.T) {
	for _, c := range []struct{ text, word, line string }{
		{"one tw|o three\nfour", "two", "one two three\n"},
		{"one |two", "two", "one two"},
		{"one| two", " ", "one two"},
		{"one two|", "two", "one two"},
		{"a\n|\nb", "", "\n"},
		{"don|'t", "don't", "don't"},
	} {
		text, places := parseMarks(c.text)
		_, b := view(text)
		if b.SelectWord(places['|']); b.Selected() != c.word {
			t.Errorf("%q: word %q, want %q", c.text, b.Selected(), c.word)
		}
		if b.Select(b.LineAround(places['|'])); b.Selected() != c.line {
			t.Errorf("%q: line %q, want %q", c.text, b.Selected(), c.line)
		}
	}
}
