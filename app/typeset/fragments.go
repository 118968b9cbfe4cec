package typeset

import "github.com/go-text/typesetting/language"

// maxFragment is the longest piece, in bytes, that is drawn as one text, and
// maxOther the one, if it can be cut at a space, that Fyne's fonts draw: places
// in it are measured one by one.
const (
	maxFragment = 256
	maxOther    = 48
)

// drawn is what a row is made of.
type drawn struct {
	visual []Fragment
	places []int32 // in visual of what is in logical order; nil if that is the same
}

// nth returns a fragment by its logical order.
func (d *drawn) nth(i int) *Fragment {
	if d.places != nil {
		i = int(d.places[i])
	}
	return &d.visual[i]
}

// Fragments returns the pieces of a row from left to right. They are measured
// when they are first asked for, and must not be changed.
func (l *Layout) Fragments(row int) []Fragment { return l.drawn(row).visual }

func (l *Layout) drawn(row int) *drawn {
	r := &l.Rows[row]
	if r.drawn == nil {
		r.drawn = &drawn{visual: l.cut(row)}
		if l.mixed {
			r.drawn.visual, r.drawn.places = order(r.drawn.visual)
			l.align(row, r.drawn.visual)
		}
	}
	return r.drawn
}

// cut joins a row's clusters that can be drawn as one text.
func (l *Layout) cut(row int) []Fragment {
	r := &l.Rows[row]
	cut := cutter{l: l, f: l.flow(int(r.from)), start: int(r.from), levels: l.levelsOf(r)}
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

	start  int
	levels []uint8 // of the row's bytes from start on, or nil
	key    language.Script
}

func (cu *cutter) add(c *cluster) {
	level, key := cu.level(c)
	if cu.joins(c, level) && cu.joinsKey(key, level) {
		cu.now.to, cu.in = int32(c.to), c.piece
		return
	}
	cu.end()
	cu.enter(c.piece)
	p := &cu.l.pieces[c.piece]
	cu.now = Fragment{
		from: int32(c.from), to: int32(c.to), Ink: p.ink, Tag: p.tag,
		Sign: c.sign, by: c.by, whole: p.kind != plain || c.tab,
		level: level, RTL: level&1 == 1,
	}
	cu.in, cu.key = c.piece, key
	if c.tab {
		x := cu.f.x
		cu.finish(c.after(x) - x)
	}
}

// level returns the level of a cluster, and its key if that is odd.
func (cu *cutter) level(c *cluster) (uint8, language.Script) {
	if cu.levels == nil {
		return 0, keyAny
	}
	level := cu.levels[c.from-cu.start]
	if level&1 == 0 {
		return level, keyAny
	}
	return level, keyOf(cu.l.shown[c.from:c.to])
}

func (cu *cutter) joinsKey(key language.Script, level uint8) bool {
	if level&1 == 0 {
		return true
	}
	key, ok := joinKeys(cu.key, key)
	if ok {
		cu.key = key
	}
	return ok
}

// joins reports whether a cluster goes on with the fragment.
func (cu *cutter) joins(c *cluster, level uint8) bool {
	now := &cu.now
	if now.from == now.to || c.tab || level != now.level || c.sign != now.Sign || c.to-int(now.from) > maxFragment {
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
	if c.by != now.by {
		return false
	}
	// Words from right to left in several fonts come out in the wrong order.
	unknown := cu.l.setter.faceOf(now.Ink.pen(now.by)) == nil
	word := unknown && (now.RTL || c.from-int(now.from) > maxOther)
	return !word || cu.l.shown[c.from-1] != ' '
}

// end finishes the fragment, if there is one.
func (cu *cutter) end() {
	now := &cu.now
	if now.from == now.to {
		return
	}
	now.Text = Printable(cu.l.shown[now.from:now.to])
	if now.RTL && cu.key == keyNeutral {
		now.Text = mirrored(now.Text)
	}
	cu.finish(cu.l.setter.width(now.Ink.pen(now.by), now.Text))
}

func (cu *cutter) finish(width float32) {
	now := &cu.now
	now.X, now.W = cu.f.x, width
	cu.f.x += width
	now.From, now.To = cu.l.textOf(int(now.from), cu.in, true), cu.l.textOf(int(now.to), cu.in, false)
	s := cu.l.setter
	pen := now.Ink.pen(now.by)
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
				level: cu.l.base, RTL: cu.l.base == 1,
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
