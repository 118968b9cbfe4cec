package markdown

// TextStart is the byte at which the text of a line begins that is to go on in
// the line above: behind the markers and signs that it has as a line of its own.
func TextStart(s State, line string) int {
	b := scan(s, line)
	switch b.kind {
	case Paragraph, Heading, Quote, Item:
		return max(b.content, b.marks)
	}
	n := 0
	for n < len(line) && isSpace(line[n]) {
		n++
	}
	return n
}
