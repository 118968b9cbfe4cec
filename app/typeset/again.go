package typeset

import "unicode/utf8"

// change is what differs between two layouts: what is shown before from, and
// the last rest bytes of it, are alike.
type change struct{ from, rest int }

// changeOf compares what is shown and its pieces.
func changeOf(a, b *Layout) change {
	c := change{from: commonStart(a.shown, b.shown)}
	shorter := min(len(a.shown), len(b.shown))
	n := min(len(a.pieces), len(b.pieces))
	for i := range n {
		p, q := &a.pieces[i], &b.pieces[i]
		if *p == *q && stands(a, p) == stands(b, q) {
			continue
		}
		at := int(min(p.from, q.from))
		if p.kind == plain && p.alike(q) && p.from == q.from && p.src == q.src {
			at = int(min(p.to, q.to))
		}
		c.from = min(c.from, at)
		break
	}
	c.rest = min(commonEnd(a.shown, b.shown), shorter-c.from)
	for i := 1; i <= n; i++ {
		p, q := &a.pieces[len(a.pieces)-i], &b.pieces[len(b.pieces)-i]
		ends := len(a.shown)-int(p.to) == len(b.shown)-int(q.to) && len(a.Text)-int(p.end) == len(b.Text)-int(q.end)
		if ends && p.alike(q) && p.to-p.from == q.to-q.from && p.end-p.src == q.end-q.src && stands(a, p) == stands(b, q) {
			continue
		}
		rest := min(len(a.shown)-int(p.to), len(b.shown)-int(q.to))
		if ends && p.kind == plain && p.alike(q) {
			rest += int(min(p.to-p.from, q.to-q.from))
		}
		c.rest = min(c.rest, rest)
		break
	}
	return c
}

// stands returns the text that a piece shows something else for.
func stands(l *Layout, p *piece) string {
	if p.kind == plain {
		return ""
	}
	return l.Text[p.src:p.end]
}

// alike reports whether two pieces show their texts in the same way.
func (p *piece) alike(q *piece) bool {
	return p.kind == q.kind && p.ink == q.ink && p.tag == q.tag && p.width == q.width && p.as == q.as && p.lead == q.lead
}

// block is how many bytes are compared at a time.
const block = 512

func commonStart(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && a[i:i+block] == b[i:i+block] {
		i += block
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonEnd(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && a[len(a)-i-block:len(a)-i] == b[len(b)-i-block:len(b)-i] {
		i += block
	}
	for i < n && a[len(a)-i-1] == b[len(b)-i-1] {
		i++
	}
	return i
}

// again finds the rows with the help of the layout before an edit. It keeps the
// rows that did not look at what has changed, breaks anew from there on, and as
// soon as a row starts after the change where one started before, it takes over
// the rest.
func (l *Layout) again(before *Layout) {
	c := changeOf(before, l)
	l.mixed = before.mixed && fromRight(l.shown) || fromRight(l.shown[runeStart(l.shown, c.from):len(l.shown)-c.rest])
	delta := len(l.shown) - len(before.shown)
	old := before.Rows
	kept := 0
	for kept < len(old)-1 && int(old[kept].reach) <= c.from {
		kept++
	}
	l.Rows = append(make([]Row, 0, len(old)+8), old[:kept]...)
	if l.mixed || before.mixed {
		// What is far away can turn a direction.
		for i := range l.Rows {
			l.Rows[i].drawn = nil
		}
	}
	from := 0
	if kept > 0 {
		from = int(old[kept].from)
	}
	match := kept
	for {
		r := l.breakRow(from)
		l.Rows = append(l.Rows, r)
		from = int(r.to)
		if from >= len(l.shown) {
			l.count(kept)
			return
		}
		for match < len(old) && int(old[match].from) < from-delta {
			match++
		}
		if match < len(old) && match > 0 && int(old[match].from) == from-delta && len(l.shown)-from <= c.rest {
			l.count(kept)
			l.take(before, match)
			return
		}
	}
}

// take appends the rows from first on of the layout before, which show the same.
func (l *Layout) take(before *Layout, first int) {
	n := len(l.Rows)
	shown := int32(len(l.shown) - len(before.shown))
	text := len(l.Text) - len(before.Text)
	l.Rows = append(l.Rows, before.Rows[first:]...)
	for i := n; i < len(l.Rows); i++ {
		r := &l.Rows[i]
		r.from, r.to, r.reach = r.from+shown, r.to+shown, r.reach+shown
		r.From, r.To = r.From+text, r.To+text
		r.drawn = nil
	}
	l.Rows[n].From = l.Rows[n-1].To
	l.Rows[n].Runes = utf8.RuneCountInString(l.Text[l.Rows[n].From:l.Rows[n].To])
}
