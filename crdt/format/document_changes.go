package format

import "fmt"

// EachChange calls yield for each change in the document's order, in which
// every change comes after those that it depends on. c and what it points to
// are valid until yield returns; strings and Extra stay. It stops at the first
// error, its own or yield's, and returns it.
func (d *Document) EachChange(yield func(i int, c *DocChange) error) error {
	r := newDocChangeReader(d)
	limit := d.maxChanges()
	for i := 0; !r.actor.done(); i++ {
		if i == limit {
			return fmt.Errorf("more than %d changes: %w", limit, ErrLimit)
		}
		if err := r.read(i); err != nil {
			return fmt.Errorf("change %d of document: %w", i, err)
		}
		if err := yield(i, &r.c); err != nil {
			return err
		}
	}
	return nil
}

// docChangeReader reads the columns of a document's changes side by side.
type docChangeReader struct {
	actors   uint64
	actor    rleReader[uint64]
	seq      deltaReader
	maxOp    deltaReader
	time     timeReader
	message  rleReader[string]
	depNum   rleReader[uint64]
	depIndex deltaReader
	meta     rleReader[uint64]
	raw      reader
	depsLeft int
	err      error
	c        DocChange
}

func newDocChangeReader(d *Document) *docChangeReader {
	r := &docChangeReader{
		actors: uint64(len(d.Actors)), depsLeft: d.maxRows(),
		actor: uintColumn(d.changeColumn(docActor)), seq: deltaColumn(d.changeColumn(docSeq)),
		maxOp:   deltaColumn(d.changeColumn(docMaxOp)),
		time:    timeReader{rle: newRLE(d.changeColumn(docTime), (*reader).sleb)},
		message: newRLE(d.changeColumn(docMessage), readMessage),
		depNum:  uintColumn(d.changeColumn(docDepNum)), depIndex: deltaColumn(d.changeColumn(docDepIndex)),
		meta: uintColumn(d.changeColumn(docExtraMeta)), raw: reader{b: d.changeColumn(docExtraRaw)},
	}
	for _, col := range [...]*reader{
		&r.actor.r, &r.seq.rle.r, &r.maxOp.rle.r, &r.time.rle.r, &r.message.r, &r.depNum.r, &r.depIndex.rle.r, &r.meta.r, &r.raw,
	} {
		col.lax, col.sink = true, &r.err
	}
	return r
}

func (r *docChangeReader) read(i int) error {
	actor, hasActor := r.actor.next()
	seq, hasSeq := r.seq.next()
	maxOp, hasMaxOp := r.maxOp.next()
	if !hasActor || !hasSeq || !hasMaxOp {
		r.fail(ErrColumns)
	}
	if actor >= r.actors {
		r.fail(fmt.Errorf("actor %d: %w", actor, ErrActors))
	}
	c := &r.c
	c.Actor, c.Seq, c.MaxOp = uint32(actor), uint64(seq), uint64(maxOp)
	c.Time = r.time.next()
	c.Message, _ = r.message.next()
	r.readDeps(i)
	c.Extra = nil
	if meta, _ := r.meta.next(); meta>>4 > 0 {
		c.Extra = r.raw.take(meta >> 4)
	}
	return r.err
}

func (r *docChangeReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *docChangeReader) readDeps(i int) {
	n, _ := r.depNum.next()
	if n > uint64(r.depsLeft) {
		r.fail(fmt.Errorf("%d dependencies: %w", n, ErrLimit))
		return
	}
	r.depsLeft -= int(n)
	r.c.Deps = r.c.Deps[:0]
	for range n {
		dep, ok := r.depIndex.next()
		if !ok || uint64(dep) >= uint64(i) {
			r.fail(fmt.Errorf("dependency on change %d: %w", dep, ErrDeps))
			return
		}
		r.c.Deps = append(r.c.Deps, dep)
	}
}

// readMessage reads a commit message.
func readMessage(r *reader) string {
	return r.text(r.length(r.most(MaxMessage), "bytes of message"))
}

// timeReader reads a column of differences between signed numbers.
type timeReader struct {
	rle rleReader[int64]
	abs int64
}

// next returns the next row, and the one before for a null.
func (c *timeReader) next() int64 {
	d, _ := c.rle.next()
	c.abs += d
	return c.abs
}
