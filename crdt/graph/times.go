package graph

import "math"

// times are the times of all changes, in 4 bytes each as long as all lie
// within 2^32 of each other, else in 8.
type times struct {
	base   int64
	narrow []uint32 // above base
	wide   []int64  // instead, once one does not fit
}

func (t *times) at(i int) int64 {
	if t.wide != nil {
		return t.wide[i]
	}
	return t.base + int64(t.narrow[i])
}

func (t *times) add(v int64) {
	if t.wide == nil && len(t.narrow) == 0 {
		// Later ones are mostly greater, and not by much.
		t.base = max(v, math.MinInt64+math.MaxInt32) - math.MaxInt32
	}
	if t.wide == nil && (v < t.base || uint64(v)-uint64(t.base) > math.MaxUint32) {
		t.widen()
	}
	if t.wide != nil {
		t.wide = append(t.wide, v)
		return
	}
	t.narrow = append(t.narrow, uint32(v-t.base))
}

func (t *times) widen() {
	wide := make([]int64, len(t.narrow), len(t.narrow)+1)
	for i, v := range t.narrow {
		wide[i] = t.base + int64(v)
	}
	t.wide, t.narrow = wide, nil
}
