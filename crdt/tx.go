package crdt

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// Tx is one change in the making. What it has written can be read with it at
// once. Values are nil, bool, int, int64, uint64, float64, string, []byte,
// [Counter] or [Timestamp].
type Tx struct{ w *author }

// Keys, Get, Len and Index read what the document holds by now, as the methods
// of [Document] do.
func (tx *Tx) Keys(obj ObjID) ([]string, error) { return tx.w.d.keysOf(obj) }

// Get reads a key of a map.
func (tx *Tx) Get(obj ObjID, key string) (v any, conflicts []any, err error) {
	return tx.w.d.get(obj, key)
}

// Len is the length of a list or text.
func (tx *Tx) Len(obj ObjID) (int, error) { return tx.w.d.lenOf(obj) }

// Index reads a place of a list.
func (tx *Tx) Index(obj ObjID, at int) (v any, conflicts []any, err error) {
	return tx.w.d.index(obj, at)
}

// Put writes a value under a key of a map.
func (tx *Tx) Put(obj ObjID, key string, v any) error {
	value, err := encodeValue(v)
	if err != nil {
		return err
	}
	_, err = tx.write(obj, key, format.Set, value)
	return err
}

// Make puts a new object under a key of a map.
func (tx *Tx) Make(obj ObjID, key string, kind Kind) (ObjID, error) {
	return tx.write(obj, key, makeAction(kind), format.Value{})
}

// Delete takes a key off a map. It is [ErrNoValue] if it holds nothing.
func (tx *Tx) Delete(obj ObjID, key string) error {
	_, err := tx.write(obj, key, format.Delete, format.Value{})
	return err
}

// Increment adds to a counter in a map; by may be negative. Without a counter it
// is [ErrNoValue] or [ErrNoCounter].
func (tx *Tx) Increment(obj ObjID, key string, by int64) error {
	_, err := tx.write(obj, key, format.Increment, format.Value{Type: format.Int, Raw: sleb(by)})
	return err
}

// write adds an operation on a key of a map.
func (tx *Tx) write(obj ObjID, key string, action format.Action, v format.Value) (ObjID, error) {
	d := tx.w.d
	id, err := d.object(obj, Map)
	if err != nil {
		return ObjID{}, err
	}
	if key == "" || len(key) > format.MaxKey || !utf8.ValidString(key) {
		return ObjID{}, fmt.Errorf("key %q: %w", key, ErrBadValue)
	}
	if id.IsZero() && reserved(key) {
		return ObjID{}, fmt.Errorf("key %q is the document's own: %w", key, ErrBadValue)
	}
	preds := d.set.Preds(id, &key, opid.ID{})
	if err := tx.checkPreds(id, &key, opid.ID{}, action, preds); err != nil {
		return ObjID{}, err
	}
	return tx.add(format.Op{
		Obj: tx.w.ref(id), Key: format.Key{Map: true, Name: key},
		Action: action, Value: v, Pred: tx.w.refs(preds),
	})
}

// checkPreds refuses to take away or count up what is not there.
func (tx *Tx) checkPreds(obj opid.ID, key *string, elem opid.ID, action format.Action, preds []opid.ID) error {
	isCounter := func(op opid.ID) bool {
		counter, _ := tx.w.d.set.Value(obj, key, elem, op)
		return counter
	}
	switch {
	case action != format.Delete && action != format.Increment:
		return nil
	case len(preds) == 0:
		return ErrNoValue
	case action == format.Increment && !slices.ContainsFunc(preds, isCounter):
		return ErrNoCounter
	case action == format.Increment && len(preds) > maxPredsPerOp:
		return fmt.Errorf("%d values were written at once: %w", len(preds), ErrNoCounter)
	}
	return nil
}

// add adds an operation and carries it out.
func (tx *Tx) add(op format.Op) (ObjID, error) {
	id, err := tx.w.add(op)
	if err == nil {
		err = tx.w.carryOut()
	}
	return tx.w.d.objID(id), err
}

// PutAt replaces a value of a list.
func (tx *Tx) PutAt(list ObjID, at int, v any) error {
	value, err := encodeValue(v)
	if err != nil {
		return err
	}
	_, err = tx.writeAt(list, at, format.Set, value)
	return err
}

// DeleteAt takes a value off a list.
func (tx *Tx) DeleteAt(list ObjID, at int) error {
	_, err := tx.writeAt(list, at, format.Delete, format.Value{})
	return err
}

// IncrementAt adds to a counter in a list. Without one it is [ErrNoCounter].
func (tx *Tx) IncrementAt(list ObjID, at int, by int64) error {
	_, err := tx.writeAt(list, at, format.Increment, format.Value{Type: format.Int, Raw: sleb(by)})
	return err
}

func (tx *Tx) writeAt(list ObjID, at int, action format.Action, v format.Value) (ObjID, error) {
	d := tx.w.d
	id, err := d.object(list, List)
	if err != nil {
		return ObjID{}, err
	}
	elem, err := d.set.ElemAt(id, at)
	if err != nil {
		return ObjID{}, err
	}
	preds := d.set.Preds(id, nil, elem)
	if err := tx.checkPreds(id, nil, elem, action, preds); err != nil {
		return ObjID{}, err
	}
	return tx.add(format.Op{
		Obj: tx.w.ref(id), Key: format.Key{Elem: tx.w.ref(elem)},
		Action: action, Value: v, Pred: tx.w.refs(preds),
	})
}

// Insert puts a value into a list, before the one at a place.
func (tx *Tx) Insert(list ObjID, at int, v any) error {
	value, err := encodeValue(v)
	if err != nil {
		return err
	}
	_, err = tx.insertAt(list, at, format.Set, value)
	return err
}

// InsertMake puts a new object into a list, before the value at a place.
func (tx *Tx) InsertMake(list ObjID, at int, kind Kind) (ObjID, error) {
	return tx.insertAt(list, at, makeAction(kind), format.Value{})
}

func (tx *Tx) insertAt(list ObjID, at int, action format.Action, v format.Value) (ObjID, error) {
	d := tx.w.d
	id, err := d.object(list, List)
	if err != nil {
		return ObjID{}, err
	}
	origin, err := d.set.ElemForInsert(id, at)
	if err != nil {
		return ObjID{}, err
	}
	return tx.add(format.Op{
		Obj: tx.w.ref(id), Key: format.Key{Elem: tx.w.ref(origin)}, Insert: true, Action: action, Value: v,
	})
}

// Splice replaces code points of a text other than the one that views show.
func (tx *Tx) Splice(text ObjID, at, del int, insert string) error {
	d := tx.w.d
	id, err := d.object(text, Text)
	if err != nil {
		return err
	}
	seq := d.set.Text(id)
	if !utf8.ValidString(insert) {
		return ErrNotUTF8
	}
	if at < 0 || del < 0 || at > seq.Len() || del > seq.Len()-at {
		return ErrOutside
	}
	return tx.w.spliceText(id, seq, splice{at, del, insert})
}

func makeAction(k Kind) format.Action {
	switch k {
	case List:
		return format.MakeList
	case Text:
		return format.MakeText
	default:
		return format.MakeMap
	}
}

func encodeValue(v any) (format.Value, error) {
	switch v := v.(type) {
	case nil:
		return format.Value{}, nil
	case bool:
		if v {
			return format.Value{Type: format.True}, nil
		}
		return format.Value{Type: format.False}, nil
	case int:
		return format.Value{Type: format.Int, Raw: sleb(int64(v))}, nil
	case int64:
		return format.Value{Type: format.Int, Raw: sleb(v)}, nil
	case uint64:
		return format.Value{Type: format.Uint, Raw: binary.AppendUvarint(nil, v)}, nil
	case float64:
		return format.Value{Type: format.Float, Raw: binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))}, nil
	case Counter:
		return format.Value{Type: format.Counter, Raw: sleb(int64(v))}, nil
	case Timestamp:
		return format.Value{Type: format.Timestamp, Raw: sleb(int64(v))}, nil
	case []byte:
		return sized(format.Bytes, v)
	case string:
		if !utf8.ValidString(v) {
			return format.Value{}, ErrNotUTF8
		}
		return sized(format.String, []byte(v))
	}
	return format.Value{}, fmt.Errorf("%T: %w", v, ErrBadValue)
}

func sized(t format.ValueType, raw []byte) (format.Value, error) {
	if len(raw) > format.MaxValue {
		return format.Value{}, fmt.Errorf("%d bytes: %w", len(raw), ErrBadValue)
	}
	return format.Value{Type: t, Raw: raw}, nil
}

// sleb encodes a number as signed LEB128.
func sleb(v int64) []byte {
	var b []byte
	for v >= 0x40 || v < -0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}
