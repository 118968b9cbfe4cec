package markdown

// Ahead is what the next line makes of a line: 0 for nearly all lines. The
// lowest 6 bits say what the next line is, then 3 bits how many quotes it lies
// in and 5 bits what it is indented by.
type Ahead uint16

const (
	aheadWhat  = 0x3f
	aheadQuote = 6
	aheadDent  = 9
	maxDent    = 31

	aheadHeading1 = 1
	aheadHeading2 = 2
	aheadYAML     = 3
	aheadCells    = 3 // and the number of cells
)

// Look returns what a line means for the one above it.
func Look(next string) Ahead {
	s := scanner{line: next}
	s.skip()
	for s.block.n < quoteMask && s.atQuote() {
		s.takeQuote()
	}
	if s.pos == len(next) {
		return 0
	}
	rest := next[s.pos:]
	what := underlineLevel(rest)
	if what == 0 {
		if n := delimiterCells(rest); n > 0 && !(rest[0] == '-' && isSpace(rest[1])) { // which begins an item
			what = min(n+aheadCells, aheadWhat)
		} else if s.pos == 0 && isYAML(next) {
			what = aheadYAML
		}
	}
	if what == 0 {
		return 0
	}
	return Ahead(what | s.n<<aheadQuote | min(s.col-s.quoteColumn(), maxDent)<<aheadDent)
}

// quoteColumn is the column behind the quotes of a line that has only them.
func (s *scanner) quoteColumn() int { return s.from }

// reaches reports whether the next line is inside the paragraph that the block
// is, not beside it.
func (a Ahead) reaches(b *block) bool {
	indent := int(a>>aheadDent) - b.next.items.last()
	return b.next.text && int(a>>aheadQuote&quoteMask) == min(b.next.quotes, quoteMask) &&
		0 <= indent && indent < 4
}

// apply makes a block what the next line says it is.
func (a Ahead) apply(b *block, line string) {
	if !a.reaches(b) {
		return
	}
	switch what := int(a & aheadWhat); {
	case what == 0 || what == aheadYAML:
	case what <= aheadHeading2:
		b.kind, b.level = Heading, what
	case countCells(line[b.content:])&cellMask == (what-aheadCells)&cellMask:
		b.kind, b.level = TableRow, 1
	}
}
