package format

import (
	"bytes"
	"compress/flate"
	"fmt"
	"slices"
)

// DocumentParts is what a document chunk is made from. Its functions call yield
// for each row and return its error if it has one, without going on; they are
// called once, and what they hand to yield is not kept.
type DocumentParts struct {
	Actors [][]byte   // sorted by bytes
	Heads  [][32]byte // sorted by bytes
	// HeadIndexes are the places of the heads among the changes.
	HeadIndexes []uint32
	// Changes gives the changes, each after those that it depends on.
	Changes func(yield func(c *DocChange) error) error
	// Ops gives the operations in document order, without deletions.
	Ops func(yield func(op *DocOp) error) error
	// UnknownChanges and UnknownOps are sorted by Spec.
	UnknownChanges, UnknownOps []Column
}

// deflateFrom is the length in bytes from which Automerge deflates a column.
const deflateFrom = 256

// EncodeDocument writes a document chunk in the form in which Automerge writes
// it, but for the choices of the deflate algorithm. It checks nothing: whoever
// throws something away for the sake of the chunk reads it back before. Its
// errors are those of the parts' functions, wrapped.
func EncodeDocument(parts DocumentParts) ([]byte, error) {
	changes := newDocChangeWriter()
	if err := parts.Changes(func(c *DocChange) error { changes.add(c); return nil }); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	ops := newDocOpWriter()
	if err := parts.Ops(func(op *DocOp) error { ops.add(op); return nil }); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	content := appendUleb(make([]byte, maxHead), uint64(len(parts.Actors)))
	for _, a := range parts.Actors {
		content = appendBytes(content, a)
	}
	content = appendUleb(content, uint64(len(parts.Heads)))
	for i := range parts.Heads {
		content = append(content, parts.Heads[i][:]...)
	}
	changeTable := packColumns(append(changes.columns(), parts.UnknownChanges...))
	opTable := packColumns(append(ops.columns(), parts.UnknownOps...))
	content = appendTable(content, changeTable)
	content = appendTable(content, opTable)
	for _, c := range slices.Concat(changeTable, opTable) {
		content = append(content, c.Data...)
	}
	for _, i := range parts.HeadIndexes {
		content = appendUleb(content, uint64(i))
	}
	chunk, _ := sealInPlace(content, chunkDocument)
	return chunk, nil
}

// packColumns sorts columns, leaves out empty ones and deflates long ones.
func packColumns(all []Column) []Column {
	slices.SortFunc(all, func(a, b Column) int { return int(a.Spec) - int(b.Spec) })
	packed := all[:0]
	for _, c := range all {
		if len(c.Data) >= deflateFrom {
			c = Column{c.Spec | deflateBit, deflate(c.Data)}
		}
		if len(c.Data) > 0 {
			packed = append(packed, c)
		}
	}
	return packed
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	// Writing to a buffer cannot fail.
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func appendTable(b []byte, columns []Column) []byte {
	b = appendUleb(b, uint64(len(columns)))
	for _, c := range columns {
		b = appendUleb(b, uint64(c.Spec))
		b = appendUleb(b, uint64(len(c.Data)))
	}
	return b
}

// docChangeWriter writes the columns of a document's changes side by side.
type docChangeWriter struct {
	actor    rleWriter[uint64]
	seq      deltaWriter
	maxOp    deltaWriter
	time     rleWriter[int64]
	lastTime int64
	message  rleWriter[string]
	depNum   rleWriter[uint64]
	depIndex deltaWriter
	meta     rleWriter[uint64]
	raw      []byte
}

func newDocChangeWriter() *docChangeWriter {
	return &docChangeWriter{
		actor: ulebs(), seq: deltas(), maxOp: deltas(), time: slebs(), message: names(),
		depNum: ulebs(), depIndex: deltas(), meta: ulebs(),
	}
}

func ulebs() rleWriter[uint64] { return newRLEWriter(nil, nil, appendUleb) }
func slebs() rleWriter[int64]  { return newRLEWriter(nil, nil, appendSleb) }
func names() rleWriter[string] { return newRLEWriter(nil, nil, appendName) }
func deltas() deltaWriter      { return deltaWriter{rle: slebs()} }

func (w *docChangeWriter) add(c *DocChange) {
	w.actor.value(uint64(c.Actor))
	w.seq.value(uint32(c.Seq))
	w.maxOp.value(uint32(c.MaxOp))
	w.time.value(c.Time - w.lastTime)
	w.lastTime = c.Time
	if c.Message == "" {
		w.message.null()
	} else {
		w.message.value(c.Message)
	}
	w.depNum.value(uint64(len(c.Deps)))
	for _, dep := range c.Deps {
		w.depIndex.value(dep)
	}
	w.meta.value(uint64(len(c.Extra))<<4 | uint64(Bytes))
	w.raw = append(w.raw, c.Extra...)
}

func (w *docChangeWriter) columns() []Column {
	return []Column{
		{docActor, w.actor.finish()},
		{docSeq, w.seq.rle.finish()},
		{docMaxOp, w.maxOp.rle.finish()},
		{docTime, w.time.finish()},
		{docMessage, w.message.finish()},
		{docDepNum, w.depNum.finish()},
		{docDepIndex, w.depIndex.rle.finish()},
		{docExtraMeta, w.meta.finish()},
		{docExtraRaw, w.raw},
	}
}

// docOpWriter writes the columns of a document's operations side by side.
type docOpWriter struct {
	objActor, objCtr   rleWriter[uint64]
	keyActor           rleWriter[uint64]
	keyCtr             deltaWriter
	keyName            rleWriter[string]
	idActor            rleWriter[uint64]
	idCtr              deltaWriter
	insert             boolWriter
	action             rleWriter[uint64]
	meta               rleWriter[uint64]
	raw                []byte
	succNum, succActor rleWriter[uint64]
	succCtr            deltaWriter
	expand             boolWriter
	expands            bool // one does
	markName           rleWriter[string]
}

func newDocOpWriter() *docOpWriter {
	return &docOpWriter{
		objActor: ulebs(), objCtr: ulebs(), keyActor: ulebs(), keyCtr: deltas(), keyName: names(),
		idActor: ulebs(), idCtr: deltas(), action: ulebs(), meta: ulebs(),
		succNum: ulebs(), succActor: ulebs(), succCtr: deltas(), markName: names(),
	}
}

func (w *docOpWriter) add(op *DocOp) {
	w.addPlace(op)
	w.idActor.value(uint64(op.ID.Actor))
	w.idCtr.value(op.ID.Counter)
	w.insert.value(op.Insert)
	w.action.value(uint64(op.Action))
	w.meta.value(uint64(len(op.Value.Raw))<<4 | uint64(op.Value.Type))
	w.raw = append(w.raw, op.Value.Raw...)
	w.succNum.value(uint64(len(op.Succ)))
	for _, s := range op.Succ {
		w.succActor.value(uint64(s.Actor))
		w.succCtr.value(s.Counter)
	}
	w.expand.value(op.Expand)
	w.expands = w.expands || op.Expand
	if op.HasName {
		w.markName.value(op.MarkName)
	} else {
		w.markName.null()
	}
}

// addPlace adds object and key.
func (w *docOpWriter) addPlace(op *DocOp) {
	if op.Obj.IsZero() {
		w.objActor.null()
		w.objCtr.null()
	} else {
		w.objActor.value(uint64(op.Obj.Actor))
		w.objCtr.value(uint64(op.Obj.Counter))
	}
	if op.Key.Map {
		w.keyActor.null()
		w.keyCtr.rle.null()
		w.keyName.value(op.Key.Name)
		return
	}
	w.keyName.null()
	w.keyCtr.value(op.Key.Elem.Counter)
	if op.Key.Elem.IsZero() {
		w.keyActor.null()
	} else {
		w.keyActor.value(uint64(op.Key.Elem.Actor))
	}
}

func (w *docOpWriter) columns() []Column {
	columns := []Column{
		{colObjActor, w.objActor.finish()},
		{colObjCtr, w.objCtr.finish()},
		{colKeyActor, w.keyActor.finish()},
		{colKeyCtr, w.keyCtr.rle.finish()},
		{colKeyName, w.keyName.finish()},
		{colIDActor, w.idActor.finish()},
		{colIDCtr, w.idCtr.rle.finish()},
		{colInsert, w.insert.finish()},
		{colAction, w.action.finish()},
		{colValueMeta, w.meta.finish()},
		{colValueRaw, w.raw},
		{colSuccNum, w.succNum.finish()},
		{colSuccActor, w.succActor.finish()},
		{colSuccCtr, w.succCtr.rle.finish()},
		{colMarkName, w.markName.finish()},
	}
	if w.expands {
		columns = append(columns, Column{colExpand, w.expand.finish()})
	}
	return columns
}
