package format

// OpID names an operation within a change: its counter, and its actor as an
// index, 0 for the change's author and i for OtherActors[i-1]. The zero OpID
// names no operation; as an object it is the root, as an element the head of
// a list.
type OpID struct {
	Counter uint32
	Actor   uint32
}

// IsZero reports whether id is the root or the head.
func (id OpID) IsZero() bool { return id.Counter == 0 }

// Key says which place of an object an operation writes to: a map key, or in
// a list or text an element (for an insertion, the one to insert after; the
// zero OpID is the head).
type Key struct {
	Map  bool
	Name string // of a map key
	Elem OpID   // of an element
}

// Action is what an operation does.
type Action uint8

// The actions that exist.
const (
	MakeMap Action = iota
	Set
	MakeList
	Delete
	MakeText
	Increment
	MakeTable
	Mark
	numActions
)

// ValueType says how a value's bytes are to be read.
type ValueType uint8

// The value types that exist; 10 to 15 are kept free by the specification.
const (
	Null ValueType = iota
	False
	True
	Uint
	Int
	Float
	String
	Bytes
	Counter
	Timestamp
)

// Value is a primitive value in its encoded form. Raw is empty for null, true
// and false, LEB128 for Uint, Int, Counter and Timestamp, 8 bytes of IEEE 754
// little endian for Float, UTF-8 for String.
type Value struct {
	Type ValueType
	Raw  []byte
}

// Op is one operation. Its counter is the change's StartOp plus its index.
type Op struct {
	Obj    OpID // the root if zero
	Key    Key
	Insert bool
	Action Action
	Value  Value
	// Pred are the operations that this one overwrites, deletes or counts up,
	// in ascending order.
	Pred []OpID
	// Expand and MarkName belong to a Mark: its beginning has a name, its end
	// has none.
	Expand   bool
	HasName  bool
	MarkName string
}

// Column is a column that this package does not know, kept as it was.
type Column struct {
	Spec uint32
	Data []byte
}

// Change is one decoded change chunk. What [ParseChange] returns shares memory
// with the chunk and must not be written to.
type Change struct {
	Actor []byte
	// OtherActors are the actors that the operations refer to besides Actor,
	// in the order of their bytes.
	OtherActors [][]byte
	// Seq numbers the changes of Actor from 1.
	Seq uint64
	// StartOp is the counter of the first operation.
	StartOp uint64
	// Time is the author's clock as the chunk has it; seconds by convention.
	Time    int64
	Message string
	// Deps are the changes that this one directly builds on, sorted.
	Deps [][32]byte
	Ops  []Op
	// Unknown are columns from a later format, sorted by Spec.
	Unknown []Column
	// Extra is what follows the columns.
	Extra []byte
	// Hash names the change. Encode does not use it.
	Hash [32]byte
}

// MaxOp is the counter of the last operation, or StartOp-1 if there is none.
func (c *Change) MaxOp() uint64 { return c.StartOp + uint64(len(c.Ops)) - 1 }

// ActorAt returns the actor that an [OpID] names by index, and nil if there is
// none.
func (c *Change) ActorAt(i uint32) []byte {
	switch {
	case i == 0:
		return c.Actor
	case uint64(i) <= uint64(len(c.OtherActors)):
		return c.OtherActors[i-1]
	default:
		return nil
	}
}
