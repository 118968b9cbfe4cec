package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

func testOrder(t *testing.T, open Open) {
	s := opened(t, open)
	a, b := NewAuthor("a", 1), NewAuthor("b", 2)
	var got []int // written on one goroutine, read after Flush
	for i := range 300 {
		author, doc := a, ID(1)
		if i%3 == 0 {
			author, doc = b, ID(2)
		}
		e := store.Entry{Doc: doc, Changes: author.Take(1 + i%3)}
		e.Done = func(_ []store.Head, err error) {
			if err != nil {
				t.Errorf("entry %d: %v", i, err)
			}
			if !s.Committed(doc).Has(author.Actor, e.Changes[0].Seq) {
				t.Errorf("entry %d is reported before it counts as committed", i)
			}
			got = append(got, i)
		}
		s.Submit(e)
	}
	ok(t, s.Flush(t.Context()))
	if len(got) != 300 || !slices.IsSorted(got) {
		t.Fatalf("reported in the order %v", got)
	}
}

func testSeals(t *testing.T, open Open) {
	s := opened(t, open)
	a := NewAuthor("a", 1)
	// While the first Done runs, the rest gathers into one transaction.
	committed, gathered := make(chan struct{}), make(chan struct{})
	s.Submit(store.Entry{Doc: ID(1), Changes: a.Take(1), Seal: Seal(7), Done: func([]store.Head, error) {
		close(committed)
		<-gathered
	}})
	<-committed
	heads := make([][]store.Head, 5)
	var sealed []uint64
	for i := range heads {
		s.Submit(store.Entry{
			Doc: ID(1), Changes: a.Take(2),
			Seal: func(c crdt.Change) store.Head {
				sealed = append(sealed, c.Seq)
				return Seal(7)(c)
			},
			Done: func(h []store.Head, err error) {
				if err != nil {
					t.Error(err)
				}
				heads[i] = h
			},
		})
	}
	close(gathered)
	ok(t, s.Flush(t.Context()))
	equal(t, "sealed changes", sealed, []uint64{11})
	last := NewAuthor("a", 1).Take(11)[10]
	equal(t, "heads", heads, [][]store.Head{nil, nil, nil, nil, {Seal(7)(last)}})
	kept, err := s.HeadsSince(t.Context(), ID(1), nil)
	ok(t, err)
	equal(t, "kept heads", kept, []store.Head{Seal(7)(NewAuthor("a", 1).Next()), Seal(7)(last)})
}

func testRefusals(t *testing.T, open Open) {
	a, other := NewAuthor("a", 1).Take(4), NewAuthor("a", 2).Take(4)
	b := NewAuthor("b", 3).Take(2)
	wrongHash := a[2]
	wrongHash.Hash[0] ^= 1
	nobody := b[0]
	nobody.Actor = ""
	long := b[0]
	long.Actor = crdt.ActorID(strings.Repeat("x", crdt.MaxActorLen+1))
	zero := b[0]
	zero.Seq = 0
	another := Seal(1)(a[1])
	another.Device = Key(2)
	tests := []struct {
		name string
		e    store.Entry
		want error
	}{
		{"the same again", store.Entry{Changes: a[:2]}, nil},
		{"the same and more", store.Entry{Changes: a[1:3]}, nil},
		{"another change at the tip", store.Entry{Changes: other[2:3]}, store.ErrConflict},
		{"another change below", store.Entry{Changes: other[:1]}, store.ErrConflict},
		{"good ones and then another", store.Entry{Changes: []crdt.Change{b[0], other[0]}}, store.ErrConflict},
		{"a gap", store.Entry{Changes: b[1:]}, store.ErrGap},
		{"a change twice", store.Entry{Changes: []crdt.Change{b[0], b[1], b[0], b[1]}}, nil},
		{"a wrong hash", store.Entry{Changes: []crdt.Change{wrongHash}}, store.ErrBadChange},
		{"no actor", store.Entry{Changes: []crdt.Change{nobody}}, store.ErrBadChange},
		{"a long actor", store.Entry{Changes: []crdt.Change{long}}, store.ErrBadChange},
		{"number zero", store.Entry{Changes: []crdt.Change{zero}}, store.ErrBadChange},
		{"another space", store.Entry{Space: Key(9), Changes: a[:1]}, store.ErrOtherSpace},
		{"a head", store.Entry{Heads: []store.Head{Seal(1)(a[1])}}, nil},
		{"the head again", store.Entry{Heads: []store.Head{Seal(1)(a[1])}}, nil},
		{"a head of another change", store.Entry{Heads: []store.Head{Seal(1)(other[1])}}, store.ErrConflict},
		{"a head of another device", store.Entry{Heads: []store.Head{another}}, store.ErrConflict},
		{"a head beyond", store.Entry{Heads: []store.Head{Seal(1)(a[3])}}, store.ErrGap},
		{"a head with its change", store.Entry{Changes: a[3:], Heads: []store.Head{Seal(1)(a[3])}}, nil},
	}
	s := opened(t, open)
	must(t, s, store.Entry{Doc: ID(1), Changes: a[:2]})
	for _, test := range tests {
		before := s.Committed(ID(1))
		test.e.Doc = ID(1)
		_, err := submit(t, s, test.e)
		if !errors.Is(err, test.want) || (err != nil) != (test.want != nil) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if err != nil && !s.Committed(ID(1)).Equal(before) {
			t.Errorf("%s: refused, and yet the vector has moved", test.name)
		}
	}
	l, err := s.Load(t.Context(), ID(1))
	ok(t, err)
	equal(t, "changes", l.Changes, []crdt.Change{a[0], a[1], a[2], b[0], b[1], a[3]})
}

func testDocuments(t *testing.T, open Open) {
	s := opened(t, open)
	start := time.Now().Add(-time.Second)
	if _, err := s.Document(t.Context(), ID(1)); !errors.Is(err, store.ErrNoDocument) {
		t.Errorf("an unknown document: %v", err)
	}
	if _, err := s.Load(t.Context(), ID(1)); !errors.Is(err, store.ErrNoDocument) {
		t.Errorf("load an unknown document: %v", err)
	}
	equal(t, "vector of an unknown document", s.Committed(ID(1)), crdt.Vector{})
	title := "First"
	a := NewAuthor("a", 1)
	changes := a.Take(2)
	made := changes[0].Time
	changes[1].Time = time.Now().Add(time.Hour).Unix() // that clock runs ahead
	must(t, s, store.Entry{Doc: ID(1), Space: Key(1), Changes: changes[:1], Title: &title})
	if d, err := s.Document(t.Context(), ID(1)); err != nil || d.Updated.Unix() != made {
		t.Errorf("a document of a change at %d: %+v, %v", made, d, err)
	}
	must(t, s, store.Entry{Doc: ID(1), Space: Key(1), Changes: changes[1:]})
	must(t, s, store.Entry{Doc: ID(2), Space: Key(1)})
	must(t, s, store.Entry{Doc: ID(3), Space: Key(2)})

	docs, err := s.Documents(t.Context(), Key(1))
	ok(t, err)
	if len(docs) != 2 || docs[0].ID != ID(1) || docs[1].ID != ID(2) {
		t.Fatalf("documents: %v", docs)
	}
	if docs[0].Title != "First" || docs[0].Space != Key(1) || docs[0].Created.Before(start) ||
		docs[0].Updated.Before(start) || docs[0].Updated.After(time.Now()) {
		t.Errorf("document: %+v", docs[0])
	}
	vectors, err := s.Vectors(t.Context(), Key(1))
	ok(t, err)
	equal(t, "vectors", vectors, map[crdt.DocID]crdt.Vector{ID(1): {"a": a.Tip}, ID(2): {}})

	s.SetText(ID(1), nil, "Second", "text")
	ok(t, s.Flush(t.Context()))
	doc, err := s.Document(t.Context(), ID(1))
	ok(t, err)
	equal(t, "title", doc.Title, "Second")

	v := s.Committed(ID(1))
	v["x"] = crdt.Tip{Seq: 1}
	equal(t, "vector after its copy was written to", s.Committed(ID(1)), crdt.Vector{"a": a.Tip})
}

func testOwners(t *testing.T, open Open) {
	s := opened(t, open)
	first, second, peer := NewAuthor("first", 1), NewAuthor("second", 2), NewAuthor("peer", 3)
	must(t, s, store.Entry{Doc: ID(1), Changes: first.Take(2), Seal: Seal(1)})
	must(t, s, store.Entry{Doc: ID(1), Changes: second.Take(1), Seal: Seal(1)})
	c := peer.Next()
	must(t, s, store.Entry{Doc: ID(1), Changes: []crdt.Change{c}, Heads: []store.Head{Seal(2)(c)}})
	must(t, s, store.Entry{Doc: ID(1), Changes: first.Take(1), Seal: Seal(1)})

	actor, nonce, found, err := s.OwnActor(t.Context(), ID(1), Key(1))
	ok(t, err)
	if actor != "second" || !found || nonce != Seal(1)(second.Next()).Nonce {
		t.Errorf("own actor: %q %v %v", actor, nonce, found)
	}
	if _, _, found, err = s.OwnActor(t.Context(), ID(1), Key(3)); found || err != nil {
		t.Errorf("own actor of a device without one: %v %v", found, err)
	}
	devices, err := s.ActorDevices(t.Context(), ID(1))
	ok(t, err)
	equal(t, "devices", devices, map[crdt.ActorID][32]byte{"first": Key(1), "second": Key(1), "peer": Key(2)})
	makers, err := s.Makers(t.Context(), ID(1))
	ok(t, err)
	equal(t, "makers", makers, []store.Maker{maker(first), {Device: Key(2), Nonce: Seal(2)(c).Nonce}, maker(second)})
}

// maker is who seals an author's changes as device 1.
func maker(a *Author) store.Maker { return store.Maker{Device: Key(1), Nonce: Seal(1)(a.Next()).Nonce} }

// An importer's head makes nobody the owner of an actor, and gives way to the
// owner's.
func testImports(t *testing.T, open Open) {
	s := opened(t, open)
	foreign, peer := NewAuthor("foreign", 1).Take(3), NewAuthor("peer", 2).Take(2)
	imported := func(c crdt.Change) store.Head {
		h := Seal(1)(c)
		h.Import, h.Nonce, h.Sig = true, [16]byte{7}, []byte("imported")
		return h
	}
	must(t, s, store.Entry{
		Doc: ID(1), Changes: append(foreign[:3:3], peer...),
		Heads: []store.Head{imported(foreign[1]), imported(foreign[2]), imported(peer[0]), imported(peer[1])},
	})
	who := func(wantDevices map[crdt.ActorID][32]byte, wantImported map[crdt.ActorID]bool) {
		t.Helper()
		devices, err := s.ActorDevices(t.Context(), ID(1))
		ok(t, err)
		equal(t, "devices", devices, wantDevices)
		actors, err := s.Imported(t.Context(), ID(1))
		ok(t, err)
		equal(t, "imported", actors, wantImported)
	}
	who(map[crdt.ActorID][32]byte{}, map[crdt.ActorID]bool{"foreign": true, "peer": true})
	if _, _, found, err := s.OwnActor(t.Context(), ID(1), Key(1)); found || err != nil {
		t.Errorf("the importer goes on as a foreign actor: %v", err)
	}
	makers, err := s.Makers(t.Context(), ID(1))
	ok(t, err)
	equal(t, "makers", makers, []store.Maker{{Device: Key(1), Nonce: [16]byte{7}}})
	must(t, s, store.Entry{Doc: ID(1), Heads: []store.Head{Seal(2)(peer[1])}})
	must(t, s, store.Entry{Doc: ID(1), Heads: []store.Head{imported(peer[1])}})
	who(map[crdt.ActorID][32]byte{"peer": Key(2)}, map[crdt.ActorID]bool{"foreign": true})
	heads, err := s.HeadsSince(t.Context(), ID(1), crdt.Vector{"foreign": {Seq: 1}})
	ok(t, err)
	equal(t, "heads", heads, []store.Head{imported(foreign[1]), imported(foreign[2]), imported(peer[0]), Seal(2)(peer[1])})
}

func testYieldError(t *testing.T, open Open) {
	s := opened(t, open)
	must(t, s, store.Entry{Doc: ID(1), Changes: NewAuthor("a", 1).Take(3)})
	stop, calls := errors.New("stop"), 0
	err := s.ChangesSince(t.Context(), ID(1), nil, func(crdt.Change) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, then %v", calls, err)
	}
}

func testClosed(t *testing.T, open Open) {
	home := t.TempDir()
	s := open(t, home)
	a := NewAuthor("a", 1)
	done := 0
	for range 100 {
		s.Submit(store.Entry{Doc: ID(1), Changes: a.Take(1), Done: func(_ []store.Head, err error) {
			if err == nil {
				done++
			}
		}})
	}
	ok(t, s.Close())
	if done != 100 {
		t.Errorf("close left %d of 100 entries behind", 100-done)
	}
	ok(t, s.Close())
	if _, err := submit(t, s, store.Entry{Doc: ID(1)}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("submit: %v", err)
	}
	if _, err := s.Load(t.Context(), ID(1)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("load: %v", err)
	}
	if err := s.Set(t.Context(), "k", nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("set: %v", err)
	}
	s = open(t, home)
	equal(t, "vector", s.Committed(ID(1)), crdt.Vector{"a": a.Tip})
	ok(t, s.Close())
}
