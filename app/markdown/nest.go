package markdown

// Nest moves the items of a selection, with all that they hold, one level in,
// or out: what tab and shift+tab do. An item goes in as far as the one before it
// has its text, and joins the list that it comes into; where the first of them
// has none before it all stay, or those behind would come below it. Of those that
// go out, the ones that are out already stay. Nest returns false if there is no
// item in the selection.
func Nest(t Text, from, to Pos, out bool) (Result, bool) {
	first, last := linesOf(from, to)
	for !itemAt(t, first) {
		if first++; first > last {
			return Result{}, false
		}
	}
	d := newDraft(t, min(first, from.Line, to.Line))
	n := nester{d: d, first: first - d.first, last: last - d.first, out: out}
	d.reach(max(from.Line, to.Line) - d.first)
	d.walk(n.line)
	d.order(n.first, max(n.last, n.end))
	return d.result(d.fromEnd(from), d.fromEnd(to)), true
}

// itemAt reports whether an item begins in a line.
func itemAt(t Text, line int) bool {
	b := scan(t.State(line), t.Line(line))
	_, ok := itemOf(&b, t.Line(line))
	return ok
}

// nester moves lines while a draft is walked through.
type nester struct {
	d           *draft
	first, last int // lines that are selected
	out         bool
	stuck       bool // the first item has nothing to go into
	end         int  // the last line that was looked at

	depth int // of the item that is being moved, 0 if none
	by    int // columns by which what it holds moves

	// Items of depth from go to the column target: those selected when they go
	// in, those behind the selection when it has gone out and they become a part
	// of what went.
	from, target int
	joined       bool // the first of those behind has joined
}

func (n *nester) line(i int, b *block, open []level) ([]level, bool) {
	line := &n.d.lines[i]
	it, ok := itemOf(b, line.text)
	if i >= n.first {
		n.end = i
		if n.depth > 0 && b.kind != Blank && !b.continues && b.entered.depth() < n.depth {
			n.depth = 0
		}
		switch {
		case n.depth == 0 && i > n.last && !(ok && n.follows(it)):
			return open, false
		case n.depth == 0 && ok:
			n.move(line, b, it, open, i > n.last)
		case n.depth > 0 && b.entered.depth() >= n.depth && b.kind != Blank:
			line.text = indent(line.text, b.outer, n.by)
		}
	}
	if ok {
		open = push(open, level{item: it})
	}
	return open, i < n.last+maxRenumber
}

// follows reports whether an item behind the selection becomes a part of what
// went out.
func (n *nester) follows(it item) bool { return n.out && n.from > 1 && it.depth == n.from }

// move moves the line in which an item begins, and gives it the marker of the
// list that it comes into.
func (n *nester) move(line *draftLine, b *block, it item, open []level, follows bool) {
	to := it
	switch {
	case follows:
		to.dent = max(n.target, it.dent)
		if !n.joined {
			to.joinAbove(open)
		}
		n.joined = true
	case n.out && it.depth == 1 && it.dent == 0:
		return // what it holds may go out without it
	case n.out:
		n.goOut(&to, open)
	case !n.stuck && it.depth <= len(open) && open[it.depth-1].column > 0:
		n.goIn(&to, open)
	default:
		n.stuck = true
	}
	n.depth = it.depth
	marker := to.marker()
	n.by = to.dent - it.dent + len(marker) - (it.to - it.from)
	if n.out && !follows {
		n.from, n.target, n.joined = it.depth, to.dent+it.column-it.dent+len(marker)-(it.to-it.from), false
	}
	text := line.text[:it.from] + marker + line.text[it.to:]
	line.text = indent(text, b.outer, to.dent-it.dent)
}

func (n *nester) goOut(to *item, open []level) {
	if to.depth > 1 && to.depth-1 <= len(open) {
		parent := open[to.depth-2].item
		if parent.column == 0 {
			return
		}
		to.dent = parent.dent
		if parent.sign != 0 {
			to.as(&parent)
		}
		return
	}
	to.dent = 0
}

func (n *nester) goIn(to *item, open []level) {
	if n.from != to.depth {
		n.from, n.target = to.depth, open[to.depth-1].column
	}
	to.dent = n.target
	to.joinAbove(open)
}

// joinAbove gives an item the marker of what the one before it holds last, since
// it comes behind that.
func (it *item) joinAbove(open []level) {
	switch {
	case it.depth < len(open) && open[it.depth].sign != 0:
		it.as(&open[it.depth].item)
	case it.ordered:
		it.number = 1
	}
}
