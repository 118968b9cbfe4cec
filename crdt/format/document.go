package format

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// DocOp is one operation of a document chunk. Actors are indexes into the
// document's Actors.
type DocOp struct {
	ID     OpID
	Obj    OpID // the root if zero
	Key    Key
	Insert bool
	Action Action
	Value  Value
	// Succ are the operations that overwrite, delete or count up this one, in
	// ascending order. One that is no operation of the document is a deletion.
	Succ []OpID
	// Expand, HasName and MarkName belong to a Mark.
	Expand   bool
	HasName  bool
	MarkName string

	rawEnd uint32 // where Value.Raw ends in the column of values
}

// DocChange is what a document chunk keeps of a change beside its operations.
type DocChange struct {
	Actor      uint32 // an index into the document's Actors
	Seq, MaxOp uint64
	Time       int64 // as in [Change]
	Message    string
	Deps       []uint32 // indexes of earlier changes
	Extra      []byte   // what follows the columns of the change
}

// Document is a document chunk whose columns have been found and inflated, but
// not read. It shares memory with the chunk and is not changed by its methods,
// which may be used by several goroutines at once.
type Document struct {
	// Actors are sorted by bytes.
	Actors [][]byte
	// Heads are the hashes of the changes that no other depends on, sorted.
	Heads [][32]byte
	// HeadIndexes are their places among the changes; empty in old files.
	HeadIndexes []uint32
	// UnknownChanges and UnknownOps are columns from a later format.
	UnknownChanges, UnknownOps []Column

	changes [len(docChangeColumns)][]byte
	ops     [len(docOpColumns)][]byte
	size    int // bytes of the chunk
	bounds  Bounds
}

// maxRows is how many operations, successors, or dependencies may be read:
// run-length coding lets a few bytes claim any number.
func (d *Document) maxRows() int { return min(d.bounds.Ops, freeRows+rowsPerByte*d.size) }

// maxChangeOps is how many operations one change may have when it is rebuilt.
func (d *Document) maxChangeOps() int { return freeChangeOps + rowsPerByte*d.size }

// maxChanges is how many changes may be read.
func (d *Document) maxChanges() int {
	return min(d.bounds.Changes, freeChanges+rowsPerByte*d.size)
}

// ParseDocument opens one document chunk: it checks header and checksum and
// inflates the columns, within limits that follow the chunk's size. It reads no
// change and no operation, so that what they say may still be wrong. The result
// shares memory with chunk, which must not be written to afterwards. The
// errors wrap those of this package.
//
// Unlike [ParseChange] it does not demand canonical form: a file written by
// another program is refused only where its meaning is in doubt.
func ParseDocument(chunk []byte) (*Document, error) { return parseDocument(chunk, fileBounds) }

// ParseDocumentWithin is [ParseDocument] for a chunk of which more than bounds is
// refused, with [ErrLimit].
func ParseDocumentWithin(chunk []byte, bounds Bounds) (*Document, error) {
	d, err := parseDocument(chunk, bounds)
	if err != nil {
		return nil, err
	}
	if err := d.checkBounds(); err != nil {
		return nil, fmt.Errorf("parse document chunk: %w", err)
	}
	return d, nil
}

// checkBounds counts the rows that the columns claim, without unrolling them.
func (d *Document) checkBounds() error {
	if _, err := countRows(d.changeColumn(docActor), uint64(d.bounds.Changes)); err != nil {
		return fmt.Errorf("changes: %w", err)
	}
	if _, err := countRows(d.opColumn(colAction), uint64(d.bounds.Ops)); err != nil {
		return fmt.Errorf("operations: %w", err)
	}
	for _, col := range [...][]byte{d.opColumn(colSuccNum), d.changeColumn(docDepNum)} {
		if _, err := sumRows(col, uint64(d.bounds.Ops)); err != nil {
			return fmt.Errorf("successors and dependencies: %w", err)
		}
	}
	return nil
}

func parseDocument(chunk []byte, bounds Bounds) (*Document, error) {
	content, err := openDocument(chunk)
	if err != nil {
		return nil, fmt.Errorf("open document chunk: %w", err)
	}
	d := &Document{size: len(chunk), bounds: bounds}
	r := reader{b: content, lax: true}
	d.readHead(&r)
	if r.err != nil {
		return nil, fmt.Errorf("parse document chunk: %w", r.err)
	}
	return d, nil
}

// openDocument checks header and checksum and returns what follows the header.
func openDocument(chunk []byte) ([]byte, error) {
	if len(chunk) > MaxFile {
		return nil, fmt.Errorf("%d bytes: %w", len(chunk), ErrLimit)
	}
	kind, content, rest, err := splitChunk(chunk)
	switch {
	case err != nil:
		return nil, err
	case kind != chunkDocument:
		return nil, fmt.Errorf("type %d: %w", kind, ErrChunkType)
	case len(rest) > 0:
		return nil, ErrTrailing
	}
	if sum := sha256.Sum256(chunk[8:]); [4]byte(chunk[4:8]) != [4]byte(sum[:4]) {
		return nil, ErrChecksum
	}
	return content, nil
}

func (d *Document) readHead(r *reader) {
	n := r.length(MaxDocActors, "actors")
	d.Actors = readDocActors(r, n)
	d.Heads = readHeads(r, r.length(MaxHeads, "heads"))
	changeTable := readDocTable(r)
	opTable := readDocTable(r)
	budget := min(d.bounds.Inflated, freeInflated+inflatedPerByte*d.size)
	for _, c := range changeTable {
		data := c.read(r, &budget)
		if !place(docChangeColumns[:], d.changes[:], c.spec, data) {
			d.UnknownChanges = append(d.UnknownChanges, Column{c.spec, data})
		}
	}
	for _, c := range opTable {
		data := c.read(r, &budget)
		if !place(docOpColumns[:], d.ops[:], c.spec, data) {
			d.UnknownOps = append(d.UnknownOps, Column{c.spec, data})
		}
	}
	if r.err != nil || r.empty() {
		return // old files have no indexes of heads
	}
	for range d.Heads {
		d.HeadIndexes = append(d.HeadIndexes, uint32(r.length(MaxCounter, "as index of a head")))
	}
	if !r.empty() {
		r.fail(ErrTrailing)
	}
}

// readDocActors reads the actors, whose order the operations' order rests on.
func readDocActors(r *reader, n uint64) [][]byte {
	var actors [][]byte
	for i := range n {
		a := r.take(r.length(MaxActorLen, "bytes of actor"))
		if r.err != nil {
			return nil
		}
		if i > 0 && bytes.Compare(actors[i-1], a) >= 0 {
			r.fail(ErrActors)
			return nil
		}
		actors = append(actors, a)
	}
	return actors
}

func readHeads(r *reader, n uint64) [][32]byte {
	all := r.take(n * 32)
	if r.err != nil {
		return nil
	}
	heads := make([][32]byte, n)
	for i := range heads {
		heads[i] = [32]byte(all[i*32:])
	}
	return heads
}
