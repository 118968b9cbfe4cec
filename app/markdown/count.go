package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Counts is how long a text is.
type Counts struct {
	Words      int // by UAX 29; each letter of Chinese and Japanese is one
	Characters int // as a reader sees them, without ends of lines
	Lines      int
}

// Count counts a text.
func Count(text string) Counts {
	c := Counts{Lines: strings.Count(text, "\n") + 1}
	for text != "" {
		if n := asciiLength(text); n > 0 {
			c.ascii(text[:n])
			text = text[n:]
			continue
		}
		n := otherLength(text)
		c.other(text[:n])
		text = text[n:]
	}
	return c
}

// asciiLength is how much of a text can be counted byte by byte: ASCII up to
// white space that is followed by ASCII.
func asciiLength(s string) int {
	n, end := 0, 0
	for n < len(s) && s[n] < utf8.RuneSelf {
		if s[n] == ' ' || s[n] == '\n' {
			end = n
		}
		n++
	}
	if n == len(s) {
		return n
	}
	return end
}

// otherLength is how far a text goes that needs Unicode's rules: to a space or
// an end of line behind which there is only ASCII for a while.
func otherLength(s string) int {
	const while = 32
	last := 0
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			last = i
		} else if i-last > while && (s[i] == ' ' || s[i] == '\n') {
			return i
		}
	}
	return len(s)
}

// ascii counts a text of ASCII alone.
func (c *Counts) ascii(s string) {
	c.Characters += len(s) - strings.Count(s, "\n") - strings.Count(s, "\r\n")
	in := false // a word
	for i := range len(s) {
		k := asciiKinds[s[i]]
		switch {
		case k == kindWord:
			if !in {
				c.Words++
			}
			in = true
		case k == kindJoin && in && joins(s, i):
		default:
			in = false
		}
	}
}

const (
	kindWord = 1 + iota
	kindJoin
)

var asciiKinds = func() (k [utf8.RuneSelf]uint8) {
	for c := range k {
		if isLetter(byte(c)) || isDigit(byte(c)) {
			k[c] = kindWord
		}
	}
	for _, c := range []byte("_'.:,;") {
		k[c] = kindJoin
	}
	return k
}()

// joins reports whether the sign at i is within a word: don't, 3.14, a_b.
func joins(s string, i int) bool {
	if s[i] == '_' {
		return true
	}
	if i+1 == len(s) || asciiKinds[s[i+1]] != kindWord {
		return false
	}
	before, after := isDigit(s[i-1]), isDigit(s[i+1])
	switch s[i] {
	case ',', ';':
		return before && after
	case ':':
		return !before && !after
	}
	return before == after
}

// other counts a text of any script.
func (c *Counts) other(s string) {
	state := -1
	for rest := s; rest != ""; {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		if cluster != "\n" && cluster != "\r\n" {
			c.Characters++
		}
		_ = bounds
	}
	state = -1
	for rest := s; rest != ""; {
		var word string
		word, rest, state = uniseg.FirstWordInString(rest, state)
		if strings.ContainsFunc(word, isWordRune) {
			c.Words++
		}
	}
}

// isEach reports whether each letter of a script is a word.
func isEach(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana) }
