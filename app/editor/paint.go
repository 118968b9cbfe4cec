package editor

import (
	"image/color"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// page is the editor's renderer. It draws with pools of rectangles and texts:
// what is in view takes them in order, and the rest is left out.
type page struct {
	e          *Editor
	background *canvas.Rectangle
	caret      *canvas.Rectangle

	boxes  []*canvas.Rectangle
	texts  []*canvas.Text
	nBoxes int
	nTexts int

	objects []fyne.CanvasObject
	last    []fyne.CanvasObject
	changed bool
	// said are the names drawn so far, so that none covers another.
	said []box
}

type box struct{ x, y, w, h float32 }

// CreateRenderer implements [fyne.Widget].
func (e *Editor) CreateRenderer() fyne.WidgetRenderer {
	e.page = &page{
		e:          e,
		background: canvas.NewRectangle(e.config.Theme.Page),
		caret:      canvas.NewRectangle(e.config.Theme.Text),
	}
	e.update()
	return e.page
}

// Destroy implements [fyne.WidgetRenderer].
func (p *page) Destroy() {
	p.e.sleep()
	p.e.mouse.release()
}

// Layout implements [fyne.WidgetRenderer].
func (p *page) Layout(fyne.Size) {
	if p.e.view.hidden {
		p.e.reveal()
	}
	if p.e.view.fresh {
		p.e.Begin()
	}
	p.e.update()
}

// MinSize implements [fyne.WidgetRenderer].
func (p *page) MinSize() fyne.Size { return p.e.MinSize() }

// Objects implements [fyne.WidgetRenderer].
func (p *page) Objects() []fyne.CanvasObject { return p.objects }

// Refresh implements [fyne.WidgetRenderer].
func (p *page) Refresh() {
	p.e.update()
	canvas.Refresh(p.background)
}

// paint draws what settle found. It repaints only if something has changed.
func (e *Editor) paint() {
	p := e.page
	if p == nil || len(e.view.lines) == 0 {
		return
	}
	p.begin()
	p.codes()
	p.marks()
	p.selections()
	for i := range e.view.lines {
		p.line(&e.view.lines[i])
	}
	p.placeholder()
	p.remotes()
	p.ownCaret()
	p.bar()
	p.markBar()
	p.end()
}

func (p *page) begin() {
	p.nBoxes, p.nTexts, p.changed = 0, 0, false
	p.said = p.said[:0]
	p.objects, p.last = p.last[:0], p.objects
	p.draw(p.background, 0, 0, p.e.Size().Width, p.e.Size().Height, p.e.config.Theme.Page, 0)
}

func (p *page) end() {
	if p.changed || !slices.Equal(p.objects, p.last) {
		canvas.Refresh(p.background)
	}
}

// draw sets a rectangle and adds it.
func (p *page) draw(r *canvas.Rectangle, x, y, w, h float32, fill color.NRGBA, radius float32) {
	p.objects = append(p.objects, r)
	if r.FillColor != fill || r.CornerRadius != radius {
		r.FillColor, r.CornerRadius = fill, radius
		p.changed = true
	}
	if pos := fyne.NewPos(x, y); r.Position() != pos {
		r.Move(pos)
		p.changed = true
	}
	if size := fyne.NewSize(w, h); r.Size() != size {
		r.Resize(size)
		p.changed = true
	}
}

// box draws a rectangle from the pool.
func (p *page) box(x, y, w, h float32, fill color.NRGBA, radius float32) {
	if p.nBoxes == len(p.boxes) {
		p.boxes = append(p.boxes, canvas.NewRectangle(fill))
	}
	p.draw(p.boxes[p.nBoxes], x, y, w, h, fill, radius)
	p.nBoxes++
}

// text draws a text from the pool with its baseline at y.
func (p *page) text(x, y, w float32, text string, i ink, c color.NRGBA) {
	if p.nTexts == len(p.texts) {
		p.texts = append(p.texts, canvas.NewText("", c))
	}
	t := p.texts[p.nTexts]
	p.nTexts++
	source, style := p.e.m.source(i)
	style.Underline, style.Strikethrough = i.underline, i.strike
	metrics := p.e.m.metrics(i)
	if t.Text != text || t.Color != c || t.TextSize != i.size || t.TextStyle != style || t.FontSource != source {
		t.Text, t.Color, t.TextSize, t.TextStyle, t.FontSource = text, c, i.size, style, source
		p.changed = true
	}
	// On a whole pixel, or the letters blur.
	if pos := fyne.NewPos(x, round(y-metrics.baseline)); t.Position() != pos {
		t.Move(pos)
		p.changed = true
	}
	if size := fyne.NewSize(w, metrics.height); t.Size() != size {
		t.Resize(size)
		p.changed = true
	}
	p.objects = append(p.objects, t)
}

func round(x float32) float32 { return float32(math.Round(float64(x))) }

// line draws the text of a line, and what is behind its code spans.
func (p *page) line(l *line) {
	left, _ := p.e.column()
	height := p.e.Size().Height
	for i := range l.rows {
		r := &l.rows[i]
		y := l.y + r.y
		if y+r.h <= 0 || y >= height {
			continue
		}
		fragments := l.fragments(p.e.m, r)
		for j := range fragments {
			f := &fragments[j]
			x := left + r.x + f.x
			if f.code {
				p.box(x-2, round(y+(r.h-codeRow)/2), f.w+4, codeRow, p.e.config.Theme.Code, 4)
			}
			if f.text != "" {
				p.words(l, f, x, y+r.baseline)
			}
		}
	}
}

// codes draws the background of code blocks, one for lines that follow each
// other.
func (p *page) codes() {
	const beyond = 12 // hides the corners of what goes on out of view
	x, width := p.e.column()
	lines := p.e.view.lines
	for i := 0; i < len(lines); i++ {
		if !lines[i].block() {
			continue
		}
		first := i
		for i+1 < len(lines) && lines[i+1].block() {
			i++
		}
		top := lines[first].y + lines[first].shape.above
		bottom := lines[i].y + lines[i].height - lines[i].shape.below
		if first == 0 && lines[0].i > 0 {
			top = min(top, -beyond)
		}
		if i == len(lines)-1 && lines[i].i < p.e.buf.Lines()-1 {
			bottom = max(bottom, p.e.Size().Height+beyond)
		}
		p.box(x, round(top), width, round(bottom)-round(top), p.e.config.Theme.Code, 8)
	}
}

func (l *line) block() bool { return l.kind == kindCode || l.kind == kindFence }

// selections draws what others have selected, then one's own selection.
func (p *page) selections() {
	for _, r := range p.e.buf.Remotes() {
		from, to := r.Selection()
		p.tint(from, to, fade(r.Colour, remoteTint))
	}
	from, to := p.e.buf.Selection()
	p.tint(from, to, p.e.config.Theme.Selection)
}

// tint draws behind the text between two places.
func (p *page) tint(from, to int, c color.NRGBA) {
	p.stretch(from, to, func(l *line, r *row, x, right float32) {
		y := round(l.y + r.y)
		p.box(x, y+1, right-x, round(l.y+r.y+r.h)-y-2, c, 3)
	})
}

// stretch calls draw with the left and right end of each row in view that has
// text between two places.
func (p *page) stretch(from, to int, draw func(l *line, r *row, x, right float32)) {
	const newline = 6 // how a newline shows
	if from == to {
		return
	}
	left, _ := p.e.column()
	for i := range p.e.view.lines {
		l := &p.e.view.lines[i]
		if to <= l.start || from > l.end() {
			continue
		}
		for j := range l.rows {
			r := &l.rows[j]
			start := l.start + r.start
			end := start + r.runs
			if to <= start || from > end || from == end && j < len(l.rows)-1 {
				continue
			}
			x := l.xAt(p.e.m, r, l.offset(max(from, start)))
			right := l.xAt(p.e.m, r, l.offset(min(to, end)))
			if to > end && j == len(l.rows)-1 {
				right += newline
			}
			draw(l, r, left+x, left+right)
		}
	}
}

func (p *page) placeholder() {
	e := p.e
	if e.config.Placeholder == "" || e.buf.Len() > 0 {
		return
	}
	r := &e.view.lines[0].rows[0]
	x, width := e.column()
	i := ink{face: faceRegular, size: textSize}
	text := printable(e.config.Placeholder)
	p.text(x, e.view.lines[0].y+r.y+r.baseline, width, text, i, e.config.Theme.Faint)
}
