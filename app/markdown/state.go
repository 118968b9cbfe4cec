package markdown

import "math/bits"

// State is what the lines above say about a line. It is 0 before the first
// line and only there. From the lowest bit on:
//
//	3 bits  mode: which block of several lines is open
//	5 bits  length of the open fence (31: or more), or the kind of HTML block,
//	        or 1 below the first line of front matter
//	3 bits  how many quotes are open (7: or more)
//	1 bit   the line above is text that a further line would continue
//	1 bit   always set, so that only the first line's state is 0
//	3 bits  cells of the line above, modulo 8, if it is text
//	16 bits the columns, from 2 on, at which the text of open list items
//	        begins, within the quotes (17: or more)
type State = uint32

const (
	lengthShift = 3
	lengthMask  = 31
	quoteShift  = 8
	quoteMask   = 7
	textBit     = 1 << 11
	begunBit    = 1 << 12
	cellShift   = 13
	cellMask    = 7
	columnShift = 16

	minColumn = 2
	maxColumn = 17
)

type mode uint8

const (
	modeNone mode = iota
	modeTicks
	modeTildes
	modeFront
	modeHTML
	modeTable
)

// flow is a State, unpacked.
type flow struct {
	mode   mode
	length int
	quotes int
	text   bool
	cells  int
	items  columns
}

// columns is a set of the columns at which open items' texts begin.
type columns uint32

func unpack(s State) flow {
	return flow{
		mode:   mode(s & 7),
		length: int(s >> lengthShift & lengthMask),
		quotes: int(s >> quoteShift & quoteMask),
		text:   s&textBit != 0,
		cells:  int(s >> cellShift & cellMask),
		items:  columns(s >> columnShift),
	}
}

func (f flow) pack() State {
	s := State(f.mode) | begunBit | State(f.items)<<columnShift
	s |= State(min(f.quotes, quoteMask)) << quoteShift
	s |= State(f.length&lengthMask) << lengthShift
	if f.text {
		s |= textBit | State(f.cells&cellMask)<<cellShift
	}
	return s
}

// upTo is the items that a line indented by so many columns is still inside.
func (c columns) upTo(column int) columns {
	if column < minColumn {
		return 0
	}
	return c & (1<<(min(column, maxColumn)-minColumn+1) - 1)
}

func (c columns) with(column int) columns {
	return c | 1<<(min(column, maxColumn)-minColumn)
}

func (c columns) without(column int) columns {
	if column < minColumn {
		return c
	}
	return c &^ (1 << (min(column, maxColumn) - minColumn))
}

func (c columns) depth() int { return bits.OnesCount32(uint32(c)) }

// last is the column of the innermost item's text, or 0.
func (c columns) last() int {
	if c == 0 {
		return 0
	}
	return bits.Len32(uint32(c)) - 1 + minColumn
}

// Next returns the state below a line.
func Next(s State, line string) State {
	b := scan(s, line)
	return b.next.pack()
}

// InCode reports whether a line with this state lies in a fenced code block or
// is the line that closes it.
func InCode(s State) bool {
	m := mode(s & 7)
	return m == modeTicks || m == modeTildes
}

// InTable reports whether a line with this state lies below the delimiter row of
// a table, with nothing but rows between, or ends that table.
func InTable(s State) bool { return mode(s&7) == modeTable }
