package markdown

import "strings"

// Pipe is what a typed | does at a place in a row that has all its cells
// already, as enter and tab make them: in a row with nothing in it it begins the
// row anew, to be typed by hand, and with nothing but empty cells behind the
// place it steps over the one that ends the cell. It returns false where a plain
// | is right.
func Pipe(t Text, at Pos) (Result, bool) {
	line := t.Line(at.Line)
	b := scan(t.State(at.Line), line)
	if b.kind != TableRow || at.Offset <= b.content || line[b.content] != '|' || line[at.Offset-1] == '\\' {
		return Result{}, false
	}
	row := rowOf(&b, line)
	i := row.index(at.Offset)
	if i < 0 || i >= len(row.cells) || !row.closed || len(row.cells) != columnsAbove(t, at.Line) {
		return Result{}, false
	}
	switch cell := row.cells[i]; {
	case i == 0 && emptyRow(line[b.content:]):
		return put(at.Line, b.content, len(line), "|"), true
	case !emptyRow(line[at.Offset:]):
		return Result{}, false
	case i+1 < len(row.cells): // what follows is typed with the space before it
		next := row.cells[i+1]
		return put(at.Line, cell.last(line, at.Offset), min(next.start+1, next.end), pipeBehind(line, at.Offset)), true
	default:
		return put(at.Line, cell.last(line, at.Offset), cell.end+1, pipeBehind(line, at.Offset)), true
	}
}

// emptyRow reports whether there is nothing but pipes in a part of a row.
func emptyRow(part string) bool { return strings.Trim(part, "| \t\r") == "" }

// last is where the blanks begin before an offset in a cell.
func (c *tableCell) last(line string, offset int) int {
	return max(c.start, len(strings.TrimRight(line[:offset], " \t")))
}

// pipeBehind is a pipe with the space before it that a cell ends with.
func pipeBehind(line string, offset int) string {
	if line[offset-1] == '|' {
		return "  |"
	}
	return " |"
}

// put is a change of one line that leaves the caret behind what it writes.
func put(line, from, to int, text string) Result {
	caret := Pos{Line: line, Offset: from + len(text)}
	return Result{
		Changes: []Change{{Line: line, From: from, To: to, Text: text}},
		Caret:   caret, Anchor: caret,
	}
}
