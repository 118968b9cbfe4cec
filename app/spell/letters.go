package spell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// capitals is how a word uses capital letters.
type capitals uint8

const (
	noCaps    capitals = iota // word
	initCap                   // Word
	allCaps                   // WORD
	innerCaps                 // wOrd, WoRd
)

// capsOf says how a word uses capital letters.
func capsOf(word string) capitals {
	upper, lower, first := 0, 0, false
	for i, r := range word {
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			upper++
			first = first || i == 0
		case unicode.IsLower(r):
			lower++
		}
	}
	switch {
	case upper == 0:
		return noCaps
	case upper == 1 && first:
		return initCap
	case lower == 0:
		return allCaps
	}
	return innerCaps
}

// capital returns word with its first letter a capital.
func capital(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	if n == 0 || r == utf8.RuneError {
		return word
	}
	return string(unicode.ToUpper(r)) + word[n:]
}

// replaceAll applies the replacements of ICONV, the longest that fits first.
func replaceAll(s string, pairs []pair) string {
	if !mayReplace(s, pairs) {
		return s
	}
	var out strings.Builder
	for s != "" && out.Len() <= maxWord {
		best := pair{}
		for _, p := range pairs {
			if len(p.from) > len(best.from) && strings.HasPrefix(s, p.from) {
				best = p
			}
		}
		if best.from == "" {
			_, n := utf8.DecodeRuneInString(s)
			best.from, best.to = s[:n], s[:n]
		}
		out.WriteString(best.to)
		s = s[len(best.from):]
	}
	return out.String()
}

// mayReplace reports whether one of the pairs is in s.
func mayReplace(s string, pairs []pair) bool {
	for _, p := range pairs {
		if p.from != "" && strings.Contains(s, p.from) {
			return true
		}
	}
	return false
}
