package typeset

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

const (
	joiner    = "\u200d"
	nonJoiner = '\u200c'
	// maxWord is how many bytes of letters that join are measured as one.
	maxWord = 64
)

// joins reports whether a letter's width depends on its neighbours by much:
// Arabic and its relatives, and the scripts of India to Myanmar, and Khmer and
// Mongolian.
func joins(r rune) bool {
	switch {
	case r < 0x600:
		return false
	case r < 0xe00, 0xf00 <= r && r < 0x10a0, 0x1780 <= r && r < 0x18b0:
		return true
	}
	return 0xa840 <= r && r < 0xa880 || 0x10d00 <= r && r < 0x11800 || 0x1e900 <= r && r < 0x1e960
}

// wordEnd returns where the letters end that join with the first.
func wordEnd(text string) int {
	for i, r := range text {
		if i >= maxWord || !joins(r) && r != nonJoiner && string(r) != joiner && !unicode.Is(unicode.M, r) {
			return i
		}
	}
	return len(text)
}

// joined scales the advance of a cluster that is part of a word of letters that
// join, so that the sum is the word's.
func (sc *scanner) joined(c *cluster, p pen) {
	if c.from >= sc.wordTo {
		if !joins(firstRune(sc.l.shown[c.from:])) {
			return
		}
		sc.word(c.from, p)
	}
	c.w *= sc.scale
}

func (sc *scanner) word(from int, p pen) {
	word := sc.l.shown[from:]
	word = word[:min(wordEnd(word), sc.limit-from)]
	sum := sc.apart(word, p)
	sc.scale, sc.wordTo = 1, from+len(word)
	if sum > 0 {
		sc.scale = sc.s.width(p, Printable(word)) / sum
	}
	sc.looked = max(sc.looked, sc.wordTo+utf8.UTFMax)
}

// apart is how wide the graphemes of a word are by themselves.
func (sc *scanner) apart(word string, p pen) float32 {
	var sum float32
	simple := true
	for _, r := range word {
		if simpleOf(r) == notSimple {
			simple = false
			break
		}
		sum += sc.glyphs.of(sc.s, sc.pen, r).w
	}
	if simple {
		return sum
	}
	sum = 0
	for part := range clustersOf(word) {
		sum += sc.s.advance(p, Printable(part))
	}
	return sum
}

// shape returns where each character of a text begins, and where the last one
// ends, by the glyphs of the fragment's font. Characters that share a glyph, as
// in fi, have each a part of it.
func (s *Setter) shape(f *Fragment, text string) []float32 {
	runes := []rune(text)
	direction := di.DirectionLTR
	if f.RTL {
		direction = di.DirectionRTL
	}
	out := s.shaper.Shape(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction, Face: s.faceOf(f.Ink.pen(f.by)),
		Size: fixed.Int26_6(f.Ink.Size * 64), Script: scriptOf(runes), Language: language.DefaultLanguage(),
	})
	if f.RTL {
		slices.Reverse(out.Glyphs) // into logical order
	}
	x := make([]float32, len(runes)+1)
	var sum float32
	for i := 0; i < len(out.Glyphs); {
		first, n := out.Glyphs[i].TextIndex(), max(out.Glyphs[i].RunesCount(), 1)
		var w float32
		for ; i < len(out.Glyphs) && out.Glyphs[i].TextIndex() == first; i++ {
			w += float32(out.Glyphs[i].Advance) / 64
		}
		for j := range min(n, len(runes)-first) {
			x[first+j] = sum + w*float32(j)/float32(n)
		}
		sum += w
	}
	x[len(runes)] = sum
	return x
}

// scriptOf is the first script that a text has.
func scriptOf(runes []rune) language.Script {
	for _, r := range runes {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Latin
}
