package graph

// clock says of each actor, by index, up to which seq its changes are among
// the ancestors. It is an immutable tree of width 8 that shares what does not
// differ, so a change costs a leaf and, beyond 8 actors, a branch for each
// level, however many actors a document has seen. The zero clock is empty.
type clock struct {
	root   any  // *leaf at height 0, else *branch; nil if all is zero
	height uint // levels of branches
}

const (
	widthBits = 3
	width     = 1 << widthBits
)

type (
	leaf   [width]uint32
	branch [width]any // roots of the next lower height
)

func (c clock) get(actor uint32) uint32 {
	if actor>>(widthBits*(c.height+1)) != 0 {
		return 0
	}
	t := c.root
	for h := c.height; h > 0 && t != nil; h-- {
		t = t.(*branch)[actor>>(widthBits*h)%width]
	}
	if t == nil {
		return 0
	}
	return t.(*leaf)[actor%width]
}

// with returns c advanced for one actor.
func (c clock) with(actor, seq uint32) clock {
	if c.get(actor) >= seq {
		return c
	}
	for actor>>(widthBits*(c.height+1)) != 0 {
		c = c.higher()
	}
	c.root = set(c.root, c.height, actor, seq)
	return c
}

// higher returns the same clock with a further level.
func (c clock) higher() clock {
	if c.root != nil {
		c.root = &branch{c.root}
	}
	c.height++
	return c
}

func set(t any, height uint, actor, seq uint32) any {
	if height == 0 {
		var l leaf
		if t != nil {
			l = *t.(*leaf)
		}
		l[actor%width] = seq
		return &l
	}
	var b branch
	if t != nil {
		b = *t.(*branch)
	}
	at := &b[actor>>(widthBits*height)%width]
	*at = set(*at, height-1, actor, seq)
	return &b
}

// merge returns the greater of both for each actor. Where one of them is that,
// it is returned as it is.
func merge(a, b clock) clock {
	for a.height < b.height {
		a = a.higher()
	}
	for b.height < a.height {
		b = b.higher()
	}
	return clock{mergeTree(a.root, b.root, a.height), a.height}
}

func mergeTree(a, b any, height uint) any {
	switch {
	case a == b, b == nil:
		return a
	case a == nil:
		return b
	case height == 0:
		return mergeLeaf(a.(*leaf), b.(*leaf))
	}
	from, with := a.(*branch), b.(*branch)
	var out branch
	for i := range out {
		out[i] = mergeTree(from[i], with[i], height-1)
	}
	switch out {
	case *from:
		return a
	case *with:
		return b
	}
	return &out
}

func mergeLeaf(a, b *leaf) *leaf {
	out := *a
	for i, seq := range b {
		out[i] = max(out[i], seq)
	}
	switch out {
	case *a:
		return a
	case *b:
		return b
	}
	return &out
}
