package format

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
)

// Column specifications of a document's changes.
const (
	docActor     = 0x01
	docSeq       = 0x03
	docMaxOp     = 0x13
	docTime      = 0x23
	docMessage   = 0x35
	docDepNum    = 0x40
	docDepIndex  = 0x43
	docExtraMeta = 0x56
	docExtraRaw  = 0x57
)

// Column specifications of a document's operations that a change has not, or
// at other numbers.
const (
	colIDActor   = 0x21
	colIDCtr     = 0x23
	colSuccNum   = 0x80
	colSuccActor = 0x81
	colSuccCtr   = 0x83
)

// docChangeColumns and docOpColumns list the known columns in the order in
// which they stand in a chunk.
var (
	docChangeColumns = [...]uint32{
		docActor, docSeq, docMaxOp, docTime, docMessage, docDepNum, docDepIndex, docExtraMeta, docExtraRaw,
	}
	docOpColumns = [...]uint32{
		colObjActor, colObjCtr, colKeyActor, colKeyCtr, colKeyName, colIDActor, colIDCtr, colInsert, colAction,
		colValueMeta, colValueRaw, colSuccNum, colSuccActor, colSuccCtr, colExpand, colMarkName,
	}
)

// find returns the bytes of a column; an absent one is empty.
func find(known []uint32, data [][]byte, spec uint32) []byte {
	for i, k := range known {
		if k == spec {
			return data[i]
		}
	}
	return nil
}

// place puts data where a known column belongs; false if it is unknown.
func place(known []uint32, into [][]byte, spec uint32, data []byte) bool {
	for i, k := range known {
		if k == spec {
			into[i] = data
			return true
		}
	}
	return false
}

func (d *Document) changeColumn(spec uint32) []byte {
	return find(docChangeColumns[:], d.changes[:], spec)
}

func (d *Document) opColumn(spec uint32) []byte { return find(docOpColumns[:], d.ops[:], spec) }

// docColumn is an entry of a table of columns.
type docColumn struct {
	spec     uint32 // without the bit for deflate
	deflated bool
	length   uint64
}

// readDocTable reads a table of columns.
func readDocTable(r *reader) []docColumn {
	n := r.length(MaxColumns, "columns")
	table := make([]docColumn, 0, n)
	for i := range n {
		spec := uint32(r.length(MaxCounter, "as a column"))
		c := docColumn{spec: spec &^ deflateBit, deflated: spec&deflateBit != 0, length: r.uleb()}
		if i > 0 && c.spec <= table[i-1].spec {
			r.fail(fmt.Errorf("column %#x: %w", spec, ErrColumns))
		}
		table = append(table, c)
	}
	return table
}

// read takes a column's bytes, inflating them if need be, which counts against
// the budget of inflated bytes.
func (c docColumn) read(r *reader, budget *int) []byte {
	data := r.take(c.length)
	if !c.deflated || r.err != nil {
		return data
	}
	out, err := inflateColumn(data, *budget)
	if err != nil {
		r.fail(fmt.Errorf("column %#x: %w", c.spec, err))
		return nil
	}
	*budget -= len(out)
	return out
}

// inflateColumn inflates twice: first to learn the size, so that no more memory
// is taken than is needed.
func inflateColumn(b []byte, limit int) ([]byte, error) {
	z := flate.NewReader(bytes.NewReader(b))
	n, err := io.Copy(io.Discard, io.LimitReader(z, int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInflate, err)
	case n > int64(limit):
		return nil, fmt.Errorf("inflated: %w", ErrLimit)
	}
	if err := z.(flate.Resetter).Reset(bytes.NewReader(b), nil); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInflate, err)
	}
	out := make([]byte, n)
	if _, err := io.ReadFull(z, out); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInflate, err)
	}
	return out, nil
}
