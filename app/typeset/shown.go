package typeset

import (
	"sort"
	"strings"
)

// kind of a piece.
type kind uint8

const (
	plain    kind = iota // bytes of the text
	unit                 // something else in place of bytes, as one
	inserted             // not in the text
	hidden               // takes no room
)

// piece is a [Span] with its place in what is shown.
type piece struct {
	from, to int32 // bytes of what is shown
	src, end int32 // bytes of the text
	width    float32
	tag      uint32
	ink      Ink
	kind     kind
	as       string // of a unit, or inserted
	lead     bool
}

// compose makes what is shown of a line: its pieces, one at least, and its
// text, which is the line's own if no span changes it.
func compose(l *Line) (shown string, pieces []piece) {
	pieces = make([]piece, 0, len(l.Spans)+1)
	changed := false
	at, out := 0, 0
	add := func(p piece, n int) {
		p.from, p.to = int32(out), int32(out+n)
		out += n
		pieces = append(pieces, p)
	}
	gap := func(to int) {
		if at < to {
			add(piece{src: int32(at), end: int32(to), ink: l.Base}, to-at)
			at = to
		}
	}
	for i := range l.Spans {
		s := &l.Spans[i]
		from := min(max(s.From, at), len(l.Text))
		to := min(max(s.To, from), len(l.Text))
		gap(from)
		p := piece{src: int32(from), end: int32(to), width: s.Width, tag: s.Tag, ink: s.Ink, lead: s.Lead}
		n := to - from
		switch {
		case s.Hidden:
			p.kind, n = hidden, 0
		case from == to:
			p.kind, p.as, n = inserted, s.As, len(s.As)
		case s.As != "":
			p.kind, p.as, n = unit, s.As, len(s.As)
		}
		changed = changed || p.kind != plain
		add(p, n)
		at = to
	}
	gap(len(l.Text))
	if len(pieces) == 0 {
		add(piece{ink: l.Base}, 0)
	}
	if !changed {
		return l.Text, pieces
	}
	return join(l.Text, pieces), pieces
}

// join writes what the pieces show.
func join(text string, pieces []piece) string {
	var b strings.Builder
	b.Grow(int(pieces[len(pieces)-1].to))
	for i := range pieces {
		p := &pieces[i]
		switch p.kind {
		case plain:
			b.WriteString(text[p.src:p.end])
		case unit, inserted:
			b.WriteString(p.as)
		}
	}
	return b.String()
}

// shownAt returns where a byte of the text is shown. At inserted text it is
// after that.
func (l *Layout) shownAt(offset int) int {
	if len(l.shown) == 0 {
		return 0
	}
	i := sort.Search(len(l.pieces), func(i int) bool { return int(l.pieces[i].src) > offset })
	if i == 0 {
		return 0
	}
	p := &l.pieces[i-1]
	switch {
	case offset >= int(p.end):
		return int(p.to)
	case p.kind == plain:
		return int(p.from) + offset - int(p.src)
	default:
		return int(p.from)
	}
}

// caretAt returns where the caret before a byte of the text stands in what is
// shown: before what is inserted there, since what is typed comes before it, but
// behind what leads.
func (l *Layout) caretAt(offset int) int {
	i := sort.Search(len(l.pieces), func(i int) bool { return int(l.pieces[i].src) >= offset })
	for ; i < len(l.pieces) && int(l.pieces[i].src) == offset && l.pieces[i].kind == inserted; i++ {
		if !l.pieces[i].lead {
			return int(l.pieces[i].from)
		}
	}
	return l.shownAt(offset)
}

// textEnd returns the byte of the text that follows what is shown before at.
func (l *Layout) textEnd(at int) int {
	i := sort.Search(len(l.pieces), func(i int) bool { return int(l.pieces[i].to) >= at })
	if at == 0 || i == len(l.pieces) {
		return 0
	}
	p := &l.pieces[i]
	if p.kind == plain {
		return int(p.src) + at - int(p.from)
	}
	return int(p.end)
}
