package typeset

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

const (
	// tabWidth is how many spaces a tab stop is wide.
	tabWidth = 4
	// maxCluster is the longest grapheme, in bytes; a longer one is cut.
	maxCluster = 256
	// lookAhead is how many bytes after a grapheme decide where it ends and
	// whether a row may end there.
	lookAhead = 8
)

// cluster is what the caret can't go into: a grapheme or a unit.
type cluster struct {
	from, to int // bytes of what is shown
	piece    int
	w        float32 // of a tab, from stop to stop
	by       *fallback
	breaks   bool // a row may end after it
	space    bool
	tab      bool
	sign     bool // see [Fragment]
}

// scanner finds the clusters of what is shown, one after the other. What it
// finds depends on where it began and on what follows, not on what is before.
type scanner struct {
	s     *Setter
	l     *Layout
	start int
	at    int
	state int // of uniseg
	// looked is how far it has looked.
	looked int

	piece  int
	limit  int // where the piece ends
	pen    pen
	widths *asciiWidths
	glyphs *glyphs

	// Up to wordTo letters join, and their advances are scaled.
	wordTo int
	scale  float32
}

// scan begins at the start of a cluster.
func (s *Setter) scan(l *Layout, at int) scanner {
	sc := scanner{s: s, l: l, start: at, at: at, state: -1, piece: l.pieceAt(at)}
	sc.enter()
	return sc
}

func (sc *scanner) enter() {
	p := &sc.l.pieces[sc.piece]
	sc.limit = int(p.to)
	sc.pen = p.ink.pen(nil)
	known := sc.s.penOf(sc.pen)
	sc.widths, sc.glyphs = &known.ascii, &known.glyphs
}

// pieceAt returns the piece that shows a byte, or the last one.
func (l *Layout) pieceAt(at int) int {
	low, high := 0, len(l.pieces)-1
	for low < high {
		mid := (low + high) / 2
		if int(l.pieces[mid].to) > at {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// next finds the next cluster.
func (sc *scanner) next(c *cluster) bool {
	text, at := sc.l.shown, sc.at
	if at >= len(text) {
		return false
	}
	for at >= sc.limit && sc.piece < len(sc.l.pieces)-1 {
		sc.piece++
		sc.enter()
	}
	*c = cluster{from: at, piece: sc.piece}
	// Between two signs of ASCII there is nothing to look up, which makes long
	// lines bearable.
	if b := text[at]; b < utf8.RuneSelf && (at+1 == len(text) || text[at+1] < utf8.RuneSelf) &&
		sc.l.pieces[sc.piece].kind != unit {
		sc.state = -1
		sc.at = at + 1
		c.to = sc.at
		c.breaks = breaksAfter(text, at, sc.start)
		c.space = b == ' '
		if b < ' ' || b == 0x7f {
			sc.control(c, b)
			return true
		}
		if w := sc.widths[b]; w != 0 {
			c.w = w
			return true
		}
		c.w = sc.s.asciiAdvance(sc.widths, sc.pen, text[at:at+1])
		return true
	}
	if sc.l.pieces[sc.piece].kind == unit || !sc.single(c) {
		sc.grapheme(c)
	}
	return true
}

// rush goes over letters that stand one for one and where no row may end, as
// long as they end before width, and returns where the last one does. Most of a
// long line goes by here.
func (sc *scanner) rush(x, width float32) float32 {
	text, at := sc.l.shown, sc.at
	end := min(sc.limit, len(text)-1)
	widths := sc.widths
	for at < end {
		b := text[at]
		if b >= utf8.RuneSelf || text[at+1] >= utf8.RuneSelf || halts[b] || widths[b] == 0 || x+widths[b] > width {
			break
		}
		x += widths[b]
		at++
	}
	if at > sc.at {
		sc.state = -1
	}
	sc.at = at
	return x
}

// halts are the bytes that [scanner.rush] does not go over.
var halts = func() (h [utf8.RuneSelf]bool) {
	for b := range h {
		h[b] = b <= ' ' || b == '-' || b == 0x7f
	}
	return h
}()

func (sc *scanner) control(c *cluster, b byte) {
	if b == '\t' {
		c.tab, c.space, c.breaks = true, true, true
		c.w = tabWidth * sc.s.advance(sc.pen, " ")
		return
	}
	c.sign = true
	c.w = sc.s.advance(sc.pen, string(controlSign))
	c.by = sc.s.by(sc.pen.face, string(controlSign))
}

// grapheme finds a cluster that is more than a byte.
func (sc *scanner) grapheme(c *cluster) {
	p := &sc.l.pieces[sc.piece]
	if p.kind == unit {
		for sc.at < int(p.to) {
			sc.step(c, int(p.to))
		}
	} else {
		sc.step(c, sc.hardLimit())
	}
	c.to = sc.at
	text := sc.l.shown[c.from:c.to]
	if len(text) == 1 && (text[0] < ' ' || text[0] == 0x7f) {
		sc.control(c, text[0])
		return
	}
	c.space = text == " "
	printed := Printable(text)
	c.sign = p.kind != unit && len(printed) > 0 && unprintable(firstRune(text))
	pen := sc.pen
	pen.by = sc.s.by(pen.face, printed)
	c.by = pen.by
	c.w = sc.s.advance(pen, printed)
	sc.joined(c, pen)
}

// step goes to the end of a grapheme, or to limit.
func (sc *scanner) step(c *cluster, limit int) {
	text := sc.l.shown
	end := min(len(text), sc.at+maxCluster+lookAhead)
	for n := 0; n < utf8.UTFMax && end < len(text) && !utf8.RuneStart(text[end]); n++ {
		end--
	}
	cluster, _, bounds, state := uniseg.StepString(text[sc.at:end], sc.state)
	to := sc.at + len(cluster)
	sc.looked = max(sc.looked, to+lookAhead)
	cut := min(limit, sc.at+maxCluster)
	if to > cut {
		for cut > sc.at+1 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		sc.at, sc.state, c.breaks = cut, -1, false
		return
	}
	sc.at, sc.state = to, state
	c.breaks = bounds&uniseg.MaskLine != uniseg.LineDontBreak
}

// hardLimit is how far a grapheme may go that begins in this piece: over plain
// pieces that follow each other.
func (sc *scanner) hardLimit() int {
	pieces := sc.l.pieces
	i := sc.piece
	for i+1 < len(pieces) && int(pieces[i].to)-sc.at <= maxCluster && pieces[i].follows(&pieces[i+1]) {
		i++
	}
	return int(pieces[i].to)
}

// follows reports whether next goes on with the same text.
func (p *piece) follows(next *piece) bool {
	return p.kind == next.kind && (p.kind == plain && p.end == next.src && p.width == next.width ||
		p.kind == inserted && p.tag == next.tag)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// breaksAfter tells where a line of ASCII may be broken; UAX 14 in short. The
// row starts at start.
func breaksAfter(s string, i, start int) bool {
	if i+1 == len(s) {
		return true
	}
	switch s[i] {
	case ' ', '\t':
		return s[i+1] != ' '
	case '-':
		return i > start && letter(s[i-1]) && letter(s[i+1])
	}
	return false
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// clustersOf yields the graphemes of a text.
func clustersOf(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for state := -1; s != ""; {
			var part string
			part, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
			if !yield(part) {
				return
			}
		}
	}
}
