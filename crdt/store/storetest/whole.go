package storetest

import (
	"errors"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// wholeHistory is changes of three devices and of an actor of a file, heads over
// the last of each, and where no other change builds on it.
func wholeHistory() (all []crdt.Change, heads []store.Head, makers []*Author) {
	f, a, b, c := NewAuthor("file", 9), NewAuthor("a", 1), NewAuthor("b", 2), NewAuthor("c", 3)
	all = f.Take(2)
	all = append(all, a.Next(f.Tip.Hash))
	all = append(all, a.Take(2000)...)
	all = append(all, b.Next(a.Tip.Hash), c.Next(a.Tip.Hash))
	all = append(all, b.Take(3)...)
	all = append(all, a.Next(b.Tip.Hash, c.Tip.Hash))
	for i, c := range all {
		device := map[crdt.ActorID]int{"file": 1, "a": 1, "b": 2, "c": 3}[c.Actor]
		h := Seal(device)(c)
		if c.Actor == "file" {
			h.Import, h.Nonce = true, [16]byte{'a'}
		}
		h.Roster = [][32]byte{Key(7)}
		if i == 1000 || vectorOf(all)[c.Actor].Seq == c.Seq {
			heads = append(heads, h)
		}
	}
	slices.SortStableFunc(heads, func(a, b store.Head) int { return slices.Compare([]byte(a.Actor), []byte(b.Actor)) })
	return all, heads, []*Author{a, b, c}
}

// testWhole stores a document as a snapshot at once, and the same one change by
// change with a compaction: both are the same then, and go on alike.
func testWhole(t *testing.T, open Open) {
	all, heads, _ := wholeHistory()
	_, _, makers := wholeHistory()
	home := t.TempDir()
	s := open(t, home)
	title := "whole\x00"
	given := 0
	var told []crdt.Change
	ok(t, s.PutSnapshot(t.Context(), store.Whole{
		Doc: ID(1), Space: Key(1), Chunk: Pack(all),
		Each: func(c crdt.Change) error {
			equal(t, "a change", c, all[given])
			given++
			return nil
		},
		Ready: func() ([]store.Head, string, error) { return heads, title, nil },
		Done: func(last []crdt.Change, of []store.Head) {
			told = last
			equal(t, "heads told", of, heads)
		},
	}))
	equal(t, "vector told", vectorOf(told), vectorOf(all))
	equal(t, "vector", s.Committed(ID(1)), vectorOf(all))
	must(t, s, store.Entry{Doc: ID(2), Space: Key(1), Changes: all, Heads: heads, Title: &title})
	ok(t, s.Compact(t.Context(), ID(2), Pack(all), vectorOf(all)))
	same := func() {
		t.Helper()
		sameDocuments(t, s, ID(1), ID(2), vectorOf(all[:1200]))
	}
	same()
	ok(t, s.Close())
	s = open(t, home)
	same()
	for _, doc := range []crdt.DocID{ID(1), ID(2)} {
		dep, err := s.Ancestry(t.Context(), doc, []crdt.Hash{makers[0].Tip.Hash})
		ok(t, err)
		equal(t, "what the top builds on", dep[0].Clock, map[crdt.ActorID]uint64{"file": 2, "b": 4, "c": 1})
	}
	if err := s.PutSnapshot(t.Context(), whole(ID(1), all, heads)); !errors.Is(err, store.ErrHeld) {
		t.Errorf("once more: %v", err)
	}
	more := append(makers[0].Take(3), makers[1].Next(makers[0].Tip.Hash))
	all = append(all, more...)
	for _, doc := range []crdt.DocID{ID(1), ID(2)} {
		must(t, s, store.Entry{Doc: doc, Space: Key(1), Changes: more, Heads: []store.Head{Seal(1)(more[2]), Seal(2)(more[3])}})
	}
	same()
	for _, doc := range []crdt.DocID{ID(1), ID(2)} {
		ok(t, s.Compact(t.Context(), doc, Pack(all), vectorOf(all)))
	}
	same()
	if beside, has := s.(Besides); has {
		for _, doc := range []crdt.DocID{ID(1), ID(2)} {
			out, err := beside.Retreat(t.Context(), doc, []crdt.Hash{all[1500].Hash}, "beyond a line")
			ok(t, err)
			equal(t, "taken back", len(out), len(all)-1500)
		}
		same()
	}
	ok(t, s.Close())
}

func whole(doc crdt.DocID, changes []crdt.Change, heads []store.Head) store.Whole {
	return store.Whole{
		Doc: doc, Space: Key(1), Chunk: Pack(changes), Each: func(crdt.Change) error { return nil },
		Ready: func() ([]store.Head, string, error) { return heads, "", nil },
	}
}

// testWholeForm stores a compact form with a snapshot: it is there as soon as that is.
func testWholeForm(t *testing.T, open Open) {
	all, heads, _ := wholeHistory()
	s := open(t, t.TempDir())
	w, form := whole(ID(1), all, heads), []byte("made")
	w.Form = func() store.Form { return store.Form{Version: 7, Covers: vectorOf(all), Bytes: form} }
	ok(t, s.PutSnapshot(t.Context(), w))
	o, err := s.LoadForm(t.Context(), ID(1), 7)
	ok(t, err)
	equal(t, "form", o.Form, form)
	equal(t, "what it covers", o.Covers, vectorOf(all))
	equal(t, "changes behind it", len(o.Changes), 0)
	ok(t, s.Close())
}

// sameDocuments compares two documents in every way in which they are read.
func sameDocuments(t *testing.T, s Store, a, b crdt.DocID, v crdt.Vector) {
	t.Helper()
	ctx := t.Context()
	equal(t, "vectors", s.Committed(a), s.Committed(b))
	x, err := s.Load(ctx, a)
	ok(t, err)
	y, err := s.Load(ctx, b)
	ok(t, err)
	equal(t, "documents", x, y)
	equal(t, "all changes", since(t, s, a, nil), since(t, s, b, nil))
	equal(t, "changes since", since(t, s, a, v), since(t, s, b, v))
	headsA, err := s.HeadsSince(ctx, a, nil)
	ok(t, err)
	headsB, err := s.HeadsSince(ctx, b, nil)
	ok(t, err)
	equal(t, "heads", headsA, headsB)
	devicesA, err := s.ActorDevices(ctx, a)
	ok(t, err)
	devicesB, err := s.ActorDevices(ctx, b)
	ok(t, err)
	equal(t, "devices", devicesA, devicesB)
	makersA, err := s.Makers(ctx, a)
	ok(t, err)
	makersB, err := s.Makers(ctx, b)
	ok(t, err)
	equal(t, "makers", makersA, makersB)
	importedA, err := s.Imported(ctx, a)
	ok(t, err)
	importedB, err := s.Imported(ctx, b)
	ok(t, err)
	equal(t, "imported", importedA, importedB)
	for device := range 4 {
		actorA, nonceA, foundA, err := s.OwnActor(ctx, a, Key(device))
		ok(t, err)
		actorB, nonceB, foundB, err := s.OwnActor(ctx, b, Key(device))
		ok(t, err)
		equal(t, "actor of a device", []any{actorA, nonceA, foundA}, []any{actorB, nonceB, foundB})
	}
	infoA, err := s.Document(ctx, a)
	ok(t, err)
	infoB, err := s.Document(ctx, b)
	ok(t, err)
	infoA.ID, infoA.Created = infoB.ID, infoB.Created
	equal(t, "in the list", infoA, infoB)
	behind, err := s.Behind(ctx)
	ok(t, err)
	equal(t, "behind", len(behind), 0)
	unindexed, err := s.Unindexed(ctx)
	ok(t, err)
	equal(t, "to be indexed", slices.Contains(unindexed, a), slices.Contains(unindexed, b))
}

// testWholeWrong tries wrong ones, of which nothing stays.
func testWholeWrong(t *testing.T, open Open) {
	s := opened(t, open)
	all := NewAuthor("a", 1).Take(6)
	other := NewAuthor("a", 2).Take(6)
	heads := []store.Head{Seal(1)(all[5])}
	flipped := slices.Clone(all)
	flipped[2].Bytes = slices.Clone(flipped[2].Bytes)
	flipped[2].Bytes[20] ^= 1
	bad := errors.New("bad")
	tests := map[string]store.Whole{
		"not a snapshot":    {Doc: ID(1), Chunk: []byte("no"), Each: whole(ID(1), nil, nil).Each},
		"nothing":           whole(ID(1), nil, nil),
		"other bytes":       whole(ID(1), flipped, heads),
		"one too few":       whole(ID(1), append(all[:2:2], all[3:]...), heads),
		"one twice":         whole(ID(1), append(all[:6:6], all[5]), heads),
		"another's head":    whole(ID(1), all, []store.Head{Seal(1)(other[5])}),
		"a head beyond":     whole(ID(1), all[:5], heads),
		"a head of nobody":  whole(ID(1), all, []store.Head{Seal(1)(NewAuthor("b", 1).Next())}),
		"heads of two":      whole(ID(1), all, []store.Head{Seal(1)(all[4]), Seal(2)(all[5])}),
		"judged wrong":      whole(ID(1), all, heads),
		"judged in the end": whole(ID(1), all, heads),
	}
	w := tests["judged wrong"]
	w.Each = func(c crdt.Change) error {
		if c.Seq == 3 {
			return bad
		}
		return nil
	}
	tests["judged wrong"] = w
	w = tests["judged in the end"]
	w.Ready = func() ([]store.Head, string, error) { return heads, "", bad }
	tests["judged in the end"] = w
	for name, w := range tests {
		w.Done = func([]crdt.Change, []store.Head) { t.Errorf("%s: done", name) }
		if err := s.PutSnapshot(t.Context(), w); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, err := s.Document(t.Context(), ID(1)); !errors.Is(err, store.ErrNoDocument) {
			t.Fatalf("%s: refused, and yet it is here: %v", name, err)
		}
	}
	must(t, s, store.Entry{Doc: ID(1), Space: Key(1), Changes: all[:1]})
	if err := s.PutSnapshot(t.Context(), whole(ID(1), all, heads)); !errors.Is(err, store.ErrHeld) {
		t.Errorf("something is held: %v", err)
	}
	equal(t, "what was held", s.Committed(ID(1)), vectorOf(all[:1]))
	ok(t, s.PutSnapshot(t.Context(), whole(ID(2), all, heads)))
}
