package opset

import (
	"maps"
	"slices"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// Ops calls yield for all operations but deletions, in the order of a document
// chunk: object by object, in each by key or along the list, and for one place
// in ascending order. index has, for each actor's number, its index among the
// document's actors, which are sorted by bytes. What op points to is valid until
// yield returns. Ops stops at the first error of yield and returns it.
func (s *Set) Ops(index []uint32, yield func(op *format.DocOp) error) error {
	w := &opWriter{actors: s.actors, index: index, yield: yield}
	for _, id := range s.sortedObjects() {
		o := s.objects[id]
		w.op = format.DocOp{Obj: w.id(id)}
		var err error
		if o.kind == Map {
			err = w.keys(o)
		} else {
			err = w.elements(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sortedObjects returns the IDs of all objects in Lamport's order, the root
// first.
func (s *Set) sortedObjects() []opid.ID {
	return slices.SortedFunc(maps.Keys(s.objects), func(x, y opid.ID) int {
		if x.IsZero() || y.IsZero() {
			return int(x.Counter) - int(y.Counter)
		}
		return s.actors.Compare(x, y)
	})
}

// opWriter turns places and runs into operations of a document.
type opWriter struct {
	actors *opid.Actors
	index  []uint32
	yield  func(*format.DocOp) error
	op     format.DocOp
	ids    []opid.ID
	raw    []byte
	layers []sequence.Layer
}

func (w *opWriter) id(id opid.ID) format.OpID {
	if id.IsZero() {
		return format.OpID{}
	}
	return format.OpID{Counter: id.Counter, Actor: w.index[id.Actor]}
}

func (w *opWriter) keys(o *object) error {
	for _, key := range slices.Sorted(maps.Keys(o.keys)) {
		w.op.Key = format.Key{Map: true, Name: key}
		for i := range o.keys[key].ops {
			if err := w.one(&o.keys[key].ops[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *opWriter) elements(o *object) error {
	var err error
	o.seq.All(func(r sequence.Run) bool {
		if p, ok := r.Item.(*place); ok {
			err = w.item(&r, p)
		} else {
			err = w.run(&r)
		}
		return err == nil
	})
	return err
}

// item writes the operations of an element.
func (w *opWriter) item(r *sequence.Run, p *place) error {
	elem := w.id(r.First)
	// The insertion is the least of them: the others knew of it.
	for i := range p.ops {
		w.op.Insert = i == 0
		w.op.Key = format.Key{Elem: elem}
		if i == 0 {
			w.op.Key.Elem = w.id(r.Origin)
		}
		if err := w.one(&p.ops[i]); err != nil {
			return err
		}
	}
	w.op.Insert = false
	return nil
}

// one writes an operation; its object and key are there already.
func (w *opWriter) one(o *op) error {
	w.ids = o.allSuccs(w.ids[:0], w.actors)
	w.raw = append(w.raw[:0], o.raw...)
	w.op.ID, w.op.Action = w.id(o.id), o.action
	w.op.Value = format.Value{Type: o.typ, Raw: w.raw}
	w.op.Expand, w.op.HasName, w.op.MarkName = false, false, ""
	if o.more != nil {
		w.op.Expand, w.op.HasName, w.op.MarkName = o.more.expand, o.more.hasName, o.more.name
	}
	return w.send()
}

// send writes op with the successors in ids.
func (w *opWriter) send() error {
	w.op.Succ = w.op.Succ[:0]
	for _, id := range w.ids {
		w.op.Succ = append(w.op.Succ, w.id(id))
	}
	return w.yield(&w.op)
}

// run writes the operations of plain elements.
func (w *opWriter) run(r *sequence.Run) error {
	w.op.Action = format.Set
	w.op.Expand, w.op.HasName, w.op.MarkName = false, false, ""
	w.raw = append(w.raw[:0], r.Content...)
	raw, after := w.raw, r.Origin
	for i := range r.N {
		_, size := utf8.DecodeRune(raw)
		w.op.Value = format.Value{Type: format.String, Raw: raw[:size:size]}
		raw = raw[size:]
		id := r.First.Plus(i)
		w.op.Key, w.op.Insert = format.Key{Elem: w.id(after)}, true
		if err := w.value(id, r.Deleted, i); err != nil {
			return err
		}
		after = id
		if err := w.revivals(r, i); err != nil {
			return err
		}
	}
	w.op.Insert = false
	return nil
}

// revivals writes what brought element i of a run back.
func (w *opWriter) revivals(r *sequence.Run, i int) error {
	if len(r.Revived) == 0 {
		return nil
	}
	w.op.Key, w.op.Insert = format.Key{Elem: w.id(r.First.Plus(i))}, false
	w.layers = append(w.layers[:0], r.Revived...)
	slices.SortFunc(w.layers, func(x, y sequence.Layer) int { return w.actors.Compare(x.At(i), y.At(i)) })
	for _, l := range w.layers {
		if err := w.value(l.At(i), l.Deleted, i); err != nil {
			return err
		}
	}
	return nil
}

// value writes a value of element i of a run that is deleted by some.
func (w *opWriter) value(id opid.ID, deleted []sequence.Span, i int) error {
	w.op.ID = w.id(id)
	w.ids = spanIDs(w.ids[:0], deleted, i)
	sortIDs(w.ids, w.actors)
	return w.send()
}
