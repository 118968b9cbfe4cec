package markdown

import "strings"

// special deals with what is neither text nor a table.
func (s *scanner) special() bool {
	rest := s.line[s.pos:]
	switch rest[0] {
	case '#':
		return s.heading(rest)
	case '`', '~':
		return s.fence(rest)
	case '-', '=', '*', '_':
		return s.underline() || s.rule(rest)
	case '<':
		return s.html(rest)
	case '[':
		return s.definition(rest)
	}
	return false
}

func (s *scanner) heading(rest string) bool {
	n := runLength(rest)
	if n > 6 || n < len(rest) && !isSpace(rest[n]) {
		return false
	}
	s.kind, s.level = Heading, n
	s.content = s.pos
	for n < len(rest) && isSpace(rest[n]) {
		n++
	}
	s.marks = s.pos + n
	s.end()
	return true
}

func (s *scanner) fence(rest string) bool {
	n := runLength(rest)
	if n < 3 || rest[0] == '`' && strings.IndexByte(rest[n:], '`') >= 0 {
		return false
	}
	s.kind = Fence
	s.content = s.pos
	s.marks = s.pos + n
	s.end()
	if s.inner == 0 {
		s.next.mode, s.next.length = modeTicks, min(n, lengthMask)
		if rest[0] == '~' {
			s.next.mode = modeTildes
		}
	}
	return true
}

// closesFence reports whether a line ends the fenced code that is open.
func closesFence(rest string, f flow) bool {
	mark := byte('`')
	if f.mode == modeTildes {
		mark = '~'
	}
	if rest == "" || rest[0] != mark {
		return false
	}
	n := runLength(rest)
	return n >= f.length && strings.Trim(rest[n:], " \t\r") == ""
}

func (s *scanner) rule(rest string) bool {
	if !isRule(rest) {
		return false
	}
	s.kind = Rule
	s.content = s.pos
	s.end()
	return true
}

// isRule reports whether a line is three or more of one of - * _, and spaces.
func isRule(rest string) bool {
	c := rest[0]
	if c != '-' && c != '*' && c != '_' {
		return false
	}
	marks := 0
	for i := range len(rest) {
		switch {
		case rest[i] == c:
			marks++
		case !isSpace(rest[i]):
			return false
		}
	}
	return marks >= 3
}

// underlines reports whether the line makes the paragraph above a heading.
func (s *scanner) underlines() bool {
	return s.lazy() && !s.closed && underlineLevel(s.line[s.pos:]) > 0
}

func (s *scanner) underline() bool {
	if !s.underlines() {
		return false
	}
	s.kind, s.level = Underline, underlineLevel(s.line[s.pos:])
	s.content = s.pos
	s.end()
	return true
}

// underlineLevel is the level of the heading above a line, or 0.
func underlineLevel(rest string) int {
	if rest == "" || rest[0] != '=' && rest[0] != '-' {
		return 0
	}
	n := runLength(rest)
	if strings.Trim(rest[n:], " \t\r") != "" {
		return 0
	}
	if rest[0] == '=' {
		return 1
	}
	if n < 2 {
		return 0
	}
	return 2
}

// definition is a line [label]: destination.
func (s *scanner) definition(rest string) bool {
	if s.lazy() {
		return false
	}
	n, ok := definitionOf(rest)
	if !ok {
		return false
	}
	s.kind = Definition
	s.content = s.pos
	s.marks = s.pos + n
	s.end()
	return true
}

// definitionOf returns the length of [label]: and the white space behind it.
func definitionOf(rest string) (n int, ok bool) {
	label := labelLength(rest)
	if label <= 2 || rest[1] == '^' || label == len(rest) || rest[label] != ':' {
		return 0, false
	}
	n = label + 1
	for n < len(rest) && isSpace(rest[n]) {
		n++
	}
	_, _, end, ok := destination(rest, n)
	if !ok || end == n {
		return 0, false
	}
	last, ok := titleEnd(rest, end, len(rest))
	return n, ok && last == len(rest)
}

// runLength is how often the first byte of s stands at its start.
func runLength(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}
