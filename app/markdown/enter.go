package markdown

import "strings"

// Enter is what the enter key does at a place: it continues a list, a quote or
// the indentation of code, or ends what would be continued empty. In a table it
// adds a row below, or leaves the table at an empty last one. It returns false
// where a plain newline is right.
func Enter(t Text, at Pos) (Result, bool) {
	if r, ok := enterRow(t, at); ok {
		return r, true
	}
	line := t.Line(at.Line)
	b := scan(t.State(at.Line), line)
	switch b.kind {
	case Code, FrontMatter, HTML:
		return enterCode(t, at, &b)
	}
	if it, ok := itemOf(&b, line); ok {
		return enterItem(t, at, &b, it), true
	}
	switch {
	case b.n > 0 && b.parts[0].kind == partQuote:
		return enterQuote(t, at, &b), true
	case b.content > 0 && b.entered != 0 && at.Offset >= b.content && b.kind != Blank:
		return insertLine(t, at, line[:b.content]), true
	}
	return Result{}, false
}

// insertLine breaks a line and begins the new one with something.
func insertLine(t Text, at Pos, start string) Result {
	line := t.Line(at.Line)
	to := at.Offset
	for to < len(line) && line[to] == ' ' {
		to++
	}
	caret := Pos{Line: at.Line + 1, Offset: len(start)}
	return Result{
		Changes: []Change{{Line: at.Line, From: at.Offset, To: to, Text: "\n" + start}},
		Caret:   caret, Anchor: caret,
	}
}

// insertAbove puts a line above that of the caret.
func insertAbove(at Pos, text string) Result {
	caret := Pos{Line: at.Line + 1, Offset: at.Offset}
	return Result{
		Changes: []Change{{Line: at.Line, Text: text + "\n"}},
		Caret:   caret, Anchor: caret,
	}
}

func enterCode(t Text, at Pos, b *block) (Result, bool) {
	line := t.Line(at.Line)
	end := b.content
	for end < len(line) && isSpace(line[end]) {
		end++
	}
	if it, ok := itemOf(b, line); ok {
		return insertLine(t, at, beneath(line, it.from, end)), true
	}
	end = min(end, at.Offset)
	if end == 0 {
		return Result{}, false
	}
	r := insertLine(t, at, line[:end])
	r.Changes[0].To = at.Offset // spaces behind the caret are code
	return r, true
}

// beneath is the start of a line with all that is not a quote's sign as spaces.
func beneath(line string, from, to int) string {
	return line[:from] + strings.Repeat(" ", to-from)
}

func enterQuote(t Text, at Pos, b *block) Result {
	line := t.Line(at.Line)
	last := b.parts[b.n-1]
	end := last.to
	if end < len(line) && isSpace(line[end]) {
		end++
	}
	if strings.Trim(line[last.to:], " \t\r") == "" {
		return takeOff(t, at.Line, last.from)
	}
	if at.Offset < end {
		return insertAbove(at, "")
	}
	return insertLine(t, at, line[:last.to]+" ")
}

// takeOff ends a line at a byte, and orders the list around it.
func takeOff(t Text, line, at int) Result {
	d := newDraft(t, line)
	l := d.at(line)
	l.text = l.text[:at]
	i := line - d.first
	d.order(i, i)
	return d.result(fromEnd{i, 0}, fromEnd{i, 0})
}

func enterItem(t Text, at Pos, b *block, it item) Result {
	line := t.Line(at.Line)
	switch {
	case b.kind == Item && b.content >= len(strings.TrimRight(line, " \t\r")) && at.Offset >= it.to:
		return leaveItem(t, at.Line, b, it)
	case at.Offset < b.content:
		return insertAbove(at, strings.TrimRight(line[:b.outer], " "))
	case b.kind == Fence || b.kind == Code:
		return insertLine(t, at, beneath(line, it.from, b.content))
	}
	return splitItem(t, at, b, it)
}

// leaveItem ends a list at an empty item, or takes the item out one level.
func leaveItem(t Text, line int, b *block, it item) Result {
	if it.nested > 0 {
		last := b.parts[b.n-1]
		for i := b.n - 1; last.kind != partBullet && last.kind != partNumber && last.kind != partQuote; i-- {
			last = b.parts[i-1]
		}
		return takeOff(t, line, last.from)
	}
	end := Pos{Line: line, Offset: len(t.Line(line))}
	if it.depth > 1 {
		if r, ok := Nest(t, end, end, true); ok && len(r.Changes) > 0 {
			return r
		}
	}
	return takeOff(t, line, b.outer)
}

// splitItem breaks an item in two.
func splitItem(t Text, at Pos, b *block, it item) Result {
	line := t.Line(at.Line)
	last, start := newItem(line, b, it)
	d := newDraft(t, at.Line)
	below := strings.TrimLeft(line[at.Offset:], " ")
	d.split(at.Line, line[:at.Offset], start+below)
	i := at.Line + 1 - d.first
	if last == it.from && strings.HasPrefix(start, line[:it.to]) {
		d.lines[i].moved = true
	}
	d.order(i, i)
	return d.result(fromEnd{i, len(below)}, fromEnd{i, len(below)})
}

// newItem is how a line that continues the innermost item of another begins;
// last is that item's marker, or 0 if there is a quote within.
func newItem(line string, b *block, it item) (last int, start string) {
	var out strings.Builder
	out.WriteString(line[:it.from])
	at := it.from
	for i := range b.n {
		p := b.parts[i]
		if p.from < it.from {
			continue
		}
		out.WriteString(beneath(line, at, p.from)[at:])
		at = p.to
		switch {
		case p.kind == partQuote:
			out.WriteString(">")
		case containerBehind(b, i):
			out.WriteString(strings.Repeat(" ", p.to-p.from))
		case p.kind == partBox || p.kind == partTicked:
			out.WriteString("[ ]")
		default:
			out.WriteString(line[p.from:p.to])
			last = p.from
		}
	}
	end := at + gap(line[at:])
	out.WriteString(strings.Repeat(" ", end-at))
	return last, out.String()
}

// containerBehind reports whether another item or quote begins in the line
// behind a part.
func containerBehind(b *block, i int) bool {
	for _, p := range b.parts[i+1 : b.n] {
		if p.kind != partBox && p.kind != partTicked {
			return true
		}
	}
	return false
}

// Backspace takes the marker off an empty item, or a > off an empty quote. It
// returns false where a plain backspace is right.
func Backspace(t Text, at Pos) (Result, bool) {
	line := t.Line(at.Line)
	b := scan(t.State(at.Line), line)
	if b.n == 0 || at.Offset < b.content || strings.Trim(line[b.content:], " \t\r") != "" {
		return Result{}, false
	}
	if b.kind != Item && b.kind != Quote {
		return Result{}, false
	}
	for i := b.n - 1; i >= 0; i-- {
		if p := b.parts[i]; p.kind != partBox && p.kind != partTicked {
			return takeOff(t, at.Line, p.from), true
		}
	}
	return Result{}, false
}
