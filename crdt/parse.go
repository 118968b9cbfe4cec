package crdt

import (
	"fmt"

	"starling/crdt/format"
)

// ParseChange reads one change chunk from anyone, within the limits of package
// crdt/format. It keeps a reference to chunk. It fails with one of that
// package's errors, and then returns nothing.
func ParseChange(chunk []byte) (Change, error) {
	c, err := parse(chunk)
	if err != nil {
		return Change{}, err
	}
	return c.Change, nil
}

// parsed is a change with its operations, for the guard.
type parsed struct {
	Change
	ops *format.Change
}

func parse(chunk []byte) (parsed, error) {
	f, err := format.ParseChange(chunk)
	if err != nil {
		return parsed{}, fmt.Errorf("parse a change: %w", err)
	}
	c := Change{
		Actor:   ActorID(f.Actor),
		Seq:     f.Seq,
		StartOp: f.StartOp,
		MaxOp:   f.MaxOp(),
		Hash:    Hash(f.Hash),
		Deps:    make([]Hash, len(f.Deps)),
		Time:    f.Time,
		Bytes:   chunk,
	}
	for i, dep := range f.Deps {
		c.Deps[i] = Hash(dep)
	}
	return parsed{c, f}, nil
}
