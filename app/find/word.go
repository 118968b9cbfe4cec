package find

import (
	"unicode"
	"unicode/utf8"
)

// wholeWord reports whether no word goes on over either end of a match.
func wholeWord(text string, from, to int) bool {
	return !goesOn(text, from) && !goesOn(text, to)
}

// goesOn reports whether a word goes on over a byte.
func goesOn(text string, at int) bool {
	left, _ := utf8.DecodeLastRuneInString(text[:at])
	right, _ := utf8.DecodeRuneInString(text[at:])
	if !inWord(left) || !inWord(right) {
		return false
	}
	return unicode.IsMark(right) || right == joiner || !unspaced(left) && !unspaced(right)
}

// joiner holds the letters of some scripts together, and people of a family.
const joiner = 0x200D

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.Is(unicode.Pc, r) || r == joiner)
}

// unspaced reports whether a script is written without spaces between words.
func unspaced(r rune) bool {
	return r > 0xE00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
