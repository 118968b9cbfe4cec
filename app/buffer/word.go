package buffer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// kind is what a piece of a line is for whoever goes word by word.
type kind uint8

const (
	spaces kind = iota
	signs
	named
)

// word is a piece of a line, in bytes.
type word struct {
	from, to int
	kind     kind
}

// words yields the pieces of a line, by UAX 29, from an offset that lies between
// two. Scripts that are written without spaces have no dictionary here: a
// Chinese character, a Hiragana and a Thai letter with its marks are a word each,
// a run of Katakana is one.
func words(line string, from int) func(yield func(word) bool) {
	return func(yield func(word) bool) {
		for at, state := from, -1; at < len(line); {
			var text string
			text, _, state = uniseg.FirstWordInString(line[at:], state)
			if !yield(word{at, at + len(text), kindOf(text)}) {
				return
			}
			at += len(text)
		}
	}
}

func kindOf(text string) kind {
	switch {
	case strings.IndexFunc(text, inWord) >= 0:
		return named
	case strings.TrimSpace(text) == "":
		return spaces
	}
	return signs
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_' }

// wordSafe returns the last offset up to offset that surely lies between two
// words: after a space that a letter, digit or sign of ASCII follows, or before a
// letter of a script in which each is a word.
func wordSafe(line string, offset int) int {
	at := runeStart(line, min(offset, len(line)))
	for i := at; i > 0; {
		r, _ := utf8.DecodeRuneInString(line[i:])
		if alone(r) || line[i-1] == ' ' && i < len(line) && ' ' < r && r < utf8.RuneSelf {
			return i
		}
		if at-i > reach {
			return i
		}
		_, size := utf8.DecodeLastRuneInString(line[:i])
		i -= size
	}
	return 0
}

// alone reports whether a word always begins at a code point: of Chinese,
// Hiragana and the consonants of Thai the most common.
func alone(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3041 <= r && r <= 0x3096 || 0x0E01 <= r && r <= 0x0E30
}

// window is the part of a line in which a word is looked for.
func window(line string, offset int) string { return line[:runeStart(line, offset+reach)] }

// wordEnd returns the end of the first word after offset, or the line's.
func wordEnd(line string, offset int) int {
	seen := window(line, offset)
	for w := range words(seen, wordSafe(line, offset)) {
		if w.kind == named && w.to > offset {
			return w.to
		}
	}
	return len(seen)
}

// nextWord returns the start of the first word, or run of signs, after the one
// at offset, or the line's end.
func nextWord(line string, offset int) int {
	seen := window(line, offset)
	last := spaces
	for w := range words(seen, wordSafe(line, offset)) {
		if w.from > offset && w.kind != spaces && (w.kind != signs || last != signs) {
			return w.from
		}
		last = w.kind
	}
	return len(seen)
}

// wordStart returns the start of the last word before offset, or 0. With runs
// set, a run of signs counts as one.
func wordStart(line string, offset int, runs bool) int {
	for end := offset; end > 0; {
		from := wordSafe(line, end-1)
		start, found, last := 0, false, spaces
		for w := range words(window(line, offset), from) {
			if w.from >= end {
				break
			}
			if w.kind == named || runs && w.kind == signs && last != signs {
				start, found = w.from, true
			}
			last = w.kind
		}
		if found {
			return start
		}
		if end = from; offset-end > reach {
			return end
		}
	}
	return 0
}
