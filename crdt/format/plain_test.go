package format_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// same reports whether two changes say the same, whichever way they say nothing.
func same(a, b *format.Change) bool {
	show := func(c *format.Change) string {
		s := fmt.Sprintf("%x %x %d %d %d %q %x %x %x %x %d", c.Actor, c.OtherActors, c.Seq, c.StartOp, c.Time, c.Message, c.Deps, c.Unknown, c.Extra, c.Hash, len(c.Ops))
		for _, op := range c.Ops {
			s += fmt.Sprintf("\n%+v %+v %v %d %d %x %v %v %v %q", op.Obj, op.Key, op.Insert, op.Action, op.Value.Type, op.Value.Raw, op.Pred, op.Expand, op.HasName, op.MarkName)
		}
		return s
	}
	return show(a) == show(b)
}

// asPlain fails unless a change that says to be plain is what is read from its chunk.
func asPlain(t *testing.T, c *format.Change, chunk []byte) (plain bool) {
	t.Helper()
	if !c.Plain() {
		return false
	}
	parsed, err := format.ParseChange(bytes.Clone(chunk))
	if err != nil {
		t.Fatalf("a plain change cannot be read: %v\n%+v", err, c)
	}
	if copied := c.Clone(); !same(parsed, copied) {
		t.Fatalf("it reads as\n%+v, not\n%+v", parsed, copied)
	}
	return true
}

// What Expand rebuilds out of whatever it is given is read as it was made, if it says
// so.
func TestPlainChangesOfDocuments(t *testing.T) {
	chunks, err := formattest.Session(3, 4, 150)
	if err != nil {
		t.Fatal(err)
	}
	_, saved := documentOf(t, chunks)
	all, plain := 0, 0
	for _, chunk := range append(mutants(t, 11, 2000), saved) {
		d, err := format.ParseDocument(chunk)
		if err != nil {
			continue
		}
		_ = d.Expand(func(c *format.Change, chunk []byte) error { // of which some are spoilt
			all++
			if asPlain(t, c, chunk) {
				plain++
			}
			return nil
		})
	}
	if plain < all/2 || all < 100 {
		t.Errorf("only %d of %d changes are plain", plain, all)
	}
}

// What is made at random, within the rules and a little beyond, is read as it was
// made, if it says that it is plain.
func TestPlainChangesAtRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	plain := 0
	const tries = 60_000
	for range tries {
		c := randomChange(rng)
		chunk := c.Encode()
		if parsed, err := format.ParseChange(chunk); err == nil {
			c.Hash = parsed.Hash
		}
		if asPlain(t, c, chunk) {
			plain++
		}
	}
	if plain < tries/10 || plain > tries*9/10 {
		t.Errorf("%d of %d are plain", plain, tries)
	}
}

func randomChange(rng *rand.Rand) *format.Change {
	rarely := func() bool { return rng.IntN(60) == 0 }
	number := func() uint64 {
		if rarely() {
			return []uint64{0, format.MaxCounter - 1, format.MaxCounter, format.MaxCounter + 1}[rng.IntN(4)]
		}
		return 1 + rng.Uint64N(300)
	}
	actor := func() []byte {
		if rarely() {
			return make([]byte, []int{0, format.MaxActorLen, format.MaxActorLen + 1}[rng.IntN(3)])
		}
		return []byte{byte(rng.IntN(6))}
	}
	c := &format.Change{Actor: actor(), Seq: number(), StartOp: number(), Time: rng.Int64N(9) - 4}
	for range rng.IntN(3) {
		c.OtherActors = append(c.OtherActors, actor())
		c.Deps = append(c.Deps, [32]byte{byte(rng.IntN(4))})
	}
	if rarely() {
		c.Message, c.Extra = string(rune('a'+rng.IntN(3))), []byte{1}
	}
	id := func() format.OpID {
		id := format.OpID{Counter: uint32(number()), Actor: uint32(rng.IntN(len(c.OtherActors) + 1))}
		if rarely() {
			id.Actor++
		}
		if rng.IntN(3) == 0 {
			return format.OpID{}
		}
		return id
	}
	for range rng.IntN(4) {
		c.Ops = append(c.Ops, randomOp(rng, id, rarely))
	}
	return c
}

func randomOp(rng *rand.Rand, id func() format.OpID, rarely func() bool) format.Op {
	values := []format.Value{
		{},
		{Type: format.String, Raw: []byte("x")},
		{Type: format.String, Raw: []byte("\xff")},
		{Type: format.Int, Raw: []byte{0x7f}},
		{Type: format.Uint, Raw: []byte{0x80, 0}},
		{Type: format.True},
		{Type: format.Float, Raw: make([]byte, 7)},
		{Type: 12, Raw: []byte{1, 2}},
		{Type: format.Bytes, Raw: []byte{}},
	}
	op := format.Op{Obj: id(), Insert: rng.IntN(2) == 0, Action: format.Action(rng.IntN(5)), Value: values[rng.IntN(2)]}
	if rng.IntN(8) == 0 {
		op.Value = values[rng.IntN(len(values))]
	}
	if rng.IntN(3) == 0 {
		op.Key = format.Key{Map: true, Name: []string{"", "content", "k"}[rng.IntN(3)]}
	} else {
		op.Key.Elem = id()
	}
	if rarely() {
		op.Key.Name, op.Key.Elem = []string{"\xff", "other"}[rng.IntN(2)], id()
	}
	if rarely() {
		op.Action, op.MarkName = format.Action(rng.IntN(10)), []string{"", "m"}[rng.IntN(2)]
		op.Expand, op.HasName = rng.IntN(4) == 0, rng.IntN(4) == 0
	}
	for range rng.IntN(3) {
		op.Pred = append(op.Pred, id())
	}
	return op
}
