package editor

import (
	"image/color"
	"slices"
	"sort"

	"starling/app/typeset"
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
			p.below(m.From, m.To, m.Colour, markUnderline)
		}
	}
}

// below draws a line below the text between two places.
func (p *page) below(from, to int, c color.NRGBA, high float32) {
	p.stretch(from, to, newlineWidth, func(l *line, r *typeset.Row, x, right float32) {
		height, baseline := p.e.setter.Metrics(typeset.Ink{Face: l.shape.face, Size: l.shape.size})
		y := round(l.y + r.Y + r.Baseline + (height-baseline)/2)
		p.box(x, y, right-x, high, c, 0)
	})
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
