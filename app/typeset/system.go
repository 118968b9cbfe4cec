package typeset

import (
	"bytes"
	"os"
	"path/filepath"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"golang.org/x/text/unicode/bidi"
)

// maxFontFile is the largest font file of the system, in bytes, that is drawn
// with here; larger ones are left to Fyne.
const maxFontFile = 16 << 20

// fallback is a font that stands in for a face.
type fallback struct {
	source fyne.Resource
	face   *font.Face
}

// fynes stands for the fonts that Fyne falls back to, rune by rune. It sets
// them on the baseline of the highest and cuts off what does not fit, and it
// sets words from right to left in the wrong order where the font changes. So
// scripts where that shows are drawn with one font of the system instead.
var fynes = &fallback{}

// system finds fonts of the system. The first search reads their index.
type system struct {
	fonts  *fontscan.FontMap
	opened bool
	found  map[systemKey]*fallback
	fyne   *font.Face // Fyne's own, that needs no search
}

type systemKey struct {
	script language.Script
	aspect font.Aspect
	mono   bool
}

// by returns what a grapheme is drawn with: nil is the face itself.
func (s *Setter) by(f Face, cluster string) *fallback {
	if len(cluster) == 1 && cluster[0] < utf8.RuneSelf || s.covers[f] == nil || s.has(s.covers[f], cluster) {
		return nil
	}
	r := firstRune(cluster)
	script := searched(r)
	if script == 0 {
		return fynes
	}
	if found := s.system.find(systemKeyOf(f, script), r); found != fynes && s.has(found.face, cluster) {
		return found
	}
	return fynes
}

// has reports whether a font can draw a whole grapheme.
func (s *Setter) has(face *font.Face, cluster string) bool {
	for _, r := range cluster {
		switch {
		case r == emojiStyle:
			return false
		case string(r) == joiner || r == nonJoiner || unicode.Is(unicode.Variation_Selector, r):
			continue
		}
		if _, ok := face.NominalGlyph(r); !ok {
			return false
		}
	}
	return true
}

// emojiStyle asks for what is before it as an emoji.
const emojiStyle = '\ufe0f'

// searched returns the script that a font is searched for to draw a character,
// or 0 if Fyne's way of falling back is good enough.
func searched(r rune) language.Script {
	if r < 0x590 {
		return 0
	}
	script := language.LookupScript(r)
	switch {
	case script == language.Unknown:
		return 0
	case script.Strong():
	case 0x600 <= r && r < 0x700:
		script = language.Arabic
	case r == '\u0964' || r == '\u0965':
		script = language.Devanagari
	default:
		return 0
	}
	p, _ := bidi.LookupRune(r)
	if c := p.Class(); c == bidi.R || c == bidi.AL || joins(r) || 0xe00 <= r && r < 0xf00 || script == language.Arabic {
		return script
	}
	return 0
}

func systemKeyOf(f Face, script language.Script) systemKey {
	k := systemKey{script: script, mono: f == Mono || f == MonoBold}
	k.aspect.SetDefaults()
	switch f {
	case SemiBold, Bold, BoldItalic, MonoBold, UI:
		k.aspect.Weight = font.WeightBold
	}
	return k
}

// find returns the font for a script, fynes if there is none. r is the first
// character asked for.
func (y *system) find(k systemKey, r rune) *fallback {
	if found, ok := y.found[k]; ok {
		return found
	}
	if y.found == nil {
		y.found = make(map[systemKey]*fallback)
	}
	found := y.search(k, r)
	y.found[k] = found
	return found
}

func (y *system) search(k systemKey, r rune) *fallback {
	if y.fyne == nil {
		y.fyne, _ = font.ParseTTF(bytes.NewReader(theme.DefaultTextFont().Content()))
	}
	if y.fyne != nil {
		if _, ok := y.fyne.NominalGlyph(r); ok {
			return fynes
		}
	}
	if !y.opened {
		y.opened = true
		fonts := fontscan.NewFontMap(silent{})
		if err := fonts.UseSystemFonts(""); err == nil {
			y.fonts = fonts
		}
	}
	if y.fonts == nil {
		return fynes
	}
	return y.best(k, r)
}

// best looks among the fonts that draw some letter of the script for the one
// that draws most of them: a font with a few letters of a script is often meant
// for another.
func (y *system) best(k systemKey, r rune) *fallback {
	family := fontscan.SansSerif
	if k.mono {
		family = fontscan.Monospace
	}
	y.fonts.SetQuery(fontscan.Query{Families: append(families(k.script), family), Aspect: k.aspect})
	y.fonts.SetScript(k.script)
	letters := append(lettersOf(k.script), r)
	var best *font.Face
	most := 0
	for i := range probes {
		if i > 0 {
			r = letters[(i-1)*len(letters)/(probes-1)]
		}
		face := y.fonts.ResolveFace(r)
		if face == nil {
			continue
		}
		n := 0
		for _, r := range letters {
			if _, ok := face.NominalGlyph(r); ok {
				n++
			}
		}
		if n > most {
			best, most = face, n
		}
	}
	if best == nil {
		return fynes
	}
	return load(y.fonts.FontLocation(best.Font))
}

const (
	// probes is how many letters a font is asked for by, at most.
	probes = 9
	// maxLetters is by how many letters fonts are compared.
	maxLetters = 256
)

// lettersOf returns the first characters of a script.
func lettersOf(script language.Script) []rune {
	var out []rune
	for _, in := range language.ScriptRanges {
		if in.Script != script {
			continue
		}
		for r := in.Start; r <= in.End && len(out) < maxLetters; r++ {
			if unicode.IsLetter(r) || unicode.IsMark(r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// families are fonts that are good for a script, where they are installed. For
// others the system's choice is taken.
func families(script language.Script) []string {
	names := map[language.Script][]string{
		language.Arabic:     {"Noto Sans Arabic", "Segoe UI", "Geeza Pro"},
		language.Hebrew:     {"Noto Sans Hebrew", "Segoe UI", "Arial Hebrew"},
		language.Devanagari: {"Noto Sans Devanagari", "Nirmala UI", "Kohinoor Devanagari"},
		language.Bengali:    {"Noto Sans Bengali", "Nirmala UI", "Kohinoor Bangla"},
		language.Tamil:      {"Noto Sans Tamil", "Nirmala UI", "Tamil Sangam MN"},
		language.Telugu:     {"Noto Sans Telugu", "Nirmala UI", "Kohinoor Telugu"},
		language.Gujarati:   {"Noto Sans Gujarati", "Nirmala UI", "Kohinoor Gujarati"},
		language.Gurmukhi:   {"Noto Sans Gurmukhi", "Nirmala UI", "Gurmukhi MN"},
		language.Thai:       {"Noto Sans Thai", "Leelawadee UI", "Thonburi"},
		language.Lao:        {"Noto Sans Lao", "Leelawadee UI", "Lao Sangam MN"},
		language.Khmer:      {"Noto Sans Khmer", "Leelawadee UI", "Khmer Sangam MN"},
		language.Myanmar:    {"Noto Sans Myanmar", "Myanmar Text", "Myanmar Sangam MN"},
	}
	return names[script]
}

// load reads the file of a font for Fyne, which takes a font as a whole file:
// neither one of a collection nor an instance.
func load(at fontscan.Location) *fallback {
	if at.Index != 0 || at.Instance != 0 {
		return fynes
	}
	info, err := os.Stat(at.File)
	if err != nil || info.Size() > maxFontFile {
		return fynes
	}
	data, err := os.ReadFile(at.File)
	if err != nil {
		return fynes
	}
	face, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		return fynes
	}
	return &fallback{fyne.NewStaticResource(filepath.Base(at.File), data), face}
}

// silent is a logger that says nothing: that a font can't be read is told by
// what is drawn instead.
type silent struct{}

func (silent) Printf(string, ...any) {}
