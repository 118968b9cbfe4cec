package editor

import (
	"math"
	"slices"
	"strings"

	"starling/app/buffer"
	"starling/app/markdown"
	"starling/app/typeset"
)

const (
	// maxTable is how many rows above and below a row are looked at for the
	// widths of its columns.
	maxTable = 200
	// maxHead is how far above these rows the head of their table is looked for,
	// so many rows at once.
	maxHead  = 5000
	headStep = 250
	// maxCells is how many columns are aligned.
	maxCells = 64
	// maxCellRows is how many rows' cells stay measured in each of two generations.
	maxCellRows = 1024
)

// pad is the room beside the text of a cell.
type pad struct{ before, after float32 }

// cells are the widths of the texts in a row of a table.
type cells []float32

// align is where the text of a column stands in it.
type align uint8

const (
	alignLeft align = iota
	alignRight
	alignCentre
)

// cellRow is a row of a table measured; its kind is another if it is none.
type cellRow struct {
	kind markdown.Kind
	// shown are the widths with all marks shown, hidden those with marks hidden.
	shown, hidden cells
	aligns        []align // of the delimiter row
}

func (r *cellRow) inTable() bool {
	return r.kind == markdown.TableRow || r.kind == markdown.TableRule
}

type cellsKey struct {
	version uint64
	state   uint32
	ahead   markdown.Ahead
}

// table is one whose columns are known, until something changes. In one that is
// wider than the page columns are narrower than some of their cells: what such a
// cell takes beyond is made up for by the room in those behind it.
type table struct {
	first, last int // lines
	widths      cells
	aligns      []align
	key         uint64 // another for other widths or alignments
}

// tableAt finds the table that line i is a row of, and how wide its columns are.
func (e *Editor) tableAt(i int) *table {
	v := &e.view
	for n := range v.tables {
		if t := &v.tables[n]; t.first <= i && i <= t.last {
			return t
		}
	}
	t := table{first: i, last: i}
	first := max(0, i-maxTable)
	if markdown.InTable(e.buf.State(first)) {
		t.first, t.aligns = first, e.alignsAbove(first)
	}
	var widest cells
	e.buf.Walk(first, func(n, _ int, state uint32, l buffer.Line, next string) (float32, bool) {
		row := e.cellsOf(state, l, next)
		switch {
		case !row.inTable() && n < i: // the table begins later
			widest, t.aligns, t.first = widest[:0], nil, n+1
			return l.Height(), true
		case !row.inTable():
			return l.Height(), false
		case n == first:
			t.first = n
		case row.kind == markdown.TableRule:
			t.aligns = row.aligns
		}
		widest = widest.over(row.shown, len(t.aligns))
		t.last = n
		return l.Height(), n < i+maxTable
	})
	t.widths = widest
	t.fit(v.width)
	v.tables = append(v.tables, t)
	return &v.tables[len(v.tables)-1]
}

// over widens columns for the cells of a row. One with more cells than the table
// has columns, where that is known, does not count: who writes before its first
// pipe does not move all others.
func (c cells) over(row cells, columns int) cells {
	if columns > 0 && len(row) > columns {
		return c
	}
	for i, w := range row {
		if i == len(c) {
			c = append(c, 0)
		}
		c[i] = max(c[i], w)
	}
	return c
}

// alignsAbove finds how the columns are aligned of a table that has begun above
// a line: as the delimiter row says that comes last before.
func (e *Editor) alignsAbove(i int) (out []align) {
	for top := i; out == nil && top > max(0, i-maxHead); {
		end := top
		top = max(0, top-headStep)
		e.buf.Walk(top, func(n, _ int, state uint32, l buffer.Line, next string) (float32, bool) {
			if markdown.Look(l.Text) != 0 { // few lines are, and the others cost little
				if row := e.cellsOf(state, l, next); row.kind == markdown.TableRule {
					out = row.aligns
				}
			}
			return l.Height(), n+1 < end
		})
	}
	return out
}

// fit makes the columns of a table as wide as the page has room for, and sets its
// key. The last one gives way first, then the widest.
func (t *table) fit(width float32) {
	const pipe = 12 // about what stands between two cells
	const least = 0.3
	if n := len(t.widths); n > 0 {
		room := width - float32(n+1)*pipe
		others := t.widths[:n-1].sum()
		if rest := max(room-others, 0); rest >= min(t.widths[n-1], room*least) {
			t.widths[n-1] = min(t.widths[n-1], rest)
		} else {
			t.widths.limit(room)
		}
	}
	const fnvPrime = 1099511628211
	t.key = 14695981039346656037
	for c, w := range t.widths {
		t.key = (t.key ^ uint64(math.Float32bits(w))) * fnvPrime
		if c < len(t.aligns) {
			t.key = (t.key ^ uint64(t.aligns[c])) * fnvPrime
		}
	}
	t.key |= 1
}

func (c cells) sum() (all float32) {
	for _, w := range c {
		all += w
	}
	return all
}

// limit makes the widest columns as narrow as each other, so that all of them
// take no more than some width.
func (c cells) limit(width float32) {
	rising := slices.Sorted(slices.Values(c))
	for i, w := range rising {
		share := max(width, 0) / float32(len(rising)-i)
		if w > share {
			for j := range c {
				c[j] = min(c[j], share)
			}
			return
		}
		width -= w
	}
}

// cellsOf measures the cells of a line, if it is a row.
func (e *Editor) cellsOf(state uint32, l buffer.Line, next string) cellRow {
	key := cellsKey{l.Version, state, markdown.Look(next)}
	if row, ok := e.view.cells.Get(key); ok {
		return row
	}
	md := markdown.Parse(state, key.ahead, l.Text)
	row := cellRow{kind: md.Kind}
	switch md.Kind {
	case markdown.TableRow:
		row.shown = e.measureCells(&md, l.Text, false)
		row.hidden = e.measureCells(&md, l.Text, true)
	case markdown.TableRule:
		row.aligns = alignsOf(l.Text)
	}
	e.view.cells.Put(key, row, 1)
	return row
}

// alignsOf reads a delimiter row (GFM 0.29, section 4.10).
func alignsOf(text string) []align {
	text = strings.Trim(text, " \t>")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "|"), "|")
	var out []align
	for cell := range strings.SplitSeq(text, "|") {
		cell = strings.TrimSpace(cell)
		a := alignLeft
		switch {
		case strings.HasPrefix(cell, ":") && strings.HasSuffix(cell, ":") && len(cell) > 1:
			a = alignCentre
		case strings.HasSuffix(cell, ":"):
			a = alignRight
		}
		out = append(out, a)
	}
	return out
}

func (e *Editor) measureCells(md *markdown.Line, text string, hide bool) cells {
	c := composer{shape: textShape.times(e.settings.zoom()), hide: hide}
	var out cells
	for i := range md.Spans {
		s := &md.Spans[i]
		if s.Cell == 0 || s.Cell > maxCells {
			continue
		}
		for len(out) < s.Cell {
			out = append(out, 0)
		}
		if !hide || !s.Hide {
			out[s.Cell-1] += e.setter.Width(c.ink(s.Style|rowStyle(md)), typeset.Printable(text[s.From:s.To]))
		}
	}
	return out
}

// pads are the room beside each cell of a row, up to where the next column
// begins.
func (t *table) pads(row cells) []pad {
	out := make([]pad, len(row))
	var end, at float32 // of the column, and of the row so far
	for c, w := range row {
		if c >= len(t.widths) {
			break
		}
		end += t.widths[c]
		room := max(0, end-at-w)
		at += w + room
		a := alignLeft
		if c < len(t.aligns) {
			a = t.aligns[c]
		}
		switch a {
		case alignRight:
			out[c] = pad{before: room}
		case alignCentre:
			out[c] = pad{room / 2, room - room/2}
		default:
			out[c] = pad{after: room}
		}
	}
	return out
}
