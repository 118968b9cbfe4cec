package crdt

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

var (
	// ErrNoObject says that there is no object of the kind asked for.
	ErrNoObject = errors.New("there is no such object")
	// ErrNoValue says that nothing is there.
	ErrNoValue = errors.New("there is no value")
	// ErrNoCounter says that what is to be counted up is no counter.
	ErrNoCounter = errors.New("there is no counter")
	// ErrBadValue says that a value can't be written.
	ErrBadValue = errors.New("a value of this type cannot be written")
)

// Kind is what an object is: a map, a list or a text.
type Kind = opset.Kind

// The kinds of objects.
const (
	Map  = opset.Map
	List = opset.List
	Text = opset.Text
)

// The types of values besides nil, bool, uint64, int64, float64, string and
// []byte: a counter's sum, milliseconds since 1970, and what only a later format
// knows.
type (
	Counter   = opset.Counter
	Timestamp = opset.Timestamp
	Unknown   = opset.Unknown
)

// ObjID names an object by the operation that made it. The zero ObjID is the
// root map.
type ObjID struct {
	Actor   ActorID
	Counter uint64
}

// Object is a value that holds others.
type Object struct {
	ID   ObjID
	Kind Kind
}

// Keys returns the keys of a map that hold a value, in the order of their bytes.
func (d *Document) Keys(obj ObjID) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.keysOf(obj)
}

// Get returns the value under a key of a map, [ErrNoValue] if there is none.
// Of values written concurrently that is the one with the greatest operation;
// the others follow it in conflicts.
func (d *Document) Get(obj ObjID, key string) (v any, conflicts []any, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.get(obj, key)
}

// Len is the number of values in a list, or of code points in a text.
func (d *Document) Len(obj ObjID) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lenOf(obj)
}

// Index returns the value at a place of a list, as [Document.Get] does.
func (d *Document) Index(obj ObjID, at int) (v any, conflicts []any, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index(obj, at)
}

// String returns a text of the document, whether it is the one that views show
// or not.
func (d *Document) String(obj ObjID) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, err := d.object(obj, Text)
	if err != nil {
		return "", err
	}
	return d.set.Text(id).Text(), nil
}

func (d *Document) keysOf(obj ObjID) ([]string, error) {
	id, err := d.object(obj, Map)
	if err != nil {
		return nil, err
	}
	return d.set.Keys(id, nil), nil
}

func (d *Document) get(obj ObjID, key string) (any, []any, error) {
	id, err := d.object(obj, Map)
	if err != nil {
		return nil, nil, err
	}
	return d.values(d.set.Get(id, key, nil))
}

func (d *Document) lenOf(obj ObjID) (int, error) {
	id, err := d.object(obj, List, Text)
	if err != nil {
		return 0, err
	}
	return d.set.Len(id), nil
}

func (d *Document) index(obj ObjID, at int) (any, []any, error) {
	id, err := d.object(obj, List)
	if err != nil {
		return nil, nil, err
	}
	return d.values(d.set.Index(id, at))
}

// object returns the number of an object of one of some kinds.
func (d *Document) object(obj ObjID, kinds ...Kind) (opid.ID, error) {
	id := opid.ID{}
	if obj != (ObjID{}) {
		n, ok := d.actors.Find(string(obj.Actor))
		if !ok || obj.Counter == 0 || obj.Counter > 1<<32-1 {
			return id, ErrNoObject
		}
		id = opid.ID{Actor: n, Counter: uint32(obj.Counter)}
	}
	got, ok := d.set.Object(id)
	for _, k := range kinds {
		if ok && got == k {
			return id, nil
		}
	}
	return id, fmt.Errorf("object %d of actor %v: %w", obj.Counter, obj.Actor, ErrNoObject)
}

// values translates what stands at a place.
func (d *Document) values(winner opset.Value, others []opset.Value, ok bool) (any, []any, error) {
	if !ok {
		return nil, nil, ErrNoValue
	}
	var conflicts []any
	for _, v := range others {
		conflicts = append(conflicts, d.value(v))
	}
	return d.value(winner), conflicts, nil
}

func (d *Document) value(v opset.Value) any {
	if o, ok := v.Data.(opset.Object); ok {
		return Object{d.objID(o.ID), o.Kind}
	}
	return v.Data
}

func (d *Document) objID(id opid.ID) ObjID {
	if id.IsZero() {
		return ObjID{}
	}
	return ObjID{ActorID(d.actors.Name(id.Actor)), uint64(id.Counter)}
}

// Change lets f write to maps, lists, counters and texts, all in one change, or
// in several if it is very much. If f fails, nothing is changed and its error is
// returned. f must not use d, nor keep the Tx.
func (d *Document) Change(now time.Time, f func(*Tx) error) (Edited, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.writable(); err != nil {
		return Edited{}, fmt.Errorf("change document %v: %w", d.id, err)
	}
	tx := d.newTx(now, "")
	first, returned := tx.w.next, false
	defer func() {
		if !returned { // f panicked
			d.broken = true
		}
	}()
	err := f(tx)
	returned = true
	if err != nil {
		err = fmt.Errorf("change document %v: %w", d.id, err)
		if tx.w.next > first {
			err = errors.Join(err, d.takeBack(first))
		}
		return Edited{}, err
	}
	return tx.w.finish(nil)
}

func (d *Document) newTx(now time.Time, message string) *Tx {
	w := d.newAuthor(now.Unix(), message)
	w.holds = true
	return &Tx{w}
}

// takeBack makes the objects be what they were before our operations from a
// counter on, which no change has yet.
func (d *Document) takeBack(first uint32) error {
	index := make([]uint32, d.actors.Len())
	for n := range index {
		index[n] = uint32(n)
	}
	ours := func(id format.OpID) bool { return id.Actor == d.me && id.Counter >= first }
	b := opset.NewBuilder(d.actors, index)
	err := d.set.Ops(index, func(op *format.DocOp) error {
		if ours(op.ID) {
			return nil
		}
		op.Succ = slices.DeleteFunc(op.Succ, ours)
		return b.Add(op)
	})
	var set *opset.Set
	if err == nil {
		set, err = b.Finish()
	}
	if err != nil {
		return d.fail("take back a change of", err)
	}
	d.set, d.text, d.textObj = set, nil, opid.ID{}
	d.findText()
	return nil
}
