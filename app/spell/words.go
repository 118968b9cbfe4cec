package spell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words yields the bytes from and to of each word of a line that is worth
// checking, until yield returns false. A word is letters with apostrophes and
// hyphens between them. Left out are single letters, what has digits,
// underscores or inner capitals or is all in capitals, all of a URL, a mail
// address, a path, a file's name or a tag, and the scripts that write words
// without spaces between (Chinese, Japanese, Thai, Lao, Khmer, Burmese).
func Words(line string, yield func(from, to int) bool) {
	for at := 0; at < len(line); {
		chunk := nextChunk(line[at:])
		if !isAddress(line[at:at+chunk]) && !wordsIn(line, at, at+chunk, yield) {
			return
		}
		at += chunk
		for at < len(line) {
			r, n := utf8.DecodeRuneInString(line[at:])
			if !unicode.IsSpace(r) {
				break
			}
			at += n
		}
	}
}

// nextChunk returns how many bytes come before the next space, or before the
// target of a link.
func nextChunk(s string) int {
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		end = len(s)
	}
	if i := strings.Index(s[:end], "]("); i > 0 {
		return i
	}
	return end
}

// isAddress reports whether what stands between two spaces is not language: a
// URL, a mail address, a path, a file's name.
func isAddress(s string) bool {
	if strings.Contains(s, "://") || strings.ContainsAny(s, `@\`) {
		return true
	}
	s = strings.TrimLeft(s, "]([{<\"'„“‚‘«»*_`")
	if strings.HasPrefix(s, "www.") || strings.HasPrefix(s, "mailto:") ||
		strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~/") || strings.HasPrefix(s, "./") ||
		strings.HasPrefix(s, "../") || len(s) > 1 && s[0] == '#' && s[1] != '#' {
		return true
	}
	// A point between letters: example.org, notes.txt.
	for i := 1; i+1 < len(s); i++ {
		if s[i] == '.' && isLetterByte(s[i-1]) && isLetterByte(s[i+1]) {
			return true
		}
	}
	return strings.Count(s, "/") > 1
}

// isLetterByte reports whether b is a letter of ASCII or part of another rune.
func isLetterByte(b byte) bool {
	return b >= 0x80 || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// wordsIn yields the words of a line between two of its spaces.
func wordsIn(line string, at, end int, yield func(from, to int) bool) bool {
	for at < end {
		r, n := utf8.DecodeRuneInString(line[at:end])
		if !isWordRune(r) {
			at += n
			continue
		}
		to := wordEnd(line[:end], at)
		word := strings.Trim(line[at:to], "_") // Markdown's emphasis
		from := at + strings.Index(line[at:to], word)
		if worth(word) && !yield(from, from+len(word)) {
			return false
		}
		at = to
	}
	return true
}

// isWordRune reports whether r belongs to a word, or to what looks like one.
func isWordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// isJoint reports whether r joins letters to one word.
func isJoint(r rune) bool {
	return r == '\'' || r == '’' || r == 'ʼ' || r == '-' || r == '‐' || r == '\u00ad' || r == '\u200c' || r == '·'
}

// wordEnd returns where the word ends that begins at a byte.
func wordEnd(line string, at int) int {
	for at < len(line) {
		r, n := utf8.DecodeRuneInString(line[at:])
		if isWordRune(r) && r != utf8.RuneError {
			at += n
			continue
		}
		after, _ := utf8.DecodeRuneInString(line[at+n:])
		if !isJoint(r) || !isWordRune(after) {
			return at
		}
		at += n
	}
	return at
}

// worth reports whether a word is one to check.
func worth(word string) bool {
	if utf8.RuneCountInString(word) < 2 || len(word) > maxWord {
		return false
	}
	upper, lower, inner := false, false, false
	var before rune
	for _, r := range word {
		switch {
		case r == '_' || unicode.IsDigit(r) || isUnspaced(r):
			return false
		case unicode.IsUpper(r):
			inner = inner || unicode.IsLetter(before)
			upper = true
		case unicode.IsLetter(r):
			lower = true
		}
		before = r
	}
	if upper && inner {
		return false // inner capitals, or all, or an acronym's plural
	}
	return lower
}

// isUnspaced reports whether r is of a script that puts no spaces between
// words.
func isUnspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}
