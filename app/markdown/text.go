package markdown

// Text is a text as a command sees it: lines without their newlines, and the
// state above each. Lines are counted from 0.
type Text interface {
	Lines() int
	Line(i int) string
	State(i int) State
}

// Pos is a place in a text: before the byte Offset of a line.
type Pos struct{ Line, Offset int }

func (p Pos) before(q Pos) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Offset < q.Offset
}

// order returns two places in the order of the text.
func order(a, b Pos) (from, to Pos) {
	if b.before(a) {
		return b, a
	}
	return a, b
}

// Change replaces the bytes From to To of a line of the old text. Text may hold
// newlines.
type Change struct {
	Line, From, To int
	Text           string
	// Join says that the newline before the line goes as well; From is 0 then.
	// No other change of such a Result brings newlines.
	Join bool
}

// Result is what a command does: changes that ascend and lie apart, and where
// the caret and the other end of the selection are in the new text.
type Result struct {
	Changes       []Change
	Caret, Anchor Pos
}

// linesOf is the lines of a selection. A last line of which nothing is selected
// does not count.
func linesOf(caret, anchor Pos) (first, last int) {
	from, to := order(caret, anchor)
	if to.Line > from.Line && to.Offset == 0 {
		to.Line--
	}
	return from.Line, to.Line
}

// ahead is what the line below i makes of it.
func ahead(t Text, i int) Ahead {
	if i+1 >= t.Lines() {
		return 0
	}
	return Look(t.Line(i + 1))
}

// blockAt is the block of a line, with what the line below makes of it.
func blockAt(t Text, i int) block {
	b := scan(t.State(i), t.Line(i))
	a := ahead(t, i)
	a.apply(&b, t.Line(i))
	return b
}
