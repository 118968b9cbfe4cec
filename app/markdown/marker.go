package markdown

import (
	"strconv"
	"strings"
)

// marker gives lines the markers of lists, and moves what their items hold by
// what the markers change in width.
type marker struct {
	d       *draft
	want    partKind       // bullet, number or box
	starts  map[int]*start // by line of the text
	numbers []numbered
	last    int // index of the last line that changes
}

// start is what a line is to begin with, in place of its bytes from to end.
type start struct {
	from, end int
	text      string
	wider     int // columns by which what the item holds moves
}

// numbered is a list that is being numbered.
type numbered struct{ dent, number int }

// start decides how a line begins.
func (m *marker) start(l *changedLine, off bool) *start {
	it, ok := itemOf(&l.block, l.text)
	s := &start{from: l.block.outer, end: l.block.outer}
	if ok {
		s.from, s.end = it.from, it.to+gap(l.text[it.to:])
		if it.box >= 0 {
			s.end = it.box + len("[ ] ")
		}
	} else if l.block.kind != Blank {
		for s.from < l.block.content && isSpace(l.text[s.from]) {
			s.from++
		}
		s.end = s.from
	}
	s.end = min(max(s.end, s.from), len(l.text))
	if off {
		return s
	}
	sign := m.sign(&it, ok, m.number(l.block.dent))
	if ok {
		s.wider = len(sign) + 1 - (it.column - it.dent)
	}
	s.text = sign + " "
	if m.want == partBox {
		s.text += "[ ] "
	}
	return s
}

// number counts the items of the list at a column.
func (m *marker) number(dent int) int {
	for n := len(m.numbers); n > 0 && m.numbers[n-1].dent > dent; n-- {
		m.numbers = m.numbers[:n-1]
	}
	if n := len(m.numbers); n == 0 || m.numbers[n-1].dent < dent {
		m.numbers = append(m.numbers, numbered{dent: dent})
	}
	last := &m.numbers[len(m.numbers)-1]
	last.number++
	return last.number
}

// sign is the marker that a line is to have.
func (m *marker) sign(it *item, is bool, number int) string {
	switch {
	case m.want == partNumber:
		return strconv.Itoa(number) + "."
	case is && (m.want == partBox || !it.ordered):
		return it.marker()
	}
	return "-"
}

// line changes one line while the draft is walked through.
func (m *marker) line(i int, b *block, open []level) ([]level, bool) {
	if i > m.last && (b.next.items == 0 || i > m.last+maxRenumber) {
		return open, false
	}
	line := &m.d.lines[i]
	shift := 0
	if depth := min(b.entered.depth(), len(open)); depth > 0 {
		shift = open[depth-1].shift
	}
	own := level{shift: shift}
	it, ok := itemOf(b, line.text)
	if s := m.starts[line.origin]; s != nil {
		line.text = line.text[:s.from] + s.text + line.text[s.end:]
		own.shift += s.wider
	}
	if strings.TrimSpace(line.text) != "" {
		line.text = indent(line.text, b.outer, shift)
	}
	if ok {
		own.item = it
		open = push(open, own)
	}
	return open, true
}

// place is where a place of the selection comes to lie: what was before a line's
// text is still right before it.
func (m *marker) place(p Pos) fromEnd {
	at := m.d.fromEnd(p)
	if s := m.starts[p.Line]; s != nil {
		at.rest = min(at.rest, len(m.d.t.Line(p.Line))-s.end)
	}
	return at
}

// kindOf tells bullets, numbers and tasks.
func kindOf(it *item) partKind {
	switch {
	case it.box >= 0:
		return partBox
	case it.ordered:
		return partNumber
	}
	return partBullet
}
