package markdown

import (
	"unicode"
	"unicode/utf8"
)

// run is a run of delimiters: * or _ or ~.
type run struct {
	at, n      int // what is left of it
	length     int // what it was
	mark       byte
	open       bool // it may open
	close      bool
	prev, next int // neighbours that may still be matched, -1 at the ends
}

// run notes a run of delimiters, and whether it may open or close (CommonMark
// 0.31, section 6.2).
func (in *inliner) run(i int) int {
	n := runLength(in.line[i:in.to])
	c := in.line[i]
	if c == '~' && n > 2 {
		return i + n
	}
	spaceBefore, punctBefore := true, false
	if i > in.from {
		r, _ := utf8.DecodeLastRuneInString(in.line[in.from:i])
		spaceBefore, punctBefore = class(r)
	}
	spaceAfter, punctAfter := true, false
	if i+n < in.to {
		r, _ := utf8.DecodeRuneInString(in.line[i+n : in.to])
		spaceAfter, punctAfter = class(r)
	}
	left := !spaceAfter && (!punctAfter || spaceBefore || punctBefore)
	right := !spaceBefore && (!punctBefore || spaceAfter || punctAfter)
	r := run{at: i, n: n, length: n, mark: c, open: left, close: right, prev: in.tail, next: -1}
	if c == '_' {
		r.open = left && (!right || punctBefore)
		r.close = right && (!left || punctAfter)
	}
	if !r.open && !r.close {
		return i + n
	}
	if in.tail >= 0 {
		in.runs[in.tail].next = len(in.runs)
	}
	in.tail = len(in.runs)
	in.runs = append(in.runs, r)
	return i + n
}

func class(r rune) (space, punct bool) {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r', r < utf8.RuneSelf && isPunct(byte(r))
	}
	return unicode.IsSpace(r), unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// bottoms remembers, for each sort of closing run, below which run none opens
// it, which keeps matching linear.
type bottoms [3][2][3]int

func (b *bottoms) of(r *run) *int {
	which := 0
	switch r.mark {
	case '_':
		which = 1
	case '~':
		which = 2
	}
	both := 0
	if r.open {
		both = 1
	}
	return &b[which][both][r.length%3]
}

// match pairs the runs above one that is not looked at, and forgets them.
func (in *inliner) match(bottom int) {
	var low bottoms
	for i := range low {
		for j := range low[i] {
			for k := range low[i][j] {
				low[i][j][k] = bottom
			}
		}
	}
	at := in.tail
	for at > bottom && in.runs[at].prev > bottom {
		at = in.runs[at].prev
	}
	if at <= bottom {
		return
	}
	for at >= 0 {
		at = in.matchOne(at, &low)
	}
	in.tail = bottom
	if bottom >= 0 {
		in.runs[bottom].next = -1
	}
}

// matchOne looks for what the run at closes, and returns the run to go on with.
func (in *inliner) matchOne(at int, low *bottoms) int {
	c := &in.runs[at]
	if !c.close {
		return c.next
	}
	lowest := low.of(c)
	for o := c.prev; o > *lowest; o = in.runs[o].prev {
		if opens(&in.runs[o], c) {
			return in.pair(o, at)
		}
	}
	*lowest = c.prev
	next := c.next
	if !c.open {
		in.unlink(at)
	}
	return next
}

// opens reports whether two runs belong together: the rule of 3 for * and _,
// the same length for ~.
func opens(o, c *run) bool {
	if o.mark != c.mark || !o.open {
		return false
	}
	if c.mark == '~' {
		return o.length == c.length
	}
	return !(o.close || c.open) || (o.length+c.length)%3 != 0 || o.length%3 == 0 && c.length%3 == 0
}

// pair marks delimiters of an opening and a closing run.
func (in *inliner) pair(o, c int) int {
	opener, closer := &in.runs[o], &in.runs[c]
	n := 1
	if opener.n >= 2 && closer.n >= 2 {
		n = 2
	}
	first, last := opener.at+opener.n-n, closer.at
	in.fill(first, first+n, actMark)
	in.fill(last, last+n, actMark)
	open := actOpenItalic
	switch {
	case closer.mark == '~':
		open = actOpenStrike
	case n == 2:
		open = actOpenBold
	}
	in.acts[first+n-1], in.acts[last] = open, open+1
	opener.n -= n
	closer.n -= n
	closer.at += n
	opener.next, closer.prev = c, o // what is between them is text
	if opener.n == 0 {
		in.unlink(o)
	}
	if closer.n > 0 {
		return c
	}
	next := closer.next
	in.unlink(c)
	return next
}

func (in *inliner) unlink(i int) {
	r := in.runs[i]
	if r.prev >= 0 {
		in.runs[r.prev].next = r.next
	}
	if r.next >= 0 {
		in.runs[r.next].prev = r.prev
	}
	if in.tail == i {
		in.tail = r.prev
	}
}
