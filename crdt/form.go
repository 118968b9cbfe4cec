package crdt

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"starling/crdt/graph"
	"starling/crdt/opset"
)

// FormVersion is the version of the compact form that this program writes and
// reads. One of another version is of no use and is made anew.
const FormVersion = 1

// ErrBadForm says that a compact form can't be read. Nothing is lost: it is made
// of changes that are stored too.
var ErrBadForm = errors.New("the compact form cannot be read")

// maxForm bounds what a compact form inflates to, in bytes.
const maxForm = 1 << 30

// Form is a document in compact form: what is needed to show and edit it, and
// its history without the hashes of old changes. The store keeps it beside the
// changes so that a document opens at once.
type Form struct {
	Version int
	// Covers is what it holds.
	Covers Vector
	Bytes  []byte
}

// recentHashes is how many of the last changes' hashes a compact form keeps:
// peers that were away for longer name older ones, which have to be computed.
const recentHashes = 256

// Form returns the document in compact form. It takes a few milliseconds for a
// large one, most of them without the lock.
func (d *Document) Form() Form {
	raw, covers := d.rawForm()
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(raw) // to memory, which doesn't fail
	z.Close()
	return Form{FormVersion, covers, out.Bytes()}
}

func (d *Document) rawForm() ([]byte, Vector) {
	d.mu.Lock()
	defer d.mu.Unlock()
	raw := binary.AppendUvarint(nil, uint64(d.actors.Len()))
	for n := range uint32(d.actors.Len()) {
		raw = appendBytes(raw, []byte(d.actors.Name(n)))
	}
	raw = appendBytes(raw, d.graph.AppendBinary(nil, recentHashes))
	return d.set.AppendBinary(raw), d.vector()
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// readForm builds the document from its compact form.
func (d *Document) readForm(form []byte) error {
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(form)), maxForm))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadForm, err)
	}
	r := formReader{raw}
	for n := r.number(); n > 0 && r.b != nil; n-- {
		d.actors.Number(r.bytes())
	}
	history := r.bytes()
	if r.b == nil {
		return fmt.Errorf("%w: it ends early", ErrBadForm)
	}
	if d.graph, err = graph.Decode(history, d.actors); err != nil {
		return fmt.Errorf("%w: %w", ErrBadForm, err)
	}
	if d.set, err = opset.Decode(r.b, d.actors); err != nil {
		return fmt.Errorf("%w: %w", ErrBadForm, err)
	}
	return nil
}

// formReader takes values off the front of b, which is nil after a failure.
type formReader struct{ b []byte }

func (r *formReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b = nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *formReader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.b = nil
	}
	if r.b == nil {
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}
