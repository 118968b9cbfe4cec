package format

import (
	"fmt"
	"slices"
)

// EachOp calls yield for each operation in document order: object by object,
// in each by key or along the list, and for one place in ascending order. The
// order is not checked, and no hash depends on it: who has the chunk from
// a stranger applies the changes that [Document.Expand] gives instead. op and
// its Succ are valid until yield returns; strings and values stay. It stops at
// the first error, its own or yield's, and returns it.
//
// As Automerge does, it ends with the shortest of the columns that every
// operation needs, and ignores values and marks of operations that have none.
func (d *Document) EachOp(yield func(op *DocOp) error) error {
	r := newDocOpReader(d)
	limit := d.maxRows()
	for i := 0; r.more(); i++ {
		if i == limit {
			return fmt.Errorf("more than %d operations: %w", limit, ErrLimit)
		}
		if r.read(); r.err != nil {
			return fmt.Errorf("operation %d of document: %w", i, r.err)
		}
		if err := yield(&r.op); err != nil {
			return err
		}
	}
	return nil
}

// docOpReader reads the columns of a document's operations side by side. What
// both kinds of chunk have is read by the opReader within.
type docOpReader struct {
	opReader
	idActor   rleReader[uint64]
	idCtr     deltaReader
	succNum   rleReader[uint64]
	succActor rleReader[uint64]
	succCtr   deltaReader
	succLeft  int
	rawLen    int // of the column of values
	op        DocOp
}

func newDocOpReader(d *Document) *docOpReader {
	r := &docOpReader{
		opReader: opReader{
			lax: true, actors: uint64(len(d.Actors)),
			objActor: uintColumn(d.opColumn(colObjActor)), objCtr: uintColumn(d.opColumn(colObjCtr)),
			keyActor: uintColumn(d.opColumn(colKeyActor)), keyCtr: deltaColumn(d.opColumn(colKeyCtr)),
			keyName: stringColumn(d.opColumn(colKeyName)),
			insert:  boolColumn(d.opColumn(colInsert)), action: uintColumn(d.opColumn(colAction)),
			meta: uintColumn(d.opColumn(colValueMeta)), raw: reader{b: d.opColumn(colValueRaw)},
			expand:   boolColumn(d.opColumn(colExpand)),
			markName: stringColumn(d.opColumn(colMarkName)),
		},
		idActor: uintColumn(d.opColumn(colIDActor)), idCtr: deltaColumn(d.opColumn(colIDCtr)),
		succNum: uintColumn(d.opColumn(colSuccNum)), succActor: uintColumn(d.opColumn(colSuccActor)),
		succCtr: deltaColumn(d.opColumn(colSuccCtr)), succLeft: d.maxRows(),
		rawLen: len(d.opColumn(colValueRaw)),
	}
	for _, col := range [...]*reader{
		&r.objActor.r, &r.objCtr.r, &r.keyActor.r, &r.keyCtr.rle.r, &r.keyName.r, &r.insert.r, &r.action.r,
		&r.meta.r, &r.raw, &r.expand.r, &r.markName.r, &r.idActor.r, &r.idCtr.rle.r, &r.succNum.r, &r.succActor.r, &r.succCtr.rle.r,
	} {
		col.lax, col.sink = true, &r.err
	}
	return r
}

func (r *docOpReader) more() bool {
	return !r.idCtr.rle.done() && !r.idActor.done() && !r.action.done()
}

func (r *docOpReader) read() {
	op := &r.op
	op.ID = r.whole(&r.idActor, &r.idCtr)
	op.Obj = r.readObj()
	op.Key = r.readKey()
	op.Insert = r.insert.next()
	action, ok := r.action.next()
	if !ok || action >= uint64(numActions) {
		r.fail(fmt.Errorf("action %d: %w", action, ErrOp))
	}
	op.Action = Action(action)
	op.Value = r.readValue()
	op.rawEnd = uint32(r.rawLen - len(r.raw.b))
	r.readSuccs()
	op.Expand = r.expand.next()
	op.MarkName, op.HasName = r.markName.next()
	r.tidy()
}

// tidy takes away what the action gives no meaning to.
func (r *docOpReader) tidy() {
	op := &r.op
	switch op.Action {
	case MakeMap, MakeList, MakeText, MakeTable, Delete:
		op.Value = Value{}
	}
	if op.Action != Mark {
		op.Expand, op.MarkName, op.HasName = false, "", false
	} else if !op.HasName {
		op.Value = Value{} // the end of a mark
	}
}

// whole reads an operation ID neither part of which may be absent.
func (r *docOpReader) whole(actor *rleReader[uint64], ctr *deltaReader) OpID {
	a, hasActor := actor.next()
	c, hasCtr := ctr.next()
	if !hasActor || !hasCtr {
		r.fail(fmt.Errorf("half an operation ID: %w", ErrOp))
		return OpID{}
	}
	return r.id(uint64(c), a)
}

func (r *docOpReader) readSuccs() {
	n, _ := r.succNum.next()
	r.op.Succ = r.op.Succ[:0]
	if n == 0 {
		return
	}
	if n > uint64(r.succLeft) {
		r.fail(fmt.Errorf("%d successors: %w", n, ErrLimit))
		return
	}
	r.succLeft -= int(n)
	r.op.Succ = slices.Grow(r.op.Succ, int(n))
	for range n {
		id := r.whole(&r.succActor, &r.succCtr)
		if r.err != nil {
			return
		}
		if n := len(r.op.Succ); n > 0 && compareIDs(r.op.Succ[n-1], id) >= 0 {
			r.fail(fmt.Errorf("successors out of order: %w", ErrOp))
			return
		}
		r.op.Succ = append(r.op.Succ, id)
	}
}
