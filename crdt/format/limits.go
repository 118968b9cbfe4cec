package format

import (
	"errors"
	"math"
)

// The limits of one change. They are part of what peers agree on: a change
// beyond them is refused everywhere.
const (
	// MaxChunk is the greatest size of a chunk in bytes, inflated.
	MaxChunk = 4 << 20
	// MaxOps is the greatest number of operations in a change.
	MaxOps = 1 << 16
	// MaxPreds is the greatest number of predecessors that all operations of a
	// change name together.
	MaxPreds = 2 * MaxOps
	// MaxActors is the greatest number of actors, the author included.
	MaxActors = 1024
	// MaxActorLen is the greatest length of an actor ID in bytes; the least
	// is 1.
	MaxActorLen = 64
	// MaxDeps is the greatest number of changes that one depends on directly.
	MaxDeps = 4096
	// MaxMessage is the greatest length of a commit message in bytes.
	MaxMessage = 64 << 10
	// MaxKey is the greatest length in bytes of a map key or mark name.
	MaxKey = 4 << 10
	// MaxValue is the greatest length of a value in bytes.
	MaxValue = 1 << 20
	// MaxColumns is the greatest number of columns, unknown ones included.
	MaxColumns = 64
	// MaxCounter is the greatest operation counter and sequence number:
	// Automerge keeps counters in 32 bits in places, and aborts beyond.
	MaxCounter = math.MaxUint32
)

// What [ParseChange] refuses. Errors wrap one of these and say where.
var (
	ErrTruncated = errors.New("the chunk ends early")
	ErrTrailing  = errors.New("bytes are left over")
	ErrMagic     = errors.New("not an Automerge chunk")
	ErrChunkType = errors.New("not a change chunk")
	ErrChecksum  = errors.New("the checksum does not fit")
	ErrInflate   = errors.New("the compressed chunk cannot be inflated")
	ErrNumber    = errors.New("a number is too great or written too long")
	ErrLimit     = errors.New("a limit of the format is exceeded")
	ErrUTF8      = errors.New("a string is not valid UTF-8")
	ErrActors    = errors.New("the actors are not sorted, unique and in use")
	ErrDeps      = errors.New("the dependencies are not sorted and unique")
	ErrColumns   = errors.New("the columns are not sorted, unique and of one length")
	ErrOp        = errors.New("an operation cannot be read")
	ErrCanonical = errors.New("the chunk is not in canonical form")
)
