package graph

import (
	"encoding/binary"
	"fmt"
)

// The numbers of the compact form are LEB128 as encoding/binary writes them,
// and columns of them are written as runs and literals: a signed count n, then
// for n > 0 one value that stands n times, for n < 0 the next -n values.

// minRun is from how many equal values on a run is worth its count.
const minRun = 3

// appendColumn writes n values.
func appendColumn(b []byte, n int, value func(i int) int64) []byte {
	literals := 0 // that are before i and not yet written
	flush := func(end int) {
		if literals > 0 {
			b = binary.AppendVarint(b, int64(-literals))
			for i := end - literals; i < end; i++ {
				b = binary.AppendVarint(b, value(i))
			}
		}
		literals = 0
	}
	for i := 0; i < n; {
		run := 1
		for v := value(i); i+run < n && value(i+run) == v; {
			run++
		}
		if run < minRun {
			literals += run
			i += run
			continue
		}
		flush(i)
		b = binary.AppendVarint(b, int64(run))
		b = binary.AppendVarint(b, value(i))
		i += run
	}
	flush(n)
	return b
}

// reader reads the compact form; after the first failure it reads zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %w", what, ErrForm)
	}
	r.b = nil
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.fail("a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

// upTo reads a number that may not be greater than limit.
func (r *reader) upTo(limit int, what string) int {
	v := r.uint()
	if v > uint64(max(limit, 0)) {
		r.fail(what)
		return 0
	}
	return int(v)
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail("the end")
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// column reads a column of a known number of values.
type column struct {
	r       *reader
	n       int // values left
	left    int // of which in this run or these literals
	literal bool
	val     int64
}

func (c *column) next() int64 {
	if c.left == 0 {
		c.begin()
	}
	if c.literal {
		c.val = c.r.int()
	}
	c.left--
	c.n--
	return c.val
}

func (c *column) begin() {
	count := c.r.int()
	if count == 0 || count > int64(c.n) || count < -int64(c.n) {
		c.r.fail("a run")
		c.left, c.literal, c.val = c.n, false, 0
		return
	}
	if c.literal = count < 0; c.literal {
		c.left = int(-count)
		return
	}
	c.left, c.val = int(count), c.r.int()
}
