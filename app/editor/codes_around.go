package editor

import (
	"starling/app/buffer"
	"starling/app/highlight"
	"starling/app/markdown"
)

const (
	// maxCodeLines is the longest block that is coloured as a whole.
	maxCodeLines = 2000
	// codeLead is how many lines of a longer one are read before those in view, at
	// least, and codeTail behind them; with them others are, so that the part stays
	// the same while one scrolls through so many lines.
	codeLead, codeTail, codeGrid = 200, 50, 128
	// maxFence is how far above code its fence is looked for, so many lines at once.
	maxFence  = 50_000
	fenceStep = 500
)

// codeAround returns the block of code that the lines from i to last lie in, or,
// of one that is too long to be coloured, the part around them. It has no language
// if none is known.
func (e *Editor) codeAround(i, last int) codeBlock {
	fence, lang := e.fenceAbove(i)
	if lang == "" {
		return codeBlock{}
	}
	first := fence + 1
	if last-first < maxCodeLines {
		if b, whole := e.codeFrom(lang, first, first+maxCodeLines); whole && b.size() <= highlight.MaxCode {
			return b
		}
	}
	from := first + max(0, i-first-codeLead)/codeGrid*codeGrid
	to := first + (last-first+codeTail)/codeGrid*codeGrid + codeGrid
	b, _ := e.codeFrom(lang, from, to)
	b.shorten(i-from, last-from)
	return b
}

// fenceAbove finds the line of the fence that opens the block of line i, and the
// language that it names.
func (e *Editor) fenceAbove(i int) (fence int, lang string) {
	fence = -1
	for top := i; fence < 0 && top > max(0, i-maxFence); {
		end := top
		top = max(0, top-fenceStep)
		e.buf.Walk(top, func(n, _ int, state uint32, l buffer.Line, next string) (float32, bool) {
			if !markdown.InCode(state) && markdown.InCode(markdown.Next(state, l.Text)) {
				fence, lang = n, markdown.Parse(state, markdown.Look(next), l.Text).Lang
			}
			return l.Height(), n+1 < end
		})
	}
	return fence, lang
}

// codeFrom returns the lines of code from a line up to before another one, and
// whether they go to the block's end.
func (e *Editor) codeFrom(lang string, from, to int) (b codeBlock, whole bool) {
	b.lang, whole = lang, true
	e.buf.Walk(from, func(n, _ int, state uint32, l buffer.Line, next string) (float32, bool) {
		if markdown.Parse(state, markdown.Look(next), l.Text).Kind != markdown.Code {
			return l.Height(), false
		}
		if whole = n < to; whole {
			b.versions = append(b.versions, l.Version)
			b.lines = append(b.lines, l.Text)
		}
		return l.Height(), whole
	})
	return b, whole
}

// size is how many bytes the block's text has.
func (b *codeBlock) size() int {
	n := len(b.lines)
	for _, l := range b.lines {
		n += len(l)
	}
	return n
}

// shorten makes a part of a block one to begin with: at the first blank line, since
// there it is likely that nothing is open, and as long as can be coloured. The
// lines from i to last stay, by their index.
func (b *codeBlock) shorten(i, last int) {
	size, from, to := b.size(), 0, len(b.lines)
	for n := 0; n < min(i, codeGrid); n++ {
		if b.lines[n] == "" {
			from = n + 1
			break
		}
	}
	for _, l := range b.lines[:from] {
		size -= len(l) + 1
	}
	for ; size > highlight.MaxCode && from < i; from++ {
		size -= len(b.lines[from]) + 1
	}
	for ; size > highlight.MaxCode && to > last+1; to-- {
		size -= len(b.lines[to-1]) + 1
	}
	b.lines, b.versions = b.lines[from:to], b.versions[from:to]
}
