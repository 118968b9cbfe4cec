package typeset

// flow adds up widths along a row, in logical order.
type flow struct {
	l     *Layout
	x     float32
	piece int // entered last
	// Pieces that take a width together, see [Span].
	group bool
	tag   uint32
	end   float32 // where they end at least
}

// flow begins at what is shown at from.
func (l *Layout) flow(from int) flow {
	f := flow{l: l, piece: -1}
	if from > 0 {
		f.piece = l.pieceAt(from) - 1
	}
	return f
}

// add returns where the cluster ends.
func (f *flow) add(c *cluster) float32 {
	for f.piece < c.piece {
		f.enter()
	}
	f.x = c.after(f.x)
	return f.x
}

// enter goes on to the next piece, and returns how much room the pieces left
// behind are filled up with; filled is false if there were none.
func (f *flow) enter() (room float32, filled bool) {
	f.piece++
	if f.piece == len(f.l.pieces) {
		return f.close()
	}
	p := &f.l.pieces[f.piece]
	if p.kind == hidden {
		return 0, false
	}
	if f.group && (p.width == 0 || p.tag != f.tag) {
		room, filled = f.close()
	}
	if p.width > 0 && !f.group {
		f.group, f.tag, f.end = true, p.tag, f.x+p.width
	}
	return room, filled
}

func (f *flow) close() (room float32, filled bool) {
	if !f.group {
		return 0, false
	}
	f.group = false
	room = max(f.end-f.x, 0)
	f.x += room
	return room, true
}
