package buffer

// Unit is how far one movement or deletion goes.
type Unit int

const (
	// Character is what a reader takes for one: a grapheme cluster.
	Character Unit = iota
	// Word goes to the start of the word before the place, or to where the
	// [Style] says after it.
	Word
	// LineEnd goes to the end or the start of the line, newline not included.
	LineEnd
	// TextEnd goes to the end or the start of the text.
	TextEnd
	// Paragraph goes to the start of the line or, from there, of the one
	// before; and forward to where the [Style] says.
	Paragraph
)

// Style is how a platform goes by word and by paragraph.
type Style int

const (
	// ToEnds goes forward to the end of the word or paragraph, and back past
	// signs, as macOS and Linux do.
	ToEnds Style = iota
	// ToStarts goes forward to the start of the next word or paragraph, and
	// stops at runs of signs, as Windows does.
	ToStarts
)

// SetStyle sets how [Word] and [Paragraph] go; [ToEnds] until then.
func (b *Buffer) SetStyle(s Style) { b.style = s }

// Caret is where the caret is.
func (b *Buffer) Caret() int { return b.caret }

// Anchor is the other end of the selection; the caret's place if nothing is
// selected.
func (b *Buffer) Anchor() int { return b.anchor }

// Selection returns the ends of the selection in order.
func (b *Buffer) Selection() (from, to int) {
	return min(b.caret, b.anchor), max(b.caret, b.anchor)
}

// Selected returns the selected text.
func (b *Buffer) Selected() string { return b.Slice(b.Selection()) }

// MoveTo puts the caret at a place, the nearest if it is outside the text. If
// extend is set the selection's other end stays.
func (b *Buffer) MoveTo(at int, extend bool) {
	b.caret = b.clamp(at)
	if !extend {
		b.anchor = b.caret
	}
}

// Select selects from anchor to caret.
func (b *Buffer) Select(anchor, caret int) {
	b.MoveTo(anchor, false)
	b.MoveTo(caret, true)
}

// SelectAll selects the whole text.
func (b *Buffer) SelectAll() { b.Select(0, b.Len()) }

// Move moves the caret. Without extend, a selection is left at its end in the
// direction of the movement if that is by character.
func (b *Buffer) Move(by Unit, forward, extend bool) {
	if from, to := b.Selection(); by == Character && !extend && from != to {
		if forward {
			from = to
		}
		b.MoveTo(from, false)
		return
	}
	b.MoveTo(b.step(b.caret, by, forward), extend)
}

// SelectWord selects what a double click at a place selects.
func (b *Buffer) SelectWord(at int) { b.Select(b.WordAround(at)) }

// WordAround returns the ends of the word, or of the run of spaces or signs,
// around a place.
func (b *Buffer) WordAround(at int) (from, to int) {
	s, start := b.text.find(at)
	line := b.text.get(s)
	offset := line.Offset(b.clamp(at) - start)
	seen := window(line.Text, offset)
	to = len(seen)
	for w := range words(seen, wordSafe(line.Text, offset)) {
		if w.to > offset || w.to == len(line.Text) {
			from, to = w.from, w.to
			break
		}
	}
	return start + line.Place(from), start + line.Place(to)
}

// LineAround returns the ends of the line around a place, with its newline.
func (b *Buffer) LineAround(at int) (from, to int) {
	s, start := b.text.find(at)
	return start, b.clamp(start + b.text.get(s).Runes + 1)
}

// step returns the place one unit away.
func (b *Buffer) step(at int, by Unit, forward bool) int {
	s, start := b.text.find(at)
	line := b.text.get(s)
	end := start + line.Runes
	switch by {
	case TextEnd:
		if forward {
			return b.Len()
		}
		return 0
	case LineEnd:
		if forward {
			return end
		}
		return start
	case Paragraph:
		return b.paragraph(at, start, end, forward)
	}
	switch {
	case forward && at == end:
		return b.intoNext(s, end, by)
	case !forward && at == start:
		return b.intoPrevious(start, by)
	}
	return start + line.Place(b.within(line, line.Offset(at-start), by, forward))
}

// within returns the offset one character or word away in the same line.
func (b *Buffer) within(line *Line, offset int, by Unit, forward bool) int {
	switch {
	case by == Character && forward:
		return clusterAfter(line.Text, offset)
	case by == Character:
		return clusterBefore(line.Text, offset)
	case forward && b.style == ToStarts:
		return nextWord(line.Text, offset)
	case forward:
		return wordEnd(line.Text, offset)
	default:
		return wordStart(line.Text, offset, b.style == ToStarts)
	}
}

// intoNext goes on from the end of a line.
func (b *Buffer) intoNext(s spot, end int, by Unit) int {
	if end == b.Len() || by == Character || b.style == ToStarts {
		return b.clamp(end + 1)
	}
	line := b.text.get(b.text.next(s))
	return end + 1 + line.Place(wordEnd(line.Text, 0))
}

// intoPrevious goes back from the start of a line.
func (b *Buffer) intoPrevious(start int, by Unit) int {
	if start == 0 || by == Character {
		return b.clamp(start - 1)
	}
	s, from := b.text.find(start - 1)
	line := b.text.get(s)
	return from + line.Place(wordStart(line.Text, len(line.Text), b.style == ToStarts))
}

// paragraph goes by lines, which is what paragraphs are here.
func (b *Buffer) paragraph(at, start, end int, forward bool) int {
	switch {
	case forward && b.style == ToStarts:
		return b.clamp(end + 1)
	case forward && at == end && at < b.Len():
		return b.step(end+1, LineEnd, true)
	case forward:
		return end
	case at == start && at > 0:
		return b.step(start-1, LineEnd, false)
	default:
		return start
	}
}
