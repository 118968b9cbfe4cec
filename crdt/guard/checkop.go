package guard

import (
	"fmt"

	"starling/crdt/format"
)

func (k *checker) checkOp(op *format.Op) error {
	obj, err := k.object(op.Obj)
	if err != nil {
		return err
	}
	if obj == kindMap {
		err = checkMapKey(op)
	} else {
		err = k.checkElem(op)
	}
	if err == nil && op.Obj.IsZero() && op.Key.Name == contentKey {
		err = k.checkContent(op)
	}
	if err == nil {
		err = checkAction(op, obj)
	}
	if err == nil {
		err = k.checkPreds(op)
	}
	return err
}

func checkMapKey(op *format.Op) error {
	if !op.Key.Map || op.Key.Name == "" {
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
	t, ok := k.find(op.Key.Elem)
	if !ok || t.kind&kindElem == 0 || t.obj != k.key(op.Obj) {
		return ErrNoElement
	}
	return nil
}

// checkAction checks that op has what its action needs and nothing else.
func checkAction(op *format.Op, obj kind) error {
	if op.Action != format.Mark && (op.Expand || op.HasName) {
		return fmt.Errorf("parts of a mark: %w", ErrValue)
	}
	if op.Insert && len(op.Pred) > 0 {
		return fmt.Errorf("an insertion overwrites: %w", ErrPred)
	}
	if !op.Insert && obj&kindSeq != 0 && len(op.Pred) == 0 {
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
		return checkMark(op, obj)
	default:
		return checkMake(op, obj)
	}
}

func checkSet(op *format.Op, obj kind) error {
	if obj == kindText && (op.Value.Type != format.String || len(op.Value.Raw) == 0) {
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

// checkMark checks a mark, which is an element at each end of what it marks;
// only the first has name and value.
func checkMark(op *format.Op, obj kind) error {
	switch {
	case obj&kindSeq == 0 || !op.Insert:
		return fmt.Errorf("a mark: %w", ErrInsert)
	case !op.HasName && op.Value.Type != format.Null:
		return fmt.Errorf("of a mark: %w", ErrValue)
	}
	return nil
}

func checkMake(op *format.Op, obj kind) error {
	if op.Value.Type != format.Null || obj == kindText && op.Action != format.MakeMap {
		return fmt.Errorf("of action %d: %w", op.Action, ErrValue)
	}
	return nil
}

// checkPreds checks that what op overwrites is a value in the same place. An
// increment names all values of the place, of which one must be a counter:
// where others were written concurrently, automerge-go overwrites these.
func (k *checker) checkPreds(op *format.Op) error {
	obj, elem := k.key(op.Obj), k.key(op.Key.Elem)
	var all kind
	for _, id := range op.Pred {
		t, ok := k.find(id)
		switch {
		case !ok || t.kind&kindValue == 0:
			return ErrPred
		case t.obj != obj || t.named != op.Key.Map || t.name != op.Key.Name || t.elem != elem:
			return fmt.Errorf("of another place: %w", ErrPred)
		}
		all |= t.kind
	}
	if op.Action == format.Increment && all&kindCounter == 0 {
		return fmt.Errorf("no counter: %w", ErrPred)
	}
	return nil
}

// checkContent holds a write of the document's text to its rule.
func (k *checker) checkContent(op *format.Op) error {
	if op.Action != format.MakeText || len(op.Pred) > 0 || len(k.c.Deps) > 0 || k.c.Seq != 1 {
		return ErrContentReplaced
	}
	for i := range k.next - uint32(k.c.StartOp) {
		if before := &k.c.Ops[i]; before.Obj.IsZero() && before.Key.Name == contentKey {
			return ErrContentReplaced
		}
	}
	return nil
}
