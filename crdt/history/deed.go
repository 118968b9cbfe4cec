package history

import "starling/crdt/sequence"

// deed is who did what a span says to element i, and for how many elements from
// there on, at most n, in the same change; or in others after that, as long as they
// are near, unless the pieces are to be cut into lines.
func (p *pieces) deed(s sequence.Span, i, n int) (Deed, int) {
	op := s.At(i)
	at, ok := p.g.Holding(op)
	if !ok {
		return Deed{Actor: op.Actor}, 1 // the books differ; the name at least is true
	}
	d := Deed{op.Actor, at, at}
	step := 1
	if s.Step < 0 {
		step = -1
	}
	m := p.counters(at, step).reach(s, i, n)
	if m == n || p.lines {
		return d, m
	}
	last := at
	for rest := p.beside(at, step, n-m); m < n && rest > 0; rest-- {
		at += step
		reached := p.counters(at, step).reach(s, i, n)
		if reached == m {
			continue // a change without operations
		}
		next := Deed{op.Actor, at, at}
		if !p.near(Deed{op.Actor, last, last}, next) {
			break
		}
		d.join(next)
		last, m = at, reached
	}
	return d, m
}

// counters are those of a change as far as they matter to one who goes up from
// some of them, or down.
func (p *pieces) counters(at, step int) counters {
	of := counters{0, p.g.MaxOp(at)}
	if step > 0 {
		return of
	}
	actor, seq := p.g.Author(at)
	if before, ok := p.g.BySeq(actor, seq-1); ok {
		of.from = p.g.MaxOp(before) + 1
	}
	return of
}

// beside is a number of changes, at most n, that lie one after the other beside a
// change, on that side to which step goes, and are of its actor. There may be more.
func (p *pieces) beside(at, step, n int) int {
	actor, seq := p.g.Author(at)
	for ; n > 0; n /= 2 {
		to := at + step*n
		if to < 0 || to >= p.g.Len() {
			continue
		}
		// An actor's numbers have no gaps, so that nobody else is in between.
		if a, s := p.g.Author(to); a == actor && int(s) == int(seq)+step*n {
			return n
		}
	}
	return 0
}
