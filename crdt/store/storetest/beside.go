package storetest

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// retreat takes a change of the model and of the store back.
func (d *modelDoc) retreat(t *testing.T, r *rand.Rand, s Besides) {
	t.Helper()
	at := r.IntN(len(d.changes))
	out, stay := d.with(d.changes[at].Hash)
	got, err := s.Retreat(t.Context(), d.id, []crdt.Hash{{9}, out[len(out)-1].Hash, out[0].Hash}, "why")
	ok(t, err)
	equal(t, "retreated", got, out)
	if at < d.inside {
		d.inside, d.unpacked = 0, true
	}
	for _, c := range out {
		delete(d.fresh, c.Hash)
	}
	d.beside = append(d.beside, out...)
	d.besideHeads = append(d.besideHeads, d.keep(stay)...)
}

// comeBack gives the store some of what stands beside again, where it fits.
func (d *modelDoc) comeBack(t *testing.T, r *rand.Rand, s Besides) {
	t.Helper()
	have := map[crdt.Hash]bool{}
	for _, c := range d.changes {
		have[c.Hash] = true
	}
	held := vectorOf(d.changes)
	d.beside = slices.DeleteFunc(d.beside, func(c crdt.Change) bool {
		fits := held[c.Actor].Seq+1 == c.Seq
		for _, dep := range c.Deps {
			fits = fits && have[dep]
		}
		if !fits || r.IntN(4) == 0 {
			return false
		}
		var back []store.Head
		d.besideHeads = slices.DeleteFunc(d.besideHeads, func(h store.Head) bool {
			if h.Hash == c.Hash {
				back = append(back, h)
			}
			return h.Hash == c.Hash
		})
		heads := must(t, s, store.Entry{Doc: d.id, Space: d.space, Changes: []crdt.Change{c}})
		equal(t, "heads that come back", heads, back)
		have[c.Hash] = true
		held.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
		d.changes, d.heads = append(d.changes, c), append(d.heads, back...)
		return true
	})
	for _, a := range d.authors {
		a.Tip = held[a.Actor]
	}
}

func (d *modelDoc) compareBeside(t *testing.T, s Besides) {
	t.Helper()
	changes, heads, err := s.Beside(t.Context(), d.id)
	ok(t, err)
	equal(t, "changes beside", changes, d.beside)
	docs, err := s.Besides(t.Context(), d.space)
	ok(t, err)
	if slices.Contains(docs, d.id) != (len(d.beside) > 0) {
		t.Errorf("%d stand beside document %v, and those are listed: %v", len(d.beside), d.id, docs)
	}
	sortHeads(heads)
	want := slices.Clone(d.besideHeads)
	sortHeads(want)
	equal(t, "heads beside", heads, want)
}

func sortHeads(heads []store.Head) {
	slices.SortFunc(heads, func(a, b store.Head) int {
		return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Seq, b.Seq), slices.Compare(a.Hash[:], b.Hash[:]))
	})
}

// A form of a branch that gave way is not that of the document, however far the
// branch goes that took its place.
func testFormOfBranch(t *testing.T, open Open) {
	s := offered[Besides](t, open, t.TempDir())
	defer func() { ok(t, s.Close()) }()
	a := NewAuthor("a", 1)
	a1 := a.Next()
	other := &Author{Actor: a.Actor, Tip: a.Tip, rand: NewAuthor("other", 2).rand}
	left, right := a.Take(2), other.Take(3)
	must(t, s, store.Entry{Doc: ID(1), Changes: append([]crdt.Change{a1}, left...)})
	_, err := s.Retreat(t.Context(), ID(1), []crdt.Hash{left[0].Hash}, "a fork")
	ok(t, err)
	must(t, s, store.Entry{Doc: ID(1), Changes: right})
	for _, c := range []struct {
		name string
		last crdt.Change
		fits bool
	}{
		{"before the fork", a1, true},
		{"the branch that gave way", left[0], false},
		{"further on", left[1], false},
		{"the branch that took its place", right[0], true},
		{"all of it", right[2], true},
	} {
		s.PutForm(ID(1), store.Form{Covers: vectorOf([]crdt.Change{c.last}), Bytes: []byte(c.name)})
		ok(t, s.Flush(t.Context()))
		o, err := s.LoadForm(t.Context(), ID(1), 0)
		ok(t, err)
		if used := string(o.Form) == c.name; used != c.fits {
			t.Errorf("the form of %s is used: %v", c.name, used)
		}
	}
}

// What retreats can come back, with its heads; others may take its place
// meanwhile; and whoever made it goes on with a new actor.
func testBeside(t *testing.T, open Open) {
	home := t.TempDir()
	s := offered[Besides](t, open, home)
	a, b, c := NewAuthor("a", 1), NewAuthor("b", 2), NewAuthor("c", 3)
	a1, b1 := a.Next(), b.Next()
	a2 := a.Next() // does not count
	b2 := b.Next(a2.Hash)
	c1 := c.Next(b1.Hash)
	device := map[crdt.ActorID]int{"a": 1, "b": 2, "c": 3}
	all := []crdt.Change{a1, b1, a2, b2, c1}
	head := func(c crdt.Change) store.Head { return sealUnder(device[c.Actor], Key(8))(c) }
	for _, change := range all {
		must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{change}, Heads: []store.Head{head(change)}})
	}
	s.PutForm(ID(1), store.Form{Covers: vectorOf(all), Bytes: []byte("form")})
	ok(t, s.Flush(t.Context()))
	if _, err := s.Retreat(t.Context(), ID(2), []crdt.Hash{a2.Hash}, "why"); !errors.Is(err, store.ErrNoDocument) {
		t.Errorf("an unknown document: %v", err)
	}
	out, err := s.Retreat(t.Context(), ID(1), []crdt.Hash{a2.Hash}, "removed")
	ok(t, err)
	equal(t, "retreated", out, []crdt.Change{a2, b2})
	again, err := s.Retreat(t.Context(), ID(1), []crdt.Hash{a2.Hash, b2.Hash}, "removed")
	ok(t, err)
	equal(t, "retreated again", again, []crdt.Change{})

	stay := []crdt.Change{a1, b1, c1}
	check := func(changes, beside []crdt.Change) {
		t.Helper()
		equal(t, "vector", s.Committed(ID(1)), vectorOf(changes))
		equal(t, "changes", since(t, s, ID(1), nil), changes)
		o, err := s.LoadForm(t.Context(), ID(1), 0)
		ok(t, err)
		if o.Form != nil {
			t.Error("the form has what retreated")
		}
		var want, wantBeside []store.Head
		for _, c := range changes {
			want = append(want, head(c))
		}
		for _, c := range beside {
			wantBeside = append(wantBeside, head(c))
		}
		heads, err := s.HeadsSince(t.Context(), ID(1), nil)
		ok(t, err)
		sortHeads(want)
		equal(t, "heads", heads, want)
		got, heads, err := s.Beside(t.Context(), ID(1))
		ok(t, err)
		equal(t, "beside", got, beside)
		equal(t, "heads beside", heads, wantBeside)
	}
	check(stay, []crdt.Change{a2, b2})
	for d, want := range []bool{1: false, 2: false, 3: true} {
		if _, _, found, err := s.OwnActor(t.Context(), ID(1), Key(d)); d > 0 && (found != want || err != nil) {
			t.Errorf("device %d may go on: %v, %v", d, found, err)
		}
	}
	ok(t, s.Close())
	s = offered[Besides](t, open, home)
	check(stay, []crdt.Change{a2, b2})

	// One comes back; the other does not, as another has its number by then.
	must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{a2}})
	check(append(stay[:3:3], a2), []crdt.Change{b2})
	b.Tip = crdt.Tip{Seq: b1.Seq, Hash: b1.Hash}
	other := b.Next()
	must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{other}, Heads: []store.Head{head(other)}})
	if _, err := submit(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{b2}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another with the number of one that retreated: %v", err)
	}
	check(append(stay[:3:3], a2, other), []crdt.Change{b2})
	// And they change places.
	out, err = s.Retreat(t.Context(), ID(1), []crdt.Hash{other.Hash}, "the larger hash")
	ok(t, err)
	equal(t, "retreated", out, []crdt.Change{other})
	heads := must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{b2}})
	equal(t, "heads that come back", heads, []store.Head{head(b2)})
	check(append(stay[:3:3], a2, b2), []crdt.Change{other})
	ok(t, s.Close())
}

// A change inside a snapshot retreats like another; what the snapshot had besides
// stays.
func testBesideCompacted(t *testing.T, open Open) {
	home := t.TempDir()
	s := offered[Besides](t, open, home)
	a, b := NewAuthor("a", 1), NewAuthor("b", 2)
	all := a.Take(30)
	all = append(all, b.Next(all[9].Hash))
	all = append(all, b.Take(4)...)
	all = append(all, a.Next(b.Tip.Hash))
	var heads []store.Head
	for _, c := range all {
		heads = append(heads, Seal(int(c.Actor[0]))(c))
	}
	must(t, s, store.Entry{Doc: ID(1), Space: Key(1), Changes: all, Heads: heads})
	ok(t, s.Compact(t.Context(), ID(1), Pack(all[:33]), vectorOf(all[:33])))
	out, err := s.Retreat(t.Context(), ID(1), []crdt.Hash{all[24].Hash}, "removed")
	ok(t, err)
	gone := append(all[24:30:30], all[35])
	stay := append(all[:24:24], all[30:35]...)
	equal(t, "retreated", out, gone)
	for range 2 {
		equal(t, "changes", since(t, s, ID(1), nil), stay)
		equal(t, "changes since", since(t, s, ID(1), vectorOf(stay[:7])), stay[7:])
		equal(t, "vector", s.Committed(ID(1)), vectorOf(stay))
		changes, beside, err := s.Beside(t.Context(), ID(1))
		ok(t, err)
		equal(t, "beside", changes, gone)
		equal(t, "heads beside", beside, []store.Head{heads[29], heads[35]})
		ok(t, s.Close())
		s = offered[Besides](t, open, home)
	}
	ok(t, s.Compact(t.Context(), ID(1), Pack(stay), vectorOf(stay)))
	must(t, s, store.Entry{Doc: ID(1), Space: Key(1), Changes: gone})
	equal(t, "changes", since(t, s, ID(1), nil), append(stay, gone...))
	got, err := s.HeadsSince(t.Context(), ID(1), vectorOf(stay))
	ok(t, err)
	equal(t, "heads", got, []store.Head{heads[29], heads[35]})
	ok(t, s.Close())
}
