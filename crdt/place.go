package crdt

// Carry moves places past patches. At the very place of an insertion they stay
// before it.
func Carry(places []int, patches []Patch) []int {
	out := make([]int, len(places))
	for i, at := range places {
		for _, p := range patches {
			at = p.Shift(at, true)
		}
		out[i] = at
	}
	return out
}
