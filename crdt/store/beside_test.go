package store

import (
	"slices"
	"testing"

	"starling/crdt"
)

// A change inside a snapshot retreats although rows that came again after an
// earlier snapshot was lost stand before all others; their order stays.
func TestRetreatAfterRefill(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	a, b := author("a"), author("b")
	var all []crdt.Change
	for range 6 {
		all = append(all, a(50))
	}
	b1 := b(50, all[5].Hash) // builds on what is inside, and stays outside
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	covers := crdt.Vector{"a": {Seq: 6, Hash: all[5].Hash}}
	s.expand = expandTo(all)
	if err := s.Compact(t.Context(), doc, []byte("six"), covers); err != nil {
		t.Fatal(err)
	}
	spoil(t, s, "UPDATE snapshots SET bytes = CAST(x'2d' || bytes AS BLOB)")
	if _, err := s.Load(t.Context(), doc); err == nil {
		t.Fatal("the snapshot is not lost")
	}
	s.Submit(Entry{Doc: doc, Changes: append(slices.Clone(all), b1)})
	flushHere(t, s)
	s.expand = expandTo(all[:4])
	covers = crdt.Vector{"a": {Seq: 4, Hash: all[3].Hash}}
	if err := s.Compact(t.Context(), doc, []byte("four"), covers); err != nil {
		t.Fatal(err)
	}
	out, err := s.Retreat(t.Context(), doc, []crdt.Hash{all[2].Hash}, "why")
	if err != nil {
		t.Fatal(err)
	}
	wantChanges(t, out, append(slices.Clone(all[2:]), b1))
	wantLoad(t, s, doc, all[:2], DamageError{})
	s.Submit(Entry{Doc: doc, Changes: append(slices.Clone(all[2:]), b1)})
	flushHere(t, s)
	wantLoad(t, s, doc, append(slices.Clone(all), b1), DamageError{})
}

// What stands beside and is damaged is set aside, and the rest is told.
func TestDamagedBeside(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	all := []crdt.Change{a(50), a(50), a(50)}
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	if _, err := s.Retreat(t.Context(), doc, []crdt.Hash{all[1].Hash}, "why"); err != nil {
		t.Fatal(err)
	}
	spoil(t, s, "UPDATE beside SET bytes = CAST(x'00' || bytes AS BLOB) WHERE seq = 2")
	changes, heads, err := s.Beside(t.Context(), doc)
	if !isDamaged(err) || len(heads) != 1 {
		t.Errorf("%d heads, %v", len(heads), err)
	}
	wantChanges(t, changes, all[2:])
	wantAsides(t, s, KindChange)
	if changes, _, err = s.Beside(t.Context(), doc); err != nil {
		t.Errorf("a second time: %v", err)
	}
	wantChanges(t, changes, all[2:])
	s.Submit(Entry{Doc: doc, Changes: all[1:]})
	flushHere(t, s)
	wantLoad(t, s, doc, all, DamageError{})
}

// A full disk in the middle of a retreat leaves everything as it was.
func TestFullDiskRetreat(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	var all []crdt.Change
	for range 40 {
		all = append(all, a(8192))
	}
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	s.expand = expandTo(all)
	covers := crdt.Vector{"a": {Seq: 40, Hash: all[39].Hash}}
	if err := s.Compact(t.Context(), doc, []byte("forty"), covers); err != nil {
		t.Fatal(err)
	}
	limitPages(t, s, 2)
	if _, err := s.Retreat(t.Context(), doc, []crdt.Hash{all[1].Hash}, "why"); !isNoSpace(err) {
		t.Fatalf("retreat: %v", err)
	}
	wantLoad(t, s, doc, nil, DamageError{})
	if v := s.Committed(doc); !v.Equal(covers) {
		t.Errorf("vector: %v", v)
	}
	limitPages(t, s, 0)
	out, err := s.Retreat(t.Context(), doc, []crdt.Hash{all[1].Hash}, "why")
	if err != nil || len(out) != 39 {
		t.Errorf("%d changes, %v", len(out), err)
	}
	wantLoad(t, s, doc, all[:1], DamageError{})
}
