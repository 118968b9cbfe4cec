package buffer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// splice replaces n code points at a place. The range must lie inside the text.
func (l *lines) splice(at, n int, text string) {
	first, start := l.find(at)
	last, lastStart := first, start
	if at+n > start+l.get(first).Runes {
		last, lastStart = l.find(at + n)
	}
	head, tail := l.get(first), l.get(last)
	from, to := head.Offset(at-start), tail.Offset(at+n-lastStart)
	whole := head.Text[:from] + text + tail.Text[to:]
	if first == last && head.index != nil && !strings.Contains(text, "\n") {
		l.version++
		x := head.index.after(whole, from, to, len(text))
		runes := head.Runes - n + utf8.RuneCountInString(text)
		l.replace(first, last, []Line{{Text: whole, Runes: runes, Version: l.version, index: x}})
		return
	}
	l.replace(first, last, l.split(whole))
}

// spliceAll makes splices that are all against the text as it is, ascending and
// apart. Those that meet in a line are made at once, so that many in one long
// line don't copy it as often.
func (l *lines) spliceAll(splices []Splice) {
	for end := len(splices); end > 0; {
		s := splices[end-1]
		first, start := l.find(s.At)
		last, lastStart := l.find(s.At + s.Delete)
		k := end - 1
		for k > 0 && splices[k-1].At+splices[k-1].Delete >= start {
			k--
			if splices[k].At < start {
				first, start = l.find(splices[k].At)
			}
		}
		if k == end-1 {
			l.splice(s.At, s.Delete, s.Insert)
		} else {
			l.rewrite(first, start, last, lastStart, splices[k:end])
		}
		end = k
	}
}

// rewrite makes several splices that begin in the line first, which starts at
// start, and end in last.
func (l *lines) rewrite(first spot, start int, last spot, lastStart int, splices []Splice) {
	all := *l.get(first)
	if first != last {
		all = Line{Text: l.between(first, 0, last, len(l.get(last).Text)), Runes: lastStart - start + l.get(last).Runes}
		all.index, _ = newIndex(all.Text)
	}
	var out strings.Builder
	out.Grow(len(all.Text))
	c := cursor{line: &all}
	for _, s := range splices {
		from := c.offset
		out.WriteString(all.Text[from:c.to(s.At-start)])
		out.WriteString(s.Insert)
		c.to(s.At + s.Delete - start)
	}
	out.WriteString(all.Text[c.offset:])
	l.replace(first, last, l.split(out.String()))
}

// cursor goes forward in a line, by places.
type cursor struct {
	line          *Line
	place, offset int
}

// to goes to a place and returns its byte.
func (c *cursor) to(place int) int {
	if ahead := place - c.place; ahead < chunkSize/4 {
		c.offset += ByteAt(c.line.Text[c.offset:], ahead)
	} else {
		c.offset = c.line.Offset(place)
	}
	c.place = place
	return c.offset
}

// replace puts fresh in the place of the lines from first to last. If there are
// as many as before, they are taken to be as high, until somebody measures.
func (l *lines) replace(first, last spot, fresh []Line) {
	was := last.line - first.line + 1
	if len(fresh) == was {
		for s, i := first, 0; ; i++ {
			l.put(s, fresh[i])
			if i == was-1 {
				return
			}
			s = l.next(s)
		}
	}
	l.count += len(fresh) - was
	for i := first.block; i <= last.block; i++ {
		l.runes -= l.blocks[i].runes
	}
	head := l.blocks[first.block]
	rest := l.blocks[last.block].lines[last.in+1:]
	if total := first.in + len(fresh) + len(rest); total <= maxBlock {
		if first.block == last.block {
			head.states.changed(first.in, last.in+1, len(fresh))
			head.lines = slices.Replace(head.lines, first.in, last.in+1, fresh...)
		} else {
			head.states.forget()
			head.lines = append(append(head.lines[:first.in], fresh...), rest...)
		}
		head.sum()
		l.runes += head.runes
		l.blocks = slices.Delete(l.blocks, first.block+1, last.block+1)
		l.merge(first.block)
		return
	}
	all := slices.Concat(head.lines[:first.in], fresh, rest)
	parts := blocksOf(all)
	for _, b := range parts {
		l.runes += b.runes
	}
	l.blocks = slices.Replace(l.blocks, first.block, last.block+1, parts...)
}

// put makes one line another.
func (l *lines) put(s spot, fresh Line) {
	line, b := l.get(s), l.blocks[s.block]
	fresh.height = line.height
	b.runes += fresh.Runes - line.Runes
	l.runes += fresh.Runes - line.Runes
	b.states.changed(s.in, s.in+1, 1)
	*line = fresh
}

// merge joins a block with the one after it if both are small, so that
// deleting line by line does not leave a block a line.
func (l *lines) merge(i int) {
	if i+1 >= len(l.blocks) {
		i--
	}
	if i < 0 || len(l.blocks[i].lines)+len(l.blocks[i+1].lines) > maxBlock/2 {
		return
	}
	l.blocks[i].lines = append(l.blocks[i].lines, l.blocks[i+1].lines...)
	l.blocks[i].states.forget()
	l.blocks[i].sum()
	l.blocks = slices.Delete(l.blocks, i+1, i+2)
}
