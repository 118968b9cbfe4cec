package buffer

// Lines is how many lines the text has, at least one.
func (b *Buffer) Lines() int { return b.text.count }

// Line returns line i, counted from 0; the nearest one if there is no such.
func (b *Buffer) Line(i int) Line {
	s, _ := b.text.at(i)
	return *b.text.get(s)
}

// LineAt returns the number of the line that holds a place, and the place
// where that line starts.
func (b *Buffer) LineAt(at int) (line, start int) {
	s, start := b.text.find(at)
	return s.line, start
}

// LineStart returns the place where line i starts.
func (b *Buffer) LineStart(i int) int {
	_, start := b.text.at(i)
	return start
}

// Walk calls f for line i and those after it, with their numbers and starts and
// the text of the line after each, empty after the last, until f returns false or
// the text ends. f may measure: it is given the state that flows into the line,
// and the height that it returns is kept. f must not change the text.
func (b *Buffer) Walk(i int, f func(i, start int, state uint32, line Line, next string) (height float32, more bool)) {
	s, start := b.text.at(i)
	state := b.text.state(s)
	for {
		line := b.text.get(s)
		after, next := s, ""
		if s.line+1 < b.text.count {
			after = b.text.next(s)
			next = b.text.get(after).Text
		}
		height, more := f(s.line, start, state, *line, next)
		if height != line.height {
			b.text.setHeight(s, height)
		}
		if !more || after == s {
			return
		}
		state = b.text.onward(s, state)
		start += line.Runes + 1
		s = after
	}
}

// Flow is what a view computes down the text, such as whether a line lies in a
// fence. step returns the state after a line from the state before it; the
// state before the first line is 0. It must depend on its arguments only.
func (b *Buffer) Flow(step func(state uint32, text string) uint32) {
	b.text.flow = step
	for _, block := range b.text.blocks {
		block.states.forget()
	}
}

// Estimate sets how high a line is taken to be until [Buffer.Walk] measures
// it, and forgets all heights measured so far.
func (b *Buffer) Estimate(height func(text string, runes int) float32) {
	b.text.estimate = height
	for _, block := range b.text.blocks {
		block.height = 0
		for i := range block.lines {
			h := height(block.lines[i].Text, block.lines[i].Runes)
			block.lines[i].height = h
			block.height += float64(h)
		}
	}
}

// Height is the height of all lines.
func (b *Buffer) Height() float64 {
	var sum float64
	for _, block := range b.text.blocks {
		sum += block.height
	}
	return sum
}

// Top is the height of all lines before line i.
func (b *Buffer) Top(i int) float64 {
	s, _ := b.text.at(i)
	var sum float64
	for _, block := range b.text.blocks[:s.block] {
		sum += block.height
	}
	for _, line := range b.text.blocks[s.block].lines[:s.in] {
		sum += float64(line.height)
	}
	return sum
}

// LineAtHeight returns the line at height y, and its top; the nearest line if
// y is outside.
func (b *Buffer) LineAtHeight(y float64) (line int, top float64) {
	blocks := b.text.blocks
	i := 0
	for ; i < len(blocks)-1 && y >= top+blocks[i].height; i++ {
		top += blocks[i].height
		line += len(blocks[i].lines)
	}
	in := blocks[i].lines
	for n := 0; n < len(in)-1 && y >= top+float64(in[n].height); n++ {
		top += float64(in[n].height)
		line++
	}
	return line, top
}

// Height is how high the line was measured to be, or is taken to be: what a
// function that [Buffer.Walk] calls returns to change nothing.
func (l *Line) Height() float32 { return l.height }
