package opset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"starling/crdt/opid"
)

// ErrCompact says that bytes are not the compact form of a document.
var ErrCompact = errors.New("not the compact form of a document")

// reader takes the parts of a compact form off b. After the first failure it
// gives zero values.
type reader struct {
	b      []byte
	actors *opid.Actors
	err    error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s, %d bytes before the end: %w", what, len(r.b), ErrCompact)
		r.b = nil
	}
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads how many parts follow, each of at least size bytes: no more than
// there can be.
func (r *reader) count(size int) int {
	n := r.number()
	if n > uint64(len(r.b)/size) {
		r.fail("a count")
		return 0
	}
	return int(n)
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail("a byte")
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

// bytes reads bytes behind their length; they are part of the input.
func (r *reader) bytes() []byte {
	n := r.count(1)
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) signed() int64 {
	for i, c := range r.b {
		if c&0x80 != 0 {
			continue
		}
		v, ok := signed(string(r.b[:i+1]))
		if !ok {
			break
		}
		r.b = r.b[i+1:]
		return v
	}
	r.fail("a signed number")
	return 0
}

// id reads the ID of an operation.
func (r *reader) id() opid.ID {
	actor, counter := r.number(), r.number()
	if actor >= uint64(r.actors.Len()) || counter == 0 || counter > math.MaxUint32 {
		r.fail("an ID")
		return opid.ID{}
	}
	return opid.ID{Actor: uint32(actor), Counter: uint32(counter)}
}

// idAfter reads an ID that is greater than another one, which may be zero.
func (r *reader) idAfter(before opid.ID) opid.ID {
	id := r.id()
	if r.err == nil && !before.IsZero() && !r.actors.Less(before, id) {
		r.fail("IDs out of order")
		return opid.ID{}
	}
	return id
}
