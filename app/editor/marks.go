package editor

import (
	"image/color"
	"slices"
	"sort"
)

const (
	// markTint is how opaque the ground of a mark is: on a darker one, text that
	// is dim would lack contrast.
	markTint      = 0x1C
	markUnderline = 2
	// maxBarMarks is how many marks the scroll bar tells of.
	maxBarMarks = 200
)

// Mark tells of a stretch of the text, by code points, that somebody inserted,
// or that somebody deleted and that is shown all the same.
type Mark struct {
	From, To int
	// Colour is the person's, readable as text on the page.
	Colour color.NRGBA
	Struck bool // it was deleted
}

// SetMarks marks stretches of the text as it stands; they are in order and don't
// overlap. Edits do not move them: they are for a text that stays.
func (e *Editor) SetMarks(marks []Mark) {
	e.view.marks = marks
	e.update()
}

// marksFrom are the marks that end behind a place.
func (v *view) marksFrom(at int) []Mark {
	return v.marks[sort.Search(len(v.marks), func(i int) bool { return v.marks[i].To > at }):]
}

// marks draws what is behind and below inserted text in view.
func (p *page) marks() {
	e := p.e
	if len(e.view.marks) == 0 {
		return
	}
	end := e.view.lines[len(e.view.lines)-1].end()
	for _, m := range e.view.marksFrom(e.view.lines[0].start) {
		if m.From > end {
			return
		}
		if !m.Struck {
			p.tint(m.From, m.To, fade(m.Colour, markTint))
			p.underline(m)
		}
	}
}

func (p *page) underline(m Mark) {
	p.stretch(m.From, m.To, func(l *line, r *row, x, right float32) {
		metrics := p.e.m.metrics(ink{face: l.shape.face, size: l.shape.size})
		y := round(l.y + r.y + r.baseline + (metrics.height-metrics.baseline)/2)
		p.box(x, y, right-x, markUnderline, m.Colour, 0)
	})
}

// words draws a fragment whose baseline begins at x, y, what is struck of it in
// the colour of who deleted it.
func (p *page) words(l *line, f *fragment, x, y float32) {
	plain := p.e.config.Theme.colour(f.role)
	at := f.from
	if len(p.e.view.marks) > 0 {
		start, end := l.place(f.from), l.place(f.to)
		for _, m := range p.e.view.marksFrom(start) {
			if m.From >= end {
				break
			}
			if !m.Struck {
				continue
			}
			from, to := l.offset(max(m.From, start)), l.offset(min(m.To, end))
			x += p.part(l, f, at, from, x, y, f.ink, plain)
			struck := f.ink
			struck.strike = true
			x += p.part(l, f, from, to, x, y, struck, m.Colour)
			at = to
		}
	}
	if at == f.from {
		p.text(x, y, f.w, f.text, f.ink, plain)
		return
	}
	p.part(l, f, at, f.to, x, y, f.ink, plain)
}

// part draws the bytes from from to to of a line, which lie in a fragment, and
// returns how wide they are.
func (p *page) part(l *line, f *fragment, from, to int, x, y float32, i ink, c color.NRGBA) float32 {
	if from >= to {
		return 0
	}
	text := printable(l.text[from:to])
	w := p.e.m.width(f.ink, text)
	p.text(x, y, w, text, i, c)
	return w
}

// markBar tells on the scroll bar where there are marks.
func (p *page) markBar() {
	const high, near = 6, 8
	if _, _, ok := p.e.thumb(); !ok {
		return
	}
	x := p.e.Size().Width - barEdge - barWidth
	last := map[color.NRGBA]float32{}
	marks := p.e.view.marks
	if n := len(marks); n > maxBarMarks {
		marks = slices.Clone(marks[:maxBarMarks])
		for i := range marks {
			marks[i] = p.e.view.marks[i*n/maxBarMarks]
		}
	}
	for _, m := range marks {
		y := round(p.e.barAt(m.From))
		if before, ok := last[m.Colour]; ok && y-before < near {
			continue
		}
		last[m.Colour] = y
		p.box(x, y, barWidth, high, m.Colour, barWidth/2.0)
	}
}
