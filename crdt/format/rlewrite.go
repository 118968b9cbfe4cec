package format

// rleWriter appends a run-length encoded column to out, in the one form that
// Automerge writes: two or more equal values become a run, single ones are
// gathered, and a column of nulls alone is not written at all.
type rleWriter[T comparable] struct {
	out  []byte
	put  func([]byte, T) []byte
	lit  []byte // gathered values, encoded
	nlit int
	last T
	run  int // how often last has been seen and not yet written or gathered
	// nulls counts those that are not yet written.
	nulls int
	wrote bool
}

func newRLEWriter[T comparable](out, scratch []byte, put func([]byte, T) []byte) rleWriter[T] {
	return rleWriter[T]{out: out, lit: scratch[:0], put: put}
}

func (w *rleWriter[T]) value(v T) {
	w.flushNulls()
	switch {
	case w.run > 0 && v == w.last:
		w.run++
		if w.run == 2 {
			w.flushLiterals()
		}
		return
	case w.run == 1:
		w.gather()
	case w.run > 1:
		w.flushRun()
	}
	w.last, w.run = v, 1
}

func (w *rleWriter[T]) null() {
	w.flushValues()
	w.nulls++
}

// finish writes what is pending and returns the extended slice.
func (w *rleWriter[T]) finish() []byte {
	w.flushValues()
	if w.wrote {
		w.flushNulls()
	}
	return w.out
}

func (w *rleWriter[T]) gather() {
	w.lit = w.put(w.lit, w.last)
	w.nlit++
	w.run = 0
}

func (w *rleWriter[T]) flushValues() {
	if w.run > 1 {
		w.flushRun()
		return
	}
	if w.run == 1 {
		w.gather()
	}
	w.flushLiterals()
}

func (w *rleWriter[T]) flushRun() {
	w.out = appendSleb(w.out, int64(w.run))
	w.out = w.put(w.out, w.last)
	w.run, w.wrote = 0, true
}

func (w *rleWriter[T]) flushLiterals() {
	if w.nlit == 0 {
		return
	}
	w.out = appendSleb(w.out, -int64(w.nlit))
	w.out = append(w.out, w.lit...)
	w.lit, w.nlit, w.wrote = w.lit[:0], 0, true
}

func (w *rleWriter[T]) flushNulls() {
	if w.nulls == 0 {
		return
	}
	w.out = append(w.out, 0)
	w.out = appendUleb(w.out, uint64(w.nulls))
	w.nulls, w.wrote = 0, true
}

// deltaWriter appends a column of differences.
type deltaWriter struct {
	rle rleWriter[int64]
	abs int64
}

func (w *deltaWriter) value(v uint32) {
	w.rle.value(int64(v) - w.abs)
	w.abs = int64(v)
}

// boolWriter appends a column of booleans.
type boolWriter struct {
	out  []byte
	last bool
	run  uint64
}

func (w *boolWriter) value(v bool) {
	if v != w.last {
		w.out = appendUleb(w.out, w.run)
		w.last, w.run = v, 0
	}
	w.run++
}

func (w *boolWriter) finish() []byte {
	if w.run > 0 {
		w.out = appendUleb(w.out, w.run)
	}
	return w.out
}

func appendName(b []byte, s string) []byte {
	b = appendUleb(b, uint64(len(s)))
	return append(b, s...)
}
