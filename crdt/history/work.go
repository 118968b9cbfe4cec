package history

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Stretch is the operations of an actor from one counter to another, both
// included.
type Stretch struct {
	Actor, From, To uint32
}

// index finds the stretch that has an operation.
type index struct {
	by   map[uint32][]entry
	near int // where the last one was found: the next one is mostly beside it
}

type entry struct {
	counters
	at int32 // the stretch
}

// indexOf lists stretches of which no two overlap.
func indexOf(all []Stretch) index {
	x := index{by: map[uint32][]entry{}}
	for at, s := range all {
		if x.by[s.Actor] == nil {
			x.by[s.Actor] = make([]entry, 0, len(all)-at) // mostly they are of one actor
		}
		if s.From <= s.To {
			x.by[s.Actor] = append(x.by[s.Actor], entry{counters{s.From, s.To}, int32(at)})
		}
	}
	for _, e := range x.by {
		slices.SortFunc(e, func(a, b entry) int { return cmp.Compare(a.from, b.from) })
	}
	return x
}

// around returns which stretch has an operation, or -1, and for which of its
// actor's counters around it that is the same.
func (x *index) around(id opid.ID) (at int, same counters) {
	all := x.by[id.Actor]
	for i := max(x.near-1, 0); i < min(x.near+2, len(all)); i++ {
		if all[i].from <= id.Counter && id.Counter <= all[i].to {
			x.near = i
			return int(all[i].at), all[i].counters
		}
	}
	i, _ := slices.BinarySearchFunc(all, id.Counter, func(e entry, c uint32) int {
		if e.to < c {
			return -1
		}
		return 1
	})
	same = counters{0, 1<<32 - 1}
	if i < len(all) {
		if all[i].from <= id.Counter {
			x.near = i
			return int(all[i].at), all[i].counters
		}
		same.to = all[i].from - 1
	}
	if i > 0 {
		same.from = all[i-1].to + 1
	}
	return -1, same
}

// touches reports whether an actor of any stretch did anything to a run.
func (x *index) touches(r *sequence.Run) bool {
	return touched(r, func(actor uint32) bool { return len(x.by[actor]) > 0 })
}

// touched reports whether any of some actors did anything to a run.
func touched(r *sequence.Run, by func(actor uint32) bool) bool {
	did := func(s sequence.Span) bool { return by(s.Op.Actor) }
	if did(inserted(r)) || slices.ContainsFunc(r.Deleted, did) {
		return true
	}
	return slices.ContainsFunc(r.Revived, func(l sequence.Layer) bool {
		return did(l.Span) || slices.ContainsFunc(l.Deleted, did)
	})
}

// Work is what some operations of one actor did to a text.
type Work struct {
	// Inserted, Deleted and Revived count the elements.
	Inserted, Deleted, Revived uint32
	// Origin is what the first insertion came after, and End the last element
	// inserted.
	Origin, End opid.ID
	// First and Last are the first and the last character inserted, and Break
	// says that there is a line break among all.
	First, Last rune
	Break       bool
	// From and To are between which places of the present text the deleted
	// elements were.
	From, To uint32

	begin, end uint32 // counters of the first and the last insertion
}

// Any reports whether anything was done.
func (w *Work) Any() bool { return w.Inserted+w.Deleted+w.Revived > 0 }

// Works tells for each of some stretches, of which no two overlap, what its
// operations did to a text, in one walk over it.
func Works(text Text, of []Stretch) []Work {
	w := worker{index: indexOf(of), all: make([]Work, len(of))}
	text.All(func(r sequence.Run) bool {
		if r.Item == nil && w.touches(&r) {
			w.run(&r)
		}
		switch {
		case r.Item != nil:
			w.place += r.Width
		case r.Alive():
			w.place += r.N
		}
		return true
	})
	return w.all
}

type worker struct {
	index
	all   []Work
	place int // visible code points before the run
}

func (w *worker) run(r *sequence.Run) {
	w.each(inserted(r), r.N, func(k *Work, i, n int) { k.insert(r, i, n) })
	values(r, func(v value) {
		if !v.first {
			w.each(v.Span, r.N, func(k *Work, _, n int) { k.Revived += uint32(n) })
		}
		for _, d := range v.deleted {
			w.each(d, r.N, func(k *Work, i, n int) {
				from, to := w.place, w.place
				if r.Alive() {
					from, to = from+i, to+i+n
				}
				k.delete(uint32(n), uint32(from), uint32(to))
			})
		}
	})
}

// each calls f for the parts of a run that a span says to be the work of one
// stretch: n elements from i on.
func (w *worker) each(s sequence.Span, all int, f func(k *Work, i, n int)) {
	if len(w.by[s.Op.Actor]) == 0 {
		return
	}
	for i := 0; i < all; {
		at, same := w.around(s.At(i))
		n := same.reach(s, i, all-i)
		if at >= 0 {
			f(&w.all[at], i, n)
		}
		i += n
	}
}

// insert notes n elements of a run from i on.
func (k *Work) insert(r *sequence.Run, i, n int) {
	part := r.Clip(i, n)
	begin, end := part.First.Counter, part.Last().Counter
	if k.Inserted == 0 || begin < k.begin {
		k.begin, k.Origin = begin, part.Origin
		k.First, _ = utf8.DecodeRuneInString(part.Content)
	}
	if k.Inserted == 0 || end > k.end {
		k.end, k.End = end, part.Last()
		k.Last, _ = utf8.DecodeLastRuneInString(part.Content)
	}
	for _, c := range part.Content {
		k.Break = k.Break || c == '\n'
	}
	k.Inserted += uint32(n)
}

func (k *Work) delete(n, from, to uint32) {
	if k.Deleted == 0 {
		k.From, k.To = from, to
	}
	k.From, k.To = min(k.From, from), max(k.To, to)
	k.Deleted += n
}

// Latest returns the last of some stretches of one person's work, of which no
// two overlap, whose [Inverse] changes what shows, or -1.
func Latest(text Text, names *opid.Actors, of []Stretch, repairs Ops) int {
	l := latest{index: indexOf(of), of: of, best: -1, inverter: inverter{names: names, repairs: repairs}}
	text.All(func(r sequence.Run) bool {
		if r.Item == nil && l.index.touches(&r) {
			l.run(&r)
		}
		return true
	})
	return l.best
}

type latest struct {
	index
	inverter
	of   []Stretch
	best int
}

func (l *latest) run(r *sequence.Run) {
	for i := 0; i < r.N; {
		n := r.N - i
		candidates := make([]int, 0, 4)
		look := func(s sequence.Span) {
			at, same := l.index.around(s.At(i))
			n = same.reach(s, i, n)
			if at > l.best {
				candidates = append(candidates, at)
			}
			_, same = l.repairs.around(s.At(i))
			n = same.reach(s, i, n)
		}
		values(r, func(v value) {
			look(v.Span)
			for _, d := range v.deleted {
				look(d)
			}
		})
		l.judge(r, i, candidates)
		i += n
	}
}

// judge finds out which of some stretches have anything to take back at element
// i.
func (l *latest) judge(r *sequence.Run, i int, candidates []int) {
	for _, at := range candidates {
		if at <= l.best {
			continue
		}
		s := l.of[at]
		l.what = Ops{map[uint32][]counters{s.Actor: {{s.From, s.To}}}}
		if _, _, visibly := l.decide(r, i); visibly {
			l.best = at
		}
	}
}
