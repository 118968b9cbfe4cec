package markdown

// partKind is what a piece at the start of a line is.
type partKind uint8

const (
	partQuote partKind = iota
	partBullet
	partNumber
	partBox
	partTicked
	partNote // [^label]:
)

// part is a marker of something that a line lies in or begins.
type part struct {
	kind     partKind
	from, to int // bytes
}

// maxParts is how many markers at a line's start are told apart; what follows
// is text.
const maxParts = 12

// block is what a line is, and how it changes the state.
type block struct {
	kind   Kind
	level  int
	quotes int
	next   flow
	parts  [maxParts]part
	n      int // of parts
	// content is the byte where the text of the line begins.
	content int
	// marks is the end of what introduces the text: a heading's # and space.
	marks int
	// column of content, and where that of the innermost container begins,
	// both counted from behind the quotes.
	column, base int
	continues    bool // the paragraph above
	// outer is the byte behind the quotes that are open, and dent the column of
	// the first marker behind them, counted from there.
	outer, dent int
	// entered is the open items that the line is indented into.
	entered columns
}

// scanner goes through the start of a line.
type scanner struct {
	block
	line     string
	was      flow
	pos, col int  // byte and column
	origin   int  // column behind the quotes
	from     int  // column at which the innermost container's content begins
	quotes   int  // open in the state, to begin with
	closed   bool // some container of the paragraph above has ended
	begun    bool // a marker of this line opened a container
	inner    int  // quotes inside items
	// innerItems are the items inside those.
	innerItems int
}

// scan finds out what a line is (CommonMark 0.31, sections 4 and 5).
func scan(s State, line string) block {
	sc := scanner{line: line, was: unpack(s)}
	if sc.front(s) {
		return sc.block
	}
	sc.next = sc.was
	sc.next.length = 0
	sc.next.cells = 0
	sc.skip()
	sc.enterQuotes()
	if sc.pos == len(line) {
		sc.blank()
		return sc.block
	}
	sc.enterItems()
	if sc.inside() {
		return sc.block
	}
	sc.next.mode, sc.next.length = modeNone, 0
	sc.leaf()
	return sc.block
}

// skip goes past spaces and tabs.
func (s *scanner) skip() {
	for s.pos < len(s.line) {
		switch s.line[s.pos] {
		case ' ':
			s.col++
		case '\t':
			s.col += 4 - s.col%4
		case '\r':
			if s.pos != len(s.line)-1 {
				return
			}
		default:
			return
		}
		s.pos++
	}
}

func (s *scanner) indent() int { return s.col - s.from }

func (s *scanner) add(kind partKind, from, to int) {
	if s.n < maxParts {
		s.parts[s.n] = part{kind, from, to}
		s.n++
	}
}

// room reports whether one more container can be told.
func (s *scanner) room() bool { return s.n < maxParts-2 }

// takeQuote goes past a > and the space behind it.
func (s *scanner) takeQuote() {
	s.add(partQuote, s.pos, s.pos+1)
	s.pos++
	s.col++
	s.from = s.col
	if s.pos < len(s.line) && (s.line[s.pos] == ' ' || s.line[s.pos] == '\t') {
		s.from++
	}
	s.skip()
}

// atQuote reports whether a quote begins here.
func (s *scanner) atQuote() bool {
	return s.pos < len(s.line) && s.line[s.pos] == '>' && s.indent() < 4 && s.room()
}

// enterQuotes goes past the marks of the quotes that are open.
func (s *scanner) enterQuotes() {
	depth := 0
	for depth < s.was.quotes && s.atQuote() {
		s.takeQuote()
		depth++
	}
	s.origin = s.from
	s.outside()
	s.quotes = depth
	s.block.quotes = depth
	if depth < s.was.quotes {
		s.close()
		s.next.items = 0
	}
}

// outside notes where the quotes end.
func (s *scanner) outside() {
	if s.n > 0 {
		s.outer = s.parts[s.n-1].to
		if s.outer < len(s.line) && s.line[s.outer] == ' ' {
			s.outer++
		}
	}
	s.dent = s.col - s.origin
}

// close notes that the block of several lines above has ended, but for what a
// paragraph's line continues lazily.
func (s *scanner) close() {
	s.closed = true
	s.was.mode = modeNone
}

func (s *scanner) blank() {
	s.kind = Blank
	if s.n > 0 {
		s.kind = Quote
	}
	s.content = len(s.line)
	s.level = s.quotes
	s.next.quotes = s.quotes
	s.next.text = false
	switch s.was.mode {
	case modeTicks, modeTildes:
		s.kind = Code
		s.next.length = s.was.length
		return
	case modeHTML:
		if s.was.length < htmlBlock {
			s.kind = HTML
			s.next.length = s.was.length
			return
		}
	}
	s.next.mode = modeNone
}

// enterItems finds which of the open items the line is indented into.
func (s *scanner) enterItems() {
	open := s.next.items.upTo(s.col - s.origin)
	if open != s.was.items {
		s.close()
	}
	s.next.items, s.entered = open, open
	s.dent = s.col - s.origin
	s.from = s.origin + open.last()
}

// inside deals with lines of an open code or HTML block.
func (s *scanner) inside() bool {
	switch s.was.mode {
	case modeTicks, modeTildes:
		s.kind = Code
		s.setContent()
		s.next.length = s.was.length
		if s.indent() < 4 && closesFence(s.line[s.pos:], s.was) {
			s.kind = Fence
			s.content = s.pos
			s.next.mode, s.next.length = modeNone, 0
		}
		return true
	case modeHTML:
		s.kind = HTML
		s.setContent()
		s.next.length = s.was.length
		if endsHTML(s.line[s.pos:], s.was.length) {
			s.next.mode, s.next.length = modeNone, 0
		}
		return true
	}
	return false
}

// setContent lets the content begin at the innermost container's column, for
// blocks that keep what they are indented by beyond it.
func (s *scanner) setContent() {
	at := s.pos
	for col := s.col; at > 0 && col > s.from && s.line[at-1] == ' '; col-- {
		at--
	}
	s.content = at
}

// leaf goes through the containers that begin in the line and then tells what
// its text is.
func (s *scanner) leaf() {
	for {
		if s.pos == len(s.line) { // an empty item
			s.next.text = false
			s.paragraph(false)
			return
		}
		if s.indent() >= 4 {
			s.indented()
			return
		}
		if !s.container() {
			break
		}
	}
	if !s.special() {
		s.table()
	}
}

// indented is a line of code, or text if a paragraph goes on.
func (s *scanner) indented() {
	if s.next.text && !s.begun {
		s.table()
		return
	}
	s.kind = Code
	s.setContent()
	s.end()
}

// end notes that the line's block is over with it.
func (s *scanner) end() {
	s.next.text = false
	s.next.quotes = s.quotes
	s.block.quotes = s.quotes + s.inner
}

// lazy reports whether the line would continue the paragraph above.
func (s *scanner) lazy() bool { return s.was.text && !s.begun }

// paragraph ends the scan at a line of text.
func (s *scanner) paragraph(text bool) {
	s.content = s.pos
	s.marks = s.pos
	s.continues = s.lazy()
	if s.continues && s.closed {
		s.next.quotes, s.next.items = s.was.quotes, s.was.items
	} else {
		s.next.quotes = s.quotes
	}
	s.block.quotes = s.next.quotes + s.inner
	s.next.text = text
	s.column = s.col - s.origin
	s.base = s.from - s.origin
	switch {
	case s.begun && s.n > 0 && s.parts[s.n-1].kind == partNote:
		s.kind = Footnote
	case s.begun && s.hasItem():
		s.kind, s.level = Item, s.depth()
	case s.block.quotes > 0:
		s.kind, s.level = Quote, s.block.quotes
	default:
		s.kind = Paragraph
	}
	if text && len(s.line) <= MaxInline {
		s.next.cells = countCells(s.line[s.pos:])
	}
}

func (b *block) hasItem() bool {
	for _, p := range b.parts[:b.n] {
		if p.kind == partBullet || p.kind == partNumber {
			return true
		}
	}
	return false
}

// depth is how deep the item that begins in the line is nested.
func (s *scanner) depth() int {
	return max(s.next.items.depth()+s.innerItems, 1)
}
