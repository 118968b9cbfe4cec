package guard_test

import (
	"testing"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/guard"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// doc is a document as the guard sees it.
type doc struct {
	actors opid.Actors
	g      *graph.Graph
	s      *opset.Set
	rules  guard.Rules
}

func newDoc() *doc {
	d := &doc{}
	d.g, d.s = graph.New(&d.actors), opset.New(&d.actors)
	return d
}

func (d *doc) check(c *format.Change) error { return guard.Check(c, d.g, d.s, d.rules) }

func (d *doc) add(c *format.Change) error {
	numbers := make([]uint32, 0, 8)
	for i := range uint32(len(c.OtherActors)) + 1 {
		numbers = append(numbers, d.actors.Number(c.ActorAt(i)))
	}
	if _, err := d.g.Add(c, numbers); err != nil {
		return err
	}
	return d.s.Apply(c, numbers, nil)
}

// accept checks and adds changes that must be accepted.
func accept(t testing.TB, d *doc, changes ...*format.Change) {
	t.Helper()
	for _, c := range changes {
		if err := d.check(c); err != nil {
			t.Fatalf("an honest change is refused: %v", err)
		}
		if err := d.add(c); err != nil {
			t.Fatal(err)
		}
	}
}

// text returns the text under a key of the root. ok is false if that is none.
func (d *doc) text(key string) (text string, ok bool) {
	winner, _, _ := d.s.Get(opid.ID{}, key, nil)
	o, isObject := winner.Data.(opset.Object)
	if !isObject || o.Kind != opset.Text {
		return "", false
	}
	return d.s.Text(o.ID).Text(), true
}
