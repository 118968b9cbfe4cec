package markdown

import (
	"slices"
	"strings"
)

// ToggleHeading makes the lines of the selection headings of a level, 1 to 6.
// Level 0, or the level that all of them have, makes them text.
func ToggleHeading(t Text, caret, anchor Pos, level int) Result {
	c := newLineChange(t, caret, anchor, hasInlines)
	c.takeUnderlined()
	if c.all(func(b *block, _ string) bool { return b.kind == Heading && b.level == level }) {
		level = 0
	}
	for i := range c.lines {
		l := &c.lines[i]
		sign := ""
		if level > 0 {
			sign = strings.Repeat("#", level) + " "
		}
		end := l.block.content
		if l.block.kind == Heading {
			end = max(end, l.block.marks)
			if l.block.marks <= l.block.content { // its underline goes
				c.remove(l.line + 1)
			}
		}
		c.replace(l, l.block.content, end, sign)
	}
	return c.result()
}

// ToggleQuote quotes the lines of the selection, or takes one quote off if all
// are quoted.
func ToggleQuote(t Text, caret, anchor Pos) Result {
	c := newLineChange(t, caret, anchor, func(Kind) bool { return true })
	quoted := c.all(func(b *block, _ string) bool { return b.n > 0 && b.parts[0].kind == partQuote })
	for i := range c.lines {
		l := &c.lines[i]
		if !quoted {
			c.replace(l, 0, 0, "> ")
			continue
		}
		p := l.block.parts[0]
		end := p.to
		if end < len(l.text) && l.text[end] == ' ' {
			end++
		}
		c.replace(l, p.from, end, "")
	}
	return c.result()
}

// ToggleList makes the lines of the selection items of a list, or text if all
// are such items already.
func ToggleList(t Text, caret, anchor Pos) Result {
	return toggleItems(t, caret, anchor, partBullet)
}

// ToggleNumbered is ToggleList for a numbered list.
func ToggleNumbered(t Text, caret, anchor Pos) Result {
	return toggleItems(t, caret, anchor, partNumber)
}

// ToggleTask is ToggleList for tasks.
func ToggleTask(t Text, caret, anchor Pos) Result {
	return toggleItems(t, caret, anchor, partBox)
}

func toggleItems(t Text, caret, anchor Pos, want partKind) Result {
	c := newLineChange(t, caret, anchor, hasInlines)
	if len(c.lines) == 0 {
		return Result{Caret: caret, Anchor: anchor}
	}
	m := marker{want: want, starts: make(map[int]*start)}
	off := c.all(func(b *block, line string) bool {
		it, ok := itemOf(b, line)
		return ok && kindOf(&it) == want
	})
	for i := range c.lines {
		l := &c.lines[i]
		m.starts[l.line] = m.start(l, off)
	}
	m.d = newDraft(t, min(caret.Line, anchor.Line))
	m.last = c.lines[len(c.lines)-1].line - m.d.first
	m.d.reach(max(m.last, caret.Line-m.d.first, anchor.Line-m.d.first))
	m.d.walk(m.line)
	return m.d.result(m.place(caret), m.place(anchor))
}

// lineChange changes the starts of the lines of a selection.
type lineChange struct {
	t             Text
	caret, anchor Pos
	lines         []changedLine
	edits         toggler
	gone          []int // lines that are taken away, ascending
}

type changedLine struct {
	line  int
	text  string
	block block
}

// newLineChange takes those lines of a selection whose kind fits, and blank ones
// only if there are no others.
func newLineChange(t Text, caret, anchor Pos, fits func(Kind) bool) *lineChange {
	c := &lineChange{t: t, caret: caret, anchor: anchor}
	c.edits = toggler{t: t, caret: caret, anchor: anchor}
	var blank []changedLine
	first, last := linesOf(caret, anchor)
	for i := first; i <= last; i++ {
		l := changedLine{line: i, text: t.Line(i), block: blockAt(t, i)}
		switch {
		case !fits(l.block.kind):
		case l.block.kind == Blank && !fits(Code):
			blank = append(blank, l)
		default:
			c.lines = append(c.lines, l)
		}
	}
	if len(c.lines) == 0 && len(blank) > 0 {
		c.lines = blank[:1]
	}
	return c
}

// takeUnderlined takes the line above in, if the selection begins in its
// underline.
func (c *lineChange) takeUnderlined() {
	first, _ := linesOf(c.caret, c.anchor)
	if b := blockAt(c.t, first); b.kind != Underline || first == 0 {
		return
	}
	above := changedLine{line: first - 1, text: c.t.Line(first - 1), block: blockAt(c.t, first-1)}
	if above.block.kind == Heading {
		c.lines = slices.Insert(c.lines, 0, above)
	}
}

func (c *lineChange) all(is func(b *block, line string) bool) bool {
	for i := range c.lines {
		if !is(&c.lines[i].block, c.lines[i].text) {
			return false
		}
	}
	return len(c.lines) > 0
}

// replace changes a line's start. The selection's places there come behind it.
func (c *lineChange) replace(l *changedLine, from, to int, text string) {
	if l.text[from:to] != text {
		c.edits.edits = append(c.edits.edits, edit{Change{Line: l.line, From: from, To: to, Text: text}, true})
	}
}

// remove takes a line away. The selection's places in it come to the end of the
// one above.
func (c *lineChange) remove(line int) {
	end := Pos{Line: line - 1, Offset: len(c.t.Line(line - 1))}
	if c.caret.Line == line {
		c.edits.caret = end
	}
	if c.anchor.Line == line {
		c.edits.anchor = end
	}
	c.gone = append(c.gone, line)
	c.edits.edits = append(c.edits.edits, edit{Change{Line: line, To: len(c.t.Line(line)), Join: true}, false})
}

func (c *lineChange) result() Result {
	r := c.edits.result()
	r.Caret.Line -= c.goneAbove(c.edits.caret)
	r.Anchor.Line -= c.goneAbove(c.edits.anchor)
	return r
}

func (c *lineChange) goneAbove(p Pos) int {
	n, _ := slices.BinarySearch(c.gone, p.Line)
	return n
}

// Tick ticks a task's box, or unticks it. The text keeps its length: the caret
// need not move, and the Result's is behind the box.
func Tick(t Text, line int) (Result, bool) {
	b := scan(t.State(line), t.Line(line))
	for _, p := range b.parts[:b.n] {
		if p.kind != partBox && p.kind != partTicked {
			continue
		}
		text := "x"
		if p.kind == partTicked {
			text = " "
		}
		caret := Pos{Line: line, Offset: p.to}
		change := Change{Line: line, From: p.from + 1, To: p.from + 2, Text: text}
		return Result{Changes: []Change{change}, Caret: caret, Anchor: caret}, true
	}
	return Result{}, false
}

// TickAll ticks the boxes of the tasks in some lines, or unticks them if all are
// ticked. The text keeps its length, as with [Tick].
func TickAll(t Text, first, last int) (Result, bool) {
	var all [2]Result // those to tick, and those to untick
	for i := first; i <= last; i++ {
		r, ok := Tick(t, i)
		if !ok {
			continue
		}
		to := &all[0]
		if r.Changes[0].Text == " " {
			to = &all[1]
		}
		to.Changes = append(to.Changes, r.Changes...)
		to.Caret, to.Anchor = r.Caret, r.Anchor
	}
	if len(all[0].Changes) > 0 {
		return all[0], true
	}
	return all[1], len(all[1].Changes) > 0
}

// BoxAt reports whether a click before or in the byte at an offset hits a
// task's box, or the marker in place of which it is shown.
func BoxAt(s State, line string, offset int) bool {
	b := scan(s, line)
	for i, p := range b.parts[:b.n] {
		if p.kind != partBox && p.kind != partTicked {
			continue
		}
		from := p.from
		if i > 0 && b.parts[i-1].kind == partBullet {
			from = b.parts[i-1].from
		}
		return from <= offset && offset <= p.to
	}
	return false
}
