package crdt

import (
	"fmt"
	"time"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// ErrLimit says that a chunk holds more than peers take: see the limits of
// package crdt/format.
var ErrLimit = format.ErrLimit

// ReadFile gives the changes in an .automerge file: any number of document
// chunks and change chunks, one behind the other. Changes of one chunk come each
// after those that it builds on; a change that stands in several chunks comes
// several times. It stops at the first error of yield and returns it.
func ReadFile(data []byte, yield func(Change) error) error {
	chunks, err := format.SplitFile(data)
	if err != nil {
		return fmt.Errorf("read an Automerge file: %w", err)
	}
	for _, chunk := range chunks {
		if format.IsDocument(chunk) {
			err = Expand(chunk, yield)
		} else {
			err = readChange(chunk, yield)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readChange gives the change in a chunk, which may be a compressed one, in
// plain form.
func readChange(chunk []byte, yield func(Change) error) error {
	ops, err := parse(chunk)
	if err != nil {
		return err
	}
	return yield(changeOf(ops, ops.Encode()))
}

// FoundCopy begins a document with what an .automerge file holds now and without
// its history, for a file whose changes are beyond the limits of peers. The file
// must be one document chunk. Of several values at one place the copy has the
// one that shows; marks, and values of types that are not known here, are left
// out.
func (d *Document) FoundCopy(data []byte, now time.Time) (Edited, error) {
	src, _, err := readWhole(data)
	if err != nil {
		return Edited{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.graph.Len() > 0 {
		return Edited{}, fmt.Errorf("found document %v: %w", d.id, ErrFounded)
	}
	w := d.newAuthor(now.Unix(), "")
	if err := w.found(); err != nil {
		return Edited{}, d.fail("found", err)
	}
	c := copier{src: src, tx: &Tx{w}, text: src.textKeyOfFile()}
	if err := c.root(); err != nil {
		return Edited{}, d.fail("found", err)
	}
	return w.finish(nil)
}

// readWhole reads what a document chunk holds, without its history, and its
// heads.
func readWhole(chunk []byte) (*Document, [][32]byte, error) {
	doc, err := format.ParseDocument(chunk)
	if err != nil {
		return nil, nil, fmt.Errorf("read a document chunk: %w", err)
	}
	return readDocument(doc)
}

func readDocument(doc *format.Document) (*Document, [][32]byte, error) {
	var err error
	d := &Document{actors: &opid.Actors{}}
	if d.set, err = objectsOf(doc, d.actors); err != nil {
		return nil, nil, fmt.Errorf("read a document chunk: %w", err)
	}
	return d, doc.Heads, nil
}

// copier writes what another document holds.
type copier struct {
	src  *Document
	tx   *Tx
	text string // the root key of its text
}

func (c *copier) root() error {
	if obj, ok := c.src.textAt(c.text); ok {
		if err := c.tx.w.splice(splice{ins: c.src.set.Text(obj).Text()}); err != nil {
			return err
		}
	}
	for _, key := range c.src.set.Keys(opid.ID{}, nil) {
		if key == c.text || reserved(key) {
			continue
		}
		if err := c.key(opid.ID{}, ObjID{}, key); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) key(from opid.ID, to ObjID, key string) error {
	v, _, _ := c.src.set.Get(from, key, nil)
	return c.value(v, func(v any) error { return c.tx.Put(to, key, v) },
		func(kind Kind) (ObjID, error) { return c.tx.Make(to, key, kind) })
}

// value copies one value with what it holds.
func (c *copier) value(v opset.Value, put func(any) error, make func(Kind) (ObjID, error)) error {
	switch data := v.Data.(type) {
	case opset.Unknown:
		return nil
	case opset.Object:
		to, err := make(data.Kind)
		if err != nil {
			return err
		}
		return c.object(data, to)
	default:
		return put(data)
	}
}

func (c *copier) object(from opset.Object, to ObjID) error {
	switch from.Kind {
	case Text:
		return c.tx.Splice(to, 0, 0, c.src.set.Text(from.ID).Text())
	case List:
		return c.list(from, to)
	default:
		for _, key := range c.src.set.Keys(from.ID, nil) {
			if err := c.key(from.ID, to, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *copier) list(from opset.Object, to ObjID) error {
	n := 0 // what is left out takes no place
	for _, v := range c.src.set.Values(from.ID, nil) {
		err := c.value(v, func(v any) error { n++; return c.tx.Insert(to, n-1, v) },
			func(kind Kind) (ObjID, error) { n++; return c.tx.InsertMake(to, n-1, kind) })
		if err != nil {
			return err
		}
	}
	return nil
}
