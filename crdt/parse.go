package crdt

import (
	"errors"
	"fmt"
	"sync"

	"starling/crdt/format"
	"starling/crdt/guard"
)

// What the guard holds changes to, whatever they build on.
const (
	// MaxOps is how many operations a change may have that is not foreign.
	MaxOps = guard.MaxOps
	// MaxForeignOp is the greatest number of a foreign change's operation.
	MaxForeignOp = guard.MaxForeignOp
)

// maxKept is how many operations and predecessors a change may have for
// [ParseChange] to keep what it read, enough for a word. A chunk of 100 bytes
// may hold 262,144 operations, so those of many changes that wait for something
// must not be kept.
const maxKept = 16

// ParseChange reads one change chunk from anyone, within the limits of package
// crdt/format. It keeps a reference to chunk. It fails with one of that
// package's errors, and then returns nothing.
//
// A small change comes with its operations, so that [Document.Apply] need not
// read them again; the document keeps them no longer than it must.
func ParseChange(chunk []byte) (Change, error) {
	ops, err := parse(chunk)
	if err != nil {
		return Change{}, err
	}
	return keeping(ops, chunk), nil
}

// keeping is a change with its operations, if they are few.
func keeping(ops *format.Change, chunk []byte) Change {
	c := changeOf(ops, chunk)
	if few(ops) {
		c.ops = ops
	}
	return c
}

// few reports whether a change has so few operations that they are kept.
func few(c *format.Change) bool {
	n := len(c.Ops)
	for i := 0; i < len(c.Ops) && n <= maxKept; i++ {
		n += len(c.Ops[i].Pred)
	}
	return n <= maxKept
}

// ManyOpsError says that a change has more than [MaxOps] operations.
type ManyOpsError = format.ManyOpsError

// ParseSmall is [ParseChange] for a change with up to [MaxOps] operations. Of one
// that has more it reads none and fails with a [*ManyOpsError]: only what a file
// brought may be like that, and a hundred bytes can stand for 40 MB of it.
func ParseSmall(chunk []byte) (Change, error) {
	ops, err := format.ParseChangeOf(chunk, MaxOps)
	if err != nil {
		return Change{}, fmt.Errorf("parse a change: %w", err)
	}
	return keeping(ops, chunk), nil
}

// read returns a change's operations, reading its bytes if need be.
func (c Change) read() (*format.Change, error) {
	if c.ops != nil {
		return c.ops, nil
	}
	return parse(c.Bytes)
}

// large is held while a change with more than MaxOps operations is parsed: one at
// a time in this process.
var large sync.Mutex

func parse(chunk []byte) (*format.Change, error) {
	ops, err := format.ParseChangeOf(chunk, MaxOps)
	if many := (*ManyOpsError)(nil); errors.As(err, &many) {
		large.Lock()
		defer large.Unlock()
		ops, err = format.ParseChange(chunk)
	}
	if err != nil {
		return nil, fmt.Errorf("parse a change: %w", err)
	}
	return ops, nil
}

// changeOf is a change without its operations.
func changeOf(f *format.Change, chunk []byte) Change {
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
	return c
}
