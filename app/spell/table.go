package spell

import (
	"bytes"
	"hash/maphash"
)

// entry is a stem: its letters in the table's text, and its set of flags.
type entry struct {
	at    uint32
	size  uint16
	flags uint32
}

// table holds the stems: all letters in one text, and a hash table of entries
// with open addressing, so that the garbage collector sees three slices
// instead of a hundred thousand strings. It is filled once and then only read.
type table struct {
	text    []byte
	entries []entry
	slots   []uint32 // numbers of entries plus one; 0: free
	seed    maphash.Seed
}

// maxWord is how long a word may be, in bytes; a longer one is in no
// dictionary.
const maxWord = 240

// add appends a stem. Stems are found only after index.
func (t *table) add(word []byte, flags uint32) {
	t.entries = append(t.entries, entry{at: uint32(len(t.text)), size: uint16(len(word)), flags: flags})
	t.text = append(t.text, word...)
}

// index makes the hash table, at most half full.
func (t *table) index() {
	t.seed = maphash.MakeSeed()
	size := 16
	for size < 2*len(t.entries) {
		size *= 2
	}
	t.slots = make([]uint32, size)
	mask := uint64(size - 1)
	for i, e := range t.entries {
		slot := maphash.Bytes(t.seed, t.word(e)) & mask
		for t.slots[slot] != 0 {
			slot = (slot + 1) & mask
		}
		t.slots[slot] = uint32(i + 1)
	}
}

// word returns an entry's letters. They are the table's own.
func (t *table) word(e entry) []byte {
	return t.text[e.at : e.at+uint32(e.size)]
}

// find yields the flags of each entry for a word, by their set's number.
// Homonyms are several entries.
func (t *table) find(word []byte, yield func(flags uint32) bool) {
	if len(word) > maxWord {
		return
	}
	mask := uint64(len(t.slots) - 1)
	for slot := maphash.Bytes(t.seed, word) & mask; t.slots[slot] != 0; slot = (slot + 1) & mask {
		e := t.entries[t.slots[slot]-1]
		if bytes.Equal(t.word(e), word) && !yield(e.flags) {
			return
		}
	}
}
