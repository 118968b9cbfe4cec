package typeset

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// bidiText is a stretch of text while its levels are found: rules P2 to I2 of
// UAX 9 for text without explicit directions, which are shown as signs here.
// So there is one level run and it is the paragraph.
type bidiText struct {
	runes  []rune
	at     []int32 // where each rune begins
	was    []bidi.Class
	class  []bidi.Class
	levels []uint8 // of each byte
	pairs  []pair
	open   []opening
}

type pair struct{ open, closed int }

type opening struct {
	closes rune
	at     int
}

// maxOpen is how many brackets may be open (UAX 9, BD16).
const maxOpen = 63

// resolve returns the level of each byte, valid until the next call. base is
// the paragraph's level.
func (b *bidiText) resolve(text string, base uint8) []uint8 {
	b.classes(text)
	embedding := bidi.L
	if base == 1 {
		embedding = bidi.R
	}
	b.weak(embedding)
	b.brackets(embedding)
	b.neutral(embedding)
	b.levels = slices.Grow(b.levels[:0], len(text))[:len(text)]
	for i := range b.runes {
		level := levelOf(b.class[i], base)
		for j := b.at[i]; j < b.at[i+1]; j++ {
			b.levels[j] = level
		}
	}
	return b.levels
}

// levelOf is rules I1 and I2.
func levelOf(c bidi.Class, base uint8) uint8 {
	switch {
	case base == 0 && c == bidi.R:
		return 1
	case base == 0 && (c == bidi.EN || c == bidi.AN):
		return 2
	case base == 1 && c != bidi.R:
		return 2
	}
	return base
}

func (b *bidiText) classes(text string) {
	b.runes, b.at, b.was = b.runes[:0], b.at[:0], b.was[:0]
	for i, r := range text {
		b.runes = append(b.runes, r)
		b.at = append(b.at, int32(i))
		b.was = append(b.was, classOf(r))
	}
	b.at = append(b.at, int32(len(text)))
	b.class = append(b.class[:0], b.was...)
}

// classOf is a rune's class, as it is shown.
func classOf(r rune) bidi.Class {
	if r < utf8.RuneSelf && letter(byte(r)) {
		return bidi.L
	}
	p, _ := bidi.LookupRune(r)
	switch c := p.Class(); c {
	case bidi.L, bidi.R, bidi.AL, bidi.EN, bidi.AN, bidi.ES, bidi.ET, bidi.CS, bidi.NSM, bidi.S, bidi.WS:
		return c
	case bidi.BN:
		if !unprintable(r) {
			return bidi.NSM // a joiner, part of what is before
		}
	}
	return bidi.ON
}

// weak is rules W1 to W7.
func (b *bidiText) weak(embedding bidi.Class) {
	c := b.class
	last, strong := embedding, embedding
	for i := range c {
		switch c[i] {
		case bidi.NSM:
			c[i] = last
		case bidi.EN:
			if strong == bidi.AL {
				c[i] = bidi.AN
			}
		case bidi.L, bidi.R, bidi.AL:
			strong = c[i]
		}
		last = c[i]
	}
	for i := range c {
		if c[i] == bidi.AL {
			c[i] = bidi.R
		}
	}
	for i := 1; i+1 < len(c); i++ {
		before, after := c[i-1], c[i+1]
		if before == after && (before == bidi.EN && c[i] == bidi.ES ||
			(before == bidi.EN || before == bidi.AN) && c[i] == bidi.CS) {
			c[i] = before
		}
	}
	b.terminators()
	strong = embedding
	for i := range c {
		switch c[i] {
		case bidi.ES, bidi.ET, bidi.CS:
			c[i] = bidi.ON
		case bidi.L, bidi.R:
			strong = c[i]
		case bidi.EN:
			if strong == bidi.L {
				c[i] = bidi.L
			}
		}
	}
}

// terminators is rule W5.
func (b *bidiText) terminators() {
	c := b.class
	for i := 0; i < len(c); {
		if c[i] != bidi.ET {
			i++
			continue
		}
		end := i
		for end < len(c) && c[end] == bidi.ET {
			end++
		}
		if i > 0 && c[i-1] == bidi.EN || end < len(c) && c[end] == bidi.EN {
			for j := i; j < end; j++ {
				c[j] = bidi.EN
			}
		}
		i = end
	}
}

// brackets is rule N0.
func (b *bidiText) brackets(embedding bidi.Class) {
	b.findPairs()
	for _, p := range b.pairs {
		inside := bidi.ON
		for i := p.open + 1; i < p.closed; i++ {
			if s := strongOf(b.class[i]); s == embedding {
				inside = s
				break
			} else if s != bidi.ON {
				inside = s
			}
		}
		if inside == bidi.ON {
			continue
		}
		if inside != embedding {
			before := embedding
			for i := p.open - 1; i >= 0; i-- {
				if s := strongOf(b.class[i]); s != bidi.ON {
					before = s
					break
				}
			}
			if before != inside {
				inside = embedding
			}
		}
		b.set(p.open, inside)
		b.set(p.closed, inside)
	}
}

// set gives a bracket a direction, and the marks on it.
func (b *bidiText) set(i int, c bidi.Class) {
	b.class[i] = c
	for i++; i < len(b.was) && b.was[i] == bidi.NSM; i++ {
		b.class[i] = c
	}
}

// findPairs is definition BD16.
func (b *bidiText) findPairs() {
	b.pairs, b.open = b.pairs[:0], b.open[:0]
	for i, r := range b.runes {
		if b.class[i] != bidi.ON {
			continue
		}
		p, _ := bidi.LookupRune(r)
		switch {
		case !p.IsBracket():
		case p.IsOpeningBracket():
			if len(b.open) == maxOpen {
				b.pairs = b.pairs[:0]
				return
			}
			b.open = append(b.open, opening{canonical(mirror(r)), i})
		default:
			for j := len(b.open) - 1; j >= 0; j-- {
				if b.open[j].closes == canonical(r) {
					b.pairs = append(b.pairs, pair{b.open[j].at, i})
					b.open = b.open[:j]
					break
				}
			}
		}
	}
	slices.SortFunc(b.pairs, func(p, q pair) int { return p.open - q.open })
}

// canonical makes the two brackets one that Unicode holds equal.
func canonical(r rune) rune {
	if r == '\u232a' {
		return '\u3009'
	}
	return r
}

// strongOf is the direction that a class counts for in rules N0 and N1.
func strongOf(c bidi.Class) bidi.Class {
	switch c {
	case bidi.L:
		return bidi.L
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R
	}
	return bidi.ON
}

// neutral is rules N1 and N2.
func (b *bidiText) neutral(embedding bidi.Class) {
	c := b.class
	before := embedding
	for i := 0; i < len(c); {
		if s := strongOf(c[i]); s != bidi.ON {
			before = s
			i++
			continue
		}
		end := i
		for end < len(c) && strongOf(c[end]) == bidi.ON {
			end++
		}
		after := embedding
		if end < len(c) {
			after = strongOf(c[end])
		}
		if before != after {
			after = embedding
		}
		for ; i < end; i++ {
			c[i] = after
		}
	}
}

// mirror returns the character that is drawn for one from right to left.
func mirror(r rune) rune {
	switch r {
	case '<':
		return '>'
	case '>':
		return '<'
	case '«':
		return '»'
	case '»':
		return '«'
	case '‹':
		return '›'
	case '›':
		return '‹'
	case '≤':
		return '≥'
	case '≥':
		return '≤'
	}
	if p, _ := bidi.LookupRune(r); p.IsBracket() {
		m, _ := utf8.DecodeRuneInString(bidi.ReverseString(string(r)))
		return m
	}
	return r
}

// mirrored returns a text without strong direction as it is drawn from left to
// right in text that goes from right to left.
func mirrored(text string) string {
	var parts []string
	for part := range clustersOf(text) {
		parts = append(parts, part)
	}
	slices.Reverse(parts)
	out := make([]rune, 0, len(text))
	for _, part := range parts {
		for _, r := range part {
			out = append(out, mirror(r))
		}
	}
	return string(out)
}

// fromRight reports whether anything in a text is strongly from right to left.
func fromRight(text string) bool {
	for i := 0; i < len(text); i++ {
		// Below are Latin, Greek, Cyrillic and most of Armenian.
		if b := text[i]; b < 0xd6 || 0xe3 <= b && b < 0xef || 0xf1 <= b {
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if c := classOf(r); c == bidi.R || c == bidi.AL || c == bidi.AN {
			return true
		}
		i += n - 1
	}
	return false
}

// baseLevel is the level of a paragraph: rules P2 and P3.
func baseLevel(text string) uint8 {
	for _, r := range text {
		switch classOf(r) {
		case bidi.L:
			return 0
		case bidi.R, bidi.AL:
			return 1
		}
	}
	return 0
}
