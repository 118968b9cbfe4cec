package format

import (
	"bytes"
	"fmt"
	"sync"
	"unicode/utf8"
)

// ParseChange decodes exactly one change chunk, plain or compressed. The
// result shares memory with chunk, which must not be written to afterwards.
// On any error it returns nil; the errors wrap those of this package.
func ParseChange(chunk []byte) (*Change, error) { return ParseChangeOf(chunk, MaxOps) }

// ManyOpsError says that a change says to have more operations than are wanted.
// Besides that, its chunk's checksum and what stands before the operations have
// been looked at.
type ManyOpsError struct {
	Actor []byte
	Seq   uint64
	Ops   int
}

func (e *ManyOpsError) Error() string { return fmt.Sprintf("%d operations: too many", e.Ops) }

// ParseChangeOf is [ParseChange] for a change with up to most operations. Of one
// that has more it decodes none and fails with a [*ManyOpsError], for a few
// microseconds and bytes.
func ParseChangeOf(chunk []byte, most int) (*Change, error) {
	content, hash, err := open(chunk)
	if err != nil {
		return nil, fmt.Errorf("open change chunk: %w", err)
	}
	c, err := parseContent(content, most)
	if err != nil {
		return nil, fmt.Errorf("parse change %x: %w", hash[:8], err)
	}
	if !c.encodesTo(content) {
		return nil, fmt.Errorf("parse change %x: %w", hash[:8], ErrCanonical)
	}
	c.Hash = hash
	return c, nil
}

// encoders are used again, since each change that arrives needs one.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encodesTo reports whether content is the canonical form of c.
func (c *Change) encodesTo(content []byte) bool {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.content(c)
	return bytes.Equal(e.out[maxHead:], content)
}

func parseContent(content []byte, most int) (*Change, error) {
	r := reader{b: content}
	c := &Change{}
	c.readHead(&r)
	known, unknown := readColumns(&r)
	if r.err != nil {
		return nil, r.err
	}
	c.Unknown = unknown
	c.Extra = r.b
	if err := c.readOps(&known, most); err != nil {
		return nil, err
	}
	return c, c.checkActorsUsed()
}

// readHead reads everything before the columns.
func (c *Change) readHead(r *reader) {
	if n := r.length(MaxDeps, "dependencies"); n > 0 {
		c.Deps = readDeps(r, n)
	}
	c.Actor = readActor(r)
	c.Seq = r.length(MaxCounter, "as seq")
	c.StartOp = r.length(MaxCounter, "as start operation")
	if c.Seq == 0 || c.StartOp == 0 {
		r.fail(fmt.Errorf("seq or start operation 0: %w", ErrNumber))
	}
	c.Time = r.sleb()
	message := r.take(r.length(MaxMessage, "bytes of message"))
	if !utf8.Valid(message) {
		r.fail(fmt.Errorf("message: %w", ErrUTF8))
	}
	c.Message = string(message)
	if n := r.length(MaxActors-1, "other actors"); n > 0 {
		c.OtherActors = readActors(r, n, c.Actor)
	}
}

func readDeps(r *reader, n uint64) [][32]byte {
	all := r.take(n * 32)
	if r.err != nil {
		return nil
	}
	deps := make([][32]byte, n)
	for i := range deps {
		deps[i] = [32]byte(all[i*32:])
		if i > 0 && bytes.Compare(deps[i-1][:], deps[i][:]) >= 0 {
			r.fail(ErrDeps)
		}
	}
	return deps
}

func readActor(r *reader) []byte {
	a := r.take(r.length(MaxActorLen, "bytes of actor"))
	if len(a) == 0 {
		r.fail(fmt.Errorf("empty actor: %w", ErrActors))
	}
	return a
}

func readActors(r *reader, n uint64, author []byte) [][]byte {
	if n > uint64(len(r.b)) {
		r.fail(ErrTruncated)
		return nil
	}
	actors := make([][]byte, n)
	for i := range actors {
		actors[i] = readActor(r)
		if i > 0 && bytes.Compare(actors[i-1], actors[i]) >= 0 || bytes.Equal(actors[i], author) {
			r.fail(ErrActors)
		}
	}
	return actors
}

// checkActorsUsed refuses an actor that no operation refers to: Automerge
// keeps none such, and the change would come back from a document file with
// other bytes.
func (c *Change) checkActorsUsed() error {
	if len(c.OtherActors) == 0 {
		return nil
	}
	used := make([]bool, len(c.OtherActors)+1)
	for i := range c.Ops {
		op := &c.Ops[i]
		used[op.Obj.Actor] = true
		used[op.Key.Elem.Actor] = true
		for _, p := range op.Pred {
			used[p.Actor] = true
		}
	}
	for _, u := range used[1:] {
		if !u {
			return fmt.Errorf("an actor is not referred to: %w", ErrActors)
		}
	}
	return nil
}
