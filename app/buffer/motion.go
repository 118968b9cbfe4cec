package buffer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Unit is how far one movement or deletion goes.
type Unit int

const (
	// Character is what a reader takes for one: a grapheme cluster.
	Character Unit = iota
	// Word goes to the end of the word after the place, or to the start of
	// the one before.
	Word
	// LineEnd goes to the end or the start of the line, newline not included.
	LineEnd
	// TextEnd goes to the end or the start of the text.
	TextEnd
)

// Caret is where the caret is.
func (b *Buffer) Caret() int { return b.caret }

// Anchor is the other end of the selection; the caret's place if nothing is
// selected.
func (b *Buffer) Anchor() int { return b.anchor }

// Selection returns the ends of the selection in order.
func (b *Buffer) Selection() (from, to int) {
	return min(b.caret, b.anchor), max(b.caret, b.anchor)
}

// Selected returns the selected text.
func (b *Buffer) Selected() string { return b.Slice(b.Selection()) }

// MoveTo puts the caret at a place, the nearest if it is outside the text. If
// extend is set the selection's other end stays.
func (b *Buffer) MoveTo(at int, extend bool) {
	b.caret = b.clamp(at)
	if !extend {
		b.anchor = b.caret
	}
}

// Select selects from anchor to caret.
func (b *Buffer) Select(anchor, caret int) {
	b.MoveTo(anchor, false)
	b.MoveTo(caret, true)
}

// SelectAll selects the whole text.
func (b *Buffer) SelectAll() { b.Select(0, b.Len()) }

// Move moves the caret. Without extend, a selection is left at its end in the
// direction of the movement if that is by character.
func (b *Buffer) Move(by Unit, forward, extend bool) {
	if from, to := b.Selection(); by == Character && !extend && from != to {
		if forward {
			from = to
		}
		b.MoveTo(from, false)
		return
	}
	b.MoveTo(b.step(b.caret, by, forward), extend)
}

// SelectWord selects what a double click at a place selects.
func (b *Buffer) SelectWord(at int) { b.Select(b.WordAround(at)) }

// WordAround returns the ends of the word, or of the run of spaces or signs,
// around a place.
func (b *Buffer) WordAround(at int) (from, to int) {
	s, start := b.text.find(b.clamp(at))
	line := b.text.get(s).Text
	offset := ByteAt(line, b.clamp(at)-start)
	from, to = 0, len(line)
	for w := range words(line, wordSafe(line, offset)) {
		if w.to > offset || w.to == len(line) {
			from, to = w.from, w.to
			break
		}
	}
	return start + utf8.RuneCountInString(line[:from]), start + utf8.RuneCountInString(line[:to])
}

// LineAround returns the ends of the line around a place, with its newline.
func (b *Buffer) LineAround(at int) (from, to int) {
	s, start := b.text.find(b.clamp(at))
	return start, b.clamp(start + b.text.get(s).Runes + 1)
}

// step returns the place one unit away.
func (b *Buffer) step(at int, by Unit, forward bool) int {
	s, start := b.text.find(at)
	line := b.text.get(s)
	switch by {
	case LineEnd:
		if forward {
			return start + line.Runes
		}
		return start
	case TextEnd:
		if forward {
			return b.Len()
		}
		return 0
	}
	if forward && at == start+line.Runes {
		if at == b.Len() || by == Character {
			return b.clamp(at + 1)
		}
		s, start = b.text.next(s), start+line.Runes+1
		return start + wordEnd(b.text.get(s).Text, 0)
	}
	if !forward && at == start {
		if at == 0 || by == Character {
			return b.clamp(at - 1)
		}
		s, start = b.text.find(at - 1)
		line = b.text.get(s)
		return start + wordStart(line.Text, len(line.Text))
	}
	offset := ByteAt(line.Text, at-start)
	switch {
	case by == Character && forward:
		return at + utf8.RuneCountInString(line.Text[offset:clusterAfter(line.Text, offset)])
	case by == Character:
		return at - utf8.RuneCountInString(line.Text[clusterBefore(line.Text, offset):offset])
	case forward:
		return start + wordEnd(line.Text, offset)
	default:
		return start + wordStart(line.Text, offset)
	}
}

// clusterAfter returns the end of the grapheme cluster at offset.
func clusterAfter(line string, offset int) int {
	at := safe(line, offset)
	for state := -1; at < len(line); {
		var cluster string
		cluster, _, _, state = uniseg.FirstGraphemeClusterInString(line[at:], state)
		at += len(cluster)
		if at > offset {
			return at
		}
	}
	return len(line)
}

// clusterBefore returns the start of the grapheme cluster that ends at offset
// or holds it.
func clusterBefore(line string, offset int) int {
	at := safe(line, offset-1)
	for state := -1; at < len(line); {
		var cluster string
		cluster, _, _, state = uniseg.FirstGraphemeClusterInString(line[at:], state)
		if at+len(cluster) >= offset {
			return at
		}
		at += len(cluster)
	}
	return 0
}

// safe returns the last offset up to offset between two clusters that can be
// told without reading the line from its start: between two letters of ASCII.
func safe(line string, offset int) int {
	for i := min(offset, len(line)-1); i > 0; i-- {
		if plain(line[i]) && plain(line[i-1]) {
			return i
		}
	}
	return 0
}

func plain(c byte) bool { return ' ' <= c && c < utf8.RuneSelf }

// word is a piece of a line, in bytes; named if it is more than spaces and
// signs.
type word struct {
	from, to int
	named    bool
}

// words yields the pieces of a line from an offset that lies between two.
func words(line string, from int) func(yield func(word) bool) {
	return func(yield func(word) bool) {
		for at, state := from, -1; at < len(line); {
			var text string
			text, _, state = uniseg.FirstWordInString(line[at:], state)
			if !yield(word{at, at + len(text), strings.IndexFunc(text, named) >= 0}) {
				return
			}
			at += len(text)
		}
	}
}

func named(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_' }

// wordSafe returns the last offset up to offset that surely lies between two
// words: after a space that a letter of ASCII follows.
func wordSafe(line string, offset int) int {
	for i := min(offset, len(line)-1); i > 0; i-- {
		if line[i-1] == ' ' && line[i] > ' ' && line[i] < utf8.RuneSelf {
			return i
		}
	}
	return 0
}

// wordEnd returns the code points from the line's start to the end of the
// first word after offset, or to the line's end.
func wordEnd(line string, offset int) int {
	end := len(line)
	for w := range words(line, wordSafe(line, offset)) {
		if w.named && w.to > offset {
			end = w.to
			break
		}
	}
	return utf8.RuneCountInString(line[:end])
}

// wordStart returns the code points from the line's start to the start of the
// last word before offset, or 0.
func wordStart(line string, offset int) int {
	for end := offset; end > 0; {
		from := wordSafe(line, end-1)
		start, found := 0, false
		for w := range words(line, from) {
			if w.from >= end {
				break
			}
			if w.named {
				start, found = w.from, true
			}
		}
		if found || from == 0 {
			return utf8.RuneCountInString(line[:start])
		}
		end = from
	}
	return 0
}
