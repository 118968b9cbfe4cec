package history

import (
	"strings"

	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Line is a line of text and who wrote it.
type Line struct {
	// Pieces are the line's, with the line break at its end if it has one.
	Pieces []Piece
	// Last is the last that somebody did to what the line shows: the change that
	// wrote or brought back a part of it and has the greatest operation.
	Last Deed
}

// Blame returns the lines of a version, nil for the present one, with who wrote
// each part of them and who brought it back.
func Blame(text Text, g *graph.Graph, names *opid.Actors, at opid.Clock) []Line {
	p := &pieces{g: g, names: names, lines: true}
	text.Diff(at, at, func(r sequence.Piece) bool {
		switch {
		case r.Item != nil:
			p.item(&r.Run, Same, r.Item.Text(at))
		case r.InA:
			p.run(&r.Run, told{fate: Same, at: at})
		}
		return true
	})
	return p.toLines()
}

// toLines puts pieces that end where a line does together to lines.
func (p *pieces) toLines() []Line {
	all := p.done()
	var lines []Line
	from := 0
	for i := range all {
		if i+1 < len(all) && !strings.HasSuffix(all[i].Text, "\n") {
			continue
		}
		line := Line{Pieces: all[from : i+1 : i+1], Last: all[from].Inserted}
		for _, q := range line.Pieces {
			line.Last = p.later(line.Last, q.Inserted)
			for _, d := range q.BroughtBack {
				line.Last = p.later(line.Last, d)
			}
		}
		lines = append(lines, line)
		from = i + 1
	}
	return lines
}

// later is the one of two deeds whose last change has the greater operation, as
// a deed of that change alone.
func (p *pieces) later(a, b Deed) Deed {
	a.First, b.First = a.Last, b.Last
	x := opid.ID{Actor: a.Actor, Counter: p.g.MaxOp(a.Last)}
	y := opid.ID{Actor: b.Actor, Counter: p.g.MaxOp(b.Last)}
	if p.names.Less(x, y) {
		return b
	}
	return a
}
