package editor

import (
	"strings"

	"starling/app/markdown"
	"starling/app/typeset"
)

// codes draws the background of code blocks, one for lines that follow each
// other and are not fenced apart.
func (p *page) codes() {
	const beyond = 12 // hides the corners of what goes on out of view
	x, width := p.e.column()
	lines := p.e.view.lines
	for i := 0; i < len(lines); i++ {
		if !lines[i].block() {
			continue
		}
		first := i
		for i+1 < len(lines) && lines[i+1].block() && !lines[i].closes() && !lines[i+1].opens() {
			i++
		}
		top := lines[first].y + lines[first].shape.above
		bottom := lines[i].y + lines[i].Height - lines[i].shape.below
		if first == 0 && lines[0].i > 0 && !lines[0].opens() {
			top = min(top, -beyond)
		}
		if i == len(lines)-1 && lines[i].i < p.e.buf.Lines()-1 && !lines[i].closes() {
			bottom = max(bottom, p.e.Size().Height+beyond)
		}
		top, bottom = round(top)-codeEdge, round(bottom)+codeEdge
		p.box(x, top, width, bottom-top, p.e.config.Theme.Code, 8)
	}
}

func (l *line) block() bool { return l.md.Kind == markdown.Code || l.md.Kind == markdown.Fence }

// opens reports whether the line is the fence that begins a block, and closes
// whether it is the one that ends one.
func (l *line) opens() bool { return l.md.Kind == markdown.Fence && !markdown.InCode(l.state) }

func (l *line) closes() bool { return l.md.Kind == markdown.Fence && markdown.InCode(l.state) }

// quotes draws a bar beside each quote, for each level of it, where its text
// begins.
func (p *page) quotes() {
	const wide, step = 3, 10
	left, width := p.e.column()
	for i := range p.e.view.lines {
		l := &p.e.view.lines[i]
		for n := range l.md.Quotes {
			x, y := left-step*float32(n+1), round(l.y)
			if l.RTL() {
				x = left + width + step*float32(n+1) - wide
			}
			p.box(x, y, wide, round(l.y+l.Height)-y, p.e.config.Theme.Line, 0)
		}
	}
}

// rules draws a line in place of the signs that stand for one: that of a rule
// across the column, that below the head of a table as wide as the table.
func (p *page) rules() {
	left, width := p.e.column()
	lines := p.e.view.lines
	for i := range lines {
		l := &lines[i]
		if l.md.Kind != markdown.Rule && l.md.Kind != markdown.TableRule || !l.blank() {
			continue
		}
		r, w := &l.Rows[0], width
		if l.md.Kind == markdown.TableRule && i > 0 {
			head := &lines[i-1]
			w = head.X(len(head.Rows)-1, len(head.text))
		}
		p.box(left, round(l.y+r.Y+r.H/2), w, 1, p.e.config.Theme.Faint, 0)
	}
}

// blank reports whether nothing of the line's text is drawn.
func (l *line) blank() bool {
	for _, f := range l.Fragments(0) {
		if strings.TrimSpace(f.Text) != "" {
			return false
		}
	}
	return true
}

// taskBox draws the box of a task over the room that its mark has.
func (p *page) taskBox(x, y float32, r *typeset.Row, f *typeset.Fragment) {
	t := &p.e.config.Theme
	side := round(f.Ink.Size * 0.82)
	y = round(y + (r.H-side)/2)
	x = round(x)
	if roleOf(f) == roleBox {
		p.box(x, y, side, side, t.Dim, 4)
		p.box(x+1.5, y+1.5, side-3, side-3, t.Page, 3)
		return
	}
	p.box(x, y, side, side, t.Accent, 4)
	p.words(x+side*0.16, y+side*0.85, typeset.Ink{Face: typeset.UI, Size: side * 0.85}, "✓", t.Page)
}
