package hostile

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// hostileFiles are the bytes that kill automerge-go, by file name.
func hostileFiles(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../crdt/format/testdata/hostile/*.bin")
	if err != nil || len(names) == 0 {
		t.Fatalf("no hostile files: %v", err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// replica is a document as an honest peer has it, in this process.
func replica(t *testing.T, doc crdt.DocID, actor []byte, held []crdt.Change) *crdt.Document {
	t.Helper()
	c := crdt.Config{ID: doc, Actor: crdt.ActorID(actor), Changes: held}
	if len(held) > 0 {
		c.Founder = held[0].Actor
	}
	d, err := crdt.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// write makes a change of an actor that replaces the text.
func write(t *testing.T, doc crdt.DocID, actor []byte, held []crdt.Change, text string) crdt.Change {
	t.Helper()
	e, err := replica(t, doc, actor, held).Replace(text, noon)
	if err != nil || len(e.Changes) != 1 {
		t.Fatalf("%d changes, %v", len(e.Changes), err)
	}
	return e.Changes[0]
}

// spoil alters a change a little, by its meaning or by its bytes. The checksum is
// right.
func spoil(t *testing.T, rng *rand.Rand, chunk []byte) []byte {
	t.Helper()
	c, err := format.ParseChange(bytes.Clone(chunk))
	if err != nil {
		t.Fatal(err)
	}
	for range 1 + rng.IntN(2) {
		spoilMeaning(rng, c)
	}
	chunk = c.Encode()
	if rng.IntN(3) == 0 {
		content := bytes.Clone(formattest.Content(chunk))
		content[rng.IntN(len(content))] ^= 1 << rng.IntN(8)
		chunk = formattest.Seal(1, content)
	}
	return chunk
}

func spoilMeaning(rng *rand.Rand, c *format.Change) {
	op := &c.Ops[rng.IntN(len(c.Ops))]
	someID := format.OpID{Counter: rng.Uint32N(20), Actor: rng.Uint32N(uint32(len(c.OtherActors)) + 2)}
	switch rng.IntN(12) {
	case 0:
		c.Seq += uint64(rng.IntN(5))
	case 1:
		c.StartOp += uint64(rng.IntN(1 << 31))
	case 2:
		c.Deps = c.Deps[:rng.IntN(len(c.Deps)+1)]
	case 3:
		op.Obj = someID
	case 4:
		op.Key = format.Key{Elem: someID}
	case 5:
		op.Key = format.Key{Map: true, Name: "content"}
	case 6:
		op.Action = format.Action(rng.IntN(9))
	case 7:
		op.Insert = !op.Insert
	case 8:
		op.Pred = []format.OpID{someID}
	case 9:
		op.Value = format.Value{Type: format.ValueType(rng.IntN(12)), Raw: []byte{0xff, 0x80}}
	case 10:
		op.Obj, op.Key, op.Insert, op.Action = format.OpID{}, format.Key{Map: true, Name: "k"}, false, format.Set
	case 11:
		c.Ops = append(c.Ops, *op)
	}
}

// chain makes n changes of one actor, each of one letter on top of the one
// before.
func chain(t *testing.T, doc crdt.DocID, actor []byte, held []crdt.Change, n int) []crdt.Change {
	t.Helper()
	d := replica(t, doc, actor, held)
	out := make([]crdt.Change, 0, n)
	for i := range n {
		_, seen := d.Text()
		e, err := d.Edit(crdt.Edit{Seen: seen, Insert: string(rune('a' + i%26))}, noon)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Changes...)
	}
	return out
}

// orphan is a well-formed change, an actor's second, that builds on one that
// nobody has.
func orphan(actor []byte, rng *rand.Rand) []byte {
	var dep [32]byte
	for i := range dep {
		dep[i] = byte(rng.Uint32())
	}
	c := format.Change{
		Actor: actor, Seq: 2, StartOp: 9, Deps: [][32]byte{dep},
		Ops: []format.Op{{Key: format.Key{Map: true, Name: "k"}, Action: format.Set}},
	}
	return c.Encode()
}

// bomb is a change of few bytes with as many operations as a change may have,
// on top of deps. They write to an object that is not there.
func bomb(actor []byte, startOp uint64, deps [][32]byte, message string) []byte {
	c := format.Change{Actor: actor, Seq: 1, StartOp: startOp, Deps: deps, Message: message}
	op := format.Op{
		Obj: format.OpID{Counter: 1 << 30}, Insert: true, Action: format.Set,
		Value: format.Value{Type: format.String, Raw: []byte("a")},
	}
	c.Ops = make([]format.Op, format.MaxOps)
	for i := range c.Ops {
		c.Ops[i] = op
	}
	return c.Encode()
}
