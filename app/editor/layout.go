package editor

import (
	"slices"
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
	x           float32    // where the row begins, from the column's edge
	baseline    float32    // from the row's top
	drawn       []fragment // nil until [layout.fragments] is asked
}

// layout is a line laid out for a width. Rows out of view have no fragments
// yet; for the rest it is never changed.
type layout struct {
	text   string
	kind   kind
	shape  shape
	spans  []span
	rows   []row // at least one
	height float32
}

// cluster is a grapheme of a line while it is laid out. A line may have a
// million, so it is kept small.
type cluster struct {
	from, to int32
	w        float32 // of a tab, from stop to stop
	other    bool    // see [ink]
	breaks   bool    // a row may end after it
	space    bool
	tab      bool
}

// layoutLine breaks a line into rows no wider than width.
func (m *measurer) layoutLine(state uint32, text string, width float32) *layout {
	look := lookOf(state, text)
	l := &layout{text: text, kind: look.kind, shape: look.shape, spans: look.spans}
	width = max(width-2*look.shape.inset, 4*look.shape.size)
	b := breaker{m: m, text: text, spans: look.spans, width: width}
	b.clusters(0, len(text))
	l.rows = b.rows(look.hang)
	b.end()
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

// fragments are the pieces of a row, measured when they are first asked for.
func (l *layout) fragments(m *measurer, r *row) []fragment {
	if r.drawn == nil && r.from < r.to {
		b := breaker{m: m, text: l.text, spans: l.spans}
		b.clusters(r.from, r.to)
		r.drawn = b.fragments()
		b.end()
	}
	return r.drawn
}

type breaker struct {
	m     *measurer
	text  string
	spans []span // of the whole line
	width float32
	all   []cluster
}

// clusters cuts a piece of the line, which begins with a grapheme, into
// graphemes with their widths and break points. Between two signs of ASCII
// there is nothing to look up, which makes long lines bearable.
func (b *breaker) clusters(from, to int) {
	b.all = slices.Grow(b.m.scratch[:0], to-from)
	next := 0 // span
	state := -1
	for at := from; at < to; {
		c := cluster{from: int32(at)}
		end := at + 1
		if b.text[at] < utf8.RuneSelf && (end == len(b.text) || b.text[end] < utf8.RuneSelf) {
			state = -1
			c.breaks = breaksAfter(b.text, at)
		} else {
			var text string
			var bounds int
			text, _, bounds, state = uniseg.StepString(b.text[at:], state)
			end = at + len(text)
			c.breaks = bounds&uniseg.MaskLine != uniseg.LineDontBreak
		}
		c.to = int32(end)
		for next < len(b.spans)-1 && at >= b.spans[next].to {
			next++
		}
		b.measure(&c, b.spans[next].ink)
		b.all = append(b.all, c)
		at = end
	}
}

// end gives the room for clusters to the next breaker.
func (b *breaker) end() { b.m.scratch, b.all = b.all, nil }

func (b *breaker) measure(c *cluster, i ink) {
	text := b.text[c.from:c.to]
	switch {
	case text == "\t":
		c.tab, c.space, c.breaks = true, true, true
		c.w = tabWidth * b.m.advance(i, " ")
		return
	case text == " ":
		c.space = true
	case len(text) > 1:
		i.other = b.m.lacks(i.face, text)
		c.other = i.other
	}
	c.w = b.m.advance(i, text)
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

// rows breaks the clusters greedily. Rows after the first are indented by what
// the first hang bytes take.
func (b *breaker) rows(hang int) []row {
	after := b.indent(hang)
	var out []row
	for from := 0; from < len(b.all) || len(out) == 0; {
		r := row{from: len(b.text), to: len(b.text)}
		if len(out) > 0 {
			r.x = after
		}
		to := b.fill(from, b.width-r.x)
		if from < to {
			r.from, r.to = int(b.all[from].from), int(b.all[to-1].to)
		}
		out = append(out, r)
		from = to
	}
	return out
}

func (b *breaker) indent(hang int) float32 {
	var x float32
	for i := range b.all {
		if int(b.all[i].to) > hang {
			break
		}
		x = b.all[i].after(x)
	}
	return min(x, b.width/2)
}

// after is where the cluster ends that begins at x.
func (c *cluster) after(x float32) float32 {
	if c.tab {
		return (float32(int(x/c.w+0.01)) + 1) * c.w
	}
	return x + c.w
}

// fill returns the end of the row that starts at cluster from.
func (b *breaker) fill(from int, width float32) int {
	var x float32
	last := from // after the last break
	for i := from; i < len(b.all); i++ {
		c := &b.all[i]
		x = c.after(x)
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

// fragments joins clusters that are drawn alike.
func (b *breaker) fragments() []fragment {
	var out []fragment
	span := 0
	var x float32
	for from := 0; from < len(b.all); {
		c := b.all[from]
		for b.spans[span].to <= int(c.from) {
			span++
		}
		s := b.spans[span]
		f := fragment{from: int(c.from), to: int(c.to), x: x, ink: s.ink, role: s.role, code: s.code}
		f.ink.other = c.other
		from++
		if c.tab {
			f.w = c.after(x) - x
		} else {
			for from < len(b.all) && b.joins(&f, from, s.to) {
				f.to = int(b.all[from].to)
				from++
			}
			f.text = printable(b.text[f.from:f.to])
			f.w = b.m.width(f.ink, f.text)
		}
		x += f.w
		out = append(out, f)
	}
	return out
}

// joins reports whether cluster i goes on with a fragment of a span that ends
// at end.
func (b *breaker) joins(f *fragment, i, end int) bool {
	c := &b.all[i]
	return int(c.to) <= end && !c.tab && c.other == f.ink.other && int(c.to)-f.from <= maxFragment
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

// xAt returns where a byte of a row begins, from the column's edge.
func (l *layout) xAt(m *measurer, r *row, offset int) float32 {
	fragments := l.fragments(m, r)
	for i := range fragments {
		f := &fragments[i]
		switch {
		case offset <= f.from:
			return r.x + f.x
		case offset < f.to && f.text == "":
			return r.x + f.x
		case offset < f.to:
			return r.x + f.x + m.width(f.ink, printable(l.text[f.from:offset]))
		}
	}
	if n := len(fragments); n > 0 {
		return r.x + fragments[n-1].x + fragments[n-1].w
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
	fragments := l.fragments(m, r)
	for j := range fragments {
		f := &fragments[j]
		left := x - r.x - f.x
		if left > f.w && j+1 < len(fragments) {
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
