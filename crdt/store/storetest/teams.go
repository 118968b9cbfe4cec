package storetest

import (
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// sealUnder seals as [Seal] does, under a roster.
func sealUnder(device int, roster ...[32]byte) func(crdt.Change) store.Head {
	return func(c crdt.Change) store.Head {
		h := Seal(device)(c)
		h.Roster = roster
		return h
	}
}

// A head keeps the roster that it names, wherever it is kept; one that is held
// stays as it is.
func testRosters(t *testing.T, open Open) {
	home := t.TempDir()
	s := open(t, home)
	a, b := NewAuthor("a", 1), NewAuthor("b", 2)
	var all []crdt.Change
	var want []store.Head
	rosters := [][][32]byte{nil, {Key(1)}, {Key(1), Key(2)}, {Key(1)}, {Key(3)}, {Key(2), Key(1)}}
	for i, roster := range rosters { // one's own, in rows
		c := a.Next()
		all = append(all, c)
		want = append(want, sealUnder(1, roster...)(c))
		if i%2 == 0 {
			must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{c}, Seal: sealUnder(1, roster...)})
		} else {
			must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{c}, Heads: want[i:]})
		}
		must(t, s, store.Entry{Doc: ID(1), Heads: []store.Head{sealUnder(1, Key(7))(c)}})
	}
	others := b.Take(3) // with heads that come later, and one of an import
	must(t, s, store.Entry{Doc: ID(1), Changes: others})
	imported := sealUnder(1, Key(5))(others[0])
	imported.Import = true
	late := sealUnder(2, Key(6))(others[2])
	must(t, s, store.Entry{Doc: ID(1), Heads: []store.Head{imported, late}})
	want = append(want, imported, late)
	check := func() {
		t.Helper()
		got, err := s.HeadsSince(t.Context(), ID(1), nil)
		ok(t, err)
		equal(t, "heads", got, want)
	}
	check()
	ok(t, s.Close())
	s = open(t, home)
	check()
	all = append(all, others...)
	ok(t, s.Compact(t.Context(), ID(1), Pack(all), vectorOf(all)))
	want = []store.Head{want[5], imported, late}
	check()
	ok(t, s.Close())
}

func testActorsOf(t *testing.T, open Open) {
	s := opened(t, open)
	for i := range 4 { // documents 0 and 2 in space 0, 1 and 3 in space 1
		for device, n := range []int{2, 3, 1} {
			a := NewAuthor(string(rune('a'+device)), uint64(i*10+device))
			must(t, s, store.Entry{Doc: ID(i), Space: Key(i % 2), Changes: a.Take(n), Seal: Seal(device)})
		}
		unsigned := NewAuthor("x", uint64(i))
		must(t, s, store.Entry{Doc: ID(i), Space: Key(i % 2), Changes: unsigned.Take(1)})
	}
	got, err := s.ActorsOf(t.Context(), Key(1), [][32]byte{Key(2), Key(1), Key(9)})
	ok(t, err)
	equal(t, "lines", got, []store.Line{
		{Doc: ID(1), Actor: "b", Seq: 3},
		{Doc: ID(1), Actor: "c", Seq: 1},
		{Doc: ID(3), Actor: "b", Seq: 3},
		{Doc: ID(3), Actor: "c", Seq: 1},
	})
	none, err := s.ActorsOf(t.Context(), Key(1), nil)
	ok(t, err)
	equal(t, "lines of nobody", none, []store.Line{})
}
