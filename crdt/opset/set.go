package opset

import (
	"slices"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
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

// KindOf is the kind of object that an action makes; false if it makes none.
func KindOf(a format.Action) (Kind, bool) {
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
	watched opid.ID
	applier *applier
}

// object has its places under keys if it is a map, else in a sequence.
type object struct {
	id   opid.ID
	kind Kind
	keys map[string]*place
	seq  *sequence.Sequence
	// items says that some element is an item, as all are in a list.
	items bool
	// branch is where in the root the object lies.
	branch Branch
}

// Branch is what lies under one value of a key of the root.
type Branch struct {
	Key string
	Top opid.ID // the operation that made the object under Key
}

// branchOf is where an object lies that an operation makes in o, under key if o
// is a map.
func (o *object) branchOf(id opid.ID, key string) Branch {
	if o.id.IsZero() {
		return Branch{key, id}
	}
	return o.branch
}

// New returns an empty document, with nothing but the root map.
func New(actors *opid.Actors) *Set {
	s := &Set{actors: actors, objects: map[opid.ID]*object{}}
	s.applier = newApplier(s)
	s.make(opid.ID{}, Map, Branch{})
	return s
}

// Watch makes obj, which need not exist yet, the text of which [Effects] tell.
// Without it there is none.
func (s *Set) Watch(obj opid.ID) { s.watched = obj }

func (s *Set) make(id opid.ID, kind Kind, branch Branch) *object {
	o := &object{id: id, kind: kind, items: kind == List, branch: branch}
	if kind == Map {
		o.keys = map[string]*place{}
	} else {
		o.seq = sequence.New(s.actors)
	}
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

// Branch returns where in the root an object lies, which is not the root.
func (s *Set) Branch(id opid.ID) Branch {
	if o := s.objects[id]; o != nil {
		return o.branch
	}
	return Branch{}
}

// Wrote calls yield with each operation that wrote a value under a key of the
// root, whether that still stands or not, until it returns false.
func (s *Set) Wrote(key string, yield func(opid.ID) bool) {
	p := s.objects[opid.ID{}].keys[key]
	if p == nil {
		return
	}
	for i := range p.ops {
		if o := &p.ops[i]; o.isValue() && !yield(o.id) {
			return
		}
	}
}

// HasElem reports whether elem is an element of the list or text obj: visible,
// deleted or a mark.
func (s *Set) HasElem(obj, elem opid.ID) bool {
	o := s.objects[obj]
	return o != nil && o.seq != nil && o.seq.Has(elem)
}

// Value reports whether op is a value that stands, or once stood, at a place
// of obj: under key, or on elem if key is nil. Deletions, increments and marks
// are no values. counter says that it is a counter.
func (s *Set) Value(obj opid.ID, key *string, elem, op opid.ID) (counter, ok bool) {
	o := s.objects[obj]
	if o == nil || (key == nil) != (o.seq != nil) {
		return false, false
	}
	var p *place
	if key != nil {
		p = o.keys[*key]
	} else {
		run, ok := o.seq.Element(elem)
		if !ok {
			return false, false
		}
		if run.Item == nil {
			return false, isLayer(&run, op)
		}
		p = run.Item.(*place)
	}
	if p == nil {
		return false, false
	}
	v := p.find(op, s.actors)
	if v == nil || !v.isValue() {
		return false, false
	}
	return v.isCounter(), true
}

// isLayer reports whether op wrote a value of a plain element, a run of one.
func isLayer(r *sequence.Run, op opid.ID) bool {
	return r.First == op || slices.ContainsFunc(r.Revived, func(l sequence.Layer) bool { return l.Op == op })
}
