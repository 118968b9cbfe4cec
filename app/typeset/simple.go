package typeset

import "unicode/utf8"

// simple classes are of characters that stand one for one and whose breaks
// need no state as long as they are among themselves.
type simple uint8

const (
	notSimple  simple = iota
	alphabetic        // AL of UAX 14
	ideograph         // ID, H2 and H3
	blank             // the space
)

// simpleOf classes what most letters in the world are written with.
func simpleOf(r rune) simple {
	switch {
	case r < utf8.RuneSelf:
		if r == ' ' {
			return blank
		}
		if letter(byte(r)) {
			return alphabetic
		}
	case r < 0xc0:
	case r < 0x2b0:
		if r != 0xd7 && r != 0xf7 {
			return alphabetic
		}
	case 0x388 <= r && r < 0x482, 0x48a <= r && r < 0x530: // Greek, Cyrillic
		return alphabetic
	case 0x5d0 <= r && r < 0x5eb, 0x620 <= r && r < 0x64b, 0x671 <= r && r < 0x6d4: // Hebrew, Arabic
		return alphabetic
	case 0x904 <= r && r < 0x93a, 0xe01 <= r && r < 0xe31: // Devanagari, Thai
		return alphabetic
	case 0x3400 <= r && r < 0x4dc0, 0x4e00 <= r && r < 0xa000, 0xac00 <= r && r < 0xd7a4:
		return ideograph
	case 0x3041 <= r && r <= 0x3094:
		return kana(r)
	case 0x30a1 <= r && r <= 0x30f4:
		return kana(r - 0x60)
	}
	return notSimple
}

// kana classes hiragana; the small ones don't begin a row.
func kana(r rune) simple {
	switch r {
	case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ゎ':
		return notSimple
	}
	return ideograph
}

// breaksBetween tells whether a row may end between two simple characters.
func breaksBetween(a, b simple) bool {
	return b != blank && (a == blank || a == ideograph || b == ideograph)
}

// single takes a simple character that is followed by another.
func (sc *scanner) single(c *cluster) bool {
	text := sc.l.shown
	r, n := utf8.DecodeRuneInString(text[sc.at:])
	to := sc.at + n
	if to >= len(text) {
		return false
	}
	class := simpleOf(r)
	if class == notSimple {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[to:])
	following := simpleOf(next)
	if following == notSimple {
		return false
	}
	g := sc.glyphs.of(sc.s, sc.pen, r)
	sc.at, sc.state = to, -1
	c.to, c.w, c.by = to, g.w, g.by
	c.space = class == blank
	c.breaks = breaksBetween(class, following)
	if c.from < sc.wordTo || joins(r) {
		pen := sc.pen
		pen.by = g.by
		sc.joined(c, pen)
	}
	return true
}

// glyphs are the advances of a pen's characters, by blocks of 256.
type glyphs [256]*[256]glyph

type glyph struct {
	w     float32
	known bool
	by    *fallback
}

// of measures a character of the basic plane when it is first asked for.
func (g *glyphs) of(s *Setter, p pen, r rune) glyph {
	block := g[r>>8]
	if block == nil {
		block = new([256]glyph)
		g[r>>8] = block
	}
	one := &block[r&0xff]
	if !one.known {
		text := string(r)
		p.by = s.by(p.face, text)
		*one = glyph{s.measure(p, text), true, p.by}
	}
	return *one
}
