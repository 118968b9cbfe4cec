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
	for from, to := range cells(rest, 0, len(rest)) {
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
	for range cells(rest, 0, len(rest)) {
		n++
	}
	return n
}

// cells yields the bounds of a row's cells, without the pipes around them; one
// behind a backslash does not count (GFM, section 4.10).
func cells(line string, from, to int) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for to > from && isSpace(line[to-1]) {
			to--
		}
		if from < to && line[from] == '|' {
			from++
		}
		start := from
		for i := from; i < to; i++ {
			if line[i] != '|' || i > 0 && line[i-1] == '\\' {
				continue
			}
			if !yield(start, i) {
				return
			}
			start = i + 1
		}
		if start < to {
			yield(start, to)
		}
	}
}
