package markdown

import (
	"slices"
	"strings"
)

// split takes the style off a part of what the pairs put it on: their signs
// close before the part and open again behind it. It reports whether that can be
// said in Markdown; if not, it changes nothing.
func (g *toggler) split(s *section, pairs []pair) bool {
	if g.caret == g.anchor || g.style == Link || len(pairs) == 0 {
		return false
	}
	for _, stars := range [...]bool{false, true} { // _ cannot close within a word
		c := cut{section: s, style: g.style, stars: stars}
		for i := range pairs {
			c.pair(pairs[i])
		}
		if c.holds(g.t) {
			g.edits = append(g.edits, c.edits...)
			return true
		}
	}
	return false
}

// cut collects the changes that take a style off a part of a line.
type cut struct {
	*section
	style Style
	stars bool // the signs are to be stars
	edits []edit
}

func (c *cut) edit(from, to int, text string, opens bool) {
	c.edits = append(c.edits, edit{Change{Line: c.line, From: from, To: to, Text: text}, opens})
}

// pair cuts one pair around the section.
func (c *cut) pair(p pair) {
	from, to := c.part(&p)
	left := p.openEnd + len(strings.TrimRight(c.text[p.openEnd:max(from, p.openEnd)], " \t"))
	right := p.close - len(strings.TrimLeft(c.text[min(to, p.close):p.close], " \t"))
	open, close := c.text[p.open:p.openEnd], c.text[p.close:p.closeEnd]
	if c.stars {
		open, close = strings.ReplaceAll(open, "_", "*"), strings.ReplaceAll(close, "_", "*")
	}
	if left == p.openEnd {
		c.edit(p.open, p.openEnd, "", false)
	} else {
		closes, opens := c.across(&p, from)
		c.edit(p.open, p.openEnd, open, true)
		c.edit(left, left, closes+close, true)
		c.edit(from, from, opens, true)
	}
	if right == p.close {
		c.edit(p.close, p.closeEnd, "", false)
	} else {
		closes, opens := c.across(&p, to)
		c.edit(to, to, closes, false)
		c.edit(right, right, open+opens, false)
		c.edit(p.close, p.closeEnd, close, false)
	}
}

// part is what the style is taken off within a pair: the section, with the signs
// of pairs that begin or end with it, and with links and code as a whole.
func (c *cut) part(p *pair) (from, to int) {
	from, to = max(c.from, p.openEnd), min(c.to, p.close)
	for again := true; again; {
		again = false
		for i := range c.pairs {
			q := &c.pairs[i]
			if q.open < p.openEnd || q.closeEnd > p.close {
				continue
			}
			a, b := from, to
			whole := q.style == Link || q.style == CodeSpan
			switch {
			case q.open < a && a <= q.openEnd, whole && q.open < a && a < q.closeEnd:
				a = q.open
			case q.close <= a && a < q.closeEnd:
				a = q.closeEnd
			}
			switch {
			case q.close <= b && b < q.closeEnd, whole && q.open < b && b < q.closeEnd:
				b = q.closeEnd
			case q.open < b && b <= q.openEnd:
				b = q.open
			}
			again = again || a != from || b != to
			from, to = a, b
		}
	}
	return from, to
}

// across is what closes the pairs within p that go on across a place, and what
// opens them again.
func (c *cut) across(p *pair, at int) (closes, opens string) {
	for i := range c.pairs { // in the order in which they open
		q := &c.pairs[i]
		if p.openEnd <= q.open && q.open < at && at < q.closeEnd && q.closeEnd <= p.close {
			closes = c.text[q.close:q.closeEnd] + closes
			opens += c.text[q.open:q.openEnd]
		}
	}
	return closes, opens
}

// holds reports whether the changes do what they are to do: take the style off
// the section, leave all else as it is, and add nothing but signs.
func (c *cut) holds(t Text) bool {
	slices.SortStableFunc(c.edits, byPlace)
	var now strings.Builder
	var was []int // the byte that each was, or -1
	at := 0
	keep := func(to int) {
		for ; at < to; at++ {
			now.WriteByte(c.text[at])
			was = append(was, at)
		}
	}
	for _, e := range c.edits {
		if e.From < at {
			return false
		}
		keep(e.From)
		now.WriteString(e.Text)
		was = append(was, slices.Repeat([]int{-1}, len(e.Text))...)
		at = e.To
	}
	keep(len(c.text))
	line := now.String()
	if len(line) > MaxInline {
		return false
	}
	old := stylesOf(c.spans, len(c.text))
	for i, style := range stylesOf(Parse(t.State(c.line), ahead(t, c.line), line).Spans, len(line)) {
		if !c.fits(style, was[i], old) {
			return false
		}
	}
	return true
}

// fits reports whether the style of a byte is right, which was the byte at of
// the old line.
func (c *cut) fits(style Style, at int, old []Style) bool {
	switch {
	case at < 0 || old[at]&Mark != 0:
		return style&Mark != 0
	case isSpace(c.text[at]):
		return style&Mark == 0
	case c.from <= at && at < c.to:
		return style == old[at]&^c.style
	}
	return style == old[at] || style|c.style == old[at] && c.inWhole(at)
}

// inWhole reports whether a byte is in a link or code of which a part is in the
// section.
func (c *cut) inWhole(at int) bool {
	return slices.ContainsFunc(c.pairs, func(q pair) bool {
		return (q.style == Link || q.style == CodeSpan) && q.open <= at && at < q.closeEnd && q.open < c.to && c.from < q.closeEnd
	})
}

// stylesOf is the style of each byte of a line.
func stylesOf(spans []Span, length int) []Style {
	out := make([]Style, length)
	for _, s := range spans {
		for i := s.From; i < s.To; i++ {
			out[i] = s.Style
		}
	}
	return out
}
