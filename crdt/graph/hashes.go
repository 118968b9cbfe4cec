package graph

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// hashes are the hashes of some changes: of all from index from on, and of a
// few before. The table finds them: open addressing over indexes. Peers choose
// hashes, so the slots are seeded anew for each graph.
type hashes struct {
	from  int
	tail  [][32]byte
	few   []uint32 // indexes below from, ascending
	fewH  [][32]byte
	seed  maphash.Seed
	slots []uint32 // index + 1, or 0
}

func (t *hashes) len() int { return len(t.few) + len(t.tail) }

// at returns the hash of the change at an index, or nil.
func (t *hashes) at(i int) *[32]byte {
	if i >= t.from {
		if i-t.from < len(t.tail) {
			return &t.tail[i-t.from]
		}
		return nil
	}
	if k, ok := slices.BinarySearch(t.few, uint32(i)); ok {
		return &t.fewH[k]
	}
	return nil
}

// add notes the hash of a change behind all others that have one.
func (t *hashes) add(i int, h *[32]byte) {
	if t.from+len(t.tail) != i {
		for k := range t.tail {
			t.few = append(t.few, uint32(t.from+k))
		}
		t.fewH = append(t.fewH, t.tail...)
		t.from, t.tail = i, nil
	}
	t.tail = append(t.tail, *h)
	if 4*t.len() > 3*len(t.slots) {
		t.index(max(16, 2*len(t.slots)))
	} else {
		t.enter(uint32(i))
	}
}

// Hashes are those of the first changes of a graph, with what finds them.
type Hashes struct{ t hashes }

// NewHashes makes the table of the hashes of changes, in the order of the graph.
// That is most of the work, and needs no graph. all is kept.
func NewHashes(all [][32]byte) *Hashes {
	h := &Hashes{hashes{tail: all}}
	size := 16
	for 3*size < 4*len(all) {
		size *= 2
	}
	h.t.index(size)
	return h
}

// SetHashes takes the hashes that are absent from h, which it keeps. It fails with
// [ErrHashes], and takes none, if one is another than is known, or if some would
// still be absent.
func (g *Graph) SetHashes(h *Hashes) error {
	n, known := len(h.t.tail), &g.hashes
	for k, i := range known.few {
		if int(i) < n && known.fewH[k] != h.t.tail[i] {
			return fmt.Errorf("change %d: %w", i, ErrHashes)
		}
	}
	for k := range known.tail {
		if i := known.from + k; i < n && known.tail[k] != h.t.tail[i] {
			return fmt.Errorf("change %d: %w", i, ErrHashes)
		}
	}
	for i := n; i < len(g.last); i++ {
		if known.at(i) == nil {
			return fmt.Errorf("change %d of %d has none: %w", i, len(g.last), ErrHashes)
		}
	}
	for i := n; i < len(g.last); i++ {
		h.t.add(i, known.at(i))
	}
	g.hashes = h.t
	return nil
}

// index makes the table anew, with a number of slots that is a power of two.
func (t *hashes) index(size int) {
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
	}
	t.slots = make([]uint32, size)
	for _, i := range t.few {
		t.enter(i)
	}
	for k := range t.tail {
		t.enter(uint32(t.from + k))
	}
}

func (t *hashes) slot(h *[32]byte) int {
	return int(maphash.Bytes(t.seed, h[:]) & uint64(len(t.slots)-1))
}

func (t *hashes) enter(i uint32) {
	k := t.slot(t.at(int(i)))
	for t.slots[k] != 0 {
		k = (k + 1) & (len(t.slots) - 1)
	}
	t.slots[k] = i + 1
}

// find returns the index of the change that h names.
func (t *hashes) find(h *[32]byte) (uint32, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	for k := t.slot(h); t.slots[k] != 0; k = (k + 1) & (len(t.slots) - 1) {
		if i := t.slots[k] - 1; *t.at(int(i)) == *h {
			return i, true
		}
	}
	return 0, false
}
