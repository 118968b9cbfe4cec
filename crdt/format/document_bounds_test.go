//go:build !race

package format_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"starling/crdt/format"
)

// noise is a column that nothing compresses, so that a chunk has a size that the
// limits for its size allow much for.
func noise(size int) []format.Column {
	data := make([]byte, size)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return []format.Column{{Spec: 0x71, Data: data}}
}

// What is beyond bounds is refused, by the number and not before.
func TestBounds(t *testing.T) {
	ample := format.Bounds{Inflated: 1 << 20, Ops: 10_000, Changes: 10_000}
	letters := parts{changes: 1, change: maxOp(100), ops: 100, op: insertion}
	succs := parts{changes: 1, change: maxOp(101), ops: 1, op: func(_ int, op *format.DocOp) {
		for i := range 100 {
			op.Succ = append(op.Succ, format.OpID{Counter: uint32(i) + 2})
		}
	}}
	deps := parts{changes: 101, change: func(i int, c *format.DocChange) {
		if i == 100 {
			for dep := range uint32(i) {
				c.Deps = append(c.Deps, dep)
			}
		}
	}}
	tests := map[string]struct {
		of     parts
		bounds format.Bounds
		least  int // of the one bound that is not ample
	}{
		"operations":   {letters, format.Bounds{Inflated: 1 << 20, Changes: 10}, 100},
		"successors":   {succs, format.Bounds{Inflated: 1 << 20, Changes: 10}, 100},
		"dependencies": {deps, format.Bounds{Inflated: 1 << 20, Changes: 1000}, 100},
		"changes":      {parts{changes: 100}, format.Bounds{Inflated: 1 << 20, Ops: 10}, 100},
		"inflated": {
			parts{unknown: []format.Column{{Spec: 0x61, Data: make([]byte, 100_000)}}},
			format.Bounds{Ops: 10, Changes: 10},
			100_000,
		},
	}
	for name, tt := range tests {
		chunk := tt.of.encode(t)
		if _, err := format.ParseDocumentWithin(chunk, ample); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, n := range []int{tt.least - 1, tt.least} {
			b := tt.bounds
			switch {
			case b.Inflated == 0:
				b.Inflated = n
			case b.Ops == 0:
				b.Ops = n
			default:
				b.Changes = n
			}
			_, err := format.ParseDocumentWithin(chunk, b)
			if errors.Is(err, format.ErrLimit) != (n < tt.least) || err != nil && n == tt.least {
				t.Errorf("%s: %d where there are %d: %v", name, n, tt.least, err)
			}
		}
	}
}

// A large chunk that claims much takes little more than its own size before it is
// refused.
func TestLargeChunkThatClaims(t *testing.T) {
	const claimed, most = 3 << 20, 24 << 20
	bounds := format.Bounds{Inflated: 64 << 20, Ops: 1 << 20, Changes: 1 << 20}
	within := func(chunk []byte) error {
		_, err := format.ParseDocumentWithin(chunk, bounds)
		return err
	}
	expand := func(chunk []byte) error {
		d, err := format.ParseDocument(chunk)
		if err != nil {
			return err
		}
		return d.Expand(func(*format.Change, []byte) error { return nil })
	}
	tests := map[string]struct {
		of   parts
		read func([]byte) error
	}{
		"operations":           {parts{changes: 1, change: maxOp(claimed), ops: claimed, op: insertion, unknown: noise(1 << 16)}, within},
		"changes":              {parts{changes: claimed, unknown: noise(1 << 16)}, within},
		"operations not there": {parts{changes: 1, change: maxOp(claimed), unknown: noise(1 << 16)}, expand},
	}
	for name, tt := range tests {
		chunk := tt.of.encode(t)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		err := tt.read(chunk)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, format.ErrLimit) || taken > most {
			t.Errorf("%s: %d bytes take %d of memory: %v", name, len(chunk), taken, err)
		}
	}
}
