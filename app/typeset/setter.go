package typeset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"

	"starling/app/recent"
)

// maxWidths is how many measured texts are kept in each of two generations.
const maxWidths = 8192

// asciiWidths are the advances of single bytes; 0 is not measured yet.
type asciiWidths [utf8.RuneSelf]float32

// known is what was measured of a pen's single characters.
type known struct {
	ascii  asciiWidths
	glyphs glyphs
}

// pen is an [Ink] as far as it matters to measuring, with the font that draws.
type pen struct {
	face Face
	by   *fallback // nil if the face draws itself
	size float32
}

func (i Ink) pen(by *fallback) pen { return pen{i.Face, by, i.Size} }

// Setter lays lines out. It keeps what it has measured, because Fyne forgets it
// after a minute and measuring a row costs 70 µs. It is for one goroutine, the
// one that Fyne draws on.
type Setter struct {
	fonts    Fonts
	covers   [faces]*font.Face // nil if the face is Fyne's own
	pens     map[pen]*known
	advances recent.Cache[widthKey, float32]
	metrics  map[pen]metrics
	widths   recent.Cache[widthKey, float32]
	shaper   shaping.HarfbuzzShaper
	bidi     bidiText
	system   system
	// last is the pen asked for last, and its entry in pens.
	last      pen
	lastKnown *known
}

type widthKey struct {
	pen
	text string
}

// metrics of a pen, from the top of its box.
type metrics struct{ height, baseline float32 }

// New returns a setter for fonts.
func New(fonts Fonts) *Setter {
	s := &Setter{
		fonts:    fonts,
		pens:     make(map[pen]*known),
		advances: recent.New[widthKey, float32](maxWidths),
		metrics:  make(map[pen]metrics),
		widths:   recent.New[widthKey, float32](maxWidths),
	}
	for f := range faces {
		source, _ := fonts.of(f)
		if source == nil {
			continue
		}
		// A font that can't be read is left to Fyne, which falls back too.
		if parsed, err := font.ParseTTF(bytes.NewReader(source.Content())); err == nil {
			s.covers[f] = parsed
		}
	}
	return s
}

// of is the font of a face, or what comes nearest, and Fyne's name for it.
func (f *Fonts) of(face Face) (fyne.Resource, fyne.TextStyle) {
	first := func(faces ...Face) fyne.Resource {
		for _, face := range faces {
			if f[face] != nil {
				return f[face]
			}
		}
		return nil
	}
	switch face {
	case SemiBold:
		return first(SemiBold, Bold), fyne.TextStyle{Bold: true}
	case Bold:
		return f[Bold], fyne.TextStyle{Bold: true}
	case Italic:
		return f[Italic], fyne.TextStyle{Italic: true}
	case BoldItalic:
		return first(BoldItalic, Bold), fyne.TextStyle{Bold: true, Italic: true}
	case Mono:
		return f[Mono], fyne.TextStyle{Monospace: true}
	case MonoBold:
		return first(MonoBold, Mono), fyne.TextStyle{Monospace: true, Bold: f[MonoBold] == nil && f[Mono] == nil}
	case UI:
		return f[UI], fyne.TextStyle{Bold: true}
	default:
		return f[Regular], fyne.TextStyle{}
	}
}

// source is the font that draws with a pen.
func (s *Setter) source(p pen) (fyne.Resource, fyne.TextStyle) {
	source, style := s.fonts.of(p.face)
	if p.by != nil {
		source = p.by.source
	}
	return source, style
}

// faceOf is the font that draws with a pen, nil if only Fyne knows.
func (s *Setter) faceOf(p pen) *font.Face {
	if p.by != nil {
		return p.by.face
	}
	return s.covers[p.face]
}

// Width is how wide a text is in one row.
func (s *Setter) Width(i Ink, text string) float32 {
	if s.by(i.Face, text) == nil && Printable(text) == text && !fromRight(text) {
		return s.width(i.pen(nil), text)
	}
	var w float32
	l := s.Lay(Line{Text: text, Base: i, NoWrap: true}, nil)
	for _, f := range l.Fragments(0) {
		w += f.W
	}
	return w
}

// Metrics are the height of an ink's box, and its baseline from the top.
func (s *Setter) Metrics(i Ink) (height, baseline float32) {
	m := s.metricsOf(i.pen(nil))
	return m.height, m.baseline
}

// advance is about how wide one grapheme is, as it is printed.
func (s *Setter) advance(p pen, printed string) float32 {
	if len(printed) == 1 && printed[0] < utf8.RuneSelf {
		return s.asciiAdvance(&s.penOf(p).ascii, p, printed)
	}
	return s.remembered(&s.advances, p, printed)
}

// penOf returns what is known of a pen's characters.
func (s *Setter) penOf(p pen) *known {
	if s.lastKnown == nil || s.last != p {
		if s.pens[p] == nil {
			s.pens[p] = new(known)
		}
		s.last, s.lastKnown = p, s.pens[p]
	}
	return s.lastKnown
}

func (s *Setter) asciiAdvance(widths *asciiWidths, p pen, printed string) float32 {
	w := &widths[printed[0]]
	if *w == 0 {
		*w = s.measure(p, Printable(printed))
	}
	return *w
}

// width is how wide a finished piece of text is.
func (s *Setter) width(p pen, text string) float32 {
	if text == "" {
		return 0
	}
	return s.remembered(&s.widths, p, text)
}

func (s *Setter) remembered(in *recent.Cache[widthKey, float32], p pen, text string) float32 {
	key := widthKey{p, text}
	if w, ok := in.Get(key); ok {
		return w
	}
	w := s.measure(p, text)
	key.text = strings.Clone(text) // the line may go
	in.Put(key, w, 1)
	return w
}

func (s *Setter) measure(p pen, text string) float32 {
	source, style := s.source(p)
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, p.size, style, source)
	return size.Width
}

func (s *Setter) metricsOf(p pen) metrics {
	if m, ok := s.metrics[p]; ok {
		return m
	}
	source, style := s.source(p)
	size, baseline := fyne.CurrentApp().Driver().RenderedTextSize("Hg", p.size, style, source)
	m := metrics{size.Height, baseline}
	s.metrics[p] = m
	return m
}
