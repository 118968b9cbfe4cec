package desktop

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// face is a font at a size.
type face struct {
	font fyne.Resource
	size float32
}

var (
	faceText    = face{assets.InterRegular, assets.TextSize}
	faceMedium  = face{assets.InterMedium, assets.TextSize}
	faceStrong  = face{assets.InterSemiBold, assets.TextSize}
	faceName    = face{assets.InterSemiBold, 14}
	faceSmall   = face{assets.InterRegular, assets.SmallSize}
	faceButton  = face{assets.InterMedium, assets.SmallSize}
	faceSection = face{assets.InterSemiBold, assets.LabelSize}
	faceHint    = face{assets.InterRegular, assets.LabelSize}
	faceTitle   = face{assets.InterSemiBold, 19}
	faceHead    = face{assets.SerifBold, 30}
)

// measure is how wide and high one line of text is drawn.
func (f face) measure(text string) fyne.Size {
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, f.size, fyne.TextStyle{}, f.font)
	return size
}

func (f face) width(text string) float32 { return f.measure(text).Width }

// apply sets a text's font and size.
func (f face) apply(t *canvas.Text) { t.FontSource, t.TextSize = f.font, f.size }

// ellipsis cuts a text that is wider than limit and ends it in "…".
func ellipsis(text string, limit float32, width func(string) float32) string {
	if width(text) <= limit {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // low fits, high does not
	for low+1 < high {
		n := (low + high) / 2
		if width(cutAt(runes, n)) <= limit {
			low = n
		} else {
			high = n
		}
	}
	return cutAt(runes, low)
}

func cutAt(runes []rune, n int) string {
	return strings.TrimRight(string(runes[:n]), " ") + "…"
}

// wrap breaks a text into lines no wider than limit, between words. A word that
// is wider has a line of its own.
func wrap(text string, limit float32, width func(string) float32) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		next := word
		if line != "" {
			next = line + " " + word
		}
		if line != "" && width(next) > limit {
			lines = append(lines, line)
			next = word
		}
		line = next
	}
	return append(lines, line)
}

// label is one line of text.
type label struct {
	widget.BaseWidget
	words string
	face  face
	ink   ink
	// cut lets it be narrower than its words, which then end in "…".
	cut    bool
	centre bool
	text   *canvas.Text
}

func newLabel(words string, f face, colour ink) *label {
	l := &label{words: words, face: f, ink: colour, text: &canvas.Text{}}
	l.ExtendBaseWidget(l)
	return l
}

// newCutLabel is a label that gives way.
func newCutLabel(words string, f face, colour ink) *label {
	l := newLabel(words, f, colour)
	l.cut = true
	return l
}

// set changes the words, if they are new.
func (l *label) set(words string) {
	if l.words != words {
		l.words = words
		l.Refresh()
	}
}

// natural is how wide the whole text is.
func (l *label) natural() float32 { return l.face.width(l.words) }

func (l *label) CreateRenderer() fyne.WidgetRenderer {
	l.face.apply(l.text)
	return draw(piece{
		owner: l, objects: []fyne.CanvasObject{l.text},
		min: func() fyne.Size {
			size := l.face.measure(l.words)
			if l.cut {
				size.Width = 0
			}
			return size
		},
		layout: l.layout,
		paint:  func(t *assets.Tokens) { l.text.Color = l.ink(t) },
	})
}

func (l *label) layout(size fyne.Size) {
	shown := l.words
	if l.cut {
		shown = ellipsis(l.words, size.Width, l.face.width)
	}
	if shown != l.text.Text {
		l.text.Text = shown
		l.text.Refresh()
	}
	own := l.face.measure(shown)
	x := float32(0)
	if l.centre {
		x = middle(size.Width, own.Width)
	}
	place(l.text, x, middle(size.Height, own.Height), own.Width, own.Height)
}

// prose is text over several lines of a fixed width.
type prose struct {
	widget.BaseWidget
	words  string
	width  float32
	pitch  float32 // from line to line
	face   face
	ink    ink
	centre bool
	lines  *fyne.Container
}

func newProse(words string, width float32, f face, colour ink) *prose {
	p := &prose{words: words, width: width, pitch: f.size * 1.55, face: f, ink: colour}
	p.lines = &fyne.Container{}
	p.ExtendBaseWidget(p)
	p.fill()
	return p
}

func (p *prose) centred() *prose {
	p.centre = true
	return p
}

func (p *prose) set(words string) {
	if p.words != words {
		p.words = words
		p.fill()
		p.Refresh()
	}
}

// setWidth breaks the lines anew.
func (p *prose) setWidth(width float32) {
	if p.width != width {
		p.width = width
		p.fill()
		p.Refresh()
	}
}

func (p *prose) fill() {
	p.lines.Objects = nil
	for _, line := range wrap(p.words, p.width, p.face.width) {
		text := &canvas.Text{Text: line}
		p.face.apply(text)
		p.lines.Objects = append(p.lines.Objects, text)
	}
}

func (p *prose) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: p, objects: []fyne.CanvasObject{p.lines},
		min: func() fyne.Size {
			return fyne.NewSize(p.width, p.pitch*float32(len(p.lines.Objects)))
		},
		layout: func(size fyne.Size) {
			p.lines.Resize(size)
			for i, o := range p.lines.Objects {
				own := o.MinSize()
				x := float32(0)
				if p.centre {
					x = middle(size.Width, own.Width)
				}
				place(o, x, p.pitch*float32(i)+middle(p.pitch, own.Height), own.Width, own.Height)
			}
		},
		paint: func(t *assets.Tokens) {
			for _, o := range p.lines.Objects {
				o.(*canvas.Text).Color = p.ink(t)
			}
		},
	})
}
