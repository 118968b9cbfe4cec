package history

import (
	"strings"
	"unicode/utf8"

	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Text is what is read of a text: a *sequence.Sequence or, while that may change,
// a *sequence.Frozen.
type Text interface {
	All(yield func(sequence.Run) bool)
	Diff(a, b opid.Clock, yield func(sequence.Piece) bool)
}

// Deed says who did something to a piece of text, and in which changes: those of
// the actor from First to Last, by index, which are the same for a single one.
type Deed struct {
	Actor       uint32
	First, Last int
}

// Fate is what became of a piece of text from one version to another.
type Fate uint8

// The fates of pieces.
const (
	Same Fate = iota
	Inserted
	Deleted
)

func (f Fate) String() string { return [...]string{"same", "inserted", "deleted"}[f] }

// Piece is a stretch of text with one fate, by the same people at about the same
// time.
type Piece struct {
	Fate Fate
	Text string
	N    int // code points
	// Inserted is who wrote it at first.
	Inserted Deed
	// BroughtBack is who brought it back by undoing a deletion or restoring a
	// version, if it shows through them alone; several if they did at once.
	BroughtBack []Deed
	// Deleted is everybody who deleted it. It is empty for a deleted piece that
	// is missing only because the later version of a comparison is none: it does
	// not have the piece yet.
	Deleted []Deed
}

// joinPause is up to how many seconds apart changes of one actor count as about
// the same time.
const joinPause = 5 * 60

// pieces gathers pieces and joins those that are alike.
type pieces struct {
	g     *graph.Graph
	names *opid.Actors
	lines bool // no piece goes on after a line break
	all   []Piece
	ends  []int // in text, of each piece
	text  []byte
}

// done returns the pieces with their text.
func (p *pieces) done() []Piece {
	text, from := string(p.text), 0
	for i, end := range p.ends {
		p.all[i].Text = text[from:end]
		from = end
	}
	return p.all
}

// add appends n code points that share one fate.
func (p *pieces) add(q Piece, text string, n int) {
	for p.lines {
		i := strings.IndexByte(text, '\n') + 1
		if i == 0 || i == len(text) {
			break
		}
		head := utf8.RuneCountInString(text[:i])
		p.append(q, text[:i], head)
		text, n = text[i:], n-head
	}
	p.append(q, text, n)
}

func (p *pieces) append(q Piece, text string, n int) {
	p.text = append(p.text, text...)
	if k := len(p.all) - 1; k >= 0 && p.joins(&p.all[k], &q, len(text)) {
		p.all[k].N += n
		p.ends[k] = len(p.text)
		return
	}
	q.N = n
	p.all = append(p.all, q)
	p.ends = append(p.ends, len(p.text))
}

// joins makes b a part of a, the last piece, if they are alike. size is that of
// b's text, in bytes.
func (p *pieces) joins(a, b *Piece, size int) bool {
	if a.Fate != b.Fate || p.lines && p.text[len(p.text)-size-1] == '\n' ||
		len(a.BroughtBack) != len(b.BroughtBack) || len(a.Deleted) != len(b.Deleted) || !p.near(a.Inserted, b.Inserted) {
		return false
	}
	for i, d := range a.BroughtBack {
		if !p.near(d, b.BroughtBack[i]) {
			return false
		}
	}
	for i, d := range a.Deleted {
		if !p.near(d, b.Deleted[i]) {
			return false
		}
	}
	a.Inserted.join(b.Inserted)
	for i := range a.BroughtBack {
		a.BroughtBack[i].join(b.BroughtBack[i])
	}
	for i := range a.Deleted {
		a.Deleted[i].join(b.Deleted[i])
	}
	return true
}

// near reports whether two deeds are one actor's at about the same time.
func (p *pieces) near(a, b Deed) bool {
	if a.Actor != b.Actor {
		return false
	}
	if b.First <= a.Last && a.First <= b.Last {
		return true
	}
	if b.First < a.First {
		a, b = b, a
	}
	gap := p.g.Time(b.First) - p.g.Time(a.Last)
	return -joinPause <= gap && gap <= joinPause
}

// join makes d span both. An actor's changes have indexes in their order.
func (d *Deed) join(b Deed) { d.First, d.Last = min(d.First, b.First), max(d.Last, b.Last) }

// with adds a deed to some, which are sorted by the actors' bytes so that all
// peers tell them alike; each actor is told once.
func (p *pieces) with(deeds []Deed, d Deed) []Deed {
	name := p.names.Name(d.Actor)
	i := 0
	for ; i < len(deeds); i++ {
		if deeds[i].Actor == d.Actor {
			deeds[i].join(d)
			return deeds
		}
		if p.names.Name(deeds[i].Actor) > name {
			break
		}
	}
	deeds = append(deeds, d)
	copy(deeds[i+1:], deeds[i:])
	deeds[i] = d
	return deeds
}
