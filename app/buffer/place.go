package buffer

// Pos returns the line that holds a place, and the byte of it there.
func (b *Buffer) Pos(at int) (line, offset int) {
	s, start := b.text.find(at)
	return s.line, b.text.get(s).Offset(b.clamp(at) - start)
}

// At returns the place of a byte of a line. What is outside goes to the nearest.
func (b *Buffer) At(line, offset int) int {
	s, start := b.text.at(line)
	return start + b.text.get(s).Place(offset)
}

// State returns what flows into line i, see [Buffer.Flow].
func (b *Buffer) State(i int) uint32 {
	s, _ := b.text.at(i)
	return b.text.state(s)
}
