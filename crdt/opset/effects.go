package opset

import (
	"slices"
	"unicode/utf8"
)

// Splice says that Delete code points at At were replaced by Insert.
type Splice struct {
	At, Delete int
	Insert     string
}

// Effects gathers what changes do. The zero value is empty.
type Effects struct {
	// Root says that something was written to a key of the root map. What
	// happens inside the objects there is not meant.
	Root bool

	parts []part
	text  []byte // what all parts insert, one after the other
}

// part is a splice whose text begins at from and ends where that of the next
// one begins; n is its length in code points.
type part struct {
	at, del, from, n int
}

// Splices returns what happened to the watched text, in order: each splice
// refers to the text that the one before it left. What goes on where the last
// one ended, such as typing, is joined with it.
func (e *Effects) Splices() []Splice {
	all := make([]Splice, len(e.parts))
	text, end := string(e.text), len(e.text)
	for i, p := range slices.Backward(e.parts) {
		all[i] = Splice{p.at, p.del, text[p.from:end]}
		end = p.from
	}
	return all
}

// add notes the next splice.
func (e *Effects) add(at, del int, insert string) {
	if e == nil || del == 0 && insert == "" {
		return
	}
	if len(e.parts) == 0 || !e.join(at, del) {
		e.parts = append(e.parts, part{at: at, del: del, from: len(e.text)})
	}
	l := &e.parts[len(e.parts)-1]
	l.n += utf8.RuneCountInString(insert)
	e.text = append(e.text, insert...)
	if l.del == 0 && l.n == 0 {
		e.parts = e.parts[:len(e.parts)-1]
	}
}

// join has the last part delete del code points at at too, so that what is
// inserted there goes on at its end. It does nothing and returns false if that
// would touch the middle of what the part inserted.
func (e *Effects) join(at, del int) bool {
	l := &e.parts[len(e.parts)-1]
	end := l.at + l.n
	switch {
	case at > end || at+del < end:
		return false
	case at >= l.at: // the end of what was inserted, and what follows it
		e.trim(end - at)
		l.del += del - (end - at)
		l.n = at - l.at
	default: // all of it, and what is on both sides
		e.text = e.text[:l.from]
		l.del += del - l.n
		l.at, l.n = at, 0
	}
	return true
}

// trim takes the last n code points off the text.
func (e *Effects) trim(n int) {
	for range n {
		_, size := utf8.DecodeLastRune(e.text)
		e.text = e.text[:len(e.text)-size]
	}
}
