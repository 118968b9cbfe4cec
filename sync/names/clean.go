package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// Max is the longest name in code points.
	Max = 64
	// maxMarks is how many marks stand on one letter: more would paint over
	// other lines.
	maxMarks = 4
)

// Clean returns a name in the form in which it is kept and shown: NFC (Unicode
// Annex 15), at most [Max] code points, with single spaces, and with no
// character that steers, hides or isn't one: no control, format or direction
// character, no private or unassigned one. It may come out empty. Clean of a
// clean name is that name.
func Clean(name string) string {
	// What is dropped may let its neighbours join to one letter, so that there
	// is more to do; each time the name gets shorter.
	for {
		next := clean(name)
		if next == name {
			break
		}
		name = next
	}
	return name
}

func clean(name string) string {
	var b strings.Builder
	length, marks, space := 0, maxMarks, false // no mark without a letter
	for _, r := range norm.NFC.String(strings.ToValidUTF8(name, "")) {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
			space = true
			marks = maxMarks
			continue
		case hidden(r) || !unicode.IsGraphic(r):
			continue
		case unicode.IsMark(r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if space && length > 0 {
			if length+1 >= Max {
				break
			}
			b.WriteByte(' ')
			length++
		}
		if length >= Max {
			break
		}
		space = false
		b.WriteRune(r)
		length++
	}
	return b.String()
}

// hidden reports whether a character leaves no trace of its own on the screen,
// though Unicode counts it among those that do.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == 0x2800 // the Braille pattern without dots
}
