package buffer

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// reach is how many bytes of a line are looked at, at most, on one side of a
// place. A cluster, or a word, that is longer is cut there, so that no line makes
// a key slow.
const reach = 4 << 10

// clusterAfter returns the end of the grapheme cluster at offset.
func clusterAfter(line string, offset int) int {
	at := opening(line, offset)
	end := min(len(line), runeStart(line, offset+reach))
	for state := -1; at < end; {
		var cluster string
		cluster, _, _, state = uniseg.FirstGraphemeClusterInString(line[at:end], state)
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
	offset = min(offset, len(line))
	for at, back := offset, 1; at > 0; back *= 2 {
		at = opening(line, max(at-back, 0))
		if start, ok := lastCluster(line, at, offset); ok {
			return start
		}
	}
	return 0
}

// lastCluster returns the start of the last cluster before offset. What is found
// from an opening on is right but for the first one, which may begin earlier; ok
// is false if that is all there is.
func lastCluster(line string, from, offset int) (start int, ok bool) {
	end := min(len(line), runeStart(line, offset+reach))
	at := from
	for state := -1; at < end; {
		var cluster string
		cluster, _, _, state = uniseg.FirstGraphemeClusterInString(line[at:end], state)
		if at+len(cluster) >= offset {
			return at, at > from || at == 0 || offset-at >= reach || plain(line, at)
		}
		at += len(cluster)
	}
	return at, true
}

// opening returns the last offset up to the one given at which a code point
// starts from which on clusters can be told without what is before it. Whether it
// begins a cluster itself is another matter.
func opening(line string, offset int) int {
	at := runeStart(line, min(offset, len(line)))
	for n := at; n > 0; {
		if n < len(line) {
			if r, _ := utf8.DecodeRuneInString(line[n:]); !leans(r) {
				return n
			}
		}
		if at-n > reach {
			return n
		}
		_, size := utf8.DecodeLastRuneInString(line[:n])
		n -= size
	}
	return 0
}

// leans reports whether what a code point does to the one after it may depend on
// what is before it: marks, joiners, halves of flags, shades of skin, tags.
func leans(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r == 0x200C, r == 0x200D, r == 0xFF9E, r == 0xFF9F,
		0x1F1E6 <= r && r <= 0x1F1FF, 0x1F3FB <= r && r <= 0x1F3FF, 0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return unicode.Is(unicode.M, r)
}

// plain reports whether a letter, digit or sign of ASCII is at an offset and
// before it, so that a cluster begins there.
func plain(line string, at int) bool {
	return ascii(line[at]) && at > 0 && ascii(line[at-1])
}

func ascii(c byte) bool { return ' ' <= c && c < 0x7F }

// runeStart returns the last offset up to the one given at which a code point
// starts.
func runeStart(line string, offset int) int {
	if offset >= len(line) {
		return len(line)
	}
	for offset > 0 && !utf8.RuneStart(line[offset]) {
		offset--
	}
	return max(offset, 0)
}

// lastTyped returns the place up to which Backspace removes.
func (b *Buffer) lastTyped(at int) int {
	s, start := b.text.find(at)
	line := b.text.get(s)
	if at == start {
		return b.clamp(at - 1)
	}
	end := line.Offset(at - start)
	from := clusterBefore(line.Text, end)
	if ownMarks(line.Text[from:end]) {
		return at - 1
	}
	return start + line.Place(from)
}

// ownMarks reports whether a cluster ends with a mark that was typed by a key of
// its own: one on a letter of a script that is not written with dead keys.
func ownMarks(cluster string) bool {
	base, size := utf8.DecodeRuneInString(cluster)
	last, _ := utf8.DecodeLastRuneInString(cluster)
	return size < len(cluster) && unicode.Is(unicode.M, last) && unicode.IsLetter(base) &&
		!unicode.In(base, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}
