package history

import (
	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Diff tells what became of the text from one version to another, piece by
// piece: what both have, what only the second has, and what only the first. The
// pieces that are not deleted are the text of the second version, those that are
// not inserted that of the first. A nil clock is the present.
//
// The versions need not follow on each other. Then what the second one does not
// have yet is told as deleted by nobody.
func Diff(text Text, g *graph.Graph, names *opid.Actors, from, to opid.Clock) []Piece {
	p := &pieces{g: g, names: names}
	wasThere := func(v value, i int) bool { return v.shows(i, from) }
	text.Diff(from, to, func(r sequence.Piece) bool {
		switch {
		case r.Item != nil:
			p.diffItem(&r.Run, r.Item.Text(from), r.Item.Text(to))
		case r.InA && r.InB:
			p.run(&r.Run, told{fate: Same, at: to})
		case r.InB:
			p.run(&r.Run, told{fate: Inserted, at: to})
		case r.InA:
			p.run(&r.Run, told{fate: Deleted, at: from, gone: wasThere, by: to})
		}
		return true
	})
	return p.done()
}

func (p *pieces) diffItem(r *sequence.Run, was, is string) {
	if was == is {
		p.item(r, Same, is)
		return
	}
	p.item(r, Deleted, was)
	p.item(r, Inserted, is)
}

// Around returns the present text from place at on, n code points, with what
// was deleted there: the pieces that show are [Same], the others [Deleted], with
// everybody who deleted them. What was deleted at either end of the range
// belongs to it, and so does an item that is partly in it.
func Around(text Text, g *graph.Graph, names *opid.Actors, at, n int) []Piece {
	p := &pieces{g: g, names: names}
	place := 0
	text.All(func(r sequence.Run) bool {
		width := r.Width
		if r.Item == nil && r.Alive() {
			width = r.N
		}
		from, to := max(at-place, 0), min(at+n-place, width)
		place += width
		switch {
		case width == 0 && place >= at && r.Item == nil:
			everyValue := func(value, int) bool { return true }
			p.run(&r, told{fate: Deleted, gone: everyValue})
		case from >= to:
		case r.Item != nil:
			p.item(&r, Same, r.Item.Text(nil))
		default:
			shown := r.Clip(from, to-from)
			p.run(&shown, told{fate: Same})
		}
		return place <= at+n
	})
	return p.done()
}
