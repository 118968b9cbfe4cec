package typeset

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-text/typesetting/language"
	"golang.org/x/text/unicode/bidi"
)

// Levels are found for a whole line if it is no longer than maxParagraph bytes,
// else for each row with so much around it.
const (
	maxParagraph = 8 << 10
	aroundRow    = 512
)

// RTL reports whether the line is written from right to left: its first letter
// is.
func (l *Layout) RTL() bool { return l.base == 1 }

// levelsOf returns the levels of the bytes of a row, nil if the line has one
// level. White space at the end of the row and before tabs is at the line's
// level (UAX 9, L1).
func (l *Layout) levelsOf(r *Row) []uint8 {
	if !l.mixed {
		return nil
	}
	var levels []uint8
	if len(l.shown) <= maxParagraph {
		if l.levels == nil {
			l.levels = slices.Clone(l.setter.bidi.resolve(l.shown, l.base))
		}
		levels = slices.Clone(l.levels[r.from:r.to])
	} else {
		from := runeStart(l.shown, int(r.from)-aroundRow)
		to := runeStart(l.shown, int(r.to)+aroundRow)
		levels = l.setter.bidi.resolve(l.shown[from:to], l.base)[int(r.from)-from : int(r.to)-from]
	}
	text := l.shown[r.from:r.to]
	space := true // up to the end, or to a tab
	for i := len(text) - 1; i >= 0; i-- {
		space = text[i] == '\t' || space && text[i] == ' '
		if space {
			levels[i] = l.base
		}
	}
	return levels
}

// runeStart returns the start of the rune at or before at.
func runeStart(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// order puts the fragments of a row into visual order (UAX 9, L2), and tells
// where each went.
func order(logical []Fragment) (visual []Fragment, places []int32) {
	from := make([]int32, len(logical))
	var highest uint8
	for i := range logical {
		from[i] = int32(i)
		highest = max(highest, logical[i].level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(from); i++ {
			end := i
			for end < len(from) && logical[from[end]].level >= level {
				end++
			}
			if end > i {
				slices.Reverse(from[i:end])
				i = end
			}
		}
	}
	visual, places = make([]Fragment, len(from)), make([]int32, len(from))
	for i, j := range from {
		visual[i], places[j] = logical[j], int32(i)
	}
	return visual, places
}

// align places fragments beside each other, in a line from right to left against
// its right edge, if it has one.
func (l *Layout) align(row int, visual []Fragment) {
	var x float32
	if l.base == 1 && l.width < math.MaxFloat32 {
		x = l.room(row)
		for i := range visual {
			x -= visual[i].W
		}
	}
	for i := range visual {
		visual[i].X = x
		x += visual[i].W
	}
}

// room is how wide a row may be.
func (l *Layout) room(row int) float32 {
	if row > 0 {
		return l.width - l.after
	}
	return l.width
}

// Keys of clusters in text from right to left. Fyne sets clusters with
// different keys in the wrong order, or in the wrong direction.
const (
	keyAny     language.Script = 0 // goes with everything
	keyNeutral language.Script = 1
	keyLetter  language.Script = 2 // goes with letters of any script
)

func keyOf(cluster string) language.Script {
	r := firstRune(cluster)
	switch classOf(r) {
	case bidi.NSM:
		return keyAny
	case bidi.R, bidi.AL:
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
		return keyLetter
	}
	if strings.TrimLeft(cluster, " ") == "" {
		return keyAny
	}
	return keyNeutral
}

// joinKeys returns the key of what two clusters make together.
func joinKeys(a, b language.Script) (key language.Script, ok bool) {
	switch {
	case a == b || b == keyAny:
		return a, true
	case a == keyAny, a == keyLetter && b > keyLetter:
		return b, true
	case b == keyLetter && a > keyLetter:
		return a, true
	}
	return 0, false
}
