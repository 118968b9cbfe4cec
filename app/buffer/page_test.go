package buffer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// page is a text with caret and anchor on which the actions on lines are done
// the slow way, by cutting the text into lines and putting it together again.
type page struct {
	text          []rune
	caret, anchor int
}

func (p page) String() string {
	return string(slices.Concat(p.text[:p.caret], []rune("|"), p.text[p.caret:])) + ", anchor before " + string(p.text[p.anchor:])
}

// lineAction is one of them and what must do the same.
type lineAction struct {
	name string
	do   func(b *Buffer, to int, copies bool) error
	slow func(p *page, to int, copies bool)
}

var lineActions = []lineAction{
	{"move up", func(b *Buffer, _ int, _ bool) error { return b.MoveLines(true) }, func(p *page, _ int, _ bool) { p.move(true) }},
	{"move down", func(b *Buffer, _ int, _ bool) error { return b.MoveLines(false) }, func(p *page, _ int, _ bool) { p.move(false) }},
	{"duplicate up", func(b *Buffer, _ int, _ bool) error { return b.DuplicateLines(true) }, func(p *page, _ int, _ bool) { p.duplicate(true) }},
	{"duplicate down", func(b *Buffer, _ int, _ bool) error { return b.DuplicateLines(false) }, func(p *page, _ int, _ bool) { p.duplicate(false) }},
	{"join", func(b *Buffer, _ int, _ bool) error { return b.JoinLines() }, func(p *page, _ int, _ bool) { p.join() }},
	{"delete lines", func(b *Buffer, _ int, _ bool) error { return b.DeleteLines() }, func(p *page, _ int, _ bool) { p.deleteLines() }},
	{"delete to end", func(b *Buffer, _ int, _ bool) error { return b.DeleteToLineEnd() }, func(p *page, _ int, _ bool) { p.deleteToEnd() }},
	{"transpose", func(b *Buffer, _ int, _ bool) error { return b.Transpose() }, func(p *page, _ int, _ bool) { p.transpose() }},
	{"indent", func(b *Buffer, _ int, _ bool) error { return b.Indent("  ") }, func(p *page, _ int, _ bool) { p.indent() }},
	{"outdent", func(b *Buffer, _ int, _ bool) error { return b.Outdent(2) }, func(p *page, _ int, _ bool) { p.outdent() }},
	{"move text", func(b *Buffer, to int, copies bool) error { return b.MoveText(to, copies) }, func(p *page, to int, copies bool) { p.moveText(to, copies) }},
}

func (p *page) lines() []string { return strings.Split(string(p.text), "\n") }

func (p *page) set(lines []string) { p.text = []rune(strings.Join(lines, "\n")) }

// start of a line, in code points.
func start(lines []string, i int) int {
	n := 0
	for _, l := range lines[:i] {
		n += utf8.RuneCountInString(l) + 1
	}
	return n
}

func (p *page) lineOf(at int) int { return strings.Count(string(p.text[:at]), "\n") }

func (p *page) touched() (first, last int) {
	from, to := min(p.caret, p.anchor), max(p.caret, p.anchor)
	first, last = p.lineOf(from), p.lineOf(to)
	if from != to && p.text[to-1] == '\n' {
		last--
	}
	return first, last
}

// keep puts caret and anchor by as much as a line that was one and is another.
func (p *page) keep(by int) {
	p.caret, p.anchor = min(p.caret+by, len(p.text)), min(p.anchor+by, len(p.text))
}

func (p *page) move(up bool) {
	all := p.lines()
	first, last := p.touched()
	was := start(all, first)
	block := slices.Clone(all[first : last+1])
	to := first + 1
	if up {
		to = first - 1
	}
	rest := slices.Delete(all, first, last+1)
	if to < 0 || to > len(rest) {
		return
	}
	all = slices.Insert(rest, to, block...)
	p.set(all)
	p.keep(start(all, to) - was)
}

func (p *page) duplicate(up bool) {
	all := p.lines()
	first, last := p.touched()
	all = slices.Insert(all, first, slices.Clone(all[first:last+1])...)
	p.set(all)
	if !up {
		p.keep(start(all, last+1) - start(all, first))
	}
}

func (p *page) join() {
	first, last := p.touched()
	last = max(last, first+1)
	all := p.lines()
	if last == len(all) {
		return
	}
	was := slices.Clone(all)
	line := all[first]
	at := len([]rune(line))
	places := make(map[int]int) // of the text's code points before and after
	for i := range len([]rune(line)) + 1 {
		places[start(was, first)+i] = start(was, first) + i
	}
	for i := first + 1; i <= last; i++ {
		next := strings.TrimLeft(all[i], " \t")
		if line != "" && next != "" && !strings.HasSuffix(line, " ") && !strings.HasSuffix(line, "\t") {
			line += " "
		}
		gone := len(all[i]) - len(next)
		for k := range len([]rune(all[i])) + 1 {
			places[start(was, i)+k] = start(was, first) + len([]rune(line)) + max(k-gone, 0)
		}
		line += next
	}
	all = slices.Replace(all, first, last+1, line)
	shrunk := len(p.text)
	p.set(all)
	shrunk -= len(p.text)
	if p.caret == p.anchor {
		p.caret = start(was, first) + at
		p.anchor = p.caret
		return
	}
	for _, place := range []*int{&p.caret, &p.anchor} {
		if to, ok := places[*place]; ok {
			*place = to
		} else if *place > start(was, last) {
			*place -= shrunk
		}
	}
}

func (p *page) deleteLines() {
	all := p.lines()
	first, last := p.touched()
	column := p.caret - start(all, p.lineOf(p.caret))
	all = slices.Delete(all, first, last+1)
	if len(all) == 0 {
		all = []string{""}
	}
	p.set(all)
	to := min(first, len(all)-1)
	at := 0
	for g := uniseg.NewGraphemes(all[to]); g.Next() && at+len(g.Runes()) <= column; {
		at += len(g.Runes())
	}
	p.caret = start(all, to) + at
	p.anchor = p.caret
}

func (p *page) remove(from, to int) {
	p.text = slices.Delete(p.text, from, to)
	p.caret, p.anchor = from, from
}

func (p *page) deleteToEnd() {
	if p.caret != p.anchor {
		p.remove(min(p.caret, p.anchor), max(p.caret, p.anchor))
		return
	}
	to := p.caret
	for to < len(p.text) && p.text[to] != '\n' {
		to++
	}
	if to == p.caret && to < len(p.text) {
		to++
	}
	p.remove(p.caret, to)
}

// bounds are the places between the clusters of the caret's line.
func (p *page) bounds() []int {
	all, i := p.lines(), p.lineOf(p.caret)
	out := []int{start(all, i)}
	for g := uniseg.NewGraphemes(all[i]); g.Next(); {
		out = append(out, out[len(out)-1]+len(g.Runes()))
	}
	return out
}

func (p *page) transpose() {
	if p.caret != p.anchor {
		return
	}
	bounds := p.bounds()
	middle := p.caret
	if len(bounds) > 1 && middle == bounds[len(bounds)-1] {
		middle = bounds[len(bounds)-2]
	}
	if middle == bounds[0] {
		return
	}
	from, to := 0, 0
	for i, at := range bounds {
		if at < middle {
			from = at
		}
		if i > 0 && bounds[i-1] <= middle {
			to = at
		}
	}
	p.text = slices.Concat(p.text[:from], p.text[middle:to], p.text[from:middle], p.text[to:])
	p.caret, p.anchor = to, to
}

func (p *page) indent() {
	all := p.lines()
	first, last := p.touched()
	from, to := &p.caret, &p.anchor
	if *from > *to {
		from, to = to, from
	}
	fromLine, toLine := p.lineOf(*from), p.lineOf(*to)
	atStart := *from != *to && *from == start(all, fromLine)
	for i := first; i <= last; i++ {
		if first != last && all[i] == "" {
			continue
		}
		all[i] = "  " + all[i]
		if i < fromLine || i == fromLine && !atStart {
			*from += 2
		}
		if i <= toLine {
			*to += 2
		}
	}
	p.set(all)
}

func (p *page) outdent() {
	all := p.lines()
	first, last := p.touched()
	from, to := &p.caret, &p.anchor
	fromLine, toLine := p.lineOf(*from), p.lineOf(*to)
	fromColumn, toColumn := *from-start(all, fromLine), *to-start(all, toLine)
	for i := first; i <= last; i++ {
		n := 0
		switch {
		case strings.HasPrefix(all[i], "  "):
			n = 2
		case strings.HasPrefix(all[i], " "), strings.HasPrefix(all[i], "\t"):
			n = 1
		}
		all[i] = all[i][n:]
		if i == fromLine {
			fromColumn = max(fromColumn-n, 0)
		}
		if i == toLine {
			toColumn = max(toColumn-n, 0)
		}
	}
	*from, *to = start(all, fromLine)+fromColumn, start(all, toLine)+toColumn
	p.set(all)
}

func (p *page) moveText(to int, copies bool) {
	from, end := min(p.caret, p.anchor), max(p.caret, p.anchor)
	if from == end || !copies && from <= to && to <= end {
		return
	}
	text := slices.Clone(p.text[from:end])
	if !copies {
		p.text = slices.Delete(p.text, from, end)
		if to >= end {
			to -= len(text)
		}
	}
	p.text = slices.Insert(p.text, to, text...)
	p.anchor, p.caret = to, to+len(text)
}
