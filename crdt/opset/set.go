package opset

import (
	"starling/crdt/format"
	"starling/crdt/opid"
)

// Kind is what an object is.
type Kind uint8

// The kinds of objects. Tables are maps, as in Automerge.
const (
	Map Kind = iota
	List
	Text
	numKinds
)

// kindOf is the kind of object that an action makes.
func kindOf(a format.Action) (Kind, bool) {
	switch a {
	case format.MakeMap, format.MakeTable:
		return Map, true
	case format.MakeList:
		return List, true
	case format.MakeText:
		return Text, true
	default:
		return 0, false
	}
}

// Set is the state of a document. Make one with [New]. It is for one goroutine
// at a time.
type Set struct {
	actors  *opid.Actors
	objects map[opid.ID]*object
}

// object has its places under keys if it is a map, else in a sequence.
type object struct {
	id   opid.ID
	kind Kind
	keys map[string]*place
}

// New returns an empty document, with nothing but the root map.
func New(actors *opid.Actors) *Set {
	s := &Set{actors: actors, objects: map[opid.ID]*object{}}
	s.make(opid.ID{}, Map)
	return s
}

func (s *Set) make(id opid.ID, kind Kind) *object {
	o := &object{id: id, kind: kind}
	s.objects[id] = o
	return o
}

// Object returns what kind of object an operation made. The zero ID is the
// root map.
func (s *Set) Object(id opid.ID) (Kind, bool) {
	o, ok := s.objects[id]
	if !ok {
		return 0, false
	}
	return o.kind, true
}

// HasElem reports whether elem is an element of the list or text obj: visible,
// deleted or a mark.
func (s *Set) HasElem(obj, elem opid.ID) bool {
	return false
}

// Value reports whether op is a value that stands, or once stood, at a place
// of obj: under key, or on elem if key is nil. Deletions, increments and marks
// are no values. counter says that it is a counter.
func (s *Set) Value(obj opid.ID, key *string, elem, op opid.ID) (counter, ok bool) {
	return false, false
}
