package format

// Encode returns the change as an uncompressed chunk, in the form in which
// Automerge writes it. It checks nothing: what it returns for a change that
// breaks a rule of this package is refused by [ParseChange].
func (c *Change) Encode() []byte {
	content := make([]byte, 0, 96+32*len(c.Deps)+64*len(c.OtherActors)+len(c.Message)+len(c.Extra)+8*len(c.Ops))
	content = appendUleb(content, uint64(len(c.Deps)))
	for i := range c.Deps {
		content = append(content, c.Deps[i][:]...)
	}
	content = appendBytes(content, c.Actor)
	content = appendUleb(content, c.Seq)
	content = appendUleb(content, c.StartOp)
	content = appendSleb(content, c.Time)
	content = appendName(content, c.Message)
	content = appendUleb(content, uint64(len(c.OtherActors)))
	for _, a := range c.OtherActors {
		content = appendBytes(content, a)
	}
	cols := c.encodeOps()
	content = appendColumns(content, &cols, c.Unknown)
	content = append(content, c.Extra...)
	chunk, _ := seal(content)
	return chunk
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

func (c *Change) encodeOps() columnSet {
	w := opWriter{ops: c.Ops, buf: make([]byte, 0, 64+8*len(c.Ops)), lit: make([]byte, 0, 64)}
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
