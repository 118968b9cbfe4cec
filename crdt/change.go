package crdt

import "starling/crdt/format"

// Change is one Automerge change chunk: an atom of editing by one actor. It is
// immutable once made; Bytes and Deps must not be written to.
type Change struct {
	Actor ActorID
	// Seq numbers the changes of Actor from 1.
	Seq uint64
	// StartOp and MaxOp are the first and the greatest operation counter in
	// the change. MaxOp is StartOp-1 in a change without operations.
	StartOp, MaxOp uint64
	Hash           Hash
	// Deps are the changes that this one directly builds on.
	Deps []Hash
	// Time is the author's clock when the change was made, whole seconds since
	// 1970. It labels; it never orders.
	Time int64
	// Bytes is the uncompressed chunk, magic and checksum included.
	Bytes []byte
	// Foreign says that the change came with a file of another program: the
	// document's founder vouches for it, and its actor is no device's.
	Foreign bool
	// Narrow says that a commenter made the change, who may write only remarks of
	// their own: then it says whether an actor is that person's. Else it is nil.
	Narrow func(ActorID) bool `json:"-"`

	// ops is Bytes as [ParseChange] read it, nil if it is to be read again.
	ops *format.Change
}

// Ops is how many operations the change has.
func (c Change) Ops() uint64 { return c.MaxOp + 1 - c.StartOp }
