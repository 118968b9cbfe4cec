package buffer

import (
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
