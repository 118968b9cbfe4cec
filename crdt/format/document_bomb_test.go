//go:build !race

package format_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// parts describes a document by functions of row numbers.
type parts struct {
	changes, ops int
	change       func(i int, c *format.DocChange)
	op           func(i int, op *format.DocOp)
	unknown      []format.Column
}

func (p parts) encode(t testing.TB) []byte {
	t.Helper()
	chunk, err := format.EncodeDocument(format.DocumentParts{
		Actors: [][]byte{{1}, {2}}, Heads: [][32]byte{{1}}, HeadIndexes: []uint32{0}, UnknownOps: p.unknown,
		Changes: func(yield func(*format.DocChange) error) error {
			for i := range p.changes {
				c := format.DocChange{Seq: uint64(i) + 1, MaxOp: 1}
				if p.change != nil {
					p.change(i, &c)
				}
				if err := yield(&c); err != nil {
					return err
				}
			}
			return nil
		},
		Ops: func(yield func(*format.DocOp) error) error {
			for i := range p.ops {
				op := format.DocOp{ID: format.OpID{Counter: uint32(i) + 1}, Key: format.Key{Map: true, Name: "k"}}
				if p.op != nil {
					p.op(i, &op)
				}
				if err := yield(&op); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// insertion makes a text of equal letters.
func insertion(i int, op *format.DocOp) {
	if i == 0 {
		op.Action = format.MakeText
		return
	}
	*op = format.DocOp{
		ID: op.ID, Obj: format.OpID{Counter: 1}, Insert: true, Action: format.Set,
		Value: format.Value{Type: format.String, Raw: []byte("a")},
	}
	if i > 1 {
		op.Key.Elem = format.OpID{Counter: uint32(i)}
	}
}

func maxOp(n uint64) func(int, *format.DocChange) {
	return func(_ int, c *format.DocChange) { c.MaxOp = n }
}

// bombs claim much with few bytes.
func bombs(t testing.TB) map[string][]byte {
	const million = 1 << 20
	message := strings.Repeat("m", 64<<10)
	zeros := make([]byte, 60<<20)
	everything := make([]format.OpID, million-1)
	for i := range everything {
		everything[i] = format.OpID{Counter: uint32(i) + 2}
	}
	return map[string][]byte{
		"a million operations":    parts{changes: 1, change: maxOp(million), ops: million, op: insertion}.encode(t),
		"too many operations":     parts{changes: 1, change: maxOp(3 * million / 2), ops: 3 * million / 2, op: insertion}.encode(t),
		"operations in no change": parts{ops: million, op: insertion}.encode(t),
		"a change of a million deletions": parts{
			changes: 1, change: maxOp(million), ops: 1, op: func(_ int, op *format.DocOp) { op.Succ = everything },
		}.encode(t),
		"a change that claims operations": parts{changes: 1, change: maxOp(1<<32 - 1)}.encode(t),
		"a change that claims a million":  parts{changes: 1, change: maxOp(million)}.encode(t),
		"empty changes":                   parts{changes: 1 << 18}.encode(t),
		"too many changes":                parts{changes: million / 2}.encode(t),
		"a long message in each change": parts{
			changes: 1 << 18, change: func(_ int, c *format.DocChange) { c.Message = message },
		}.encode(t),
		"a long key in each operation": parts{
			changes: 1, change: maxOp(million), ops: million, op: func(_ int, op *format.DocOp) { op.Key.Name = message },
		}.encode(t),
		"two long keys in turn": parts{
			changes: 1, change: maxOp(1 << 17), ops: 1 << 17, op: func(i int, op *format.DocOp) {
				op.ID.Counter = uint32(2*i + 1)
				if op.Key.Name = message; i >= 1<<16 {
					op.ID.Counter, op.Key.Name = uint32(2*i+2-1<<17), message[1:]
				}
			},
		}.encode(t),
		"dependencies on all before": parts{
			changes: 4000, change: func(i int, c *format.DocChange) {
				for dep := range uint32(i) {
					c.Deps = append(c.Deps, dep)
				}
			},
		}.encode(t),
		"alternating actors": parts{
			changes: 1 << 18, change: func(i int, c *format.DocChange) {
				c.Actor, c.Seq, c.MaxOp = uint32(i)%2, uint64(i)/2+1, uint64(i)+1
			},
			ops: 1 << 18, op: func(i int, op *format.DocOp) { op.ID.Actor = uint32(i) % 2 },
		}.encode(t),
		"zeros": parts{unknown: []format.Column{{Spec: 0x61, Data: zeros[:7<<20]}}}.encode(t),
		"zeros in two columns": parts{
			unknown: []format.Column{{Spec: 0x61, Data: zeros}, {Spec: 0x71, Data: zeros}},
		}.encode(t),
	}
}

// No chunk keeps a processor for more than a second or takes more than 64 MB, except one
// whose own size is in proportion.
func TestDocumentBombs(t *testing.T) {
	const memory, patience = 64 << 20, time.Second
	for name, chunk := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			taken, took, err := weigh(chunk)
			if err == nil {
				t.Error("accepted")
			}
			if limit := uint64(memory + 1100*len(chunk)); taken > limit || took > patience {
				t.Errorf("%d bytes take %d of memory and %v: %v", len(chunk), taken, took, err)
			}
		})
	}
}

// weigh reads all of a document and returns the memory and time that it took.
func weigh(chunk []byte) (taken uint64, took time.Duration, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	took = formattest.Busy(func() { _, err = readAll(chunk) })
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took, err
}

// A document of a million equal letters is no bomb, if it was written in
// changes that a peer can take.
func TestMillionEqualLetters(t *testing.T) {
	const changes, each = 16, 65_536
	p := parts{
		changes: changes, change: func(i int, c *format.DocChange) {
			c.MaxOp = uint64(i+1) * each
			if i > 0 {
				c.Deps = []uint32{uint32(i) - 1}
			}
		}, ops: changes * each, op: insertion,
	}
	d := parseDocument(t, p.encode(t))
	var hash [32]byte
	err := d.Expand(func(c *format.Change, _ []byte) error {
		hash = c.Hash
		return nil
	})
	if !errors.Is(err, format.ErrHeads) {
		t.Fatal(err)
	}
	whole := partsOf(d)
	whole.Heads = [][32]byte{hash}
	chunk, err := format.EncodeDocument(whole)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(chunk); err != nil {
		t.Errorf("%d bytes: %v", len(chunk), err)
	}
}

func TestRefusesSpoiltDocument(t *testing.T) {
	two := parts{
		changes: 2, change: func(i int, c *format.DocChange) {
			c.MaxOp = uint64(i) + 1
			c.Deps = make([]uint32, i)
		}, ops: 2,
	}
	change := func(spoil func(i int, c *format.DocChange)) []byte {
		p := two
		p.change = func(i int, c *format.DocChange) {
			two.change(i, c)
			spoil(i, c)
		}
		return p.encode(t)
	}
	op := func(spoil func(i int, op *format.DocOp)) []byte {
		p := two
		p.op = spoil
		return p.encode(t)
	}
	good := two.encode(t)
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for name, tc := range map[string]struct {
		chunk []byte
		want  error
	}{
		"the heads of another":   {good, format.ErrHeads},
		"checksum":               {flipped, format.ErrChecksum},
		"a change":               {base().Encode(), format.ErrChunkType},
		"cut":                    {good[:len(good)-1], format.ErrTruncated},
		"trailing":               {append(bytes.Clone(good), 0), format.ErrTrailing},
		"trailing within":        {rebuild(0, append(bytes.Clone(contentOf(good)), 0)), format.ErrTrailing},
		"actors unsorted":        {rebuild(0, []byte{2, 1, 2, 1, 1, 0, 0, 0}), format.ErrActors},
		"columns unsorted":       {rebuild(0, []byte{0, 0, 2, 3, 0, 1, 0, 0}), format.ErrColumns},
		"column not deflated":    {rebuild(0, []byte{0, 0, 1, 9, 1, 0, 0xff}), format.ErrInflate},
		"many columns":           {rebuild(0, []byte{0, 0, 65}), format.ErrLimit},
		"many heads":             {rebuild(0, []byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f}), format.ErrLimit},
		"seq twice":              {change(func(_ int, c *format.DocChange) { c.Seq = 1 }), format.ErrNumber},
		"falling maxOp":          {change(func(i int, c *format.DocChange) { c.MaxOp = 2 - uint64(i) }), format.ErrNumber},
		"change's actor":         {change(func(_ int, c *format.DocChange) { c.Actor = 2 }), format.ErrActors},
		"dependency on itself":   {change(func(i int, c *format.DocChange) { c.Deps = []uint32{uint32(i)} }), format.ErrDeps},
		"operation's actor":      {op(func(_ int, op *format.DocOp) { op.ID.Actor = 2 }), format.ErrOp},
		"object's actor":         {op(func(_ int, op *format.DocOp) { op.Obj = format.OpID{Counter: 1, Actor: 7} }), format.ErrOp},
		"operation twice":        {op(func(_ int, op *format.DocOp) { op.ID.Counter = 1 }), format.ErrIDs},
		"operation of no change": {op(func(i int, op *format.DocOp) { op.ID.Counter = 2 + uint32(i) }), format.ErrIDs},
		"unknown action":         {op(func(_ int, op *format.DocOp) { op.Action = 9 }), format.ErrOp},
		"successors unsorted": {op(func(i int, op *format.DocOp) {
			op.Succ = slices.Repeat([]format.OpID{{Counter: 2}}, 2*(1-i))
		}), format.ErrOp},
		"successor of no change": {op(func(i int, op *format.DocOp) {
			op.Succ = slices.Repeat([]format.OpID{{Counter: 9}}, 1-i)
		}), format.ErrIDs},
		"value of no kind": {op(func(_ int, op *format.DocOp) {
			op.Action, op.Value = format.Set, format.Value{Type: format.Float, Raw: []byte{1}}
		}), format.ErrOp},
		"string bytes": {op(func(_ int, op *format.DocOp) {
			op.Action, op.Value = format.Set, format.Value{Type: format.String, Raw: []byte{0xff}}
		}), format.ErrUTF8},
		"key bytes": {op(func(_ int, op *format.DocOp) { op.Key.Name = "\xff" }), format.ErrUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readAll(tc.chunk); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}
