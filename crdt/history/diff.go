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

// Around returns the present text from place at on, n code points, by who wrote
// it. With deleted it also tells what was deleted among them and at both ends:
// the pieces that show are [Same], the others [Deleted], with everybody who
// deleted them. It costs as much as what it tells.
func Around(text *sequence.Sequence, g *graph.Graph, names *opid.Actors, at, n int, deleted bool) []Piece {
	p := &pieces{g: g, names: names}
	everyValue := func(value, int) bool { return true }
	text.Around(at, n, deleted, func(r sequence.Run, shown string) bool {
		switch {
		case r.Item != nil:
			p.item(&r, Same, shown)
		case shown == "":
			p.run(&r, told{fate: Deleted, gone: everyValue})
		default:
			p.run(&r, told{fate: Same})
		}
		return true
	})
	return p.done()
}
