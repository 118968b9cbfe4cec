package crdt

import (
	"fmt"
	"time"

	"starling/crdt/graph"
	"starling/crdt/history"
	"starling/crdt/opid"
)

// books are what is read to tell the past: the document's own, under its lock,
// or a copy of them as they were at one moment ([Document.freeze]), which takes
// as long as it takes without keeping anybody from writing.
type books struct {
	actors *opid.Actors
	graph  *graph.Graph
	text   history.Text // nil until the text has arrived
}

func (d *Document) books() books {
	b := books{actors: d.actors, graph: d.graph}
	if d.text != nil {
		b.text = d.text
	}
	return b
}

// preparedAtOnce is how many segments of the graph are prepared while the lock is
// kept.
const preparedAtOnce = 2048

// prepare works out what the graph needs to tell the past of changes, a little at
// a time. It takes the lock.
func (d *Document) prepare() {
	step := func() (more bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.graph.Prepare(preparedAtOnce)
	}
	for step() {
	}
}

// freeze copies the books. It takes the lock.
func (d *Document) freeze() books {
	d.prepare()
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.freezeGraph()
	if d.text != nil {
		b.text = d.text.Freeze()
	}
	return b
}

// freezeGraph copies the books without the text.
func (d *Document) freezeGraph() books {
	actors := d.actors.Clone()
	return books{actors: actors, graph: d.graph.View(actors)}
}

// heads names changes that are given by index.
func (b books) heads(of []int) []Head {
	heads := make([]Head, len(of))
	for i, h := range of {
		actor, seq := b.graph.Author(h)
		heads[i] = Head{ActorID(b.actors.Name(actor)), uint64(seq)}
	}
	return heads
}

// indexes are the changes that end a version, [ErrNoVersion] if one is not held.
func (b books) indexes(heads []Head) ([]int, error) {
	at := make([]int, len(heads))
	for i, h := range heads {
		actor, ok := b.actors.Find(string(h.Actor))
		if ok {
			ok = h.Seq <= uint64(b.graph.Last(actor))
		}
		if ok {
			at[i], ok = b.graph.BySeq(actor, uint32(h.Seq))
		}
		if !ok {
			return nil, fmt.Errorf("change %d of actor %v: %w", h.Seq, h.Actor, ErrNoVersion)
		}
	}
	return at, nil
}

// clock is a version as the packages below know it.
func (b books) clock(v Version) (opid.Clock, error) {
	at, err := b.indexes(v.Heads)
	if err != nil {
		return nil, err
	}
	return b.graph.Clock(at), nil
}

// clocks are versions of a text that has arrived.
func (b books) clocks(versions ...Version) ([]opid.Clock, error) {
	if b.text == nil {
		return nil, ErrNoContent
	}
	clocks := make([]opid.Clock, len(versions))
	for i, v := range versions {
		var err error
		if clocks[i], err = b.clock(v); err != nil {
			return nil, err
		}
	}
	return clocks, nil
}

func (b books) pieces(of []history.Piece) []Piece {
	out := make([]Piece, len(of))
	for i, p := range of {
		out[i] = Piece{p.Fate, p.Text, p.N, b.deed(p.Inserted), b.deeds(p.BroughtBack), b.deeds(p.Deleted)}
	}
	return out
}

func (b books) deeds(of []history.Deed) []Deed {
	var out []Deed
	for _, o := range of {
		out = append(out, b.deed(o))
	}
	return out
}

func (b books) deed(of history.Deed) Deed {
	_, first := b.graph.Author(of.First)
	last := b.graph.At(of.Last)
	return Deed{
		Actor: ActorID(b.actors.Name(of.Actor)), First: uint64(first), Last: uint64(last.Seq), Message: last.Message,
		From: time.Unix(b.graph.Time(of.First), 0), To: time.Unix(last.Time, 0),
	}
}
