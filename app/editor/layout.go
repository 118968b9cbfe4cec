package editor

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// tabWidth is how many spaces a tab stop is wide.
const tabWidth = 4

// maxFragment is the longest piece, in bytes, that is drawn as one text. The
// sum of advances strays from the drawn width over a long text.
const maxFragment = 256

// fragment is a piece of a row that is drawn as one text.
type fragment struct {
	from, to int    // bytes of the line
	text     string // as drawn; empty for a tab
	x, w     float32
	ink      ink
	role     role
	code     bool
}

// row is what stands side by side. from of the next row is to of this one; the
// spaces at its end hang over.
type row struct {
	from, to    int // bytes of the line
	start, runs int // code points from the line's start, and in the row
	y, h        float32
	x           float32 // where the row begins, from the column's edge
	baseline    float32 // from the row's top
	fragments   []fragment
}

// layout is a line laid out for a width. It is never changed.
type layout struct {
	text   string
	kind   kind
	shape  shape
	rows   []row // at least one
	height float32
}

// cluster is a grapheme of a line while it is laid out.
type cluster struct {
	from, to int
	w        float32
	ink      ink
	breaks   bool // a row may end after it
	space    bool
	tab      bool
}

// layoutLine breaks a line into rows no wider than width, and each row into
// fragments.
func (m *measurer) layoutLine(state uint32, text string, width float32) *layout {
	look := lookOf(state, text)
	l := &layout{text: text, kind: look.kind, shape: look.shape}
	width = max(width-2*look.shape.inset, 4*look.shape.size)
	b := breaker{m: m, look: look, text: text, width: width}
	b.clusters()
	l.rows = b.rows()
	y := look.shape.above
	base := m.metrics(ink{face: look.shape.face, size: look.shape.size})
	start := 0
	for i := range l.rows {
		r := &l.rows[i]
		r.y, r.h = y, look.shape.row
		r.x += look.shape.inset
		r.baseline = (r.h-base.height)/2 + base.baseline
		r.start, r.runs = start, utf8.RuneCountInString(text[r.from:r.to])
		start += r.runs
		y += r.h
	}
	l.height = y + look.shape.below
	return l
}

type breaker struct {
	m     *measurer
	look  look
	text  string
	width float32
	all   []cluster
}

// clusters cuts the line into graphemes with their widths and break points.
func (b *breaker) clusters() {
	b.all = make([]cluster, 0, len(b.text))
	next := 0 // span
	at, state := 0, -1
	ascii := isASCII(b.text)
	for at < len(b.text) {
		c := cluster{from: at}
		if ascii {
			c.to = at + 1
			c.breaks = breaksAfter(b.text, at)
		} else {
			var text string
			var bounds int
			text, _, bounds, state = uniseg.StepString(b.text[at:], state)
			c.to = at + len(text)
			c.breaks = bounds&uniseg.MaskLine != uniseg.LineDontBreak
		}
		for next < len(b.look.spans)-1 && at >= b.look.spans[next].to {
			next++
		}
		c.ink = b.look.spans[next].ink
		b.measure(&c)
		b.all = append(b.all, c)
		at = c.to
	}
}

func (b *breaker) measure(c *cluster) {
	text := b.text[c.from:c.to]
	switch {
	case text == "\t":
		c.tab, c.space, c.breaks = true, true, true
		return
	case text == " ":
		c.space = true
	default:
		c.ink.other = b.m.lacks(c.ink.face, text)
	}
	c.w = b.m.advance(c.ink, text)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// breaksAfter tells where a line of ASCII may be broken; UAX 14 in short.
func breaksAfter(s string, i int) bool {
	if i+1 == len(s) {
		return true
	}
	switch s[i] {
	case ' ', '\t':
		return s[i+1] != ' '
	case '-':
		return i > 0 && letter(s[i-1]) && letter(s[i+1])
	}
	return false
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// rows breaks the clusters greedily.
func (b *breaker) rows() []row {
	hang := b.hang()
	var out []row
	for from := 0; from < len(b.all) || len(out) == 0; {
		var indent float32
		if len(out) > 0 {
			indent = hang
		}
		to := b.fill(from, b.width-indent)
		out = append(out, b.row(from, to, indent))
		from = to
	}
	return out
}

// hang is how far rows after the first are indented.
func (b *breaker) hang() float32 {
	var x float32
	for i := range b.all {
		c := &b.all[i]
		if c.to > b.look.hang {
			break
		}
		if c.tab {
			x = b.tabStop(x, c.ink)
		} else {
			x += c.w
		}
	}
	return min(x, b.width/2)
}

// fill returns the end of the row that starts at cluster from.
func (b *breaker) fill(from int, width float32) int {
	var x float32
	last := from // after the last break
	for i := from; i < len(b.all); i++ {
		c := &b.all[i]
		if c.tab {
			x = b.tabStop(x, c.ink)
		} else {
			x += c.w
		}
		if x > width && !c.space && i > from {
			if last > from {
				return last
			}
			return i
		}
		if c.breaks {
			last = i + 1
		}
	}
	return len(b.all)
}

func (b *breaker) tabStop(x float32, i ink) float32 {
	stop := tabWidth * b.m.advance(i, " ")
	return (float32(int(x/stop+0.01)) + 1) * stop
}

// row makes the fragments of the clusters from one to another.
func (b *breaker) row(from, to int, indent float32) row {
	r := row{from: len(b.text), to: len(b.text), x: indent}
	if from < to {
		r.from, r.to = b.all[from].from, b.all[to-1].to
	}
	span := 0
	var x float32
	for from < to {
		c := b.all[from]
		for b.look.spans[span].to <= c.from {
			span++
		}
		s := b.look.spans[span]
		f := fragment{from: c.from, to: c.to, x: x, ink: c.ink, role: s.role, code: s.code}
		from++
		if c.tab {
			f.w = b.tabStop(x, c.ink) - x
		} else {
			for from < to && b.all[from].to <= s.to && !b.all[from].tab &&
				b.all[from].ink == c.ink && b.all[from].to-f.from <= maxFragment {
				f.to = b.all[from].to
				from++
			}
			f.text = printable(b.text[f.from:f.to])
			f.w = b.m.width(f.ink, f.text)
		}
		x += f.w
		r.fragments = append(r.fragments, f)
	}
	return r
}

// rowOf returns the row that holds a byte of the line.
func (l *layout) rowOf(offset int) int {
	for i := range l.rows {
		if offset < l.rows[i].to {
			return i
		}
	}
	return len(l.rows) - 1
}

// xAt returns where a byte of the row begins, from the column's edge.
func (r *row) xAt(m *measurer, text string, offset int) float32 {
	for i := range r.fragments {
		f := &r.fragments[i]
		switch {
		case offset <= f.from:
			return r.x + f.x
		case offset < f.to && f.text == "":
			return r.x + f.x
		case offset < f.to:
			return r.x + f.x + m.width(f.ink, printable(text[f.from:offset]))
		}
	}
	if n := len(r.fragments); n > 0 {
		return r.x + r.fragments[n-1].x + r.fragments[n-1].w
	}
	return r.x
}

// offsetAt returns the byte of the line nearest to x, from the column's edge.
// The end of a row that goes on in the next is before its last space, because
// the end itself is where the next row starts.
func (l *layout) offsetAt(m *measurer, i int, x float32) int {
	r := &l.rows[i]
	end := r.to
	if i+1 < len(l.rows) && end > r.from {
		_, n := utf8.DecodeLastRuneInString(l.text[:end])
		end -= n
	}
	for j := range r.fragments {
		f := &r.fragments[j]
		left := x - r.x - f.x
		if left > f.w && j+1 < len(r.fragments) {
			continue
		}
		return min(f.offsetAt(m, l.text, left), end)
	}
	return end
}

// offsetAt walks the fragment's clusters. Their advances are stretched to the
// width that the fragment really has.
func (f *fragment) offsetAt(m *measurer, text string, x float32) int {
	if f.text == "" {
		if x < f.w/2 {
			return f.from
		}
		return f.to
	}
	piece := text[f.from:f.to]
	var sum float32
	for part := range clustersOf(piece) {
		sum += m.advance(f.ink, part)
	}
	if sum == 0 {
		return f.from
	}
	at, left := f.from, float32(0)
	for part := range clustersOf(piece) {
		w := m.advance(f.ink, part) * f.w / sum
		if x < left+w/2 {
			return at
		}
		left += w
		at += len(part)
	}
	return f.to
}

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

// estimate guesses the height of a line that is not laid out.
func estimate(text string, runes int, width float32) float32 {
	s := textShape
	if strings.HasPrefix(text, "#") {
		if n := headingMarks(text); n > 0 {
			s = headingShapes[min(n, len(headingShapes))-1]
		}
	}
	// Source Serif's letters are on average 0.46 of its size.
	rows := 1 + int(float32(runes)*s.size*0.46/width)
	return s.above + float32(rows)*s.row + s.below
}
