package sequence

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"starling/crdt/opid"
)

// op is one to many operations of an actor on elements that follow each other.
type op struct {
	kind  string
	id    opid.ID // the first one's
	n     int
	elem  opid.ID // or the origin
	value opid.ID
	text  string
	back  bool
}

// replica is a sequence and its model.
type replica struct {
	t     testing.TB
	s     *Sequence
	m     model
	actor uint32
	clock opid.Clock
	log   []op
	text  []rune // as the reported splices have it
}

func newActors(n int) *opid.Actors {
	var actors opid.Actors
	for i := range n {
		actors.Number(fmt.Appendf(nil, "%d", (i*7+3)%10)) // not in the order of the numbers
	}
	return &actors
}

func newReplica(t testing.TB, actors *opid.Actors, actor uint32) *replica {
	return &replica{t: t, s: New(actors), m: model{actors: actors}, actor: actor, clock: make(opid.Clock, actors.Len())}
}

func (r *replica) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *replica) insert(at int, text string) {
	r.text = slices.Insert(r.text, at, []rune(text)...)
}

func (r *replica) remove(at, n int) { r.text = slices.Delete(r.text, at, at+n) }

// apply applies an operation to both.
func (r *replica) apply(o op) {
	switch o.kind {
	case "insert":
		at, err := r.s.Insert(o.id, o.elem, o.text)
		r.must(err)
		r.insert(at, o.text)
		origin := o.elem
		for i, c := range []rune(o.text) {
			r.m.insert(o.id.Plus(i), origin, c, nil)
			origin = o.id.Plus(i)
		}
	case "item":
		item := &testItem{o.id, o.id, int(o.id.Counter % 3)}
		at, err := r.s.InsertItem(o.id, o.elem, item, item.width)
		r.must(err)
		r.insert(at, item.Text(nil))
		r.m.insert(o.id, o.elem, 0, item)
	case "replace":
		r.replace(o)
	case "delete", "revive":
		r.eachPlain(o, func(elem opid.ID, n int, by opid.ID) {
			if o.kind == "delete" {
				r.must(r.s.DeleteRun(elem, n, by, o.back, r.remove))
				return
			}
			r.must(r.s.Revive(elem, n, by, o.back, r.insert))
		})
	case "value":
		if c := r.m.cells[r.m.index(o.elem)]; c.item == nil {
			r.must(r.s.DeleteValue(o.elem, o.value, o.id, r.remove))
			r.m.delete(o.elem, o.value, o.id)
		}
	}
	r.clock[o.id.Actor] = max(r.clock[o.id.Actor], o.id.Counter+uint32(o.n)-1)
	r.log = append(r.log, o)
}

func (r *replica) replace(o op) {
	c := r.m.cells[r.m.index(o.elem)]
	item := &testItem{o.elem, o.id, int(o.id.Counter % 4)}
	if c.item != nil && r.m.actors.Less(o.id, c.item.greatest) {
		item = c.item
	}
	shown := len(c.text(nil))
	if shown > 0 && c.item == nil {
		shown = 1
	}
	at, was, err := r.s.Replace(o.elem, item, item.width)
	r.must(err)
	if was != shown {
		r.t.Fatalf("replaced %d code points, want %d", was, shown)
	}
	r.remove(at, was)
	r.insert(at, item.Text(nil))
	c.item, c.values = item, nil
}

// eachPlain has the model do what o does to plain elements, and calls f for the
// stretches of those.
func (r *replica) eachPlain(o op, f func(elem opid.ID, n int, by opid.ID)) {
	from := 0
	stretch := func(to int) {
		if n := to - from; n > 0 && o.back {
			f(o.elem.Plus(from), n, o.id.Plus(o.n-to))
		} else if n > 0 {
			f(o.elem.Plus(from), n, o.id.Plus(from))
		}
		from = to + 1
	}
	for i := range o.n {
		if r.m.cells[r.m.index(o.elem.Plus(i))].item != nil {
			stretch(i)
			continue
		}
		by := o.id.Plus(i)
		if o.back {
			by = o.id.Plus(o.n - 1 - i)
		}
		if o.kind == "delete" {
			r.m.delete(o.elem.Plus(i), o.elem.Plus(i), by)
		} else {
			r.m.revive(o.elem.Plus(i), by)
		}
	}
	stretch(o.n)
}

// pull takes what the other one has.
func (r *replica) pull(from *replica) {
	for _, o := range from.log {
		if !r.clock.Has(o.id) {
			r.apply(o)
		}
	}
}

var texts = []string{"a", "b", "c", "word ", "ö", "日本", "x😀y", "two\nlines", "0123456789"}

// edit does something at random.
func (r *replica) edit(rnd *rand.Rand) {
	next := opid.ID{Actor: r.actor, Counter: slices.Max(r.clock) + 1}
	var o op
	i := rnd.IntN(len(r.m.cells) + 1)
	if i == len(r.m.cells) || rnd.IntN(10) < 3 {
		o = op{kind: "insert", text: texts[rnd.IntN(len(texts))]}
		switch rnd.IntN(1000) {
		case 0:
			o.text = strings.Repeat(o.text, 300)
		case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20:
			o = op{kind: "item", n: 1}
		}
		if i > 0 {
			o.elem = r.m.cells[i-1].id
		}
		if n := len(r.log); n > 0 && rnd.IntN(2) == 0 && r.log[n-1].kind == "insert" && r.log[n-1].id.Actor == r.actor {
			o.elem = r.log[n-1].id.Plus(r.log[n-1].n - 1) // typing on
		}
		o.n = max(o.n, len([]rune(o.text)))
	} else {
		o = r.touch(rnd, r.m.cells[i])
	}
	o.id = next
	r.apply(o)
}

// touch deletes or revives something from a cell on.
func (r *replica) touch(rnd *rand.Rand, c *cell) op {
	o := op{kind: "delete", elem: c.id, n: 1, back: rnd.IntN(2) == 0}
	if len(c.values) > 1 && rnd.IntN(2) == 0 {
		return op{kind: "value", elem: c.id, n: 1, value: c.values[rnd.IntN(len(c.values))].op}
	}
	switch rnd.IntN(12) {
	case 0, 1, 2, 3:
		o.kind = "revive"
	case 4:
		return op{kind: "replace", elem: c.id, n: 1}
	}
	for most := rnd.IntN(8); o.n < most && r.m.index(c.id.Plus(o.n)) >= 0; {
		o.n++
	}
	return o
}

// compare holds the sequence against the model.
func (r *replica) compare() {
	r.t.Helper()
	if err := broken(r.s); err != nil {
		r.t.Fatal(err)
	}
	if got, want := describeAll(r.s), describe(r.m.cells); got != want {
		r.t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	text := r.m.text(nil)
	if got := r.s.Text(); got != text || string(r.text) != text || r.s.Len() != len(r.text) {
		r.t.Fatalf("text %q, patched %q, want %q", got, string(r.text), text)
	}
}

func TestHistories(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		actors := newActors(4)
		var all []*replica
		for i := range uint32(4) {
			all = append(all, newReplica(t, actors, i))
		}
		for range 60 {
			r := all[rnd.IntN(len(all))]
			if rnd.IntN(6) == 0 {
				r.pull(all[rnd.IntN(len(all))])
			} else {
				r.edit(rnd)
			}
			r.compare()
			r.compareReads(rnd)
		}
		for range 2 {
			for i, r := range all {
				r.pull(all[(i+1)%len(all)])
				r.pull(all[(i+2)%len(all)])
				r.compare()
			}
		}
		for _, r := range all[1:] {
			if got, want := describeAll(r.s), describeAll(all[0].s); got != want {
				t.Fatalf("seed %d: got\n%s\nwant\n%s", seed, got, want)
			}
		}
		all[0].compareCopies()
	}
}

// compareReads holds what can be read against the model, at random places.
func (r *replica) compareReads(rnd *rand.Rand) {
	r.t.Helper()
	a, b := r.version(rnd), r.version(rnd)
	if got, want := r.s.TextAt(a), r.m.text(a); got != want {
		r.t.Fatalf("at %v: %q, want %q", a, got, want)
	}
	r.compareDiff(a, b)
	at := rnd.IntN(len(r.text) + 1)
	n := rnd.IntN(len(r.text) - at + 1)
	if got, want := r.s.Slice(at, n), string(r.text[at:at+n]); got != want {
		r.t.Fatalf("slice %d %d: %q, want %q", at, n, got, want)
	}
	r.comparePlaces(at, n)
	r.compareInserted(rnd)
}

// version is one of those that the history went through, or any other.
func (r *replica) version(rnd *rand.Rand) opid.Clock {
	if rnd.IntN(10) == 0 {
		return nil
	}
	at := slices.Clone(r.clock)
	for i := range at {
		at[i] = rnd.Uint32N(at[i] + 1)
	}
	return at[:rnd.IntN(len(at)+1)]
}

func (r *replica) compareDiff(a, b opid.Clock) {
	r.t.Helper()
	var got, want []string
	r.s.Diff(a, b, func(p Piece) bool {
		for _, c := range cellsOf(p.Run) {
			got = append(got, fmt.Sprint(c, p.InA, p.InB))
		}
		return true
	})
	for _, c := range r.m.cells {
		want = append(want, fmt.Sprint(c, c.text(a) != "", c.text(b) != ""))
	}
	if !slices.Equal(got, want) {
		r.t.Fatalf("diff %v %v:\n%q\nwant\n%q", a, b, got, want)
	}
}

// comparePlaces holds the ways between places and elements against the model.
func (r *replica) comparePlaces(at, n int) {
	r.t.Helper()
	place := 0
	var shown []string
	for _, c := range r.m.cells {
		width := len([]rune(c.text(nil)))
		if got, alive, ok := r.s.Rank(c.id); got != place || alive != (width > 0) || !ok {
			r.t.Fatalf("%v: rank %d %v %v, want %d", c, got, alive, ok, place)
		}
		for i := range width {
			if id, offset, ok := r.s.ElemAt(place + i); id != c.id || offset != i || !ok {
				r.t.Fatalf("element at %d: %v %d %v, want %v", place+i, id, offset, ok, c.id)
			}
		}
		before, _ := r.s.Place(Anchor{c.id, false})
		after, _ := r.s.Place(Anchor{c.id, true})
		if before != place || after != place+width {
			r.t.Fatalf("%v: anchors at %d and %d, want %d and %d", c, before, after, place, place+width)
		}
		if n > 0 && width > 0 && place < at+n && place+width > at {
			shown = append(shown, c.String())
		}
		if elem, ok := r.s.Element(c.id); !ok || describe(cellsOf(elem)) != c.String() {
			r.t.Fatalf("element %v: %v", c, elem)
		}
		place += width
	}
	var got []string
	r.s.Visible(at, n, func(run Run) bool {
		got = append(got, strings.Split(describe(cellsOf(run)), "\n")...)
		return true
	})
	if !slices.Equal(got, shown) {
		r.t.Fatalf("visible %d %d:\n%q\nwant\n%q", at, n, got, shown)
	}
	for _, after := range []bool{true, false} {
		a := r.s.AnchorAt(at, after)
		got, ok := r.s.Place(a)
		if run, is := r.s.Element(a.Elem); is && run.Item != nil {
			continue // beside the item
		}
		if got != at || !ok {
			r.t.Fatalf("anchor %v of %d is at %d", a, at, got)
		}
	}
}

func (r *replica) compareInserted(rnd *rand.Rand) {
	r.t.Helper()
	actor := rnd.Uint32N(uint32(len(r.clock)))
	from := rnd.Uint32N(r.clock[actor] + 2)
	to := from + rnd.Uint32N(20)
	var want []*cell
	for _, c := range r.m.cells {
		if c.id.Actor == actor && c.id.Counter >= from && c.id.Counter <= to {
			want = append(want, c)
		}
	}
	slices.SortFunc(want, func(x, y *cell) int { return cmp.Compare(x.id.Counter, y.id.Counter) })
	var got []*cell
	r.s.Inserted(actor, from, to, func(run Run) bool {
		got = append(got, cellsOf(run)...)
		return true
	})
	if describe(got) != describe(want) {
		r.t.Fatalf("inserted by %d from %d to %d:\n%s\nwant\n%s", actor, from, to, describe(got), describe(want))
	}
}

// compareCopies holds copies by a builder and by the compact form against it.
func (r *replica) compareCopies() {
	r.t.Helper()
	b := NewBuilder(r.s.actors)
	r.s.All(func(run Run) bool {
		r.must(b.Append(run))
		return true
	})
	built, err := b.Done()
	r.must(err)
	form := r.s.AppendBinary([]byte("before"))[6:]
	decoded, err := Decode(form, r.s.actors, func(id opid.ID) (Item, int, error) {
		item := r.m.cells[r.m.index(id)].item
		return item, item.width, nil
	})
	r.must(err)
	for _, c := range []*Sequence{built, decoded} {
		if err := broken(c); err != nil {
			r.t.Fatal(err)
		}
		if got, want := describeAll(c), describeAll(r.s); got != want {
			r.t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if c.Text() != r.s.Text() {
			r.t.Fatalf("got %q, want %q", c.Text(), r.s.Text())
		}
		if again := c.AppendBinary(nil); string(again) != string(form) {
			r.t.Fatalf("encoded again: %q, want %q", again, form)
		}
	}
}
