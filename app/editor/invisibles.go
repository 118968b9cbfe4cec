package editor

import (
	"starling/app/typeset"
)

const (
	tabSign  = "→"
	lineSign = "¶"
	dotSize  = 2 // of a space, at a zoom of 1
)

// invisibles draws what stands for the spaces and tabs of a row, and for the end
// of its line, over the room that they have: so it moves nothing.
func (p *page) invisibles(l *line, row int) {
	if !p.e.settings.Invisibles {
		return
	}
	left, width := p.e.column()
	r := &l.Rows[row]
	right := left + width + sideMargin // spaces hang over
	colour := p.dimmed(l, p.e.config.Theme.Faint)
	ink := typeset.Ink{Face: l.shape.face, Size: l.shape.size}
	baseline := l.y + r.Y + r.Baseline
	dot := dotSize * p.e.settings.zoom()
	fragments := l.Fragments(row)
	for i := range fragments {
		f := &fragments[i]
		text := l.text[f.From:f.To]
		switch {
		case text == "\t":
			p.words(left+r.X+f.X, baseline, ink, tabSign, colour)
			continue
		case len(text) != len(f.Text):
			continue // something else is drawn in its place
		}
		for at := range len(text) {
			if text[at] != ' ' {
				continue
			}
			l.Segments(row, f.From+at, f.From+at+1, func(x, w float32) {
				if x += left + w/2; x < right {
					p.box(x-dot/2, round(l.y+r.Y+r.H/2), dot, dot, colour, dot/2)
				}
			})
		}
	}
	if row == len(l.Rows)-1 && l.i < p.e.buf.Lines()-1 {
		x := left + l.X(row, len(l.text))
		if l.RTL() {
			x -= p.e.setter.Width(ink, lineSign)
		}
		p.words(x, baseline, ink, lineSign, colour)
	}
}
