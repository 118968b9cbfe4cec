package editor

import (
	"image/color"

	"starling/app/markdown"
)

// focusDim is how far the text outside of the caret's paragraph goes towards the
// page, of 255.
const focusDim = 140

// blend goes from one colour towards another, by of 255.
func blend(a, b color.NRGBA, by int) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8((int(x)*(255-by) + int(y)*by) / 255) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), a.A}
}

// dimmed is a colour of a line as it is drawn: paler away from the caret's
// paragraph, if that is asked for.
func (p *page) dimmed(l *line, c color.NRGBA) color.NRGBA {
	if p.e.settings.Focus && !p.e.inFocus(l.i) {
		return blend(c, p.e.config.Theme.Page, focusDim)
	}
	return c
}

// inFocus reports whether line i in view is one of the caret's paragraph.
func (e *Editor) inFocus(i int) bool {
	at := e.view.caretLine
	if i == at {
		return true
	}
	from, to := min(i, at), max(i, at)
	first, last := e.view.lines[0].i, e.view.lines[len(e.view.lines)-1].i
	if at < first-1 || at > last+1 {
		return false
	}
	for n := max(from, first); n <= min(to, last); n++ {
		l := &e.view.lines[n-first]
		if l.md.Kind == markdown.Blank || l.md.Kind == markdown.Rule {
			return false
		}
		if l.md.Kind == markdown.Heading && n != to {
			return false
		}
	}
	return true
}
