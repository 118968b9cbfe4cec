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
	// MaxOps is the greatest number of operations in a change: other programs
	// put a whole pasted text into one, an operation for each character. As
	// many take about 40 MB in memory.
	MaxOps = 1 << 18
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

// The limits of a file, which peers need not agree on.
const (
	// MaxFile is the greatest size of a file in bytes.
	MaxFile = 256 << 20
	// MaxInflated is the greatest size in bytes of all inflated columns of a
	// document chunk together.
	MaxInflated = 512 << 20
	// MaxDocOps is the greatest number of operations in a document chunk,
	// deletions aside, and of all successors and all dependencies in one.
	MaxDocOps = 16 << 20
	// MaxDocChanges is the greatest number of changes in a document chunk.
	MaxDocChanges = 16 << 20
	// MaxDocActors is the greatest number of actors in a document chunk.
	MaxDocActors = 1 << 16
	// MaxHeads is the greatest number of heads of a document chunk.
	MaxHeads = 1 << 20
)

// Bounds limit what is read of a document chunk below the limits of a file. They
// follow from what the columns claim, before any of it is built.
type Bounds struct {
	Inflated int // bytes of all inflated columns together
	Ops      int // operations, and all their successors, and all dependencies
	Changes  int
}

var fileBounds = Bounds{MaxInflated, MaxDocOps, MaxDocChanges}

// What a document chunk may hold however small it is, and how much more for
// each of its bytes. Run-length coding and deflate make much out of little, and
// honestly so: a million equal letters take a kilobyte.
const (
	freeRows        = 1 << 20
	freeChanges     = 1 << 18
	freeChangeOps   = MaxOps // a rebuilt operation takes much memory
	rowsPerByte     = 64
	freeInflated    = 8 << 20
	inflatedPerByte = 1100 // more than deflate can make
	freeExpanded    = 64 << 20
	expandedPerByte = 4096
)

// What this package refuses. Errors wrap one of these and say where.
var (
	ErrTruncated = errors.New("the chunk ends early")
	ErrTrailing  = errors.New("bytes are left over")
	ErrMagic     = errors.New("not an Automerge chunk")
	ErrChunkType = errors.New("not the kind of chunk that was expected")
	ErrChecksum  = errors.New("the checksum does not fit")
	ErrInflate   = errors.New("the compressed chunk cannot be inflated")
	ErrNumber    = errors.New("a number is too great or written too long")
	ErrLimit     = errors.New("a limit of the format is exceeded")
	ErrUTF8      = errors.New("a string is not valid UTF-8")
	ErrActors    = errors.New("the actors are not sorted, unique and in use")
	ErrDeps      = errors.New("the dependencies are not sorted and unique")
	ErrColumns   = errors.New("the columns are not sorted, unique and of one length")
	ErrIDs       = errors.New("the operations are not those that the changes number")
	ErrHeads     = errors.New("the changes are not those that the heads name")
	ErrOp        = errors.New("an operation cannot be read")
	ErrCanonical = errors.New("the chunk is not in canonical form")
)
