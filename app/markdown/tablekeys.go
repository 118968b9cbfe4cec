package markdown

import "strings"

// NextCell is what tab does in a table, or shift+tab with back: it selects the
// text of the next cell, or of the one before. Behind the last cell of the last
// row it adds a row. It returns false outside of tables.
func NextCell(t Text, at Pos, back bool) (Result, bool) {
	b := blockAt(t, at.Line)
	row := rowOf(&b, t.Line(at.Line))
	switch {
	case b.kind == TableRule && back:
		return cellAt(t, at.Line-1, -1)
	case b.kind == TableRule:
		return nextRow(t, at.Line), true
	case b.kind != TableRow || b.level == 1 && kindAt(t, at.Line+1) != TableRule:
		return Result{}, false
	}
	i := row.index(at.Offset)
	switch {
	case back && i > 0:
		return selectCell(at.Line, row.cells[i-1]), true
	case !back && i+1 < len(row.cells):
		return selectCell(at.Line, row.cells[i+1]), true
	case back:
		return rowAbove(t, at.Line, b.level, &row)
	}
	return nextRow(t, at.Line), true
}

// rowAbove selects the last cell of the row above one, or the first cell of a
// table's header.
func rowAbove(t Text, line, level int, row *tableRow) (Result, bool) {
	if level == 1 {
		if len(row.cells) == 0 {
			return Result{}, false
		}
		return selectCell(line, row.cells[0]), true
	}
	line--
	if kindAt(t, line) == TableRule {
		line--
	}
	return cellAt(t, line, -1)
}

// nextRow selects the first cell of the row below a line, or adds one.
func nextRow(t Text, line int) Result {
	if kindAt(t, line+1) == TableRule {
		line++
	}
	if kindAt(t, line+1) == TableRow {
		if r, ok := cellAt(t, line+1, 0); ok {
			return r
		}
	}
	return addRow(t, line)
}

// kindAt is what a line is by what is above it, blank behind the last: a row
// then is one below a table's delimiters.
func kindAt(t Text, line int) Kind {
	if line >= t.Lines() {
		return Blank
	}
	b := scan(t.State(line), t.Line(line))
	return b.kind
}

// cellAt selects a cell of a row, counted from 0, or the last.
func cellAt(t Text, line, cell int) (Result, bool) {
	b := blockAt(t, line)
	row := rowOf(&b, t.Line(line))
	if cell < 0 {
		cell = len(row.cells) - 1
	}
	if cell < 0 || cell >= len(row.cells) {
		return Result{}, false
	}
	return selectCell(line, row.cells[cell]), true
}

func selectCell(line int, c tableCell) Result {
	return Result{Anchor: Pos{Line: line, Offset: c.from}, Caret: Pos{Line: line, Offset: c.to}}
}

// addRow adds an empty row below a line of a table, and goes to its first cell.
func addRow(t Text, line int) Result {
	old := t.Line(line)
	b := blockAt(t, line)
	start := old[:b.content]
	text := "\n" + start + "|" + strings.Repeat("  |", columnsAbove(t, line))
	caret := Pos{Line: line + 1, Offset: len(start) + len("| ")}
	return Result{Changes: []Change{{Line: line, From: len(old), To: len(old), Text: text}}, Caret: caret, Anchor: caret}
}

// columnsAbove is how many columns the table around a line has: those of its
// delimiters, or, if these are far above, of the line.
func columnsAbove(t Text, line int) int {
	for i := line; i >= 0 && line-i < maxRenumber; i-- {
		b := blockAt(t, i)
		if b.kind == TableRule {
			return countCells(t.Line(i)[b.content:])
		}
	}
	b := blockAt(t, line)
	return countCells(t.Line(line)[b.content:])
}

// enterRow adds a row below that of a place. At an empty last row it takes that
// away and leaves the table. It returns false outside of tables, and before the
// header, where lines are put above a table. Who types a table without pipes at
// the ends of its rows, or ends a row before it is whole, gets a plain line.
func enterRow(t Text, at Pos) (Result, bool) {
	b := blockAt(t, at.Line)
	line := t.Line(at.Line)
	switch {
	case (b.kind == TableRule || b.kind == TableRow && b.level != 1) && byHand(t, at, &b):
		return insertLine(t, at, line[:b.content]), true
	case b.kind == TableRule:
		return addRow(t, at.Line), true
	case b.kind != TableRow || b.level == 1 && at.Offset <= b.content:
		return Result{}, false
	}
	below := at.Line + 1
	if b.level == 1 {
		if kindAt(t, below) != TableRule {
			return Result{}, false
		}
		return addRow(t, below), true
	}
	if kindAt(t, below) != TableRow && strings.Trim(line[b.content:], "| \t\r") == "" {
		return leaveTable(at.Line, line, b.content), true
	}
	return addRow(t, at.Line), true
}

// byHand reports whether a place is the end of a row that is typed with all its
// signs: one that does not begin with a pipe, or has not all cells yet.
func byHand(t Text, at Pos, b *block) bool {
	line := t.Line(at.Line)
	if strings.TrimRight(line[at.Offset:], " \t\r") != "" || at.Offset <= b.content {
		return false
	}
	return line[b.content] != '|' || b.kind == TableRow && countCells(line[b.content:]) < columnsAbove(t, at.Line)
}

// leaveTable puts two lines in place of a row: a blank one, since text right
// below a table would be a row, and that of the caret.
func leaveTable(line int, text string, content int) Result {
	start := text[:content]
	caret := Pos{Line: line + 1, Offset: len(start)}
	put := strings.TrimRight(start, " \t") + "\n" + start
	return Result{Changes: []Change{{Line: line, To: len(text), Text: put}}, Caret: caret, Anchor: caret}
}

// tableRow is the cells of a row.
type tableRow struct {
	cells  []tableCell
	closed bool // a pipe is behind the last cell
}

// tableCell is a cell, from the pipe before it to the one behind, and the text
// in it.
type tableCell struct{ start, from, to, end int }

func rowOf(b *block, line string) tableRow {
	var out tableRow
	row := cellsOf(line, b.content, len(line))
	for start, end, ok := row.next(); ok; start, end, ok = row.next() {
		c := tableCell{start: start, from: start, to: end, end: end}
		for c.from < end && isSpace(line[c.from]) {
			c.from++
		}
		for c.to > c.from && isSpace(line[c.to-1]) {
			c.to--
		}
		if c.from == end { // empty: behind the space that follows the pipe
			c.from = min(start+1, end)
			c.to = c.from
		}
		out.cells = append(out.cells, c)
		out.closed = end < len(line) && line[end] == '|'
	}
	return out
}

// index is the cell that an offset is in: -1 before all of them, and their
// number behind the last pipe.
func (r *tableRow) index(offset int) int {
	for i := range r.cells {
		if offset < r.cells[i].start {
			return i - 1
		}
		if offset <= r.cells[i].end {
			return i
		}
	}
	if r.closed {
		return len(r.cells)
	}
	return len(r.cells) - 1
}
