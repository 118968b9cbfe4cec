package typeset

// maxFragment is the longest piece, in bytes, that is drawn as one text, and
// maxOther the one, if it can be cut at a space, that Fyne's fonts draw: places
// in it are measured one by one.
const (
	maxFragment = 256
	maxOther    = 48
)

// drawn is what a row is made of, in logical and in visual order.
type drawn struct {
	logical []Fragment
	visual  []Fragment
}

// Fragments returns the pieces of a row from left to right. They are measured
// when they are first asked for, and must not be changed.
func (l *Layout) Fragments(row int) []Fragment { return l.drawn(row).visual }

func (l *Layout) drawn(row int) *drawn {
	r := &l.Rows[row]
	if r.drawn == nil {
		r.drawn = l.draw(row)
	}
	return r.drawn
}

func (l *Layout) draw(row int) *drawn {
	d := &drawn{logical: l.cut(row)}
	d.visual = d.logical
	return d
}

// cut joins a row's clusters that can be drawn as one text.
func (l *Layout) cut(row int) []Fragment {
	r := &l.Rows[row]
	cut := cutter{l: l, f: l.flow(int(r.from))}
	sc := l.setter.scan(l, int(r.from))
	var c cluster
	for sc.at < int(r.to) && sc.next(&c) {
		cut.add(&c)
	}
	cut.end()
	if row == len(l.Rows)-1 {
		cut.enter(len(l.pieces))
	}
	return cut.out
}

// cutter makes fragments of clusters.
type cutter struct {
	l   *Layout
	f   flow
	out []Fragment
	now Fragment // not finished if its to is above its from
	in  int      // piece of now
}

func (cu *cutter) add(c *cluster) {
	if cu.joins(c) {
		cu.now.to, cu.in = int32(c.to), c.piece
		return
	}
	cu.end()
	cu.enter(c.piece)
	p := &cu.l.pieces[c.piece]
	cu.now = Fragment{
		from: int32(c.from), to: int32(c.to), Ink: p.ink, Tag: p.tag,
		Sign: c.sign, other: c.other, whole: p.kind != plain || c.tab,
	}
	cu.in = c.piece
	if c.tab {
		x := cu.f.x
		cu.finish(c.after(x) - x)
	}
}

// joins reports whether a cluster goes on with the fragment.
func (cu *cutter) joins(c *cluster) bool {
	now := &cu.now
	if now.from == now.to || c.tab || c.sign != now.Sign || c.to-int(now.from) > maxFragment {
		return false
	}
	if p := &cu.l.pieces[c.piece]; c.piece != cu.in {
		last := &cu.l.pieces[cu.in]
		if c.piece != cu.in+1 || !last.follows(p) || p.tag != last.tag || p.ink != last.ink {
			return false
		}
	} else if p.kind == unit {
		return false
	}
	if c.space {
		return true
	}
	return c.other == now.other && !(now.other && c.from-int(now.from) > maxOther && cu.l.shown[c.from-1] == ' ')
}

// end finishes the fragment, if there is one.
func (cu *cutter) end() {
	now := &cu.now
	if now.from == now.to {
		return
	}
	now.Text = Printable(cu.l.shown[now.from:now.to])
	cu.finish(cu.l.setter.width(now.Ink.pen(now.other), now.Text))
}

func (cu *cutter) finish(width float32) {
	now := &cu.now
	now.X, now.W = cu.f.x, width
	cu.f.x += width
	now.From, now.To = cu.l.textOf(int(now.from), cu.in, true), cu.l.textOf(int(now.to), cu.in, false)
	s := cu.l.setter
	pen := now.Ink.pen(now.other)
	now.Source, now.Style = s.source(pen)
	now.Style.Underline, now.Style.Strikethrough = now.Ink.Underline, now.Ink.Strike
	m := s.metricsOf(pen)
	now.Height, now.Baseline = m.height, m.baseline
	cu.out = append(cu.out, *now)
	*now = Fragment{}
}

// enter goes on to a piece, and makes fragments of the room that is filled up.
func (cu *cutter) enter(piece int) {
	for cu.f.piece < piece {
		last := cu.f.piece
		x := cu.f.x
		if room, filled := cu.f.enter(); filled {
			p := &cu.l.pieces[last]
			at := int(p.end)
			cu.out = append(cu.out, Fragment{
				From: at, To: at, X: x, W: room, Ink: p.ink, Tag: p.tag, from: p.to, to: p.to, whole: true,
			})
		}
	}
}

// textOf returns the byte of the text for a byte of what is shown: at the start
// or at the end of a fragment that ends in the piece.
func (l *Layout) textOf(at, piece int, start bool) int {
	for start && piece > 0 && int(l.pieces[piece].from) > at {
		piece--
	}
	p := &l.pieces[piece]
	switch {
	case p.kind == plain:
		return int(p.src) + at - int(p.from)
	case start:
		return int(p.src)
	default:
		return int(p.end)
	}
}
