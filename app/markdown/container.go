package markdown

// container goes past the marker of a quote, an item or a footnote.
func (s *scanner) container() bool {
	if !s.room() {
		return false
	}
	switch c := s.line[s.pos]; {
	case c == '>':
		s.openQuote()
		return true
	case c == '[':
		return s.openNote()
	case c == '-' || c == '+' || c == '*':
		return !isRule(s.line[s.pos:]) && !s.underlines() && s.openItem(1, partBullet)
	case '0' <= c && c <= '9':
		n := numberMark(s.line[s.pos:])
		return n > 0 && s.openItem(n, partNumber)
	}
	return false
}

// fresh notes that a container begins.
func (s *scanner) fresh() {
	s.begun = true
	s.next.text = false
}

func (s *scanner) openQuote() {
	s.fresh()
	s.takeQuote()
	if s.next.items != 0 || s.inner > 0 {
		s.inner++
		return
	}
	s.quotes++
	s.origin = s.from
	s.outside()
}

// openItem goes past a list's marker of n bytes, the white space behind it and
// a task's box.
func (s *scanner) openItem(n int, kind partKind) bool {
	after := s.pos + n
	if after < len(s.line) && !isSpace(s.line[after]) {
		return false
	}
	if s.lazy() && !s.closed && !s.mayInterrupt(n, kind) {
		return false
	}
	s.fresh()
	s.add(kind, s.pos, after)
	s.pos = after
	s.col += n
	end := s.col
	s.skip()
	s.from = s.col
	if s.pos == len(s.line) || s.col-end > 4 {
		s.from = end + 1
	}
	if s.inner == 0 {
		s.next.items = s.next.items.with(s.from - s.origin)
	} else {
		s.innerItems++
	}
	s.box()
	return true
}

// mayInterrupt reports whether an item may end a paragraph without a blank line
// between them. An empty one may within an item, since that is where people
// begin one.
func (s *scanner) mayInterrupt(n int, kind partKind) bool {
	if kind == partNumber && (n != 2 || s.line[s.pos] != '1') {
		return false
	}
	if s.next.items != 0 && s.pos+n < len(s.line) {
		return true
	}
	for _, c := range []byte(s.line[s.pos+n:]) {
		if !isSpace(c) {
			return true
		}
	}
	return false
}

// box goes past a task's box.
func (s *scanner) box() {
	rest := s.line[s.pos:]
	if s.indent() > 0 || len(rest) < 4 || rest[0] != '[' || rest[2] != ']' || !isSpace(rest[3]) {
		return
	}
	switch rest[1] {
	case ' ':
		s.add(partBox, s.pos, s.pos+3)
	case 'x', 'X':
		s.add(partTicked, s.pos, s.pos+3)
	default:
		return
	}
	s.pos += 3
	s.col += 3
	s.skip()
	s.from = s.col
}

// openNote goes past the label of a footnote.
func (s *scanner) openNote() bool {
	n := noteLabel(s.line[s.pos:])
	if n == 0 || s.pos+n == len(s.line) || s.line[s.pos+n] != ':' || s.inner > 0 {
		return false
	}
	s.fresh()
	s.add(partNote, s.pos, s.pos+n+1)
	s.next.items = s.next.items.with(s.from - s.origin + 4)
	s.pos += n + 1
	s.col += n + 1
	s.skip()
	s.from = s.col
	return true
}

// numberMark is the length of an ordered item's marker, or 0.
func numberMark(rest string) int {
	n := 0
	for n < len(rest) && n < 9 && '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	if n == 0 || n == len(rest) || rest[n] != '.' && rest[n] != ')' {
		return 0
	}
	return n + 1
}

// noteLabel is the length of a footnote's [^label] at the start of s, or 0.
func noteLabel(s string) int {
	if len(s) < 4 || s[0] != '[' || s[1] != '^' {
		return 0
	}
	for i := 2; i < len(s) && i < 1000; i++ {
		switch s[i] {
		case ' ', '\t', '[', '^':
			return 0
		case ']':
			if i == 2 {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
