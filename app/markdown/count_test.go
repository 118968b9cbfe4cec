package markdown

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		text string
		want Counts
	}{
		{"", Counts{0, 0, 1}},
		{"one two\nthree\n", Counts{3, 12, 3}},
		{"don't stop: 3.14, a_b 1,000", Counts{5, 27, 1}},
		{"naïve café", Counts{2, 10, 1}},
		{"中文字 かな カタカナ", Counts{6, 11, 1}},
		{"한국어 글", Counts{2, 5, 1}},
		{"👨‍👩‍👧 🇩🇪 e\u0301", Counts{1, 5, 1}},
		{"- [ ] **bold**", Counts{1, 14, 1}},
		{"- [x] bold\n> 1) [X] one\n[x] two [x] three", Counts{7, 39, 3}},
		{"a\r\nb", Counts{2, 2, 2}},
	} {
		if got := Count(c.text); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

// TestCountLikeUniseg compares with the tables of the standard, on texts of
// pieces that meet in every order.
func TestCountLikeUniseg(t *testing.T) {
	pieces := strings.Split("a|Zz|1|23|_|'|.|:|,|;| |  |\n|-|é|ß|Ж|жук|α|中|文|か|な|カタ|ー|한|국|👨‍👩‍👧|🇩🇪|🇫🇷|e\u0301|\u0301|\u200d|👍🏽|“|”|…|’|א|ب|١|न|मस्ते|\r\n|\u00a0|\u3000|。", "|")
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		words, characters := 0, 0
		state := -1
		for rest := text; rest != ""; {
			var word string
			word, rest, state = uniseg.FirstWordInString(rest, state)
			if strings.ContainsFunc(word, isWordRune) {
				words++
			}
		}
		characters = uniseg.GraphemeClusterCount(text) - strings.Count(text, "\n")
		want := Counts{words, characters, strings.Count(text, "\n") + 1}
		if got := Count(text); got != want {
			t.Fatalf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func BenchmarkCount(b *testing.B) {
	for name, line := range map[string]string{
		"english": "Words of an ordinary text, with *signs*.\n",
		"russian": "Слова обычного текста, без особых знаков.\n",
		"chinese": "普通文本的字词，没有特别的标点。\n",
		"hindi":   "साधारण पाठ के शब्द।\n",
	} {
		text := strings.Repeat(line, 1<<20/len(line))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Count(text)
			}
		})
	}
}
