package markdown

import "strings"

// maxRenumber is how many lines above and below what a command changes are
// looked at, in lists.
const maxRenumber = 1000

// draft is a text with some lines changed and lists put in order after it. It
// begins where the list around the first changed line does.
type draft struct {
	t     Text
	first int // line of the text with which it begins
	lines []draftLine
}

type draftLine struct {
	text   string
	origin int  // line of the text
	moved  bool // the item joins the list that it now stands in
}

// newDraft begins a draft around a line.
func newDraft(t Text, line int) *draft {
	first := line
	for first > 0 && line-first < maxRenumber && t.State(first)>>columnShift != 0 {
		first--
	}
	d := &draft{t: t, first: first}
	d.reach(line - first)
	return d
}

// reach takes lines of the text in up to index i; it reports whether there are
// as many.
func (d *draft) reach(i int) bool {
	for len(d.lines) <= i {
		next := d.first
		if n := len(d.lines); n > 0 {
			next = d.lines[n-1].origin + 1
		}
		if next >= d.t.Lines() {
			return false
		}
		d.lines = append(d.lines, draftLine{text: d.t.Line(next), origin: next})
	}
	return true
}

// at is the index of a line of the text, as long as none has been split.
func (d *draft) at(line int) *draftLine {
	d.reach(line - d.first)
	return &d.lines[line-d.first]
}

// split puts a line below another.
func (d *draft) split(line int, above, below string) {
	d.at(line).text = above
	i := line - d.first + 1
	d.lines = append(d.lines, draftLine{})
	copy(d.lines[i+1:], d.lines[i:])
	d.lines[i] = draftLine{text: below, origin: line}
}

// level is an item that is open, while a draft is walked through.
type level struct {
	item
	shift int // columns by which what it holds is to be moved
}

// walk goes through the lines with the items that are open at each. It stops
// when each says so, or when there are no more.
func (d *draft) walk(each func(i int, b *block, open []level) ([]level, bool)) {
	state := d.t.State(d.first)
	quotes := -1
	var open []level
	for i := 0; d.reach(i); i++ {
		line := d.lines[i].text
		b := scan(state, line)
		state = b.next.pack()
		if b.quotes != quotes {
			quotes, open = b.quotes, open[:0]
		}
		more := true
		if open, more = each(i, &b, open); !more {
			return
		}
		if depth := b.next.items.depth(); len(open) > depth {
			open = open[:depth]
		}
	}
}

// push notes the item of a line among those that are open.
func push(open []level, it level) []level {
	for len(open) < it.depth-1 { // begun above what the draft has
		open = append(open, level{})
	}
	open = append(open[:it.depth-1], it)
	for range it.nested { // what else the line begins is never a neighbour
		open = append(open, level{item: item{sign: 0, column: it.column}, shift: it.shift})
	}
	return open
}

// order numbers the items anew from index from to the end of the list around
// index to, and moves what they hold if their markers change in width.
func (d *draft) order(from, to int) {
	d.walk(func(i int, b *block, open []level) ([]level, bool) {
		line := &d.lines[i]
		if i > to && b.next.items == 0 || i > to+maxRenumber {
			return open, false
		}
		depth := min(b.entered.depth(), len(open))
		shift := 0
		if depth > 0 {
			shift = open[depth-1].shift
		}
		it, ok := itemOf(b, line.text)
		if !ok {
			if b.kind != Blank {
				line.text = indent(line.text, b.outer, shift)
			}
			return open, true
		}
		old := it
		if i >= from {
			d.join(line, &it, open)
		} else if it.depth <= len(open) {
			before := &open[it.depth-1].item
			it.still = it.ordered && it.sameList(before) && it.number == before.number
		}
		marker := it.marker()
		own := level{item: it, shift: shift}
		if it.marker() != old.marker() {
			own.shift += len(marker) - (old.to - old.from)
			line.text = line.text[:old.from] + marker + line.text[old.to:]
		}
		line.text = indent(line.text, b.outer, shift)
		return push(open, own), true
	})
}

// join gives an item the number that follows from the one before it.
func (d *draft) join(line *draftLine, it *item, open []level) {
	if it.depth > len(open) {
		if line.moved && it.ordered {
			it.number = 1
		}
		return
	}
	before := &open[it.depth-1].item
	if before.sign == 0 {
		return
	}
	if line.moved || it.sameList(before) {
		it.as(before)
	}
}

// indent moves what follows a byte by some columns.
func indent(line string, at, columns int) string {
	if columns >= 0 {
		return line[:at] + strings.Repeat(" ", columns) + line[at:]
	}
	end := at
	for columns < 0 && end < len(line) && isSpace(line[end]) {
		columns++
		if line[end] == '\t' {
			columns += 3
		}
		end++
	}
	return line[:at] + strings.Repeat(" ", max(columns, 0)) + line[end:]
}

// changes is what has been made of the text.
func (d *draft) changes() []Change {
	var out []Change
	for i := 0; i < len(d.lines); {
		origin, now := d.lines[i].origin, d.lines[i].text
		for i++; i < len(d.lines) && d.lines[i].origin == origin; i++ {
			now += "\n" + d.lines[i].text
		}
		if c, ok := difference(d.t.Line(origin), now); ok {
			c.Line = origin
			out = append(out, c)
		}
	}
	return out
}

// difference is the change that makes one line another.
func difference(old, now string) (c Change, ok bool) {
	if old == now {
		return c, false
	}
	for c.From < len(old) && c.From < len(now) && old[c.From] == now[c.From] {
		c.From++
	}
	end, to := len(now), len(old)
	for to > c.From && end > c.From && old[to-1] == now[end-1] {
		to--
		end--
	}
	for c.From > 0 && !boundary(old, c.From) {
		c.From--
	}
	for to < len(old) && !boundary(old, to) {
		to++
		end++
	}
	c.To, c.Text = to, now[c.From:end]
	return c, true
}

// boundary reports whether no character of s is cut at i.
func boundary(s string, i int) bool { return i >= len(s) || s[i]&0xc0 != 0x80 }

// result ends a command: both places are given in lines of the draft, by how far
// they are from the ends of their lines.
func (d *draft) result(caret, anchor fromEnd) Result {
	return Result{Changes: d.changes(), Caret: d.pos(caret), Anchor: d.pos(anchor)}
}

// fromEnd is a place: how many bytes are behind it in a line of the draft.
// What commands put in order stands at the starts of lines.
type fromEnd struct{ index, rest int }

func (d *draft) pos(p fromEnd) Pos {
	return Pos{Line: d.first + p.index, Offset: max(len(d.lines[p.index].text)-p.rest, 0)}
}

// fromEnd is a place of the text in the draft; nothing before it was split.
func (d *draft) fromEnd(p Pos) fromEnd {
	return fromEnd{index: p.Line - d.first, rest: len(d.t.Line(p.Line)) - p.Offset}
}
