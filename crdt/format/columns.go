package format

import "fmt"

// Column specifications of a change's operations: column number times 16, a
// bit for deflate (which a change chunk must not set), and the encoding.
const (
	colObjActor  = 0x01
	colObjCtr    = 0x02
	colKeyActor  = 0x11
	colKeyCtr    = 0x13
	colKeyName   = 0x15
	colInsert    = 0x34
	colAction    = 0x42
	colValueMeta = 0x56
	colValueRaw  = 0x57
	colPredNum   = 0x70
	colPredActor = 0x71
	colPredCtr   = 0x73
	colExpand    = 0x94
	colMarkName  = 0xa5

	deflateBit = 0x08
)

// knownColumns lists them in the order in which they stand in a chunk.
var knownColumns = [...]uint32{
	colObjActor, colObjCtr, colKeyActor, colKeyCtr, colKeyName, colInsert, colAction,
	colValueMeta, colValueRaw, colPredNum, colPredActor, colPredCtr, colExpand, colMarkName,
}

// columnSet holds the bytes of the known columns by their place in
// knownColumns; an absent one is empty.
type columnSet [len(knownColumns)][]byte

func (s *columnSet) get(spec uint32) []byte {
	for i, known := range knownColumns {
		if known == spec {
			return s[i]
		}
	}
	return nil
}

func (s *columnSet) set(spec uint32, data []byte) bool {
	for i, known := range knownColumns {
		if known == spec {
			s[i] = data
			return true
		}
	}
	return false
}

// readColumns reads the table of columns and the columns themselves.
func readColumns(r *reader) (known columnSet, unknown []Column) {
	n := r.length(MaxColumns, "columns")
	var table [MaxColumns]struct {
		spec   uint32
		length uint64
	}
	for i := range n {
		spec := r.length(MaxCounter, "as a column")
		table[i].spec, table[i].length = uint32(spec), r.length(MaxChunk, "bytes of column")
		if i > 0 && table[i].spec <= table[i-1].spec || spec&deflateBit != 0 || table[i].length == 0 {
			r.fail(fmt.Errorf("column %#x: %w", spec, ErrColumns))
		}
	}
	for i := range n {
		data := r.take(table[i].length)
		if !known.set(table[i].spec, data) {
			unknown = append(unknown, Column{table[i].spec, data})
		}
	}
	return known, unknown
}

// appendColumns writes the table and the columns, both kinds in one order.
func appendColumns(b []byte, known *columnSet, unknown []Column) []byte {
	n := len(unknown)
	for _, data := range known {
		if len(data) > 0 {
			n++
		}
	}
	b = appendUleb(b, uint64(n))
	eachColumn(known, unknown, func(spec uint32, data []byte) {
		b = appendUleb(b, uint64(spec))
		b = appendUleb(b, uint64(len(data)))
	})
	eachColumn(known, unknown, func(_ uint32, data []byte) { b = append(b, data...) })
	return b
}

// eachColumn calls f for the columns that are not empty, by ascending spec.
func eachColumn(known *columnSet, unknown []Column, f func(spec uint32, data []byte)) {
	for i, spec := range knownColumns {
		for len(unknown) > 0 && unknown[0].Spec < spec {
			f(unknown[0].Spec, unknown[0].Data)
			unknown = unknown[1:]
		}
		if len(known[i]) > 0 {
			f(spec, known[i])
		}
	}
	for _, col := range unknown {
		f(col.Spec, col.Data)
	}
}
