package editor

import (
	"sort"
	"strings"

	"starling/app/buffer"
	"starling/app/markdown"
	"starling/app/typeset"
)

const (
	// maxRows is how many rows, in whole lines, stay laid out in each of two
	// generations.
	maxRows = 4096
	// longLine is the length, in bytes, from which a line is laid out anew only
	// where it changed.
	longLine = 4 << 10
)

// layoutKey is everything that a line's layout depends on, besides what is the
// same for all of the view.
type layoutKey struct {
	version uint64
	state   uint32
	ahead   markdown.Ahead
	hide    bool   // its marks are hidden
	codes   uint64 // the key of its colours
	cells   uint64 // of its table
	holes   uint64 // of what was deleted from it
}

// laid is a line laid out.
type laid struct {
	*typeset.Layout
	md    markdown.Line
	shape shape
	holes []hole
	wrong *wrong // nil until somebody asks
}

// line is a line of the text on the screen.
type line struct {
	i, start, runes int     // number, place where it starts, code points
	state           uint32  // what flows into it
	y               float32 // from the widget's top
	text            string
	source          buffer.Line
	*laid
}

func (l *line) end() int { return l.start + l.runes }

// place of a byte of the line.
func (l *line) place(offset int) int { return l.start + l.source.Place(offset) }

// offset of a place, as a byte of the line.
func (l *line) offset(at int) int { return l.source.Offset(at - l.start) }

// row that holds a place, and the place as a byte of the line.
func (l *line) row(at int) (row, offset int) {
	offset = l.offset(at)
	return l.RowOf(offset), offset
}

// rowBelow is the first row that ends below a height of the widget, or the last.
func (l *line) rowBelow(y float32) int {
	n := len(l.Rows) - 1
	return sort.Search(n, func(i int) bool { return l.y+l.Rows[i].Y+l.Rows[i].H > y })
}

// lay lays a line out, or returns how it was laid out before.
func (e *Editor) lay(i, start int, state uint32, text buffer.Line, next string) line {
	v := &e.view
	l := line{i: i, start: start, state: state, runes: text.Runes, text: text.Text, source: text}
	key := layoutKey{version: text.Version, state: state, ahead: markdown.Look(next)}
	key.hide = e.settings.HideMarks && (i != v.caretLine || !e.focused)
	var code codeLine
	if markdown.InCode(state) {
		code = e.colours(i, &text)
		key.codes = code.key
	}
	var t *table
	var row cellRow
	if len(text.Text) <= markdown.MaxInline && strings.IndexByte(text.Text, '|') >= 0 {
		if row = e.cellsOf(state, text, next); row.kind == markdown.TableRow {
			t = e.tableAt(i)
			key.cells = t.key
		}
	}
	holes := e.holesOf(&l)
	key.holes = holesKey(holes)
	done, ok := v.layouts.Get(key)
	if !ok {
		md := markdown.Parse(state, key.ahead, text.Text)
		done = &laid{md: md, shape: shapeOf(&md, state).times(e.settings.zoom()), holes: holes}
		var pads []pad
		if t != nil {
			if key.hide {
				pads = t.pads(row.hidden)
			} else {
				pads = t.pads(row.shown)
			}
		}
		done.Layout = e.typeset(done, text.Text, code, pads, key.hide)
		v.layouts.Put(key, done, len(done.Rows))
	}
	l.laid = done
	return l
}

func (e *Editor) typeset(d *laid, text string, code codeLine, pads []pad, hide bool) *typeset.Layout {
	c := composer{shape: d.shape, hide: hide}
	if d.md.Kind == markdown.Code {
		c.code(text, code.tokens)
	} else {
		c.text(&d.md, pads)
	}
	c.cut(d.holes)
	var before *typeset.Layout
	if len(text) >= longLine {
		before = e.view.long
	}
	out := e.setter.Lay(typeset.Line{
		Text: text, Spans: c.out, Width: e.view.width,
		Row: d.shape.row, Above: d.shape.above, Below: d.shape.below, Inset: d.shape.inset,
		Hang: d.md.Hang, Base: typeset.Ink{Face: d.shape.face, Size: d.shape.size},
	}, before)
	if len(text) >= longLine {
		e.view.long = out
	}
	return out
}

// estimate guesses the height of a line that is not laid out.
func (e *Editor) estimate(text string, runes int) float32 {
	s := textShape
	if n := headingMarks(text); n > 0 {
		s = headingShapes[min(n, len(headingShapes))-1]
	}
	s = s.times(e.settings.zoom())
	// Source Serif's letters are on average 0.46 of its size.
	rows := 1 + int(float32(runes)*s.size*0.46/e.view.width)
	return s.above + float32(rows)*s.row + s.below
}

// headingMarks is the number of # at the start of a line, if it may be a heading.
func headingMarks(text string) int {
	n := 0
	for n < len(text) && n < 7 && text[n] == '#' {
		n++
	}
	if n == 7 || n < len(text) && text[n] != ' ' {
		return 0
	}
	return n
}
