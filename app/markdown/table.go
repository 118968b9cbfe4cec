package markdown

import "strings"

// table deals with the lines of tables, and with text.
func (s *scanner) table() {
	rest := s.line[s.pos:]
	if s.was.mode == modeTable && !s.closed && !s.begun {
		s.paragraph(false)
		s.kind, s.level = TableRow, 0
		s.next.mode = modeTable
		return
	}
	if s.lazy() && !s.closed && s.indent() < 4 {
		if n := delimiterCells(rest); n > 0 && n&cellMask == s.was.cells {
			s.paragraph(false)
			s.kind, s.level = TableRule, 0
			s.next.mode = modeTable
			return
		}
	}
	s.paragraph(true)
}

// delimiterCells is the number of cells of a table's delimiter row, or 0 if the
// line is none.
func delimiterCells(rest string) int {
	if rest[0] != '|' && rest[0] != '-' && rest[0] != ':' || len(rest) > MaxInline {
		return 0
	}
	if strings.Trim(rest, "|-: \t\r") != "" {
		return 0
	}
	n, signs := 0, strings.ContainsAny(rest, "|:")
	row := cellsOf(rest, 0, len(rest))
	for from, to, ok := row.next(); ok; from, to, ok = row.next() {
		c := strings.Trim(rest[from:to], " \t\r")
		c = strings.TrimSuffix(strings.TrimPrefix(c, ":"), ":")
		if c == "" || strings.Trim(c, "-") != "" {
			return 0
		}
		n++
	}
	if !signs {
		return 0
	}
	return n
}

// countCells is the number of cells that a line would have as a table's row.
func countCells(rest string) int {
	if strings.IndexByte(rest, '|') < 0 {
		return 1
	}
	n := 0
	row := cellsOf(rest, 0, len(rest))
	for _, _, ok := row.next(); ok; _, _, ok = row.next() {
		n++
	}
	return n
}

// cells goes through a table's row.
type cells struct {
	line string
	at   int // where the next cell begins
	to   int
}

// cellsOf begins behind the pipe that a row may begin with.
func cellsOf(line string, from, to int) cells {
	for to > from && isSpace(line[to-1]) {
		to--
	}
	if from < to && line[from] == '|' {
		from++
	}
	return cells{line: line, at: from, to: to}
}

// next returns the bounds of a cell, without the pipes around it; a pipe behind
// a backslash does not count (GFM, section 4.10).
func (c *cells) next() (from, to int, ok bool) {
	if c.at >= c.to {
		return 0, 0, false
	}
	from = c.at
	for i := from; i < c.to; i++ {
		if c.line[i] == '|' && (i == 0 || c.line[i-1] != '\\') {
			c.at = i + 1
			return from, i, true
		}
	}
	c.at = c.to
	return from, c.to, true
}
