package typeset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands for characters that can't be seen.
const (
	controlSign   = '·'
	invisibleSign = '¦'
	hyphenSign    = '¬' // a soft hyphen
)

// Printable replaces what a canvas.Text must not be given: control characters,
// and those that would end a line or turn its direction for all that follows;
// and shows those that would not be seen.
func Printable(text string) string {
	if strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if sign := signOf(r); sign != 0 {
			return sign
		}
		return r
	}, text)
}

func unprintable(r rune) bool { return signOf(r) != 0 }

// signOf returns what is drawn for a character that can't be seen, else 0.
func signOf(r rune) rune {
	switch {
	case r < ' ', r == 0x7f:
		return controlSign
	case r < utf8.RuneSelf:
		return 0
	case r < 0xa0, r == '\u2028', r == '\u2029', turns(r):
		return controlSign
	case r == '\u00ad':
		return hyphenSign
	case invisible(r):
		return invisibleSign
	}
	return 0
}

// turns reports whether a character sets a direction explicitly (UAX 9, 2).
// These are shown and do nothing, so that no text can pretend to be another.
func turns(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// invisible reports whether a character is drawn as nothing, and is no part of
// a grapheme.
func invisible(r rune) bool {
	switch {
	case r < 0x600 || r == '\u200c' || r == '\u200d':
		return false
	case r == '\ufeff' || r == '\u061c' || r == '\u180e' || r == 0xe0001:
		return true
	case 0xfff9 <= r && r <= 0xfffb:
		return true
	}
	return '\u200b' <= r && r <= '\u206f' && unicode.Is(unicode.Cf, r)
}
