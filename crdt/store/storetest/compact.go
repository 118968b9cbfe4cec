package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

func testCompact(t *testing.T, open Open) {
	s := opened(t, open)
	a, other := NewAuthor("a", 1), NewAuthor("a", 2)
	all := a.Take(10)
	must(t, s, store.Entry{Doc: ID(1), Changes: all, Seal: Seal(1)})
	for _, n := range []int{4, 4, 10} {
		ok(t, s.Compact(t.Context(), ID(1), Pack(all[:n]), vectorOf(all[:n])))
		l, err := s.Load(t.Context(), ID(1))
		ok(t, err)
		equal(t, "snapshot", string(l.Snapshot), string(Pack(all[:n])))
		equal(t, "changes after it", l.Changes, all[n:])
		equal(t, "changes since 2", since(t, s, ID(1), vectorOf(all[:2])), all[2:])
	}
	equal(t, "vector", s.Committed(ID(1)), vectorOf(all))
	heads, err := s.HeadsSince(t.Context(), ID(1), nil)
	ok(t, err)
	equal(t, "heads", heads, []store.Head{Seal(1)(all[9])})

	must(t, s, store.Entry{Doc: ID(1), Changes: all[2:4]})
	must(t, s, store.Entry{Doc: ID(1), Changes: a.Take(1)})
	if _, err := submit(t, s, store.Entry{Doc: ID(1), Changes: other.Take(3)[2:]}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another change than one in the snapshot: %v", err)
	}
}

// A compaction in the middle of reading neither hides a change nor gives one
// twice.
func testCompactMeanwhile(t *testing.T, open Open) {
	s := opened(t, open)
	all := NewAuthor("a", 1).Take(2000)
	must(t, s, store.Entry{Doc: ID(1), Changes: all})
	var got []crdt.Change
	err := s.ChangesSince(t.Context(), ID(1), vectorOf(all[:5]), func(c crdt.Change) error {
		got = append(got, c)
		if n := len(got); n == 1 || n == 600 {
			return s.Compact(t.Context(), ID(1), Pack(all[:n*3]), vectorOf(all[:n*3]))
		}
		return nil
	})
	ok(t, err)
	equal(t, "changes", got, all[5:])
}

func testCompactWrong(t *testing.T, open Open) {
	s := opened(t, open)
	all := NewAuthor("a", 1).Take(6)
	must(t, s, store.Entry{Doc: ID(1), Changes: all})
	flipped := slices.Clone(all)
	flipped[2].Bytes = slices.Clone(flipped[2].Bytes)
	flipped[2].Bytes[0] ^= 1 // outside what the hash covers
	beyond := NewAuthor("a", 1).Take(7)
	stranger := append(slices.Clone(all), NewAuthor("b", 5).Next())
	tests := []struct {
		name   string
		chunk  []byte
		covers crdt.Vector
	}{
		{"not a snapshot", []byte("no"), vectorOf(all)},
		{"other bytes", Pack(flipped), vectorOf(all)},
		{"other changes", Pack(NewAuthor("a", 2).Take(6)), vectorOf(NewAuthor("a", 2).Take(6))},
		{"one too few", Pack(append(all[:2:2], all[3:]...)), vectorOf(all)},
		{"one twice", Pack(append(all[:6:6], all[5])), vectorOf(all)},
		{"one not stored", Pack(beyond), vectorOf(beyond)},
		{"an actor not stored", Pack(stranger), vectorOf(stranger)},
		{"a smaller vector", Pack(all), vectorOf(all[:4])},
		{"a larger vector", Pack(all[:4]), vectorOf(all)},
	}
	for _, test := range tests {
		if err := s.Compact(t.Context(), ID(1), test.chunk, test.covers); err == nil {
			t.Errorf("%s: taken", test.name)
		}
		l, err := s.Load(t.Context(), ID(1))
		ok(t, err)
		if l.Snapshot != nil || len(l.Changes) != 6 {
			t.Fatalf("%s: refused, and yet %d changes are left", test.name, len(l.Changes))
		}
	}
	ok(t, s.Compact(t.Context(), ID(1), Pack(all[:4]), vectorOf(all[:4])))
	if err := s.Compact(t.Context(), ID(1), Pack(all[:2]), vectorOf(all[:2])); !errors.Is(err, store.ErrNotSame) {
		t.Errorf("a snapshot of less than the last: %v", err)
	}
	if err := s.Compact(t.Context(), ID(2), Pack(all), vectorOf(all)); !errors.Is(err, store.ErrNoDocument) {
		t.Errorf("an unknown document: %v", err)
	}
}

// Of a long chain about one head in 1,024 changes stays, and those that the
// snapshot does not cover.
func testPruning(t *testing.T, open Open) {
	s := opened(t, open)
	all := NewAuthor("a", 1).Take(3500)
	var heads []store.Head
	for i, c := range all {
		if i > 2500 && i < 2700 {
			continue // nobody signed these
		}
		heads = append(heads, Seal(1)(c))
	}
	must(t, s, store.Entry{Doc: ID(1), Changes: all, Heads: heads})
	inside := 0
	for _, n := range []int{1000, 3000, 3500} {
		ok(t, s.Compact(t.Context(), ID(1), Pack(all[:n]), vectorOf(all[:n])))
		got, err := s.HeadsSince(t.Context(), ID(1), nil)
		ok(t, err)
		heads = pruned(heads, all[inside:n])
		inside = n
		equal(t, "heads", got, heads)
	}
	var seqs []uint64
	for _, h := range heads {
		seqs = append(seqs, h.Seq)
	}
	equal(t, "numbers signed", seqs, []uint64{1000, 2024, 3000, 3500})
}

// Whoever wrote between whom, and however much, a head of each change's author
// comes soon after it, so that one who is sent the history need not keep much of
// it waiting.
func testPruningOfMany(t *testing.T, open Open) {
	s := opened(t, open)
	first, between := NewAuthor("a", 1), NewAuthor("b", 2)
	var few []*Author
	for i := range 20 {
		few = append(few, NewAuthor(fmt.Sprintf("c%d", i), uint64(10+i)))
	}
	all := first.Take(10)
	for i := range 5000 {
		all = append(all, between.Next())
		if i%3 == 0 {
			all = append(all, few[i/3%20].Next())
		}
	}
	all = append(all, first.Next())
	var heads []store.Head
	for _, c := range all {
		heads = append(heads, Seal(1)(c))
	}
	must(t, s, store.Entry{Doc: ID(1), Changes: all, Heads: heads})
	ok(t, s.Compact(t.Context(), ID(1), Pack(all), vectorOf(all)))
	heads, err := s.HeadsSince(t.Context(), ID(1), nil)
	ok(t, err)
	if len(heads) > 23*(len(all)/1024+1) {
		t.Errorf("%d heads stay", len(heads))
	}
	next := map[crdt.ActorID]int{} // where the next head of the actor is
	at := map[crdt.Hash]bool{}
	for _, h := range heads {
		at[h.Hash] = true
	}
	for i, c := range slices.Backward(all) {
		if at[c.Hash] {
			next[c.Actor] = i
		}
		if n, ok := next[c.Actor]; !ok || n-i > 1024 {
			t.Fatalf("change %d of actor %q is at %d, the next head of that actor at %d", c.Seq, c.Actor, i, n)
		}
	}
}

// What is refused goes with all that builds on it; its actors must not go on,
// others may.
func testRefused(t *testing.T, open Open) {
	home := t.TempDir()
	s := open(t, home)
	a, b, c := NewAuthor("a", 1), NewAuthor("b", 2), NewAuthor("c", 3)
	a1, b1 := a.Next(), b.Next()
	c1 := c.Next(b1.Hash)
	a2 := a.Next() // the bad one
	b2 := b.Next(a2.Hash)
	c2 := c.Next()
	all := []crdt.Change{a1, b1, c1, a2, b2, c2}
	for i, change := range all {
		device := map[crdt.ActorID]int{"a": 1, "b": 2, "c": 3}[change.Actor]
		must(t, s, store.Entry{
			Doc: ID(1), Changes: []crdt.Change{change}, Heads: []store.Head{Seal(device)(change)}, Unchecked: i >= 3,
		})
	}
	s.PutForm(ID(1), store.Form{Covers: vectorOf(all), Bytes: []byte("form")})
	out, err := s.Refuse(t.Context(), ID(1), []crdt.Hash{a2.Hash}, "a wrong key")
	ok(t, err)
	equal(t, "refused", out, []crdt.Change{a2, b2})
	equal(t, "vector", s.Committed(ID(1)), vectorOf([]crdt.Change{a1, b1, c1, c2}))
	asides, err := s.Asides(t.Context())
	ok(t, err)
	for i := range asides {
		asides[i].At = time.Time{}
	}
	equal(t, "set aside", asides, []store.Aside{
		{Kind: store.KindChange, Doc: ID(1), Device: Key(1), Reason: "a wrong key", Bytes: a2.Bytes},
		{Kind: store.KindChange, Doc: ID(1), Device: Key(2), Reason: "a wrong key", Bytes: b2.Bytes},
	})
	ok(t, s.Close())

	s = open(t, home)
	o, err := s.LoadForm(t.Context(), ID(1), 0)
	ok(t, err)
	if o.Form != nil {
		t.Error("the form still has what was refused")
	}
	equal(t, "changes", o.Changes, []crdt.Change{a1, b1, c1, c2})
	equal(t, "checked", o.Unchecked, 3)
	heads, err := s.HeadsSince(t.Context(), ID(1), nil)
	ok(t, err)
	equal(t, "heads", heads, []store.Head{Seal(1)(a1), Seal(2)(b1), Seal(3)(c1), Seal(3)(c2)})
	for device, want := range []bool{1: false, 2: false, 3: true} {
		if _, _, found, err := s.OwnActor(t.Context(), ID(1), Key(device)); device > 0 && (found != want || err != nil) {
			t.Errorf("device %d may go on: %v, %v", device, found, err)
		}
	}
	for _, refused := range []crdt.Change{a2, b2} {
		if _, err := submit(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{refused}}); !errors.Is(err, store.ErrRefused) {
			t.Errorf("refused before: %v", err)
		}
	}
	again, err := s.Refuse(t.Context(), ID(1), []crdt.Hash{a2.Hash, {1}}, "again")
	ok(t, err)
	equal(t, "refused again", again, []crdt.Change{})
	s.CaughtUp(ID(1), vectorOf([]crdt.Change{c1}))
	ok(t, s.Flush(t.Context()))
	behind, err := s.Behind(t.Context())
	ok(t, err)
	equal(t, "still behind", behind, []crdt.DocID{ID(1)})
	s.CaughtUp(ID(1), s.Committed(ID(1)))
	ok(t, s.Flush(t.Context()))
	behind, err = s.Behind(t.Context())
	ok(t, err)
	equal(t, "caught up", behind, []crdt.DocID{})
	ok(t, s.Close())
}
