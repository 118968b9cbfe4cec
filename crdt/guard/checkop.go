package guard

import (
	"fmt"

	"starling/crdt/format"
	"starling/crdt/opset"
)

func (k *checker) checkOp(op *format.Op) error {
	obj, err := k.object(op.Obj)
	if err != nil {
		return err
	}
	if obj == opset.Map {
		err = k.checkMapKey(op)
	} else {
		err = k.checkElem(op)
	}
	if err == nil && op.Obj.IsZero() && !k.rules.Foreign {
		err = k.checkRootKey(op)
	}
	if err == nil {
		err = k.checkAction(op, obj)
	}
	if err == nil {
		err = k.checkPreds(op)
	}
	if err == nil && k.rules.Own != nil {
		err = k.checkOwn(op)
	}
	return err
}

// checkMapKey checks the key of an operation on a map. automerge-go writes no
// empty one, but reads those that JavaScript's Automerge has written.
func (k *checker) checkMapKey(op *format.Op) error {
	if !op.Key.Map || op.Key.Name == "" && !k.rules.Foreign {
		return fmt.Errorf("in a map: %w", ErrKey)
	}
	if op.Insert {
		return fmt.Errorf("in a map: %w", ErrInsert)
	}
	return nil
}

// checkElem checks the key of an operation on a list or text.
func (k *checker) checkElem(op *format.Op) error {
	if op.Key.Map {
		return fmt.Errorf("in a list or text: %w", ErrKey)
	}
	if op.Key.Elem.IsZero() {
		if !op.Insert {
			return fmt.Errorf("writing to the head: %w", ErrKey)
		}
		return nil
	}
	if !k.hasElem(op) {
		return ErrNoElement
	}
	return nil
}

// hasElem reports whether the element that op names is one of its object.
func (k *checker) hasElem(op *format.Op) bool {
	if by, mine, ok := k.own(op.Key.Elem); mine {
		return ok && by.Insert && by.Obj == op.Obj
	}
	elem, ok := k.ancestor(op.Key.Elem)
	return ok && k.s.HasElem(k.id(op.Obj), elem)
}

// checkAction checks that op has what its action needs and nothing else.
func (k *checker) checkAction(op *format.Op, obj opset.Kind) error {
	if op.Action != format.Mark && (op.Expand || op.HasName) {
		return fmt.Errorf("parts of a mark: %w", ErrValue)
	}
	if op.Insert && len(op.Pred) > 0 {
		return fmt.Errorf("an insertion overwrites: %w", ErrPred)
	}
	if !op.Insert && obj != opset.Map && len(op.Pred) == 0 && !(obj == opset.Text && op.Action == format.Set) {
		return fmt.Errorf("an element is written that holds nothing: %w", ErrPred)
	}
	switch op.Action {
	case format.Set:
		return checkSet(op, obj)
	case format.Delete:
		return checkOverwrite(op, format.Null)
	case format.Increment:
		return checkOverwrite(op, format.Int)
	case format.Mark:
		return k.checkMark(op, obj)
	default:
		return checkMake(op, obj)
	}
}

func checkSet(op *format.Op, obj opset.Kind) error {
	if obj == opset.Text && (op.Value.Type != format.String || len(op.Value.Raw) == 0) {
		return fmt.Errorf("in a text, of type %d: %w", op.Value.Type, ErrValue)
	}
	return nil
}

// checkOverwrite checks a deletion or a step of a counter.
func checkOverwrite(op *format.Op, value format.ValueType) error {
	switch {
	case op.Insert:
		return ErrInsert
	case len(op.Pred) == 0:
		return fmt.Errorf("none: %w", ErrPred)
	case op.Value.Type != value:
		return fmt.Errorf("of type %d: %w", op.Value.Type, ErrValue)
	}
	return nil
}

func checkMake(op *format.Op, obj opset.Kind) error {
	if op.Value.Type != format.Null || obj == opset.Text && op.Action != format.MakeMap {
		return fmt.Errorf("of action %d: %w", op.Action, ErrValue)
	}
	return nil
}

// checkPreds checks that what op overwrites is a value in the same place. An
// increment names all values of the place, of which one must be a counter:
// where others were written concurrently, automerge-go overwrites these.
func (k *checker) checkPreds(op *format.Op) error {
	counters := false
	for _, id := range op.Pred {
		counter, ok := k.value(op, id)
		if !ok {
			return ErrPred
		}
		counters = counters || counter
	}
	if op.Action == format.Increment && !counters {
		return fmt.Errorf("no counter: %w", ErrPred)
	}
	return nil
}

// value reports whether pred is a value at the place that op writes to, and
// whether it is a counter.
func (k *checker) value(op *format.Op, pred format.OpID) (counter, ok bool) {
	if by, mine, ok := k.own(pred); mine {
		return ok && by.Value.Type == format.Counter && by.Action == format.Set, ok && isValue(by) && samePlace(by, pred, op)
	}
	id, ok := k.ancestor(pred)
	if !ok {
		return false, false
	}
	if op.Key.Map {
		return k.s.Value(k.id(op.Obj), &op.Key.Name, k.id(op.Key.Elem), id)
	}
	return k.s.Value(k.id(op.Obj), nil, k.id(op.Key.Elem), id)
}

// isValue reports whether others may overwrite what op writes.
func isValue(op *format.Op) bool {
	return op.Action != format.Delete && op.Action != format.Increment && op.Action != format.Mark
}

// samePlace reports whether by, an operation of the same change, wrote to the
// place that op writes to. id names by.
func samePlace(by *format.Op, id format.OpID, op *format.Op) bool {
	if by.Obj != op.Obj {
		return false
	}
	if by.Insert {
		return !op.Key.Map && op.Key.Elem == id
	}
	return by.Key == op.Key
}
