package opset

import (
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// A frozen place reads as it did, in all versions, whatever is written there.
func TestFrozenPlace(t *testing.T) {
	actors := &opid.Actors{}
	actors.Number([]byte("a"))
	value := func(counter uint32, text string) op {
		return op{id: opid.ID{Counter: counter}, action: format.Set, typ: format.String, raw: text}
	}
	p := &place{}
	p.add(value(1, "first"), actors)
	p.add(value(2, "second"), actors)
	frozen := p.Frozen()
	p.add(value(3, "third"), actors)
	succeed(&p.ops[0], opid.ID{Counter: 4}, false, 0)
	succeed(&p.ops[1], opid.ID{Counter: 4}, false, 0)
	for _, tt := range []struct {
		at           opid.Clock
		want, wanted string // frozen, and the place itself
	}{
		{nil, "second", "third"}, {opid.Clock{4}, "second", "third"}, {opid.Clock{1}, "first", "first"}, {opid.Clock{0}, "", ""},
	} {
		if got := frozen.Text(tt.at); got != tt.want {
			t.Errorf("in %v it reads %q, want %q", tt.at, got, tt.want)
		}
		if got := p.Text(tt.at); got != tt.wanted {
			t.Errorf("in %v the place itself reads %q, want %q", tt.at, got, tt.wanted)
		}
	}
}
