package editor

import (
	"image/color"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/app/markdown"
	"starling/app/typeset"
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
	p.quotes()
	p.glows()
	p.authors()
	p.marks()
	p.matches()
	p.selections()
	for i := range e.view.lines {
		p.line(&e.view.lines[i])
	}
	p.rules()
	p.wrongs()
	p.placeholder()
	p.initials()
	p.remotes()
	p.ownCaret()
	p.dropCaret()
	p.bar()
	p.markBar()
	p.bubble()
	p.end()
	e.tellFirstRow() // whatever moved the view, this is what there is to see now
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
func (p *page) text(x, y float32, f *typeset.Fragment, c color.NRGBA) {
	if p.nTexts == len(p.texts) {
		p.texts = append(p.texts, canvas.NewText("", c))
	}
	t := p.texts[p.nTexts]
	p.nTexts++
	style := f.Style
	style.Underline, style.Strikethrough = f.Ink.Underline, f.Ink.Strike
	if t.Text != f.Text || t.Color != c || t.TextSize != f.Ink.Size || t.TextStyle != style || t.FontSource != f.Source {
		t.Text, t.Color, t.TextSize, t.TextStyle, t.FontSource = f.Text, c, f.Ink.Size, style, f.Source
		p.changed = true
	}
	// On a whole pixel, or the letters blur.
	if pos := fyne.NewPos(x, round(y-f.Baseline)); t.Position() != pos {
		t.Move(pos)
		p.changed = true
	}
	if size := fyne.NewSize(f.W, f.Height); t.Size() != size {
		t.Resize(size)
		p.changed = true
	}
	p.objects = append(p.objects, t)
}

// words draws a text of the editor's own, such as a name.
func (p *page) words(x, y float32, i typeset.Ink, text string, c color.NRGBA) {
	l := p.e.ownLine(i, text)
	fragments := l.Fragments(0)
	for n := range fragments {
		f := &fragments[n]
		p.text(x+f.X, y, f, c)
	}
}

// ownKey names a text of the editor's own.
type ownKey struct {
	ink  typeset.Ink
	text string
}

// ownLine lays out a text of the editor's own.
func (e *Editor) ownLine(i typeset.Ink, text string) *typeset.Layout {
	const wide = 1 << 14
	key := ownKey{i, text}
	l, ok := e.view.own.Get(key)
	if !ok {
		l = e.setter.Lay(typeset.Line{Text: text, Width: wide, Row: i.Size, Base: i, NoWrap: true}, nil)
		e.view.own.Put(key, l, 1)
	}
	return l
}

func round(x float32) float32 { return float32(math.Round(float64(x))) }

// line draws the text of a line, and what is behind its code spans.
func (p *page) line(l *line) {
	left, _ := p.e.column()
	height := p.e.Size().Height
	zoom := p.e.settings.zoom()
	for i := l.rowBelow(0); i < len(l.Rows); i++ {
		r := &l.Rows[i]
		y := l.y + r.Y
		if y >= height {
			return
		}
		fragments := l.Fragments(i)
		for j := range fragments {
			f := &fragments[j]
			x := left + r.X + f.X
			if f.Tag&tagCode != 0 && l.md.Kind != markdown.Code {
				p.box(x-2, round(y+(r.H-codeRow*zoom)/2), f.W+4, codeRow*zoom, p.e.config.Theme.Code, 4)
			}
			if f.Text == "" {
				continue
			}
			switch roleOf(f) {
			case roleBox, roleDone:
				p.taskBox(x, y, r, f)
			default:
				p.text(x, y+r.Baseline, f, p.colourOf(l, f))
			}
		}
		p.invisibles(l, i)
	}
}

// colourOf is what a fragment is drawn in.
func (p *page) colourOf(l *line, f *typeset.Fragment) color.NRGBA {
	t := &p.e.config.Theme
	c := t.colour(roleOf(f))
	if n := holeOf(f); n >= 0 && n < len(l.holes) {
		c = l.holes[n].colour
	}
	if f.Sign {
		c = t.Faint
	}
	return p.dimmed(l, c)
}

// selections draws what others have selected, then one's own selection.
func (p *page) selections() {
	for _, r := range p.e.buf.Remotes() {
		from, to := r.Selection()
		p.tint(from, to, fade(p.e.others.who[r.ID].Colour, remoteTint))
	}
	from, to := p.e.buf.Selection()
	p.tint(from, to, p.e.config.Theme.Selection)
}

// tint draws behind the text between two places.
func (p *page) tint(from, to int, c color.NRGBA) {
	p.stretch(from, to, newlineWidth, func(l *line, r *typeset.Row, x, right float32) {
		y := round(l.y + r.Y)
		p.box(x, y+1, right-x, round(l.y+r.Y+r.H)-y-2, c, 3)
	})
}

// newlineWidth is how a selected newline shows.
const newlineWidth = 6

// stretch calls draw with the left and right end of each piece of a row in view
// that has text between two places: in text of both directions there may be
// several. A newline among them is so wide.
func (p *page) stretch(from, to int, newline float32, draw func(l *line, r *typeset.Row, x, right float32)) {
	if from == to {
		return
	}
	left, _ := p.e.column()
	for i := range p.e.view.lines {
		l := &p.e.view.lines[i]
		if to <= l.start || from > l.end() {
			continue
		}
		for j := l.rowBelow(0); j < len(l.Rows) && l.y+l.Rows[j].Y < p.e.Size().Height; j++ {
			r := &l.Rows[j]
			start := l.start + r.Start
			end := start + r.Runes
			if to <= start || from > end || from == end && j < len(l.Rows)-1 {
				continue
			}
			p.segments(l, j, max(from, start), min(to, end), func(x, right float32, last bool) {
				if last && to > end && j == len(l.Rows)-1 {
					right += newline
				}
				if x < right {
					draw(l, r, left+x, left+right)
				}
			})
		}
	}
}

// segments calls draw with the ends of each piece of a row between two places,
// from the left to the right; one without width if there is none.
func (p *page) segments(l *line, row, from, to int, draw func(x, right float32, last bool)) {
	offset := l.offset(from)
	x := l.X(row, offset)
	right, some := x, false
	l.Segments(row, offset, l.offset(to), func(at, w float32) {
		if some && at > right+0.5 {
			draw(x, right, false)
			x = at
		}
		if !some {
			x = at
		}
		some, right = true, at+w
	})
	draw(x, right, true)
}

func (p *page) placeholder() {
	e := p.e
	if e.config.Placeholder == "" || e.buf.Len() > 0 {
		return
	}
	r := &e.view.lines[0].Rows[0]
	x, _ := e.column()
	i := typeset.Ink{Face: typeset.Regular, Size: textSize * e.settings.zoom()}
	p.words(x, e.view.lines[0].y+r.Y+r.Baseline, i, e.config.Placeholder, e.config.Theme.Faint)
}
