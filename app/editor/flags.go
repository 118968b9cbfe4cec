package editor

import (
	"image/color"

	"github.com/rivo/uniseg"

	"starling/app/typeset"
)

const (
	caretWidth = 2
	// caretHeight is times the size of the text.
	caretHeight = 1.2

	remoteTint = 0x38 // how opaque others' selections are

	flagHeight = 16
	flagPad    = 6
	flagRadius = 4
	maxFlag    = 24 // characters of a name
	// maxFlagBytes keeps a character with very many marks from being drawn.
	maxFlagBytes = 8 * maxFlag
)

func fade(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// bar of a caret at a spot: as high as its text, on whole pixels.
func (s spot) caret() box {
	h := round(s.size * caretHeight)
	return box{round(s.x) - 1, round(s.y + (s.h-h)/2), caretWidth, h}
}

// ownCaret draws one's own caret while the editor has the keyboard. Blinking
// hides and shows it without a new paint.
func (p *page) ownCaret() {
	s, ok := p.e.spotOf(p.e.buf.Caret())
	if !ok || !p.e.focused {
		return
	}
	if p.caret.Hidden != p.e.blink.hidden {
		p.caret.Hidden = p.e.blink.hidden
		p.changed = true
	}
	c := s.caret()
	p.draw(p.caret, c.x, c.y, c.w, c.h, p.e.config.Theme.Text, 0)
}

// flag draws a name at the top of a caret; under it where there is no room,
// and never beyond an edge or over another name.
func (p *page) flag(c box, name string, fill color.NRGBA) {
	size := p.e.Size()
	if c.y+c.h < 0 || c.y > size.Height {
		return
	}
	name = shorten(typeset.Printable(name))
	i := typeset.Ink{Face: typeset.UI, Size: flagSize}
	w := p.e.setter.Width(i, name)
	b := box{c.x, c.y - flagHeight, round(w) + 2*flagPad, flagHeight}
	if b.y < 0 {
		b.y = c.y + c.h
	}
	right := size.Width - barGrip
	b.x = max(0, min(b.x, right-b.w))
	for range p.said {
		for _, other := range p.said {
			if !b.touches(other) {
				continue
			}
			if b.x = other.x + other.w + 2; b.x+b.w > right {
				b.x = max(0, other.x-b.w-2)
			}
		}
	}
	p.said = append(p.said, b)
	p.box(b.x, b.y, b.w, b.h, fill, flagRadius)
	height, baseline := p.e.setter.Metrics(i)
	p.words(b.x+flagPad, b.y+(b.h-height)/2+baseline, i, name, color.NRGBA{0xff, 0xff, 0xff, fill.A})
}

func (b box) touches(o box) bool {
	return b.x < o.x+o.w && o.x < b.x+b.w && b.y < o.y+o.h && o.y < b.y+b.h
}

// shorten cuts a long name, which comes from another computer.
func shorten(name string) string {
	end, state := 0, -1
	for n := 0; end < len(name); n++ {
		var part string
		part, _, _, state = uniseg.FirstGraphemeClusterInString(name[end:], state)
		if n == maxFlag || end+len(part) > maxFlagBytes {
			return name[:end] + "…"
		}
		end += len(part)
	}
	return name
}

// bar draws the scroll bar, with a mark for everyone else in the text.
func (p *page) bar() {
	const markHeight = 12
	y, height, ok := p.e.thumb()
	if !ok {
		return
	}
	x := p.e.Size().Width - barEdge - barWidth
	p.box(x, round(y), barWidth, round(height), p.e.config.Theme.Line, barWidth/2.0)
	for _, r := range p.e.buf.Remotes() {
		p.box(x, round(p.e.barAt(r.Caret)), barWidth, markHeight, p.e.others.who[r.ID].Colour, barWidth/2.0)
	}
}
