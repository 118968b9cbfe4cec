package guard_test

import (
	"errors"
	"testing"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/guard"
)

// Where hashes are absent, Check says so instead of judging.
func TestAbsentHashes(t *testing.T) {
	changes, _ := session(t, 3, 3, 60)
	whole := newDoc()
	accept(t, whole, changes...)
	old, last := changes[len(changes)/2], changes[len(changes)-1]
	next := &format.Change{Actor: []byte{9}, Seq: 1, StartOp: last.MaxOp() + 1, Deps: [][32]byte{last.Hash}}
	onOld := &format.Change{Actor: []byte{9}, Seq: 1, StartOp: old.MaxOp() + 1, Deps: [][32]byte{old.Hash}}

	d := newDoc()
	accept(t, d, changes...)
	g, err := graph.Decode(d.g.AppendBinary(nil, 1), &d.actors)
	if err != nil {
		t.Fatal(err)
	}
	d.g = g
	if err := d.check(parse(t, next.Encode())); err != nil {
		t.Errorf("on the last change: %v", err)
	}
	for what, c := range map[string]*format.Change{"on an old change": parse(t, onOld.Encode()), "an old change": old} {
		if err := d.check(c); !errors.Is(err, graph.ErrNoHashes) {
			t.Errorf("%s, with hashes absent: %v", what, err)
		}
	}
	all := make([][32]byte, len(changes))
	for i, c := range changes {
		all[i] = c.Hash
	}
	if err := d.g.SetHashes(graph.NewHashes(all)); err != nil {
		t.Fatal(err)
	}
	if err := d.check(parse(t, onOld.Encode())); err != nil {
		t.Errorf("on an old change, with all hashes: %v", err)
	}
	if err := d.check(old); !errors.Is(err, guard.ErrHeld) {
		t.Errorf("an old change, with all hashes: %v", err)
	}
}
