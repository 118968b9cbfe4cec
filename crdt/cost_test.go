//go:build !race

package crdt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/guard"
)

// What a member could send to make others work: each change is as bad as the
// limits let it be. None may take a processor a second, or let 64 MB stay.
const (
	maxCost   = time.Second
	maxMemory = 64 << 20 // bytes
)

// costDoc is a document with a text and a list, which attackers build on.
type costDoc struct {
	t    *testing.T
	d    *crdt.Document
	base crdt.Change
	// worst of all changes since the last call of report.
	slowest time.Duration
	most    uint64
	total   time.Duration
	n       int
	before  uint64 // bytes on the heap
}

var textMade = format.OpID{Counter: 1}

func newCostDoc(t *testing.T, more ...format.Op) *costDoc {
	t.Helper()
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: "the one who reads"})
	if err != nil {
		t.Fatal(err)
	}
	c := &costDoc{t: t, d: d}
	c.base = c.add(&format.Change{
		Actor: []byte("founder's actor."), Seq: 1, StartOp: 1,
		Ops: append([]format.Op{{Key: format.Key{Map: true, Name: "content"}, Action: format.MakeText}}, more...),
	}, true)
	c.slowest, c.most, c.total, c.n = 0, 0, 0, 0
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.before = m.HeapAlloc
	return c
}

func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// add gives a change to the document as a peer does.
func (c *costDoc) add(f *format.Change, good bool) crdt.Change {
	c.t.Helper()
	chunk := f.Encode()
	var change crdt.Change
	var err error
	before := allocated()
	took := formattest.Busy(func() {
		if change, err = crdt.ParseChange(chunk); err == nil {
			_, err = c.d.Apply([]crdt.Change{change})
		}
	})
	taken := allocated() - before
	c.slowest, c.most = max(c.slowest, took), max(c.most, taken)
	c.total += took
	c.n++
	if (err == nil) != good {
		c.t.Fatalf("%d: %v", c.n, err)
	}
	return change
}

func (c *costDoc) report() {
	c.t.Helper()
	read := formattest.Busy(func() { c.d.Text() })
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	grown := int64(m.HeapAlloc) - int64(c.before)
	c.t.Logf("%d changes in %v, the slowest %v and %d kB allocated at most; reading %v; %d kB stay", c.n, c.total, c.slowest, c.most>>10, read, grown>>10)
	if c.slowest > maxCost || read > maxCost {
		c.t.Errorf("a change took %v, reading %v", c.slowest, read)
	}
	if grown > maxMemory {
		c.t.Errorf("%d MB more than before stay", grown>>20)
	}
	runtime.KeepAlive(c.d)
}

func str(s string) format.Value { return format.Value{Type: format.String, Raw: []byte(s)} }

func costActor(i int) []byte {
	return binary.BigEndian.AppendUint64([]byte("attacker"), uint64(i))
}

func onBase(c *costDoc, i int, ops ...format.Op) *format.Change {
	return &format.Change{Actor: costActor(i), Seq: 1, StartOp: c.base.MaxOp + 1, Deps: [][32]byte{c.base.Hash}, Ops: ops}
}

func insertAfter(elem format.OpID) format.Op {
	return format.Op{Obj: textMade, Key: format.Key{Elem: elem}, Insert: true, Action: format.Set, Value: str("a")}
}

func TestCostsOfHostileChanges(t *testing.T) {
	letter := insertAfter(format.OpID{})
	by := func(ops []format.Op) []format.Op { // the founder is the attacker's second actor
		for i := range ops {
			ops[i].Obj.Actor = 1
		}
		return ops
	}
	founder := [][]byte{[]byte("founder's actor.")}
	cases := []struct {
		name string
		run  func(c *costDoc)
	}{
		{"the most insertions in one change, one after the other", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = insertAfter(format.OpID{Counter: uint32(f.StartOp) + uint32(i) - 1})
			}
			ops[0].Key.Elem = format.OpID{}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"the most insertions in one change, all at the head", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = insertAfter(format.OpID{})
			}
			f := onBase(c, 0, by(ops)...)
			f.OtherActors = founder
			c.add(f, true)
		}},
		{"the most insertions, every second one after the first", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = insertAfter(format.OpID{Counter: uint32(f.StartOp)})
				if i%2 == 1 {
					ops[i] = insertAfter(format.OpID{Counter: uint32(f.StartOp) + uint32(i) - 1})
				}
			}
			ops[0].Key.Elem = format.OpID{}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"revivals and deletions of one element in turn, in one change", func(c *costDoc) {
			f := onBase(c, 0)
			elem := format.OpID{Counter: 2, Actor: 1}
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = format.Op{Obj: textMade, Key: format.Key{Elem: elem}, Action: format.Set, Value: str("a")}
				if i%2 == 1 {
					ops[i].Action, ops[i].Value = format.Delete, format.Value{}
					ops[i].Pred = []format.OpID{{Counter: uint32(f.StartOp) + uint32(i) - 1}}
				}
			}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"revivals of one element", func(c *costDoc) {
			f := onBase(c, 0)
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = format.Op{Obj: textMade, Key: format.Key{Elem: format.OpID{Counter: 2, Actor: 1}}, Action: format.Set, Value: str("a")}
			}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"revivals of one element, then each deleted by one that follows", func(c *costDoc) {
			f := onBase(c, 0)
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = format.Op{Obj: textMade, Key: format.Key{Elem: format.OpID{Counter: 2, Actor: 1}}, Action: format.Set, Value: str("a")}
				if half := len(ops) / 2; i >= half {
					ops[i].Action, ops[i].Value = format.Delete, format.Value{}
					ops[i].Pred = []format.OpID{{Counter: uint32(f.StartOp) + uint32(i-half)}}
				}
			}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"deletions of one element", func(c *costDoc) {
			f := onBase(c, 0)
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = format.Op{
					Obj: textMade, Key: format.Key{Elem: format.OpID{Counter: 2, Actor: 1}}, Action: format.Delete,
					Pred: []format.OpID{{Counter: 2, Actor: 1}},
				}
			}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"values of one key, none of which replaces another", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			for i := range ops {
				ops[i] = format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")}
			}
			c.add(onBase(c, 0, ops...), true)
		}},
		{"values of one key, each of which replaces the one before", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")}
				if i > 0 {
					ops[i].Pred = []format.OpID{{Counter: uint32(f.StartOp) + uint32(i) - 1}}
				}
			}
			f.Ops = ops
			c.add(f, true)
		}},
		{"concurrent values of one key, and one that replaces them all", func(c *costDoc) {
			const n = guard.MaxOps - 8
			f := onBase(c, 0)
			var pred []format.OpID
			for i := range n {
				f.Ops = append(f.Ops, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")})
				pred = append(pred, format.OpID{Counter: uint32(f.StartOp) + uint32(i)})
			}
			for range 8 {
				f.Ops = append(f.Ops, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v"), Pred: pred[:len(pred)-1]})
			}
			c.add(f, true)
		}},
		{"a counter with all its steps, then read", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			ops[0] = format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: format.Value{Type: format.Counter, Raw: []byte{0}}}
			for i := range ops[1:] {
				ops[i+1] = format.Op{
					Key: format.Key{Map: true, Name: "k"}, Action: format.Increment, Value: format.Value{Type: format.Int, Raw: []byte{1}},
					Pred: []format.OpID{{Counter: uint32(f.StartOp)}},
				}
			}
			f.Ops = ops
			c.add(f, true)
		}},
		{"marks everywhere", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = format.Op{Obj: textMade, Key: format.Key{Elem: format.OpID{Counter: 2, Actor: 1}}, Insert: true, Action: format.Mark}
				if i%2 == 0 {
					ops[i].HasName, ops[i].MarkName, ops[i].Value = true, "bold", format.Value{Type: format.True}
				} else {
					ops[i].Key.Elem = format.OpID{Counter: uint32(f.StartOp) + uint32(i) - 1}
				}
			}
			f.Ops, f.OtherActors = by(ops), founder
			c.add(f, true)
		}},
		{"objects in objects", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.MakeMap}
				if i > 0 {
					ops[i].Obj = format.OpID{Counter: uint32(f.StartOp) + uint32(i) - 1}
				}
			}
			f.Ops = ops
			c.add(f, true)
		}},
		{"texts", func(c *costDoc) {
			ops := make([]format.Op, guard.MaxOps)
			f := onBase(c, 0)
			for i := range ops {
				ops[i] = format.Op{Key: format.Key{Map: true, Name: fmt.Sprint("k", i%4)}, Action: format.MakeText}
			}
			f.Ops = ops
			c.add(f, true)
		}},
		{"3,000 actors on one change, and a change on each head", func(c *costDoc) {
			var heads []crdt.Change
			for i := range 3000 {
				heads = append(heads, c.add(onBase(c, i, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")}), true))
			}
			for i, h := range heads {
				f := onBase(c, 1_000_000+i, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")})
				f.Deps, f.StartOp = [][32]byte{h.Hash}, h.MaxOp+1
				c.add(f, true)
			}
		}},
		{"changes on 4,096 changes", func(c *costDoc) {
			var deps [][32]byte
			var last crdt.Change
			for i := range format.MaxDeps {
				last = c.add(onBase(c, i, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")}), true)
				deps = append(deps, last.Hash)
			}
			sortHashes(deps)
			for i := range 50 {
				f := onBase(c, 1_000_000+i, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")})
				f.Deps, f.StartOp = deps, last.MaxOp+1
				c.add(f, true)
			}
		}},
		{"a ladder: each change on the last of both of two actors", func(c *costDoc) {
			last := [2]crdt.Change{c.base, c.base}
			for i := range 10_000 {
				deps := [][32]byte{last[0].Hash, last[1].Hash}
				if last[0].Hash == last[1].Hash {
					deps = deps[:1]
				}
				sortHashes(deps)
				f := onBase(c, i%2, format.Op{Key: format.Key{Map: true, Name: "k"}, Action: format.Set, Value: str("v")})
				f.Deps, f.Seq, f.StartOp = deps, uint64(i/2)+1, max(last[0].MaxOp, last[1].MaxOp)+1
				last[i%2] = c.add(f, true)
			}
		}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newCostDoc(t, letter)
			tt.run(c)
			c.report()
		})
	}
}

func sortHashes(h [][32]byte) {
	slices.SortFunc(h, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
}
