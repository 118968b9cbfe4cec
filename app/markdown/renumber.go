package markdown

// Renumber puts the numbers in order of the list that is around the lines first
// to last, from first on: for what moves lines without knowing of lists. Places
// are carried along.
func Renumber(t Text, first, last int, caret, anchor Pos) Result {
	d := newDraft(t, min(first, caret.Line, anchor.Line))
	d.reach(max(last, caret.Line, anchor.Line) - d.first)
	d.order(first-d.first, last-d.first)
	return d.result(d.fromEnd(caret), d.fromEnd(anchor))
}
