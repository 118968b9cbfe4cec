package storetest

import (
	"context"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// Acker is what a store may offer besides: it remembers who has what.
type Acker interface {
	Store
	PutAcks(device [32]byte, acked map[crdt.DocID]crdt.Vector)
	Acks(context.Context, crdt.DocID) (map[[32]byte]crdt.Vector, error)
}

// What was acknowledged last is told at once, and after a clean stop.
func testAcks(t *testing.T, open Open) {
	home := t.TempDir()
	s := offered[Acker](t, open, home)
	all := NewAuthor("a", 1).Take(4)
	must(t, s, store.Entry{Doc: ID(1), Changes: all})
	must(t, s, store.Entry{Doc: ID(2)})
	acks := func(doc int, want map[[32]byte]crdt.Vector) {
		t.Helper()
		got, err := s.Acks(t.Context(), ID(doc))
		ok(t, err)
		equal(t, "acknowledged", got, want)
	}
	acks(1, nil)
	s.PutAcks(Key(1), map[crdt.DocID]crdt.Vector{ID(1): vectorOf(all[:1]), ID(2): {}, ID(3): vectorOf(all)})
	s.PutAcks(Key(2), map[crdt.DocID]crdt.Vector{ID(1): vectorOf(all[:3])})
	s.PutAcks(Key(1), map[crdt.DocID]crdt.Vector{ID(1): vectorOf(all[:2])})
	s.PutAcks(Key(3), nil)
	for range 2 {
		acks(1, map[[32]byte]crdt.Vector{Key(1): vectorOf(all[:2]), Key(2): vectorOf(all[:3])})
		acks(2, map[[32]byte]crdt.Vector{Key(1): {}})
		acks(3, nil)
		ok(t, s.Close())
		s = offered[Acker](t, open, home)
	}
	// A device may take it back: it has lost some.
	s.PutAcks(Key(2), map[crdt.DocID]crdt.Vector{ID(1): vectorOf(all[:1])})
	for range 2 {
		acks(1, map[[32]byte]crdt.Vector{Key(1): vectorOf(all[:2]), Key(2): vectorOf(all[:1])})
		ok(t, s.Close())
		s = offered[Acker](t, open, home)
	}
	ok(t, s.Close())
	s.PutAcks(Key(2), map[crdt.DocID]crdt.Vector{ID(1): nil})
}
