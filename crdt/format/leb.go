package format

import (
	"fmt"
	"unicode/utf8"
)

// reader takes values off the front of a byte slice. The first failure sticks:
// after it every method returns zero, so callers check err once at the end of
// a stretch.
type reader struct {
	b   []byte
	err error
	// lax accepts numbers that are written longer than need be, columns that
	// end before others do, whose missing rows are then null, and strings and
	// values of any length.
	lax bool
	// sink, unless nil, is told of the first failure too: one place to look for
	// those of many columns.
	sink *error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	if r.sink != nil && *r.sink == nil {
		*r.sink = err
	}
	r.b = nil
}

func (r *reader) empty() bool { return len(r.b) == 0 }

// take returns the next n bytes, which share memory with the input.
func (r *reader) take(n uint64) []byte {
	if uint64(len(r.b)) < n {
		r.fail(ErrTruncated)
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// uleb reads an unsigned LEB128 number in its shortest form.
func (r *reader) uleb() uint64 {
	var v uint64
	for i, c := range r.b {
		if i == 9 && c > 1 {
			break // beyond 64 bits
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if c == 0 && i > 0 && !r.lax {
				break // a last byte that adds nothing
			}
			r.b = r.b[i+1:]
			return v
		}
	}
	r.failNumber()
	return 0
}

// sleb reads a signed LEB128 number in its shortest form.
func (r *reader) sleb() int64 {
	var v int64
	for i, c := range r.b {
		if i == 9 && c != 0 && c != 0x7f {
			break // beyond 64 bits
		}
		v |= int64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if i > 0 && !r.lax && slebRedundant(r.b[i-1], c) {
				break
			}
			if shift := 7 * (i + 1); shift < 64 && c&0x40 != 0 {
				v |= -1 << shift
			}
			r.b = r.b[i+1:]
			return v
		}
	}
	r.failNumber()
	return 0
}

// slebRedundant reports whether the last byte of a signed number only repeats
// the sign that the byte before it already shows.
func slebRedundant(before, last byte) bool {
	return last == 0 && before&0x40 == 0 || last == 0x7f && before&0x40 != 0
}

func (r *reader) failNumber() {
	for i, c := range r.b {
		if c < 0x80 || i == 9 {
			r.fail(ErrNumber)
			return
		}
	}
	r.fail(ErrTruncated)
}

// length reads an unsigned number that counts something of which at most limit
// are allowed.
func (r *reader) length(limit uint64, what string) uint64 {
	n := r.uleb()
	if n > limit {
		r.fail(fmt.Errorf("%d %s: %w", n, what, ErrLimit))
		return 0
	}
	return n
}

// most is the greatest length allowed where limit is a change's.
func (r *reader) most(limit uint64) uint64 {
	if r.lax {
		return MaxFile
	}
	return limit
}

// text returns the next n bytes, which must be UTF-8.
func (r *reader) text(n uint64) string {
	s := r.take(n)
	if !utf8.Valid(s) {
		r.fail(ErrUTF8)
		return ""
	}
	return string(s)
}

func appendUleb(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendSleb(b []byte, v int64) []byte {
	for v >= 0x40 || v < -0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}
