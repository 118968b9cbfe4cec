package opid

import (
	"maps"
	"slices"
)

// ID names an operation: what it made too, an object or an element of a text
// or list. The zero ID is the root object, and the head of a text or list.
type ID struct {
	Actor   uint32 // its number in the document's Actors
	Counter uint32 // from 1
}

// IsZero reports whether id is the root or the head.
func (id ID) IsZero() bool { return id.Counter == 0 }

// Plus is the ID by counters further on, of the same actor.
func (id ID) Plus(by int) ID { return ID{id.Actor, id.Counter + uint32(by)} }

// Actors numbers the actors of one document. The zero Actors has none. It is
// for one goroutine at a time.
type Actors struct {
	names   []string
	numbers map[string]uint32
}

// Clone returns a copy for another goroutine.
func (a *Actors) Clone() *Actors {
	return &Actors{slices.Clip(a.names), maps.Clone(a.numbers)}
}

// Number returns an actor's number, giving it the next one if it has none. name
// is the raw bytes of its ID, which are copied.
func (a *Actors) Number(name []byte) uint32 {
	if n, ok := a.numbers[string(name)]; ok {
		return n
	}
	if a.numbers == nil {
		a.numbers = map[string]uint32{}
	}
	n := uint32(len(a.names))
	a.names = append(a.names, string(name))
	a.numbers[a.names[n]] = n
	return n
}

// Find returns an actor's number, if it has one.
func (a *Actors) Find(name string) (uint32, bool) {
	n, ok := a.numbers[name]
	return n, ok
}

// Name is the raw bytes of an actor's ID.
func (a *Actors) Name(number uint32) string { return a.names[number] }

// Len is how many actors there are.
func (a *Actors) Len() int { return len(a.names) }

// Less is Automerge's order of operations, Lamport's: by counter, then by the
// bytes of the actor.
func (a *Actors) Less(x, y ID) bool {
	if x.Counter != y.Counter || x.Actor == y.Actor {
		return x.Counter < y.Counter
	}
	return a.names[x.Actor] < a.names[y.Actor]
}

// Compare is the same order as package slices wants it.
func (a *Actors) Compare(x, y ID) int {
	switch {
	case x == y:
		return 0
	case a.Less(x, y):
		return -1
	default:
		return 1
	}
}

// Clock is a version of a document: for each actor, by number, the greatest
// counter of the operations in it. A nil Clock holds every operation; an actor
// beyond the end of another one has none.
type Clock []uint32

// Has reports whether an operation is in the version.
func (c Clock) Has(id ID) bool {
	return c == nil || int(id.Actor) < len(c) && id.Counter <= c[id.Actor]
}
