package format

import "fmt"

// rleReader reads a run-length encoded column (spec, "Run length encoding"): a
// positive count and a value that repeats, a negative count and that many
// values, or zero and a count of nulls. Nothing is unrolled, so a run costs as
// much as the rows that are asked for.
type rleReader[T any] struct {
	r       reader
	get     func(*reader) T
	left    uint64 // rows left in the run at hand
	val     T
	literal bool
	null    bool
	absent  bool // there is no such column: every row is null
}

func newRLE[T any](col []byte, get func(*reader) T) rleReader[T] {
	return rleReader[T]{r: reader{b: col}, get: get, absent: len(col) == 0}
}

func uintColumn(col []byte) rleReader[uint64]   { return newRLE(col, (*reader).uleb) }
func stringColumn(col []byte) rleReader[string] { return newRLE(col, readName) }

// readName reads a map key or mark name.
func readName(r *reader) string {
	return r.text(r.length(r.most(MaxKey), "bytes of key"))
}

// next returns the next row; ok is false for a null and after a failure. A
// column that has ended fails, unless it is wholly absent.
func (c *rleReader[T]) next() (v T, ok bool) {
	if c.absent {
		return v, false
	}
	for c.left == 0 {
		if !c.startRun() {
			return v, false
		}
	}
	c.left--
	if c.null {
		return v, false
	}
	if c.literal {
		c.val = c.get(&c.r)
	}
	return c.val, c.r.err == nil
}

func (c *rleReader[T]) startRun() bool {
	if c.r.empty() {
		if c.r.lax && c.r.err == nil {
			c.absent = true
		} else {
			c.r.fail(ErrColumns)
		}
		return false
	}
	n := c.r.sleb()
	c.literal, c.null = n < 0, n == 0
	switch {
	case n > 0:
		c.left = uint64(n)
		c.val = c.get(&c.r)
	case n < 0:
		c.left = -uint64(n)
	default:
		c.left = c.r.uleb()
	}
	return c.r.err == nil
}

// done reports whether no row is left.
func (c *rleReader[T]) done() bool { return c.left == 0 && c.r.empty() && c.r.err == nil }

// end returns what went wrong, or that rows are left over.
func (c *rleReader[T]) end() error {
	if c.r.err == nil && (c.left > 0 || !c.r.empty()) {
		return ErrColumns
	}
	return c.r.err
}

// countRows returns the number of rows of a run-length encoded column of
// numbers without nulls, refusing more than limit.
func countRows(col []byte, limit uint64) (uint64, error) {
	c := uintColumn(col)
	var rows uint64
	for !c.r.empty() && c.r.err == nil {
		if !c.startRun() {
			break
		}
		if c.left > limit-rows {
			return 0, fmt.Errorf("more than %d rows: %w", limit, ErrLimit)
		}
		rows += c.left
		if c.literal {
			for range c.left {
				c.r.uleb()
			}
		}
		c.left = 0
	}
	return rows, c.r.err
}

// sumRows adds up the rows of a run-length encoded column of numbers without
// unrolling it, refusing a sum above limit. Nulls count nothing.
func sumRows(col []byte, limit uint64) (uint64, error) {
	c := uintColumn(col)
	c.r.lax = true
	var sum uint64
	for !c.r.empty() && c.startRun() {
		for c.left > 0 && !c.null && c.r.err == nil {
			times := c.left
			if c.literal {
				times, c.val = 1, c.r.uleb()
			}
			if c.val > limit || c.val > 0 && times > (limit-sum)/c.val {
				return 0, fmt.Errorf("more than %d: %w", limit, ErrLimit)
			}
			sum += c.val * times
			c.left -= times
		}
	}
	return sum, c.r.err
}

// deltaReader reads a column of differences to the row before (spec, "Delta
// encoding"). A null leaves the running value as it is.
type deltaReader struct {
	rle rleReader[int64]
	abs int64
}

func deltaColumn(col []byte) deltaReader {
	return deltaReader{rle: newRLE(col, (*reader).sleb)}
}

// next returns the next row, which lies between 0 and [MaxCounter].
func (c *deltaReader) next() (v uint32, ok bool) {
	d, ok := c.rle.next()
	if !ok {
		return 0, false
	}
	if d < -MaxCounter || d > MaxCounter || c.abs+d < 0 || c.abs+d > MaxCounter {
		c.rle.r.fail(ErrNumber)
		return 0, false
	}
	c.abs += d
	return uint32(c.abs), true
}

// boolReader reads a column of lengths of runs of false and true in turn,
// beginning with false (spec, "Boolean encoding").
type boolReader struct {
	r    reader
	left uint64
	val  bool
}

func boolColumn(col []byte) boolReader { return boolReader{r: reader{b: col}, val: true} }

func (c *boolReader) next() bool {
	for c.left == 0 {
		if c.r.empty() {
			if !c.r.lax {
				c.r.fail(ErrColumns)
			}
			return false
		}
		c.left = c.r.uleb()
		c.val = !c.val
	}
	c.left--
	return c.val
}

func (c *boolReader) end() error {
	if c.r.err == nil && (c.left > 0 || !c.r.empty()) {
		return ErrColumns
	}
	return c.r.err
}
