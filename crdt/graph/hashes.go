package graph

import (
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

// fill gives a hash to all of n changes that have none.
func (t *hashes) fill(n int, hash func(i int) [32]byte) {
	all := make([][32]byte, n)
	for i := range all {
		if h := t.at(i); h != nil {
			all[i] = *h
		} else {
			all[i] = hash(i)
		}
	}
	t.from, t.tail, t.few, t.fewH = 0, all, nil, nil
	size := 16
	for 3*size < 4*n {
		size *= 2
	}
	t.index(size)
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
