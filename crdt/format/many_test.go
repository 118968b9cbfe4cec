package format

import (
	"errors"
	"testing"
)

// Of a change with more operations than are wanted none is decoded.
func TestManyOperations(t *testing.T) {
	c := Change{Actor: []byte{7}, Seq: 3, StartOp: 1, Ops: make([]Op, 1000)}
	for i := range c.Ops {
		c.Ops[i] = Op{Key: Key{Map: true, Name: "k"}, Action: Set}
	}
	chunk := c.Encode()
	if got, err := ParseChangeOf(chunk, 1000); err != nil || len(got.Ops) != 1000 {
		t.Errorf("as many as are wanted: %v", err)
	}
	_, err := ParseChangeOf(chunk, 999)
	var many *ManyOpsError
	if !errors.As(err, &many) || many.Ops != 1000 || many.Seq != 3 || string(many.Actor) != "\a" {
		t.Errorf("%v", err)
	}
	if got := testing.AllocsPerRun(10, func() { _, _ = ParseChangeOf(chunk, 999) }); got > 20 {
		t.Errorf("%v allocations", got)
	}
}
