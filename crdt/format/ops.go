package format

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// opReader reads the columns of a change's operations side by side.
type opReader struct {
	lax       bool   // reads what Automerge reads but never writes
	actors    uint64 // how many there are
	objActor  rleReader[uint64]
	objCtr    rleReader[uint64]
	keyActor  rleReader[uint64]
	keyCtr    deltaReader
	keyName   rleReader[string]
	insert    boolReader
	action    rleReader[uint64]
	meta      rleReader[uint64]
	raw       reader
	predNum   rleReader[uint64]
	predActor rleReader[uint64]
	predCtr   deltaReader
	preds     []OpID // memory for all Pred slices
	expand    boolReader
	hasExpand bool
	markName  rleReader[string]
	err       error
}

// readOps decodes the operations of c, unless they are more than most.
func (c *Change) readOps(cols *columnSet, most int) error {
	n, err := countRows(cols.get(colAction), MaxOps)
	if err != nil {
		return fmt.Errorf("actions: %w", err)
	}
	if n > uint64(most) {
		return &ManyOpsError{Actor: c.Actor, Seq: c.Seq, Ops: int(n)}
	}
	if c.StartOp+n > MaxCounter {
		return fmt.Errorf("%d operations from %d: %w", n, c.StartOp, ErrNumber)
	}
	preds, err := countPreds(cols.get(colPredNum))
	if err != nil {
		return fmt.Errorf("predecessors: %w", err)
	}
	r := opReader{
		actors:   uint64(len(c.OtherActors)) + 1,
		objActor: uintColumn(cols.get(colObjActor)), objCtr: uintColumn(cols.get(colObjCtr)),
		keyActor: uintColumn(cols.get(colKeyActor)), keyCtr: deltaColumn(cols.get(colKeyCtr)),
		keyName: stringColumn(cols.get(colKeyName)),
		insert:  boolColumn(cols.get(colInsert)), action: uintColumn(cols.get(colAction)),
		meta: uintColumn(cols.get(colValueMeta)), raw: reader{b: cols.get(colValueRaw)},
		predNum:   uintColumn(cols.get(colPredNum)),
		predActor: uintColumn(cols.get(colPredActor)), predCtr: deltaColumn(cols.get(colPredCtr)),
		expand: boolColumn(cols.get(colExpand)), hasExpand: len(cols.get(colExpand)) > 0,
		markName: stringColumn(cols.get(colMarkName)),
	}
	if n == 0 {
		return r.end()
	}
	if preds > 0 {
		r.preds = make([]OpID, 0, preds)
	}
	c.Ops = make([]Op, n)
	for i := range c.Ops {
		if r.read(c, &c.Ops[i]); r.err != nil {
			return fmt.Errorf("operation %d: %w", i, r.err)
		}
	}
	return r.end()
}

// countPreds sums the column of predecessor counts without unrolling it.
func countPreds(col []byte) (uint64, error) {
	c := uintColumn(col)
	var sum uint64
	for !c.r.empty() && c.startRun() {
		if c.null || c.left > MaxOps {
			return 0, ErrColumns
		}
		for c.left > 0 {
			times := c.left
			if c.literal {
				times, c.val = 1, c.r.uleb()
			}
			if c.val > MaxPreds || c.val*times > MaxPreds-sum {
				return 0, ErrLimit
			}
			sum += c.val * times
			c.left -= times
		}
	}
	return sum, c.r.err
}

func (r *opReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *opReader) read(c *Change, op *Op) {
	op.Obj = r.readObj()
	op.Key = r.readKey()
	op.Insert = r.insert.next()
	action, ok := r.action.next()
	if !ok || action >= uint64(numActions) {
		r.fail(fmt.Errorf("action %d: %w", action, ErrOp))
	}
	op.Action = Action(action)
	op.Value = r.readValue()
	op.Pred = r.readPreds(c)
	if r.hasExpand {
		op.Expand = r.expand.next()
	}
	op.MarkName, op.HasName = r.markName.next()
}

// id checks an operation ID whose parts may be absent.
func (r *opReader) id(counter uint64, actor uint64) OpID {
	if counter == 0 || counter > MaxCounter || actor >= r.actors {
		r.fail(fmt.Errorf("operation ID %d of actor %d: %w", counter, actor, ErrOp))
		return OpID{}
	}
	return OpID{Counter: uint32(counter), Actor: uint32(actor)}
}

func (r *opReader) readObj() OpID {
	actor, hasActor := r.objActor.next()
	ctr, hasCtr := r.objCtr.next()
	switch {
	case hasActor && hasCtr:
		return r.id(ctr, actor)
	case hasCtr && ctr == 0 && r.lax:
		return OpID{}
	case hasActor || hasCtr:
		r.fail(fmt.Errorf("half an object ID: %w", ErrOp))
	}
	return OpID{}
}

func (r *opReader) readKey() Key {
	actor, hasActor := r.keyActor.next()
	ctr, hasCtr := r.keyCtr.next()
	name, hasName := r.keyName.next()
	switch {
	case r.keyName.r.err != nil:
		r.fail(r.keyName.r.err)
		return Key{}
	case hasName && !hasActor && !hasCtr:
		return Key{Map: true, Name: name}
	case hasCtr && ctr == 0 && !hasName && r.lax:
		return Key{}
	case hasActor && hasCtr && !hasName:
		return Key{Elem: r.id(uint64(ctr), actor)}
	case hasCtr && ctr == 0 && !hasActor && !hasName:
		return Key{}
	default:
		r.fail(fmt.Errorf("key of no kind: %w", ErrOp))
		return Key{}
	}
}

// readValue reads a value; its metadata is length times 16 plus type.
func (r *opReader) readValue() Value {
	meta, ok := r.meta.next()
	if !ok {
		r.fail(fmt.Errorf("no value: %w", ErrOp))
		return Value{}
	}
	length := meta >> 4
	if r.lax && ValueType(meta&15) <= True {
		length = 0 // as Automerge reads it
	}
	if length > MaxValue && !r.lax {
		r.fail(fmt.Errorf("value of %d bytes: %w", length, ErrLimit))
		return Value{}
	}
	v := Value{Type: ValueType(meta & 15), Raw: r.raw.take(length)}
	if r.raw.err == nil {
		if err := v.check(); err != nil {
			r.fail(err)
		}
	}
	return v
}

// check says whether the bytes are the one form of a value of the type.
func (v Value) check() error {
	ok := true
	switch v.Type {
	case Null, False, True:
		ok = len(v.Raw) == 0
	case Uint:
		ok = wholly(v.Raw, (*reader).uleb)
	case Int, Counter, Timestamp:
		ok = wholly(v.Raw, (*reader).sleb)
	case Float:
		ok = len(v.Raw) == 8
	case String:
		if !utf8.Valid(v.Raw) {
			return fmt.Errorf("value: %w", ErrUTF8)
		}
	}
	if !ok {
		return fmt.Errorf("value of type %d and %d bytes: %w", v.Type, len(v.Raw), ErrOp)
	}
	return nil
}

func wholly[T any](b []byte, get func(*reader) T) bool {
	r := reader{b: b}
	get(&r)
	return r.err == nil && r.empty()
}

// readPreds reads an operation's predecessors, which must be in ascending
// order: by counter, then by the bytes of the actor.
func (r *opReader) readPreds(c *Change) []OpID {
	n, ok := r.predNum.next()
	if !ok {
		r.fail(fmt.Errorf("no count of predecessors: %w", ErrOp))
		return nil
	}
	if n == 0 || n > uint64(cap(r.preds)-len(r.preds)) {
		if n > 0 {
			r.fail(ErrColumns)
		}
		return nil
	}
	first := len(r.preds)
	for range n {
		actor, hasActor := r.predActor.next()
		ctr, hasCtr := r.predCtr.next()
		if !hasActor || !hasCtr {
			r.fail(fmt.Errorf("half a predecessor: %w", ErrOp))
			return nil
		}
		id := r.id(uint64(ctr), actor)
		if r.err != nil {
			return nil
		}
		if len(r.preds) > first && !c.less(r.preds[len(r.preds)-1], id) {
			r.fail(fmt.Errorf("predecessors out of order: %w", ErrOp))
			return nil
		}
		r.preds = append(r.preds, id)
	}
	return r.preds[first:len(r.preds):len(r.preds)]
}

// less orders operations as Automerge does.
func (c *Change) less(a, b OpID) bool {
	if a.Counter != b.Counter {
		return a.Counter < b.Counter
	}
	return bytes.Compare(c.ActorAt(a.Actor), c.ActorAt(b.Actor)) < 0
}

// end returns the first failure of any column, or that one has rows left.
func (r *opReader) end() error {
	if r.raw.err == nil && !r.raw.empty() {
		r.raw.err = ErrColumns
	}
	for _, err := range [...]error{
		r.err, r.objActor.end(), r.objCtr.end(), r.keyActor.end(), r.keyCtr.rle.end(), r.keyName.end(),
		r.insert.end(), r.action.end(), r.meta.end(), r.raw.err, r.predNum.end(), r.predActor.end(),
		r.predCtr.rle.end(), r.expand.end(), r.markName.end(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
