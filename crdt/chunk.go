package crdt

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"starling/crdt/format"
)

// Snapshot is the whole document as an Automerge document chunk, which other
// Automerge programs read too, and the vector it covers. It holds the lock for
// as long as it takes to write: 0.1 s for 260,000 changes. So a snapshot of a
// document that is in use is made from one opened beside it.
func (d *Document) Snapshot() ([]byte, Vector, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	chunk, err := d.chunk()
	if err != nil {
		return nil, nil, fmt.Errorf("write document %v: %w", d.id, err)
	}
	return chunk, d.vector(), nil
}

func (d *Document) chunk() ([]byte, error) {
	order := d.sortedActors()
	index := make([]uint32, d.actors.Len())
	names := make([][]byte, len(order))
	for i, n := range order {
		index[n] = uint32(i)
		names[i] = []byte(d.actors.Name(n))
	}
	parts := format.DocumentParts{Actors: names, Heads: d.headHashes()}
	for _, h := range parts.Heads {
		i, _, _ := d.graph.Find(h)
		parts.HeadIndexes = append(parts.HeadIndexes, uint32(i))
	}
	parts.Changes = func(yield func(c *format.DocChange) error) error {
		for i := range d.graph.Len() {
			c := d.graph.At(i)
			err := yield(&format.DocChange{
				Actor: index[c.Actor], Seq: uint64(c.Seq), MaxOp: uint64(c.Last),
				Time: c.Time, Message: c.Message, Deps: c.Deps,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	parts.Ops = func(yield func(op *format.DocOp) error) error {
		return d.set.Ops(index, yield)
	}
	return format.EncodeDocument(parts)
}

// sortedActors are the numbers of the actors that have changes, by their bytes,
// which is the order in which a document chunk lists them.
func (d *Document) sortedActors() []uint32 {
	order := make([]uint32, 0, d.actors.Len())
	for n := range uint32(d.actors.Len()) {
		if d.graph.Last(n) > 0 {
			order = append(order, n)
		}
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(d.actors.Name(a), d.actors.Name(b)) })
	return order
}

// Expand turns a document chunk back into its changes, each after those it
// builds on, whose hashes it computes and compares with the chunk's heads. A small
// change comes with its operations if they are what [ParseChange] would read, since
// that takes as long as all the rest.
func Expand(chunk []byte, yield func(Change) error) error {
	doc, err := format.ParseDocument(chunk)
	if err != nil {
		return fmt.Errorf("read a document chunk: %w", err)
	}
	return doc.Expand(func(c *format.Change, chunk []byte) error {
		out := changeOf(c, bytes.Clone(chunk))
		if few(c) && c.Plain() {
			out.ops = c.Clone()
		}
		return yield(out)
	})
}

// Contents is what a document chunk holds.
type Contents struct {
	Heads []Hash
	// Key is the root key of the text, which need not be there.
	Key, Text string
}

// ReadContents reads a document chunk. It rebuilds no change, so that hashes are
// not checked.
func ReadContents(chunk []byte) (Contents, error) {
	doc, err := format.ParseDocument(chunk)
	return contentsOf(doc, err)
}

// Bounds limit what is read of a chunk that a stranger made: bytes that it inflates
// to, operations, and changes.
type Bounds format.Bounds

// ErrBounds says that a chunk holds more than was to be read.
var ErrBounds = format.ErrLimit

// Within reports whether a document chunk keeps to bounds; it reads no operation.
// Its errors wrap [ErrBounds] or say that it is no such chunk.
func Within(chunk []byte, b Bounds) error {
	if _, err := format.ParseDocumentWithin(chunk, format.Bounds(b)); err != nil {
		return fmt.Errorf("read a document chunk: %w", err)
	}
	return nil
}

// ReadContentsWithin is [ReadContents] for a chunk that a stranger made, of which
// more than b is refused with [ErrBounds] before it takes memory.
func ReadContentsWithin(chunk []byte, b Bounds) (Contents, error) {
	doc, err := format.ParseDocumentWithin(chunk, format.Bounds(b))
	return contentsOf(doc, err)
}

func contentsOf(doc *format.Document, err error) (Contents, error) {
	if err != nil {
		return Contents{}, fmt.Errorf("read a document chunk: %w", err)
	}
	d, heads, err := readDocument(doc)
	if err != nil {
		return Contents{}, err
	}
	out := Contents{Key: d.textKey()}
	for _, h := range heads {
		out.Heads = append(out.Heads, h)
	}
	if d.findText() {
		out.Text = d.text.Text()
	}
	return out, nil
}
