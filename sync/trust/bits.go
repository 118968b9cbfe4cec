package trust

import "math/bits"

// set is a set of small numbers.
type set []uint64

func (s set) has(i int) bool { return i/64 < len(s) && s[i/64]&(1<<(i%64)) != 0 }

// with returns the set with i in it; s must not be used afterwards.
func (s set) with(i int) set {
	for len(s) <= i/64 {
		s = append(s, 0)
	}
	s[i/64] |= 1 << (i % 64)
	return s
}

// union returns the set with all of other in it; s must not be used afterwards.
func (s set) union(other set) set {
	for len(s) < len(other) {
		s = append(s, 0)
	}
	for i, word := range other {
		s[i] |= word
	}
	return s
}

// common returns what both sets have.
func (s set) common(other set) set {
	out := make(set, min(len(s), len(other)))
	for i := range out {
		out[i] = s[i] & other[i]
	}
	return out
}

// agree reports whether two sets are alike in what also is in a third.
func (s set) agree(other, in set) bool {
	for i, word := range in {
		var a, b uint64
		if i < len(s) {
			a = s[i]
		}
		if i < len(other) {
			b = other[i]
		}
		if (a^b)&word != 0 {
			return false
		}
	}
	return true
}

// each calls do with every number in the set, the smallest first.
func (s set) each(do func(i int)) {
	for at, word := range s {
		for ; word != 0; word &= word - 1 {
			do(at*64 + bits.TrailingZeros64(word))
		}
	}
}

// disjoint reports whether two sets have nothing in common.
func disjoint(a, b set) bool {
	for i := range min(len(a), len(b)) {
		if a[i]&b[i] != 0 {
			return false
		}
	}
	return true
}
