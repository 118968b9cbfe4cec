package graph

// clock says of each actor, by number, up to which seq its changes are among
// the ancestors. It is a tree of width 8 in a [forest], whose clocks share what
// does not differ. So a further clock costs a leaf for each group of 8 actors
// of whom it knows more, and a branch for each 8 of those, however many actors
// a document has seen. The zero clock is empty.
type clock struct {
	root   uint32 // a leaf at height 0, else a branch; 0 if all is zero
	height uint32 // levels of branches
}

const (
	widthBits = 3
	width     = 1 << widthBits
)

// node is a leaf, of seqs, or a branch, of nodes of the next lower height.
type node [width]uint32

// forest has the nodes of clocks. Those of finished clocks never change; those
// of the clock that is being built do.
type forest struct {
	leaves, branches pool
}

// pool is nodes by index from 1. It holds no pointers but those to its pages,
// which stay where they are.
type pool struct {
	pages []*[pageSize]node
	used  uint32
	done  uint32 // nodes up to this one are of finished clocks
}

const pageSize = 512

func (p *pool) at(i uint32) *node { return &p.pages[(i-1)/pageSize][(i-1)%pageSize] }

// own returns a node that may be changed: i itself if it is of the clock that
// is being built, else a copy.
func (p *pool) own(i uint32) uint32 {
	if i > p.done {
		return i
	}
	if p.used%pageSize == 0 {
		p.pages = append(p.pages, new([pageSize]node))
	}
	p.used++
	if i != 0 {
		*p.at(p.used) = *p.at(i)
	}
	return p.used
}

// finish makes what was built so far unchangeable.
func (f *forest) finish() { f.leaves.done, f.branches.done = f.leaves.used, f.branches.used }

func (f *forest) get(c clock, actor uint32) uint32 {
	if actor>>(widthBits*(c.height+1)) != 0 {
		return 0
	}
	n := c.root
	for h := c.height; h > 0 && n != 0; h-- {
		n = f.branches.at(n)[actor>>(widthBits*h)%width]
	}
	if n == 0 {
		return 0
	}
	return f.leaves.at(n)[actor%width]
}

// with returns c, which is being built, advanced for one actor.
func (f *forest) with(c clock, actor, seq uint32) clock {
	if f.get(c, actor) >= seq {
		return c
	}
	for actor>>(widthBits*(c.height+1)) != 0 {
		c = f.higher(c)
	}
	c.root = f.set(c.root, c.height, actor, seq)
	return c
}

// higher returns the same clock with a further level.
func (f *forest) higher(c clock) clock {
	if c.root != 0 {
		n := f.branches.own(0)
		f.branches.at(n)[0] = c.root
		c.root = n
	}
	c.height++
	return c
}

func (f *forest) set(n, height, actor, seq uint32) uint32 {
	if height == 0 {
		n = f.leaves.own(n)
		f.leaves.at(n)[actor%width] = seq
		return n
	}
	n = f.branches.own(n)
	b := f.branches.at(n)
	k := actor >> (widthBits * height) % width
	b[k] = f.set(b[k], height-1, actor, seq)
	return n
}

// merge returns the greater of both for each actor, as a clock that is being
// built. Where one of them is that, it is used as it is.
func (f *forest) merge(a, b clock) clock {
	for a.height < b.height {
		a = f.higher(a)
	}
	for b.height < a.height {
		b = f.higher(b)
	}
	return clock{f.mergeTree(a.root, b.root, a.height), a.height}
}

func (f *forest) mergeTree(a, b, height uint32) uint32 {
	switch {
	case a == b, b == 0:
		return a
	case a == 0:
		return b
	}
	p := &f.leaves
	var out node
	if height > 0 {
		p = &f.branches
		from, with := p.at(a), p.at(b)
		for i := range out {
			out[i] = f.mergeTree(from[i], with[i], height-1)
		}
	} else {
		from, with := p.at(a), p.at(b)
		for i := range out {
			out[i] = max(from[i], with[i])
		}
	}
	switch out {
	case *p.at(a):
		return a
	case *p.at(b):
		return b
	}
	a = p.own(a)
	*p.at(a) = out
	return a
}

// flatten raises seqs to those of c.
func (f *forest) flatten(c clock, seqs []uint32) { f.flattenTree(c.root, c.height, seqs) }

func (f *forest) flattenTree(n, height uint32, seqs []uint32) {
	if n == 0 {
		return
	}
	if height == 0 {
		l := f.leaves.at(n)
		for i := range min(len(seqs), width) {
			seqs[i] = max(seqs[i], l[i])
		}
		return
	}
	for _, kid := range f.branches.at(n) {
		f.flattenTree(kid, height-1, seqs)
		seqs = seqs[min(len(seqs), width<<(widthBits*(height-1))):]
	}
}
