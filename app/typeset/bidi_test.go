package typeset

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"
	"golang.org/x/text/unicode/bidi"
)

// levelsText writes the levels of a text's characters.
func levelsText(text string, levels []uint8) string {
	var b strings.Builder
	for i := range text {
		b.WriteByte('0' + levels[i])
	}
	return b.String()
}

// TestLevels holds which level each character has. Where the base is not 0 or
// 1, the first letter sets it.
func TestLevels(t *testing.T) {
	const first = 9
	for _, c := range []struct {
		text string
		base uint8
		want string
		why  string
	}{
		{"abc", first, "000", "one direction"},
		{"אבג", first, "111", "one direction"},
		{"12 - 3", first, "000000", "no direction is from the left"},
		{"a אב b", first, "001100", "a word within"},
		{"א ab ג", first, "112211", "a word within, from the right"},
		{"a אב 12 b", first, "001112200", "a number goes with what is before"},
		{"a אב 1,2.5% b", first, "0011122222200", "and all that belongs to a number"},
		{"a عب 1-2 b", first, "0011121200", "a hyphen is no part of an Arabic number"},
		{"א a 12 b", first, "11222222", "a number in text from the left"},
		{"a 12 א", first, "000001", "a number before"},
		{"a (אב) c", first, "00011000", "brackets go with the line"},
		{"א (ab) ג", first, "11122111", "from the right too"},
		{"אב(גד[&ef]!)gh", 1, "11111112211122", "UAX 9, N0, example 1"},
		{"smith (fabr אבג) דה", 1, "2222211222211111111", "UAX 9, N0, example 2"},
		{"אב book(s)", 1, "1112222222", "UAX 9, N0, example 3"},
		{"a אב(ג[c) d", first, "00110100000", "a bracket that nothing closes"},
		{"x אב \u202ac\u202c", first, "00110000", "explicit directions are signs"},
	} {
		var b bidiText
		base := c.base
		if base == first {
			base = baseLevel(c.text)
		}
		if got := levelsText(c.text, b.resolve(c.text, base)); got != c.want {
			t.Errorf("%s: %q has levels %s, want %s", c.why, c.text, got, c.want)
		}
	}
}

// TestLevelsAgree holds that directions are those that x/text finds. It does
// not pair brackets, so there are none.
func TestLevelsAgree(t *testing.T) {
	all := []rune("abאבعب12٣٤+-,.:%$ !\t\"'\u0301\u05b4é漢")
	r := rand.New(rand.NewPCG(5, 5))
	var b bidiText
	for range 4000 {
		text := make([]rune, 1+r.IntN(14))
		for i := range text {
			text[i] = all[r.IntN(len(all))]
		}
		s := string(text)
		base := baseLevel(s)
		levels := b.resolve(s, base)
		var p bidi.Paragraph
		p.SetString(s)
		order, err := p.Order()
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for i := range order.NumRuns() {
			run := order.Run(i)
			for _, r := range run.String() {
				want := run.Direction() == bidi.RightToLeft
				trailing := strings.Trim(s[at:], " \t") == "" || strings.Contains(s[at:], "\t") && strings.Trim(s[at:at+strings.Index(s[at:], "\t")], " ") == ""
				if got := levels[at]&1 == 1; got != want && !trailing {
					t.Fatalf("%q (base %d): levels %s, but at %d the direction is %v", s, base, levelsText(s, levels), at, run.Direction())
				}
				at += utf8.RuneLen(r)
			}
		}
	}
}

// TestVisual holds in which order and how mixed text is drawn.
func TestVisual(t *testing.T) {
	test.NewTempApp(t)
	s := New(testFonts(t))
	for text, want := range map[string]string{
		"abc שלום, עולם def":     "abc |עולם| ,|שלום| def",
		"שלום abc":               "abc|שלום ",
		"שלום (abc)!":            "!(|abc|)|שלום ",
		"טל 12-34 x":             "x| |12-34|טל ",
		"a > ש > ת > b":          "a > |ת| <|ש | > b",
		"العربية (عربي) עברית":   "עברית| (|عربي|)|العربية ",
		"a\tש\tת":                "a||ש||ת",
		"\u202eabc":              "·|abc",
		"שלום\u200f, 漢字 \u2067x": "漢字 |·|x| ,|¦|שלום",
	} {
		var parts []string
		for _, f := range s.Lay(page(text, 600), nil).Fragments(0) {
			parts = append(parts, f.Text)
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("%q is drawn %q, want %q", text, got, want)
		}
	}
}
