package buffer

import "slices"

// tag says which groups of own edits a character came from: by typed it first,
// back put it back last when an edit was undone. 0 is none of ours.
type tag struct{ by, back uint64 }

// run is n code points of one origin.
type run struct {
	n int
	tag
}

// span is a run of ours that stands in the text.
type span struct {
	at int
	run
}

// grave is text that a group took out, at the place where it would come back.
type grave struct {
	at    int
	n     int
	text  string
	runs  []run // of text; their lengths add up to n
	group uint64
	// undone says that undoing the group took it out, not the group itself.
	undone bool
	// rising marks what the edit under way is to put back.
	rising bool
}

// ledger knows where every character now is that one's own edits put in, and
// where every one would be that they took out, however others edit around
// them. That is all that undo needs. Both lists are in the order of the text;
// graves at one place are in the order in which their texts would stand there.
type ledger struct {
	spans  []span
	graves []grave
}

// remove notes that n code points at a place are gone. If a group of ours took
// them out, text is what they were, and it gets a grave.
func (l *ledger) remove(at, n int, text string, group uint64, undone bool) {
	if n == 0 {
		return
	}
	taken := l.cut(at, n)
	if group != 0 {
		l.bury(at, n, text, taken, group, undone)
	}
	for i := range l.graves {
		g := &l.graves[i]
		if g.at > at {
			g.at = max(at, g.at-n)
		}
	}
	l.join(at)
}

// cut takes a range out of the spans and returns the range as runs.
func (l *ledger) cut(at, n int) []run {
	var taken []run
	done := at // up to here the range is in taken
	gap := func(to int) {
		if to > done {
			taken = append(taken, run{n: to - done})
		}
		done = to
	}
	kept := make([]span, 0, len(l.spans)+1)
	for _, s := range l.spans {
		from, to := max(s.at, at), min(s.at+s.n, at+n)
		switch {
		case s.at+s.n <= at:
			kept = append(kept, s)
			continue
		case s.at >= at+n:
			s.at -= n
			kept = append(kept, s)
			continue
		}
		gap(from)
		taken = append(taken, run{to - from, s.tag})
		done = to
		if rest := s.n - (to - from); rest > 0 {
			kept = append(kept, span{min(s.at, at), run{rest, s.tag}})
		}
	}
	gap(at + n)
	l.spans = kept
	return taken
}

// bury makes graves for a range, around the graves that already lie inside it.
func (l *ledger) bury(at, n int, text string, taken []run, group uint64, undone bool) {
	end := at + n
	for i := 0; at < end; i++ {
		to := end
		if i < len(l.graves) {
			if l.graves[i].at <= at {
				continue
			}
			to = min(end, l.graves[i].at)
		}
		var g grave
		g, text, taken = newGrave(to-at, text, taken, group, undone)
		g.at = at
		at = to
		l.graves = slices.Insert(l.graves, i, g)
	}
}

// newGrave makes a grave of the first n code points and returns the rest.
func newGrave(n int, text string, taken []run, group uint64, undone bool) (g grave, restText string, rest []run) {
	bytes := ByteAt(text, n)
	g = grave{n: n, text: text[:bytes], group: group, undone: undone}
	for n > 0 {
		r := taken[0]
		if r.n > n {
			taken[0].n -= n
			r.n = n
		} else {
			taken = taken[1:]
		}
		n -= r.n
		g.runs = append(g.runs, r)
	}
	return g, text[bytes:], taken
}

// insert notes new text at a place. What lies at the place moves behind it.
func (l *ledger) insert(at int, r run) {
	if r.n == 0 {
		return
	}
	l.open(at, r.n)
	for i := range l.graves {
		if l.graves[i].at >= at {
			l.graves[i].at += r.n
		}
	}
	l.mark(at, []run{r})
}

// open makes room among the spans.
func (l *ledger) open(at, n int) {
	for i := 0; i < len(l.spans); i++ {
		s := &l.spans[i]
		switch {
		case s.at >= at:
			s.at += n
		case s.at+s.n > at:
			tail := span{at, run{s.at + s.n - at, s.tag}}
			s.n = at - s.at
			l.spans = slices.Insert(l.spans, i+1, tail)
		}
	}
}

// mark makes spans of text that is there but not in any span.
func (l *ledger) mark(at int, runs []run) {
	i, _ := slices.BinarySearchFunc(l.spans, at, func(s span, at int) int { return s.at - at })
	for _, r := range runs {
		switch {
		case r.tag == tag{}:
		case i > 0 && l.spans[i-1].tag == r.tag && l.spans[i-1].at+l.spans[i-1].n == at:
			l.spans[i-1].n += r.n
		default:
			l.spans = slices.Insert(l.spans, i, span{at, r})
			i++
		}
		at += r.n
	}
	if i > 0 && i < len(l.spans) && l.spans[i].tag == l.spans[i-1].tag && l.spans[i].at == l.spans[i-1].at+l.spans[i-1].n {
		l.spans[i-1].n += l.spans[i].n
		l.spans = slices.Delete(l.spans, i, i+1)
	}
}

// raise notes that the n code points now inserted at a place are the texts of
// the rising graves, in order. back, if not 0, is the group that was undone.
func (l *ledger) raise(at, n int, back uint64) {
	var total int
	here := true
	for _, g := range l.graves {
		if g.rising {
			total += g.n
			here = here && g.at == at
		}
	}
	if total != n || n == 0 {
		// The document did something else than was asked. It stands.
		l.insert(at, run{n, tag{back: back}})
		l.graves = slices.DeleteFunc(l.graves, func(g grave) bool { return g.rising })
		return
	}
	var runs []run
	kept := l.graves[:0]
	cursor := at
	for _, g := range l.graves {
		switch {
		case g.rising:
			cursor += g.n
			for _, r := range g.runs {
				if back != 0 {
					r.back = back
				}
				runs = append(runs, r)
			}
			continue
		case !here && g.at >= at, g.at > at:
			g.at += n
		case g.at == at:
			g.at = cursor
		}
		kept = append(kept, g)
	}
	l.graves = kept
	l.open(at, n)
	l.mark(at, runs)
}

// join makes one of the graves at a place that came from one deletion after
// another.
func (l *ledger) join(at int) {
	i, _ := slices.BinarySearchFunc(l.graves, at, func(g grave, at int) int { return g.at - at })
	for i+1 < len(l.graves) && l.graves[i+1].at == at {
		g, next := &l.graves[i], l.graves[i+1]
		if g.group != next.group || g.undone != next.undone || g.rising || next.rising {
			i++
			continue
		}
		g.text += next.text
		g.n += next.n
		g.runs = append(g.runs, next.runs...)
		l.graves = slices.Delete(l.graves, i+1, i+2)
	}
}

// forget drops what only undoing the given groups would need.
func (l *ledger) forget(gone func(group uint64) bool) {
	l.graves = slices.DeleteFunc(l.graves, func(g grave) bool { return gone(g.group) })
	for i := range l.spans {
		s := &l.spans[i]
		if gone(s.by) {
			s.by = 0
		}
		if gone(s.back) {
			s.back = 0
		}
	}
	l.spans = slices.DeleteFunc(l.spans, func(s span) bool { return s.tag == tag{} })
}
