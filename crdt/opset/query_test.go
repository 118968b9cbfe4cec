package opset

import (
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// What the guard asks is answered as the list of all operations says.
func TestAnswersToTheGuard(t *testing.T) {
	w := newWorld(t, 7, 4)
	for range 120 {
		w.step()
	}
	for _, p := range w.people {
		w.merge(w.people[0], p)
	}
	s := w.people[0].set
	index, names := order(s.actors)
	id := func(id format.OpID) opid.ID {
		if id.IsZero() {
			return opid.ID{}
		}
		n, _ := s.actors.Find(names[id.Actor])
		return opid.ID{Actor: n, Counter: id.Counter}
	}
	seen := map[format.Action]int{}
	if err := s.Ops(index, func(op *format.DocOp) error {
		seen[op.Action]++
		checkAnswers(t, s, op, id)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []format.Action{format.Set, format.MakeMap, format.MakeList, format.MakeText, format.Increment, format.Mark} {
		if seen[a] == 0 {
			t.Errorf("the world had no action %d", a)
		}
	}
}

func checkAnswers(t *testing.T, s *Set, op *format.DocOp, id func(format.OpID) opid.ID) {
	t.Helper()
	obj, own, elem := id(op.Obj), id(op.ID), id(op.Key.Elem)
	if op.Insert {
		elem = own
	}
	if got := s.HasElem(obj, own); got != op.Insert {
		t.Errorf("HasElem(%v, %v) = %v, insertion: %v", obj, own, got, op.Insert)
	}
	kind, made := s.Object(own)
	if want, ok := KindOf(op.Action); made != ok || kind != want {
		t.Errorf("Object(%v) = %d, %v, want %d, %v", own, kind, made, want, ok)
	}
	var key *string
	other := "another"
	if op.Key.Map {
		key = &op.Key.Name
	}
	isValue := op.Action != format.Increment && op.Action != format.Mark
	isCounter := op.Action == format.Set && op.Value.Type == format.Counter
	if counter, ok := s.Value(obj, key, elem, own); ok != isValue || counter != (isCounter && isValue) {
		t.Errorf("Value(%v, %v, %v, %v) = %v, %v", obj, key, elem, own, counter, ok)
	}
	for _, wrong := range []struct {
		key      *string
		elem, op opid.ID
	}{
		{&other, elem, own},
		{key, elem, own.Plus(1 << 20)},
		{nil, opid.ID{}, own},
		{nil, own.Plus(1 << 20), own},
	} {
		if counter, ok := s.Value(obj, wrong.key, wrong.elem, wrong.op); ok || counter {
			t.Errorf("Value(%v, %v, %v, %v) is there", obj, wrong.key, wrong.elem, wrong.op)
		}
	}
}

// What is written next names exactly the values that stand.
func TestPredsAreWhatStands(t *testing.T) {
	w := newWorld(t, 8, 3)
	for range 100 {
		w.step()
	}
	s := w.people[0].set
	for _, id := range s.sortedObjects() {
		o := s.objects[id]
		for i := range s.Len(id) * int(min(o.kind, 1)) {
			elem, err := s.ElemAt(id, i)
			if err != nil {
				t.Fatal(err)
			}
			preds := s.Preds(id, nil, elem)
			winner, conflicts, ok := s.Index(id, i)
			if !ok || len(preds) != 1+len(conflicts) || preds[len(preds)-1] != winner.Op {
				t.Fatalf("preds %v, winner %v, conflicts %v", preds, winner, conflicts)
			}
			after, err := s.ElemForInsert(id, i+1)
			if err != nil || after != elem {
				t.Fatalf("insert at %d goes after %v, want %v: %v", i+1, after, elem, err)
			}
		}
		for key := range o.keys {
			preds := s.Preds(id, &key, opid.ID{})
			winner, conflicts, ok := s.Get(id, key, nil)
			if ok != (len(preds) > 0) || ok && (len(preds) != 1+len(conflicts) || preds[len(preds)-1] != winner.Op) {
				t.Fatalf("preds %v, winner %v, conflicts %v", preds, winner, conflicts)
			}
		}
	}
	if _, err := s.ElemForInsert(s.watched, 1<<30); err == nil {
		t.Error("an element far behind the end")
	}
	if at, err := s.ElemForInsert(s.watched, 0); err != nil || !at.IsZero() {
		t.Errorf("the head is %v, %v", at, err)
	}
}
