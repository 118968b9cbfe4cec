package editor

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"github.com/go-text/typesetting/font"
)

// maxWidths is how many measured texts are kept in each of two generations.
const maxWidths = 8192

// asciiWidths are the advances of single bytes; 0 is not measured yet.
type asciiWidths [utf8.RuneSelf]float32

// measurer tells how wide and how high text is. What Fyne measured is kept,
// because Fyne forgets it after a minute and measuring a row costs 70 µs.
type measurer struct {
	theme    *Theme
	covers   [faces]*font.Face // nil if the face is Fyne's own
	ascii    map[ink]*asciiWidths
	advances recent[widthKey, float32]
	heights  map[ink]metrics
	widths   recent[widthKey, float32]
	// last is the ink asked for last, plain, and its entry in ascii.
	last       ink
	lastWidths *asciiWidths
	scratch    []cluster // room for the next [breaker]
}

type widthKey struct {
	face  face
	other bool
	size  float32
	text  string
}

// metrics of an ink, from the top of its box.
type metrics struct{ height, baseline float32 }

func newMeasurer(t *Theme) *measurer {
	m := &measurer{
		theme:    t,
		ascii:    make(map[ink]*asciiWidths),
		advances: recent[widthKey, float32]{limit: maxWidths},
		heights:  make(map[ink]metrics),
		widths:   recent[widthKey, float32]{limit: maxWidths},
	}
	for f := range faces {
		source, _ := t.font(f)
		if source == nil {
			continue
		}
		// A font that can't be read is left to Fyne, which falls back too.
		if parsed, err := font.ParseTTF(bytes.NewReader(source.Content())); err == nil {
			m.covers[f] = parsed
		}
	}
	return m
}

// source is the font that draws an ink.
func (m *measurer) source(i ink) (fyne.Resource, fyne.TextStyle) {
	source, style := m.theme.font(i.face)
	if i.other {
		source = nil
	}
	return source, style
}

// lacks reports whether the face can't draw a cluster, so that Fyne's own
// fonts must: a text with a font of its own has no other to fall back to.
func (m *measurer) lacks(f face, cluster string) bool {
	covered := m.covers[f]
	if covered == nil || len(cluster) == 1 {
		return false
	}
	for _, r := range cluster {
		if r == '\u200d' || unicode.Is(unicode.Variation_Selector, r) {
			continue
		}
		if _, ok := covered.NominalGlyph(r); !ok {
			return true
		}
	}
	return false
}

// advance is about how wide one cluster is; rows are broken by it.
func (m *measurer) advance(i ink, cluster string) float32 {
	if len(cluster) != 1 || cluster[0] >= utf8.RuneSelf || i.other {
		return m.remembered(&m.advances, i, printable(cluster))
	}
	i.underline, i.strike = false, false
	if m.lastWidths == nil || m.last != i {
		if m.ascii[i] == nil {
			m.ascii[i] = new(asciiWidths)
		}
		m.last, m.lastWidths = i, m.ascii[i]
	}
	w := &m.lastWidths[cluster[0]]
	if *w == 0 {
		*w = m.measure(i, printable(cluster))
	}
	return *w
}

// width is how wide a finished piece of text is.
func (m *measurer) width(i ink, text string) float32 {
	if text == "" {
		return 0
	}
	return m.remembered(&m.widths, i, text)
}

func (m *measurer) remembered(in *recent[widthKey, float32], i ink, text string) float32 {
	key := widthKey{i.face, i.other, i.size, text}
	if w, ok := in.get(key); ok {
		return w
	}
	w := m.measure(i, text)
	key.text = strings.Clone(text) // the line may go
	in.put(key, w, 1)
	return w
}

func (m *measurer) measure(i ink, text string) float32 {
	source, style := m.source(i)
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, i.size, style, source)
	return size.Width
}

func (m *measurer) metrics(i ink) metrics {
	i.underline, i.strike = false, false
	if h, ok := m.heights[i]; ok {
		return h
	}
	source, style := m.source(i)
	size, baseline := fyne.CurrentApp().Driver().RenderedTextSize("Hg", i.size, style, source)
	h := metrics{size.Height, baseline}
	m.heights[i] = h
	return h
}

// printable replaces what a canvas.Text must not be given: control characters,
// and those that would end a line or turn its direction for all that follows.
func printable(text string) string {
	if strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unprintable(r) {
			return '·'
		}
		return r
	}, text)
}

func unprintable(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r < 0xa0 || r == '\u2028' || r == '\u2029' || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
