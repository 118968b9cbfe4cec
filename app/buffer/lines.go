package buffer

import (
	"slices"
	"strings"
)

// maxBlock is the most lines that a block holds; a split leaves about half.
const maxBlock = 512

// Line is one line of the text, without its newline.
type Line struct {
	Text  string
	Runes int // code points in Text
	// Version is another for every text that a line ever had, in this buffer:
	// what was computed from a version stays true.
	Version uint64
	height  float32
	index   index // nil for a short line
}

// block is a run of lines. Its sums count a newline for each line; the last
// line of the text has none, so all sums of places are one too long at the end.
type block struct {
	lines  []Line
	runes  int
	height float64
	states states
}

func (b *block) sum() {
	b.runes, b.height = 0, 0
	for i := range b.lines {
		b.runes += b.lines[i].Runes + 1
		b.height += float64(b.lines[i].height)
	}
}

// lines is a text as lines. It always has at least one.
type lines struct {
	blocks  []*block
	count   int
	runes   int // code points of the text
	version uint64
	// estimate gives the height of a line that nobody has measured.
	estimate func(text string, runes int) float32
	// flow gives the state after a line from the state before it.
	flow func(state uint32, text string) uint32
}

func newLines(text string) *lines {
	l := &lines{
		estimate: func(string, int) float32 { return 1 },
		flow:     func(uint32, string) uint32 { return 0 },
	}
	l.reset(text)
	return l
}

func (l *lines) reset(text string) {
	l.blocks, l.runes = nil, -1
	fresh := l.split(text)
	l.count = len(fresh)
	l.blocks = blocksOf(fresh)
	for _, b := range l.blocks {
		l.runes += b.runes
	}
}

// split makes lines of a text, at least one.
func (l *lines) split(text string) []Line {
	out := make([]Line, 0, strings.Count(text, "\n")+1)
	for {
		line, rest, more := strings.Cut(text, "\n")
		out = append(out, l.line(line))
		if !more {
			return out
		}
		text = rest
	}
}

func (l *lines) line(text string) Line {
	l.version++
	x, n := newIndex(text)
	return Line{Text: text, Runes: n, Version: l.version, height: l.estimate(text, n), index: x}
}

func blocksOf(all []Line) []*block {
	var out []*block
	for part := range slices.Chunk(all, maxBlock/2) {
		b := &block{lines: slices.Clone(part)}
		b.sum()
		out = append(out, b)
	}
	return out
}

// spot is where a line lies: block, line in the block, number of the line.
type spot struct{ block, in, line int }

// find returns the line that holds a place and the place where it starts. A
// place outside the text goes to its nearest end.
func (l *lines) find(at int) (s spot, start int) {
	at = min(max(at, 0), l.runes)
	for s.block = 0; s.block < len(l.blocks)-1; s.block++ {
		b := l.blocks[s.block]
		if at < start+b.runes {
			break
		}
		start += b.runes
		s.line += len(b.lines)
	}
	b := l.blocks[s.block]
	for s.in = 0; s.in < len(b.lines)-1; s.in++ {
		if at <= start+b.lines[s.in].Runes {
			break
		}
		start += b.lines[s.in].Runes + 1
	}
	s.line += s.in
	return s, start
}

// at returns where line i lies and the place where it starts. i is clamped.
func (l *lines) at(i int) (s spot, start int) {
	i = min(max(i, 0), l.count-1)
	s.line = i
	for s.block = 0; i >= len(l.blocks[s.block].lines); s.block++ {
		i -= len(l.blocks[s.block].lines)
		start += l.blocks[s.block].runes
	}
	s.in = i
	for n := range l.blocks[s.block].lines[:i] {
		start += l.blocks[s.block].lines[n].Runes + 1
	}
	return s, start
}

func (l *lines) get(s spot) *Line { return &l.blocks[s.block].lines[s.in] }

// next is the line after s, which must not be the last one.
func (l *lines) next(s spot) spot {
	s.line++
	s.in++
	if s.in == len(l.blocks[s.block].lines) {
		s.block++
		s.in = 0
	}
	return s
}

// between returns the text from a byte of one line to a byte of another or the
// same one.
func (l *lines) between(first spot, from int, last spot, to int) string {
	if first.line == last.line {
		return l.get(first).Text[from:to]
	}
	var out strings.Builder
	out.WriteString(l.get(first).Text[from:])
	for s := first; s.line < last.line-1; {
		s = l.next(s)
		out.WriteByte('\n')
		out.WriteString(l.get(s).Text)
	}
	out.WriteByte('\n')
	out.WriteString(l.get(last).Text[:to])
	return out.String()
}

func (l *lines) setHeight(s spot, h float32) {
	line := l.get(s)
	l.blocks[s.block].height += float64(h) - float64(line.height)
	line.height = h
}
