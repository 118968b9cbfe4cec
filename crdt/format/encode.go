package format

// Encode returns the change as an uncompressed chunk, in the form in which
// Automerge writes it. It checks nothing: what it returns for a change that
// breaks a rule of this package is refused by [ParseChange].
func (c *Change) Encode() []byte {
	size := 96 + 32*len(c.Deps) + 64*len(c.OtherActors) + len(c.Message) + len(c.Extra) + 8*len(c.Ops)
	e := encoder{
		out:  make([]byte, 0, maxHead+size),
		cols: opWriter{buf: make([]byte, 0, 64+8*len(c.Ops)), lit: make([]byte, 0, 64)},
	}
	chunk, _ := e.encode(c)
	return chunk
}

// encoder encodes changes one after another in the same memory.
type encoder struct {
	out  []byte
	cols opWriter
}

// maxHead is the greatest length of a chunk's header.
const maxHead = headLen + 10

// encode returns the chunk, which is valid until the next call, and its hash.
func (e *encoder) encode(c *Change) (chunk []byte, hash [32]byte) {
	e.content(c)
	return sealInPlace(e.out, chunkChange)
}

// content writes what follows the header behind room for it.
func (e *encoder) content(c *Change) {
	e.out = append(e.out[:0], make([]byte, maxHead)...)
	e.head(c)
	cols := e.cols.encode(c.Ops)
	e.out = appendColumns(e.out, &cols, c.Unknown)
	e.out = append(e.out, c.Extra...)
	e.cols.ops = nil // not ours to keep
}

// head writes everything before the columns.
func (e *encoder) head(c *Change) {
	out := appendUleb(e.out, uint64(len(c.Deps)))
	for i := range c.Deps {
		out = append(out, c.Deps[i][:]...)
	}
	out = appendBytes(out, c.Actor)
	out = appendUleb(out, c.Seq)
	out = appendUleb(out, c.StartOp)
	out = appendSleb(out, c.Time)
	out = appendName(out, c.Message)
	out = appendUleb(out, uint64(len(c.OtherActors)))
	for _, a := range c.OtherActors {
		out = appendBytes(out, a)
	}
	e.out = out
}

func appendBytes(b, v []byte) []byte {
	b = appendUleb(b, uint64(len(v)))
	return append(b, v...)
}

// opWriter writes the columns one after another into one buffer, remembering
// where each ends.
type opWriter struct {
	ops  []Op
	buf  []byte
	lit  []byte // scratch of the run-length writers
	ends [len(knownColumns)]int
}

// encode returns the columns, which are valid until the next call.
func (w *opWriter) encode(ops []Op) columnSet {
	w.ops, w.buf = ops, w.buf[:0]
	for i, spec := range knownColumns {
		w.column(spec)
		w.ends[i] = len(w.buf)
	}
	var cols columnSet
	start := 0
	for i, end := range w.ends {
		cols[i] = w.buf[start:end]
		start = end
	}
	return cols
}

func (w *opWriter) column(spec uint32) {
	switch spec {
	case colObjActor:
		w.uints(func(op *Op) (uint64, bool) { return uint64(op.Obj.Actor), !op.Obj.IsZero() })
	case colObjCtr:
		w.uints(func(op *Op) (uint64, bool) { return uint64(op.Obj.Counter), !op.Obj.IsZero() })
	case colKeyActor:
		w.uints(func(op *Op) (uint64, bool) {
			return uint64(op.Key.Elem.Actor), !op.Key.Map && !op.Key.Elem.IsZero()
		})
	case colKeyCtr:
		w.keyCounters()
	case colKeyName:
		w.strings(func(op *Op) (string, bool) { return op.Key.Name, op.Key.Map })
	case colInsert:
		w.bools(func(op *Op) bool { return op.Insert })
	case colAction:
		w.uints(func(op *Op) (uint64, bool) { return uint64(op.Action), true })
	case colValueMeta:
		w.uints(func(op *Op) (uint64, bool) {
			return uint64(len(op.Value.Raw))<<4 | uint64(op.Value.Type), true
		})
	case colValueRaw:
		for i := range w.ops {
			w.buf = append(w.buf, w.ops[i].Value.Raw...)
		}
	case colPredNum:
		w.uints(func(op *Op) (uint64, bool) { return uint64(len(op.Pred)), true })
	case colPredActor:
		w.predActors()
	case colPredCtr:
		w.predCounters()
	case colExpand:
		w.expands()
	case colMarkName:
		w.strings(func(op *Op) (string, bool) { return op.MarkName, op.HasName })
	}
}

func (w *opWriter) uints(get func(*Op) (uint64, bool)) {
	rle := newRLEWriter(w.buf, w.lit, appendUleb)
	for i := range w.ops {
		if v, ok := get(&w.ops[i]); ok {
			rle.value(v)
		} else {
			rle.null()
		}
	}
	w.buf, w.lit = rle.finish(), rle.lit
}

func (w *opWriter) strings(get func(*Op) (string, bool)) {
	rle := newRLEWriter(w.buf, w.lit, appendName)
	for i := range w.ops {
		if v, ok := get(&w.ops[i]); ok {
			rle.value(v)
		} else {
			rle.null()
		}
	}
	w.buf, w.lit = rle.finish(), rle.lit
}

func (w *opWriter) bools(get func(*Op) bool) {
	b := boolWriter{out: w.buf}
	for i := range w.ops {
		b.value(get(&w.ops[i]))
	}
	w.buf = b.finish()
}

// expands writes nothing if no operation expands.
func (w *opWriter) expands() {
	for i := range w.ops {
		if w.ops[i].Expand {
			w.bools(func(op *Op) bool { return op.Expand })
			return
		}
	}
}

func (w *opWriter) keyCounters() {
	d := deltaWriter{rle: newRLEWriter(w.buf, w.lit, appendSleb)}
	for i := range w.ops {
		if key := &w.ops[i].Key; key.Map {
			d.rle.null()
		} else {
			d.value(key.Elem.Counter)
		}
	}
	w.buf, w.lit = d.rle.finish(), d.rle.lit
}

func (w *opWriter) predActors() {
	rle := newRLEWriter(w.buf, w.lit, appendUleb)
	for i := range w.ops {
		for _, p := range w.ops[i].Pred {
			rle.value(uint64(p.Actor))
		}
	}
	w.buf, w.lit = rle.finish(), rle.lit
}

func (w *opWriter) predCounters() {
	d := deltaWriter{rle: newRLEWriter(w.buf, w.lit, appendSleb)}
	for i := range w.ops {
		for _, p := range w.ops[i].Pred {
			d.value(p.Counter)
		}
	}
	w.buf, w.lit = d.rle.finish(), d.rle.lit
}
