package store

import (
	"bytes"
	"encoding/binary"
)

// headerSize is the size of the header in the first page
// (sqlite.org/fileformat2.html#the_database_header).
const headerSize = 100

// headerFields are the bytes of the header that are the same in each file of ours.
var headerFields = []struct {
	at    int
	bytes string
}{
	{0, "SQLite format 3\x00"},
	{16, "\x10\x00"},         // the page size
	{18, "\x02\x02"},         // written and read with a log
	{20, "\x00\x40\x20\x20"}, // nothing reserved in a page, and three constants
	{44, "\x00\x00\x00\x04"}, // the schema's format
	{56, "\x00\x00\x00\x01"}, // UTF-8
	{68, "Stlg"},             // applicationID
	{72, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
}

// Where the other numbers in the header are, each of four bytes, big endian.
const (
	headerChanges  = 24 // how often the file was changed
	headerPages    = 28 // how many pages it has
	headerFree     = 32 // the first page that lists free ones
	headerFreeLen  = 36 // how many are free
	headerCache    = 48
	headerRoots    = 52 // the last page that is the root of a table
	headerVersion  = 60 // the schema's
	headerPartly   = 64 // 1 if free pages are given back in parts
	headerValidFor = 92 // headerChanges when headerPages was right
)

// mendHeader puts the header of a damaged database right where no file of ours may
// have what it has; without it SQLite would read none of the other pages. A free
// list that makes no sense is dropped: what follows only reads.
func mendHeader(b []byte, schema int) {
	if len(b) < pageSize {
		return
	}
	h, pages := b[:headerSize], uint32(len(b)/pageSize)
	get := func(at int) uint32 { return binary.BigEndian.Uint32(h[at:]) }
	put := func(at int, n uint32) { binary.BigEndian.PutUint32(h[at:], n) }
	wrong := false
	for _, f := range headerFields {
		field := h[f.at : f.at+len(f.bytes)]
		wrong = wrong || !bytes.Equal(field, []byte(f.bytes))
		copy(field, f.bytes)
	}
	if n := get(headerPages); wrong || n > pages || n == 0 {
		put(headerPages, pages)
		put(headerValidFor, get(headerChanges))
	}
	if first, n := get(headerFree), get(headerFreeLen); first > pages || n >= pages || (first == 0) != (n == 0) {
		put(headerFree, 0)
		put(headerFreeLen, 0)
	}
	if n := get(headerVersion); n < 1 || n > uint32(schema) {
		put(headerVersion, uint32(schema))
	}
	if wrong {
		put(headerCache, 0)
	}
	// Without these two nothing tells that some pages map the others.
	if roots, partly := get(headerRoots), get(headerPartly); roots > pages || partly > 1 || (wrong && partly == 0) {
		put(headerRoots, min(max(roots, 3), pages))
		put(headerPartly, 1)
	}
}
