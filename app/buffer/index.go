package buffer

import "unicode/utf8"

// longLine is from how many bytes on a line has an index. A chunk of it has at
// least half of chunkSize, in bytes, and less than twice.
const (
	longLine  = 8 << 10
	chunkSize = 4 << 10
)

// index says how many code points the pieces of a long line have, so that
// neither finding a place in it nor changing it costs reading all of it. It is
// never written to once it is made, so copies of a [Line] share it.
type index []chunk

type chunk struct{ bytes, runes int }

// newIndex returns the index of a text, nil if it is short, and its code points.
func newIndex(text string) (index, int) {
	if len(text) < longLine {
		return nil, utf8.RuneCountInString(text)
	}
	x := make(index, 0, len(text)/chunkSize+1).cut(text)
	return x, x.runes()
}

// cut appends the chunks of a text: one, or several of about chunkSize and more.
func (x index) cut(text string) index {
	for text != "" {
		n := len(text)
		if n >= 2*chunkSize {
			n = runeStart(text, chunkSize+utf8.UTFMax-1)
		}
		x = append(x, chunk{n, utf8.RuneCountInString(text[:n])})
		text = text[n:]
	}
	return x
}

func (x index) runes() (sum int) {
	for _, c := range x {
		sum += c.runes
	}
	return sum
}

// after is the index once the bytes from..to have become inserted many, which
// made the line to be text.
func (x index) after(text string, from, to, inserted int) index {
	if x == nil || len(text) < longLine {
		fresh, _ := newIndex(text)
		return fresh
	}
	first, start := 0, 0
	for first < len(x) && start+x[first].bytes <= from {
		start += x[first].bytes
		first++
	}
	last, end := first, start
	more := inserted - (to - from)
	// What is cut anew must not leave crumbs, of which typing would make one a key.
	for last < len(x) && (end < to || end-start+more < chunkSize/2) {
		end += x[last].bytes
		last++
	}
	for first > 0 && end-start+more < chunkSize/2 {
		first--
		start -= x[first].bytes
	}
	out := make(index, 0, len(x)+inserted/chunkSize+2)
	out = append(out, x[:first]...)
	out = out.cut(text[start : end+more])
	return append(out, x[last:]...)
}

// Offset returns the byte of the line at which its n-th code point starts; its
// length if it has no more than n.
func (l *Line) Offset(n int) int {
	switch {
	case n <= 0:
		return 0
	case n >= l.Runes:
		return len(l.Text)
	case l.Runes == len(l.Text):
		return n
	}
	at := 0
	for _, c := range l.index {
		if n < c.runes {
			break
		}
		n -= c.runes
		at += c.bytes
	}
	return at + ByteAt(l.Text[at:], n)
}

// Place returns how many code points the line has before a byte of it.
func (l *Line) Place(offset int) int {
	switch {
	case offset <= 0:
		return 0
	case offset >= len(l.Text):
		return l.Runes
	case l.Runes == len(l.Text):
		return offset
	}
	n, at := 0, 0
	for _, c := range l.index {
		if offset < at+c.bytes {
			break
		}
		n += c.runes
		at += c.bytes
	}
	return n + utf8.RuneCountInString(l.Text[at:offset])
}

// ByteAt returns the byte offset of the n-th code point of s, or its length. It
// reads all before it; [Line.Offset] does not.
func ByteAt(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		if s[at] < utf8.RuneSelf {
			at++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}
