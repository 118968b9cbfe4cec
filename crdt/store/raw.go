package store

import (
	"encoding/binary"
	"strings"
)

// rawFile is a damaged database that is read without its trees: each leaf by itself,
// whatever became of the pages that lead to it (sqlite.org/fileformat2.html#b_tree_pages).
// It trusts no number in it.
type rawFile []byte

// Types of pages. All but the first hold rows, the last two those of an index or of a
// table without rowids.
const (
	rawInner      = 0x05
	rawLeaf       = 0x0d
	rawIndexLeaf  = 0x0a
	rawIndexInner = 0x02
)

// rawCell is what a cell holds: the key is 0 in a table without rowids.
type rawCell struct {
	key    int64
	values row
}

// pages returns how many whole pages there are.
func (f rawFile) pages() int { return len(f) / pageSize }

// page returns page n, from 1, or nil.
func (f rawFile) page(n int) []byte {
	if n < 1 || n > f.pages() {
		return nil
	}
	return f[(n-1)*pageSize : n*pageSize]
}

// mapEvery is from one page that maps others to the next; it has a type, one byte,
// and a page's number for each (sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages).
const (
	mapEvery  = pageSize/5 + 1
	mapFree   = 2
	mapInTree = 5 // below the root
)

// mapped returns the type that page n is mapped with, 0 if that is not known. What a
// free page holds was deleted.
func (f rawFile) mapped(n int) byte {
	if n < 3 {
		return 0
	}
	at := (n-2)/mapEvery*mapEvery + 2
	types := f.page(at)
	if n == at || types == nil {
		return 0
	}
	return types[5*(n-at-1)]
}

// allowance is how many bytes cells may take, all in all, from pages that rows go on
// in: a sound file has each such page once.
func (f rawFile) allowance() *int {
	n := 4 * len(f)
	return &n
}

// cells gives what can be read of page n, from 1, as rows of the kind that its first
// byte says, and reports whether that was all. left is the file's allowance.
func (f rawFile) cells(n int, left *int, yield func(kind byte, c rawCell)) (whole bool) {
	kind, start := f.kind(n)
	first := start + 8
	switch kind {
	case rawLeaf, rawIndexLeaf:
	case rawIndexInner:
		first += 4
	default:
		return kind == rawInner
	}
	page := f.page(n)
	whole = true
	for i := range int(binary.BigEndian.Uint16(page[start+3:])) {
		at := first + 2*i
		if at+2 > pageSize {
			return false
		}
		if c, ok := f.cell(kind, page, int(binary.BigEndian.Uint16(page[at:])), left); ok {
			yield(kind, c)
		} else {
			whole = false
		}
	}
	return whole
}

// cell reads the cell at a place in a page.
func (f rawFile) cell(kind byte, page []byte, at int, left *int) (c rawCell, ok bool) {
	if at < 8 || at >= pageSize {
		return c, false
	}
	b := page[at:]
	if kind == rawIndexInner {
		if len(b) < 4 {
			return c, false
		}
		b = b[4:] // the page with what comes before
	}
	size, b, ok := varint(b)
	if !ok || size > uint64(len(f)) {
		return c, false
	}
	if kind == rawLeaf {
		var key uint64
		if key, b, ok = varint(b); !ok {
			return c, false
		}
		c.key = int64(key)
	}
	payload, ok := f.payload(kind, b, int(size), left)
	if !ok {
		return c, false
	}
	c.values, ok = record(payload)
	return c, ok
}

// payload puts what a cell begins together with the pages that it goes on in, each
// once, while left lasts.
func (f rawFile) payload(kind byte, b []byte, size int, left *int) ([]byte, bool) {
	most := pageSize - 35
	if kind != rawLeaf {
		most = (pageSize-12)*64/255 - 23
	}
	local := size
	if size > most {
		least := (pageSize-12)*32/255 - 23
		if local = least + (size-least)%(pageSize-4); local > most {
			local = least
		}
	}
	if local == size {
		return b[:min(local, len(b))], local <= len(b)
	}
	if local+4 > len(b) {
		return nil, false
	}
	all, next := append([]byte(nil), b[:local]...), binary.BigEndian.Uint32(b[local:])
	met := map[uint32]bool{}
	for len(all) < size { // each page brings it nearer to its end
		page := f.page(int(next))
		if page == nil || met[next] || *left < pageSize {
			return nil, false
		}
		met[next] = true
		*left -= pageSize
		next = binary.BigEndian.Uint32(page)
		all = append(all, page[4:min(pageSize, 4+size-len(all))]...)
	}
	return all, true
}

// varint reads a number as SQLite writes it: seven bits a byte, the highest first,
// and eight in the ninth.
func varint(b []byte) (n uint64, rest []byte, ok bool) {
	for i, c := range b {
		if i == 8 {
			return n<<8 | uint64(c), b[9:], true
		}
		n = n<<7 | uint64(c&0x7f)
		if c < 0x80 {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}

// maxValues is more than a row of ours has.
const maxValues = 16

// record reads the values of a row (sqlite.org/fileformat2.html#record_format), which
// must fill b.
func record(b []byte) (row, bool) {
	length, rest, ok := varint(b)
	if !ok || length > uint64(len(b)) || int(length) < len(b)-len(rest) {
		return nil, false
	}
	types, values := b[len(b)-len(rest):length], b[length:]
	var v row
	for len(types) > 0 {
		var kind uint64
		if kind, types, ok = varint(types); !ok || len(v) == maxValues {
			return nil, false
		}
		size := valueSize(kind)
		if size > uint64(len(values)) || kind == 10 || kind == 11 {
			return nil, false
		}
		v = append(v, value(kind, values[:size]))
		values = values[size:]
	}
	return v, len(values) == 0
}

// valueSize returns how many bytes a value of a type takes.
func valueSize(kind uint64) uint64 {
	if kind >= 12 {
		return (kind - 12) / 2
	}
	return [...]uint64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0}[kind]
}

// value reads one value. No column of ours holds a float, and so it gives that as
// something that no column takes.
func value(kind uint64, b []byte) any {
	switch {
	case kind == 0:
		return nil
	case kind == 7:
		return float64(0)
	case kind >= 8 && kind <= 9:
		return int64(kind - 8)
	case kind >= 12 && kind%2 == 0:
		return nonNil(b)
	case kind >= 12:
		return string(b)
	}
	n := int64(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int64(c)
	}
	return n
}

// rawShape says by what the rows of a table are told, as a leaf doesn't say whose it
// is: for each column the type in the row, "-" for the key, "H" for 32 bytes, "D" for
// 16; with a small letter it may be null. Rows of earlier schemas have fewer columns.
type rawShape struct {
	table  string
	rowids bool
	least  int
	shape  string
}

var rawShapes = []rawShape{
	{"settings", false, 2, "TB"},
	{"spaces", false, 3, "HTII"},
	{"secrets", false, 3, "HIB"},
	{"people", false, 7, "HTTITTIBI"},
	{"heads", false, 4, "IIHBbbi"},
	{"statements", true, 4, "-HHB"},
	{"rosters", true, 2, "-B"},
	{"documents", true, 6, "-DHTII"},
	{"actors", true, 8, "-IBIBbbI"},
	{"changes", true, 9, "-IIIIIHBbbbii"},
	{"snapshots", true, 5, "-IBHB"},
	{"aside", true, 8, "-TBBTHBIb"},
	{"beside", true, 11, "-IBIIIIHBBT"},
	{"beside_heads", true, 10, "-IBIHBHDIi"},
}

// rawIndices say once more, for the rows of two tables, what is needed of them.
var rawIndices = []rawShape{
	{"sqlite_autoindex_documents_1", false, 2, "DI"},
	{"documents_space", false, 2, "HI"},
	{"sqlite_autoindex_actors_1", false, 3, "IBI"},
}

// shapeOf returns the shape of the rows of a table or an index, or nil.
func shapeOf(name string) *rawShape {
	for _, shapes := range [][]rawShape{rawShapes, rawIndices} {
		for i := range shapes {
			if shapes[i].table == name {
				return &shapes[i]
			}
		}
	}
	return nil
}

// fits reports whether a row may be one of the table.
func (s *rawShape) fits(kind byte, v row) bool {
	if s.rowids != (kind == rawLeaf) || len(v) < s.least || len(v) > len(s.shape) {
		return false
	}
	for i, value := range v {
		if !strings.ContainsRune(letters(value), rune(s.shape[i])) {
			return false
		}
	}
	return true
}

// letters are those of a [rawShape] that a value fits.
func letters(v any) string {
	switch v := v.(type) {
	case nil:
		return "-bi"
	case int64:
		return "Ii"
	case string:
		return "T"
	case []byte:
		switch len(v) {
		case 32:
			return "BbH"
		case 16:
			return "BbD"
		}
		return "Bb"
	}
	return ""
}
