package editor

import (
	"fmt"
	"hash/maphash"
	"image/color"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxHoles is how many holes of one line are drawn.
	maxHoles = 256
	// maxGone is how many characters of a deleted text are shown.
	maxGone = 400
)

// hole is deleted text that is shown in a line: between two of its bytes, or,
// in a text that is shown with what was deleted from it, some of its bytes.
type hole struct {
	from, to int    // bytes of the line; the same if the text is not in it
	text     string // as it is drawn, then
	colour   color.NRGBA
}

func (h *hole) tag(n int) uint32 { return uint32(roleGone) | uint32(n+1)<<tagHole }

var holeSeed = maphash.MakeSeed()

// holesKey is another number for other holes, 0 for none.
func holesKey(holes []hole) uint64 {
	if len(holes) == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(holeSeed)
	for i := range holes {
		maphash.WriteComparable(&h, holes[i])
	}
	return h.Sum64() | 1
}

// goneText is how deleted text is shown: on one line, and not all of what is
// very long.
func goneText(text string) string {
	if n := utf8.RuneCountInString(text); n > maxGone {
		end := 0
		for range maxGone {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		text = fmt.Sprintf("%s… (%d characters)", text[:end], n)
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", "¶ "), "\t", " ")
}

// holesOf are the holes of a line that starts at a place: what the marks strike
// in it, or what was deleted from it.
func (e *Editor) holesOf(l *line) []hole {
	var out []hole
	for _, m := range e.view.marksFrom(l.start) {
		if m.From >= l.start+l.runes || len(out) == maxHoles {
			break
		}
		if m.Struck {
			from, to := max(m.From, l.start), min(m.To, l.start+l.runes)
			out = append(out, hole{from: l.offset(from), to: l.offset(to), colour: m.Colour})
		}
	}
	for _, g := range e.written.goneFrom(l.start) {
		if g.at > l.start+l.runes || len(out) == maxHoles {
			break
		}
		at := l.offset(g.at)
		out = append(out, hole{from: at, to: at, text: g.text, colour: g.piece.By.Line})
	}
	slices.SortStableFunc(out, func(a, b hole) int { return a.from - b.from })
	return out
}
