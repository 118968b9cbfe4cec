package crdt_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt"
	"starling/crdt/format"
)

// person is a document of one person in a group that exchanges changes, with a
// clock of its own.
type person struct {
	*replica
	name  string
	clock time.Time
	log   []crdt.Change // all changes it holds
}

// inkwell gives out one after the other characters that nobody else has: each is
// written once, so that a text tells which elements are visible.
type inkwell struct{ next rune }

func (w *inkwell) text(n int) string {
	var b strings.Builder
	for range n {
		b.WriteRune(w.next)
		w.next++
	}
	return b.String()
}

func newPerson(t testing.TB, name string, changes []crdt.Change, own ...crdt.ActorID) *person {
	t.Helper()
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: crdt.ActorID(name), Own: own, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	text, seen := d.Text()
	r := &replica{Document: d, view: []rune(text), seen: seen}
	return &person{replica: r, name: name, clock: noon, log: slices.Clone(changes)}
}

// group returns people with one empty document.
func group(t testing.TB, names ...string) []*person {
	t.Helper()
	_, first := found(t, "founder")
	var all []*person
	for _, name := range names {
		all = append(all, newPerson(t, name, []crdt.Change{first}))
	}
	return all
}

// did takes what an edit did into the person's books.
func (p *person) did(t testing.TB, out crdt.Edited, err error) bool {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	p.follow(t, out.Patches)
	p.check(t)
	p.log = append(p.log, out.Changes...)
	return len(out.Changes) > 0
}

func (p *person) splice(t testing.TB, at, del int, insert string) {
	t.Helper()
	out, err := p.Edit(crdt.Edit{Seen: p.seen, At: at, Delete: del, Insert: insert}, p.clock)
	p.did(t, out, err)
}

func (p *person) undo(t testing.TB) bool {
	t.Helper()
	out, err := p.Undo(p.seen, p.clock)
	return p.did(t, out, err)
}

func (p *person) redo(t testing.TB) bool {
	t.Helper()
	out, err := p.Redo(p.seen, p.clock)
	return p.did(t, out, err)
}

// takeFrom applies all that another one has.
func (p *person) takeFrom(t testing.TB, from *person) {
	t.Helper()
	in, err := p.Apply(from.log)
	if err != nil {
		t.Fatal(err)
	}
	p.follow(t, in.Patches)
	p.check(t)
	p.log = append(p.log, in.Changes...)
}

func (p *person) text(t testing.TB) string {
	t.Helper()
	return p.check(t)
}

// scribble makes a random edit at random times, near the place of the one before
// for half of the time.
func (p *person) scribble(t testing.TB, rng *rand.Rand, w *inkwell) {
	t.Helper()
	p.clock = p.clock.Add(time.Duration(rng.IntN(2500)) * time.Millisecond)
	n := len(p.view)
	at := rng.IntN(n + 1)
	if rng.IntN(2) == 0 {
		at = n - min(n, rng.IntN(3))
	}
	switch rng.IntN(5) {
	case 0, 1, 2:
		p.splice(t, at, 0, w.text(1+rng.IntN(3)))
	case 3:
		p.splice(t, at, min(n-at, rng.IntN(4)), "")
	default:
		p.splice(t, at, min(n-at, rng.IntN(2)), w.text(rng.IntN(3)))
	}
}

// writers returns who wrote each character at first.
func writers(t testing.TB, changes []crdt.Change) map[rune]string {
	t.Helper()
	by := map[rune]string{}
	for _, c := range changes {
		ops, err := format.ParseChange(c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range ops.Ops {
			if op.Insert {
				r, _ := utf8.DecodeRune(op.Value.Raw)
				by[r] = string(c.Actor)
			}
		}
	}
	return by
}

// Undo takes back work of one's own only, redo is its inverse, and everybody
// comes to the same text.
func TestUndoAtRandom(t *testing.T) {
	for seed := range seeds(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		people := group(t, "ann", "ben", "cleo")
		w := &inkwell{0x4e00}
		for range 120 {
			p := people[rng.IntN(len(people))]
			switch rng.IntN(8) {
			case 0:
				checkUndo(t, p)
			case 1:
				p.redo(t)
			case 2, 3:
				p.takeFrom(t, people[rng.IntN(len(people))])
			case 4:
				checkIdentity(t, p, 1+rng.IntN(4))
			default:
				p.scribble(t, rng, w)
			}
		}
		for range 2 {
			for _, p := range people {
				for _, from := range people {
					p.takeFrom(t, from)
				}
			}
		}
		for _, p := range people[1:] {
			if p.text(t) != people[0].text(t) {
				t.Fatalf("seed %d: %s has another text than %s", seed, p.name, people[0].name)
			}
		}
	}
}

// checkUndo undoes and looks that no character of another's went away.
func checkUndo(t testing.TB, p *person) {
	t.Helper()
	before := p.text(t)
	p.undo(t)
	after := p.text(t)
	by := writers(t, p.log)
	for _, r := range before {
		if !strings.ContainsRune(after, r) && by[r] != p.name {
			t.Fatalf("%s's undo removed %q of %s: %q, then %q", p.name, r, by[r], before, after)
		}
	}
}

// checkIdentity undoes some times and redoes as often.
func checkIdentity(t testing.TB, p *person, times int) {
	t.Helper()
	before := p.text(t)
	n := 0
	for n < times && p.undo(t) {
		n++
	}
	for range n {
		if !p.redo(t) {
			t.Fatalf("%s cannot redo what was undone", p.name)
		}
	}
	if after := p.text(t); after != before {
		t.Fatalf("%d undos and redos make %q of %q", n, after, before)
	}
}

// elements is all that became of every character, by the operations in changes:
// a model that knows nothing of sequences.
type element struct {
	by     string
	values []value
}

type value struct {
	counter uint32
	actor   string
	deleted []string // by whom
}

func elements(t testing.TB, changes []crdt.Change) map[rune]*element {
	t.Helper()
	all := map[rune]*element{}
	type id struct {
		actor   string
		counter uint32
	}
	at := map[id]*element{} // by element and by value
	for _, c := range changes {
		ops, err := format.ParseChange(c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := func(o format.OpID) id { return id{string(ops.ActorAt(o.Actor)), o.Counter} }
		for i, op := range ops.Ops {
			own := id{string(c.Actor), uint32(ops.StartOp) + uint32(i)}
			v := value{counter: own.counter, actor: own.actor}
			switch {
			case op.Key.Map:
			case op.Insert:
				r, _ := utf8.DecodeRune(op.Value.Raw)
				at[own] = &element{by: own.actor, values: []value{v}}
				all[r] = at[own]
			case op.Action == format.Set:
				e := at[name(op.Key.Elem)]
				e.values = append(e.values, v)
				at[own] = e
			default:
				for _, p := range op.Pred {
					e := at[name(p)]
					for k := range e.values {
						if x := &e.values[k]; x.counter == p.Counter && x.actor == name(p).actor {
							x.deleted = append(x.deleted, own.actor)
						}
					}
				}
			}
		}
	}
	return all
}

// After one person has undone all, what remains is what the others wrote and did
// not delete themselves.
func TestUndoAll(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 2))
		people := group(t, "ann", "ben", "cleo")
		w := &inkwell{0x4e00}
		me := people[0]
		for range 100 {
			p := people[rng.IntN(len(people))]
			switch k := rng.IntN(8); {
			case k == 0 && p == me:
				p.undo(t)
			case k == 1 && p == me:
				p.redo(t)
			case k <= 3:
				p.takeFrom(t, people[rng.IntN(len(people))])
			default:
				p.scribble(t, rng, w)
			}
		}
		for me.undo(t) {
		}
		if me.CanUndo() {
			t.Fatalf("seed %d: there is more to undo", seed)
		}
		want := map[rune]bool{}
		for r, e := range elements(t, me.log) {
			if e.by == me.name {
				continue // nobody else brings anything back
			}
			last := slices.MaxFunc(e.values, func(a, b value) int { return int(a.counter) - int(b.counter) })
			byOthers := slices.ContainsFunc(last.deleted, func(by string) bool { return by != me.name })
			if !byOthers {
				want[r] = true
			}
		}
		got := map[rune]bool{}
		for _, r := range me.text(t) {
			got[r] = true
		}
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: %d characters remain, %d of the others' should: %q", seed, len(got), len(want), me.text(t))
		}
	}
}

// A document that is opened again, by an actor of the same device, undoes and
// redoes what the one before would.
func TestUndoAfterReopening(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		people := group(t, "ann", "ben")
		w := &inkwell{0x4e00}
		for range 60 {
			p := people[rng.IntN(len(people))]
			switch rng.IntN(8) {
			case 0:
				p.undo(t)
			case 1:
				p.redo(t)
			case 2:
				p.takeFrom(t, people[rng.IntN(len(people))])
			default:
				p.scribble(t, rng, w)
			}
		}
		first := people[0]
		chunk, _, err := first.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]crdt.Config{
			"changes":  {Changes: first.log},
			"form":     {Form: first.Form().Bytes},
			"snapshot": {Snapshot: chunk},
		} {
			c.ID, c.Actor, c.Own = crdt.DocID{1}, "ann's next", []crdt.ActorID{"ann"}
			d, err := crdt.Open(c)
			if err != nil {
				t.Fatal(err)
			}
			text, seen := d.Text()
			again := &person{replica: &replica{Document: d, view: []rune(text), seen: seen}, clock: first.clock}
			same := newPerson(t, "ann", first.log)
			for k := 0; ; k++ {
				way := (*person).undo
				if k%5 == 3 {
					way = (*person).redo
				}
				a, b := way(same, t), way(again, t)
				if a != b || same.text(t) != again.text(t) {
					t.Fatalf("seed %d: step %d after opening from %s: %q, before: %q", seed, k, name, again.text(t), same.text(t))
				}
				if !a && k%5 != 3 {
					break
				}
			}
		}
	}
}
