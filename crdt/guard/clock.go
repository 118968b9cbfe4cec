package guard

// leafSize is a trade: a clock that differs from another in one actor costs a
// leaf of 4 bytes an actor, and 8 bytes for each further leaf.
const leafSize = 8

// clock says of each actor, by index, up to which seq its changes are among
// the ancestors. Clocks are immutable and share their leaves; a nil leaf is
// all zeros.
type clock []*[leafSize]uint32

func (c clock) get(actor uint32) uint32 {
	if i := int(actor / leafSize); i < len(c) && c[i] != nil {
		return c[i][actor%leafSize]
	}
	return 0
}

// with returns c advanced for one actor.
func (c clock) with(actor, seq uint32) clock {
	if c.get(actor) >= seq {
		return c
	}
	i := int(actor / leafSize)
	out := make(clock, max(len(c), i+1))
	copy(out, c)
	leaf := new([leafSize]uint32)
	if out[i] != nil {
		*leaf = *out[i]
	}
	leaf[actor%leafSize] = seq
	out[i] = leaf
	return out
}

// merge returns the greater of both for each actor. It returns one of them
// where that one is it.
func merge(a, b clock) clock {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := a
	for i, leaf := range b {
		m := mergeLeaf(a[i], leaf)
		if m == a[i] {
			continue
		}
		if &out[0] == &a[0] {
			out = append(clock(nil), a...)
		}
		out[i] = m
	}
	return out
}

func mergeLeaf(a, b *[leafSize]uint32) *[leafSize]uint32 {
	if a == b || b == nil {
		return a
	}
	if a == nil {
		return b
	}
	m := *a
	for i, seq := range b {
		m[i] = max(m[i], seq)
	}
	switch m {
	case *a:
		return a
	case *b:
		return b
	}
	return &m
}
