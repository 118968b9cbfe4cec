package guard

import "hash/maphash"

// table finds a change by its hash: open addressing over indexes into the
// list of changes, which has the hashes. Peers choose hashes, so the slots are
// seeded anew in each process.
type table struct {
	seed  maphash.Seed
	slots []uint32 // index + 1, or 0
	used  int
}

func (t *table) slot(h *[32]byte) int {
	return int(maphash.Bytes(t.seed, h[:]) & uint64(len(t.slots)-1))
}

// find returns the index of the change named h.
func (t *table) find(changes []change, h *[32]byte) (uint32, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	for i := t.slot(h); t.slots[i] != 0; i = (i + 1) & (len(t.slots) - 1) {
		if at := t.slots[i] - 1; changes[at].hash == *h {
			return at, true
		}
	}
	return 0, false
}

// add notes the change at index at, which is not in the table.
func (t *table) add(changes []change, at uint32) {
	if 4*(t.used+1) > 3*len(t.slots) {
		t.grow(changes)
	}
	t.place(changes, at)
	t.used++
}

func (t *table) place(changes []change, at uint32) {
	i := t.slot(&changes[at].hash)
	for t.slots[i] != 0 {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = at + 1
}

func (t *table) grow(changes []change) {
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
	}
	old := t.slots
	t.slots = make([]uint32, max(16, 2*len(old)))
	for _, at := range old {
		if at != 0 {
			t.place(changes, at-1)
		}
	}
}
