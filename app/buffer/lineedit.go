package buffer

import (
	"slices"
	"unicode/utf8"

	"starling/crdt"
)

// lineRange returns the first and the last line that the selection touches. A line
// at whose very start a selection ends does not count.
func (b *Buffer) lineRange() (first, last int) {
	from, to := b.Selection()
	first, _ = b.LineAt(from)
	last, start := b.LineAt(to)
	if last > first && to == start {
		last--
	}
	return first, last
}

// lineEnd is the place of the end of line i, before its newline.
func (b *Buffer) lineEnd(i int) int {
	s, start := b.text.at(i)
	return start + b.text.get(s).Runes
}

// eachLine calls f for the lines from first to last, with their starts.
func (b *Buffer) eachLine(first, last int, f func(start int, line *Line)) {
	s, start := b.text.at(first)
	for {
		line := b.text.get(s)
		f(start, line)
		if s.line == last {
			return
		}
		start += line.Runes + 1
		s = b.text.next(s)
	}
}

// MoveLines moves the selected lines past the one above or below, and the
// selection with them. Of the two the shorter piece is written anew.
func (b *Buffer) MoveLines(up bool) error {
	first, last := b.lineRange()
	if up && first == 0 || !up && last == b.Lines()-1 {
		return nil
	}
	middle := first // the first line of the lower part
	if up {
		first--
	} else {
		last++
		middle = last
	}
	start, below, end := b.LineStart(first), b.LineStart(middle), b.lineEnd(last)
	upper, lower := below-1-start, end-below
	splices := []Splice{
		{At: start, Insert: b.Slice(below, end) + "\n"},
		{At: below - 1, Delete: lower + 1},
	}
	if upper <= lower {
		splices = []Splice{
			{At: start, Delete: upper + 1},
			{At: end, Insert: "\n" + b.Slice(start, below-1)},
		}
	}
	by := lower + 1
	if up {
		by = -upper - 1
	}
	return b.Replace(splices, b.caret+by, b.anchor+by)
}

// DuplicateLines writes the selected lines once more, above or below, and selects
// in the copy what was selected.
func (b *Buffer) DuplicateLines(up bool) error {
	first, last := b.lineRange()
	start, end := b.LineStart(first), b.lineEnd(last)
	text := b.Slice(start, end)
	if up {
		return b.Replace([]Splice{{At: start, Insert: text + "\n"}}, b.caret, b.anchor)
	}
	by := end - start + 1
	return b.Replace([]Splice{{At: end, Insert: "\n" + text}}, b.caret+by, b.anchor+by)
}

// JoinLines makes one line of the selected ones, or of the caret's line and the
// next: each newline becomes a space, unless there is one or nothing to part, and
// the next line's indentation goes. A caret without selection comes to where the
// first two were joined.
func (b *Buffer) JoinLines() error {
	first, last := b.lineRange()
	if first == last {
		last++
	}
	if last == b.Lines() {
		return nil
	}
	var splices []Splice
	at, tail := -1, byte(' ') // where the line so far ends, and its last byte
	b.eachLine(first, last, func(start int, line *Line) {
		lead := 0
		if at >= 0 {
			lead = indentation(line.Text)
			s := Splice{At: at, Delete: 1 + lead}
			if tail != ' ' && tail != '\t' && lead < len(line.Text) {
				s.Insert = " "
			}
			splices = append(splices, s)
		}
		if n := len(line.Text); n > lead {
			tail = line.Text[n-1]
		}
		at = start + line.Runes
	})
	caret, anchor := through(splices, b.caret, false), through(splices, b.anchor, false)
	if b.caret == b.anchor {
		caret = splices[0].At
		anchor = caret
	}
	return b.Replace(splices, caret, anchor)
}

// indentation is how many spaces and tabs a line starts with.
func indentation(line string) int {
	n := 0
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return n
}

// through is where a place comes to lie by splices against its text. What is
// written at the place comes after it if sticky is set.
func through(splices []Splice, at int, sticky bool) int {
	for _, s := range slices.Backward(splices) {
		n := utf8.RuneCountInString(s.Insert)
		if s.At < at && at < s.At+s.Delete {
			at = s.At + n
			continue
		}
		at = crdt.Patch{At: s.At, Delete: s.Delete, Inserted: n}.Shift(at, sticky)
	}
	return at
}

// DeleteLines removes the selected lines. The caret stays in its column, in the
// line that comes up, or in the one above if there is none.
func (b *Buffer) DeleteLines() error {
	first, last := b.lineRange()
	start, end := b.LineStart(first), b.lineEnd(last)
	_, from := b.LineAt(b.caret)
	column := b.caret - from
	to := start // where the line starts that the caret comes to
	var line Line
	switch {
	case last+1 < b.Lines():
		end++
		line = b.Line(last + 1)
	case first > 0:
		start--
		line = b.Line(first - 1)
		to = start - line.Runes
	}
	to += line.Place(clusterAt(line.Text, line.Offset(column)))
	return b.Replace([]Splice{{At: start, Delete: end - start}}, to, to)
}

// clusterAt returns the start of the cluster that holds the code point at offset.
func clusterAt(line string, offset int) int {
	if offset >= len(line) {
		return len(line)
	}
	_, size := utf8.DecodeRuneInString(line[offset:])
	return clusterBefore(line, offset+size)
}

// DeleteToLineEnd removes the selection, or what the line has after the caret, or
// the newline if that is nothing.
func (b *Buffer) DeleteToLineEnd() error {
	to := b.step(b.caret, LineEnd, true)
	if to == b.caret {
		to = b.clamp(to + 1)
	}
	return b.erase(to)
}

// Transpose exchanges the clusters before and after the caret, or the last two of
// the line at its end, and puts the caret behind them. It does nothing at a line's
// start and with a selection.
func (b *Buffer) Transpose() error {
	s, start := b.text.find(b.caret)
	line := b.text.get(s)
	middle := line.Offset(b.caret - start)
	if middle == len(line.Text) {
		middle = clusterBefore(line.Text, middle)
	}
	if middle == 0 || b.caret != b.anchor {
		return nil
	}
	from, to := clusterBefore(line.Text, middle), clusterAfter(line.Text, middle)
	end := start + line.Place(to)
	return b.exchange(start+line.Place(from), start+line.Place(middle), end, end, end)
}

// exchange makes the text between from and middle, and that between middle and
// to, change places, by moving the shorter.
func (b *Buffer) exchange(from, middle, to, caret, anchor int) error {
	splices := []Splice{{At: from, Insert: b.Slice(middle, to)}, {At: middle, Delete: to - middle}}
	if middle-from <= to-middle {
		splices = []Splice{{At: from, Delete: middle - from}, {At: to, Insert: b.Slice(from, middle)}}
	}
	return b.Replace(splices, caret, anchor)
}

// Indent writes with, spaces or a tab, at the start of the selected lines; of
// several, not of the empty ones. A selection that starts with a line still does.
func (b *Buffer) Indent(with string) error {
	first, last := b.lineRange()
	var splices []Splice
	b.eachLine(first, last, func(start int, line *Line) {
		if first == last || line.Text != "" {
			splices = append(splices, Splice{At: start, Insert: with})
		}
	})
	return b.shiftLines(splices)
}

// Outdent takes a tab, or up to width spaces, from the start of the selected
// lines.
func (b *Buffer) Outdent(width int) error {
	first, last := b.lineRange()
	var splices []Splice
	b.eachLine(first, last, func(start int, line *Line) {
		n := 0
		for n < len(line.Text) && n < width && line.Text[n] == ' ' {
			n++
		}
		if n == 0 && len(line.Text) > 0 && line.Text[0] == '\t' {
			n = 1
		}
		if n > 0 {
			splices = append(splices, Splice{At: start, Delete: n})
		}
	})
	return b.shiftLines(splices)
}

// shiftLines makes splices and keeps selected what is.
func (b *Buffer) shiftLines(splices []Splice) error {
	from, to := b.Selection()
	from, to = through(splices, from, from != to), through(splices, to, false)
	if b.caret < b.anchor {
		return b.Replace(splices, from, to)
	}
	return b.Replace(splices, to, from)
}

// MoveText moves the selected text to a place, or copies it there, and selects
// it. Moved to itself it stays. Of what it moves past and itself the shorter is
// written anew.
func (b *Buffer) MoveText(to int, copies bool) error {
	from, end := b.Selection()
	to = b.clamp(to)
	n := end - from
	switch {
	case n == 0:
		return nil
	case copies:
		return b.Replace([]Splice{{At: to, Insert: b.Slice(from, end)}}, to+n, to)
	case to < from:
		return b.exchange(to, from, end, to+n, to)
	case to > end:
		return b.exchange(from, end, to, to, to-n)
	}
	return nil
}
