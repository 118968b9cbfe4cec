package guard_test

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/guard"
)

var mutations = flag.Int("guard.mutations", 3000, "how many spoilt changes to try on automerge-go")

// The verdict on a spoilt change is the same whether just its ancestors are
// held or everything but its descendants; and what passes, automerge-go takes:
// it lives, keeps the change byte for byte, and loads what it saves.
func TestMutatedChanges(t *testing.T) {
	var trials []trial
	var tried int
	for seed := uint64(100); tried < *mutations; seed++ {
		rng := rand.New(rand.NewPCG(seed, 3))
		changes, chunks := session(t, seed, 1+rng.IntN(4), 20)
		for range 150 {
			tried++
			tr, ok := spoil(t, rng, changes, chunks)
			if ok {
				trials = append(trials, tr)
			}
		}
	}
	t.Logf("the guard passes %d of %d", len(trials), tried)
	if len(trials)*50 < tried {
		t.Errorf("only %d of %d mutations pass: the test tries too little", len(trials), tried)
	}
	for i, answer := range tryAll(t, trials) {
		if answer != "" {
			t.Errorf("automerge-go, of a change that the guard passes: %s\nbase %x\nchange %x", answer, trials[i].base, trials[i].chunk)
		}
	}
}

// spoil alters one of the changes and returns it as a trial if the guard
// passes it.
func spoil(t *testing.T, rng *rand.Rand, changes []*format.Change, chunks [][]byte) (trial, bool) {
	t.Helper()
	of := rng.IntN(len(changes))
	chunk := mutate(rng, parse(t, bytes.Clone(chunks[of])))
	c, err := format.ParseChange(chunk)
	if err != nil || bytes.Equal(chunk, chunks[of]) {
		return trial{}, false
	}
	others := descendants(changes, of)
	few, many := newDoc(), newDoc()
	accept(t, few, pick(changes, ancestors(changes, c), true)...)
	accept(t, many, pick(changes, others, false)...)
	errFew, errMany := few.check(c), many.check(c)
	if rootCause(errFew) != rootCause(errMany) && !errors.Is(errMany, guard.ErrForked) && !errors.Is(errMany, guard.ErrHeld) {
		t.Fatalf("among its ancestors: %v; among all others: %v", errFew, errMany)
	}
	if errMany != nil {
		return trial{}, false
	}
	return newTrial(t, many, bytes.Join(pick(chunks, others, false), nil), c, chunk), true
}

// rootCause returns the sentinel at the bottom of an error.
func rootCause(err error) error {
	if errors.Is(err, guard.ErrMissingDeps) {
		return guard.ErrMissingDeps
	}
	for err != nil {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
	return nil
}

// mutate alters c in one to three ways and returns its chunk.
func mutate(rng *rand.Rand, c *format.Change) []byte {
	for range 1 + rng.IntN(3) {
		if len(c.Ops) == 0 || rng.IntN(6) == 0 {
			mutateHead(rng, c)
		} else {
			mutateOps(rng, c)
		}
	}
	chunk := c.Encode()
	if rng.IntN(8) > 0 {
		return chunk
	}
	content := bytes.Clone(formattest.Content(chunk))
	content[rng.IntN(len(content))] ^= 1 << rng.IntN(8)
	return formattest.Seal(1, content)
}

func mutateHead(rng *rand.Rand, c *format.Change) {
	step := uint64(rng.IntN(3)) - 1
	switch rng.IntN(9) {
	case 0:
		c.Seq += step
	case 1:
		c.StartOp += step
	case 2:
		c.Time = rng.Int64() - rng.Int64()
	case 3:
		c.Message += "é"
	case 4:
		c.Extra = append([]byte(nil), "extra"...)
	case 5:
		c.Unknown = []format.Column{{Spec: 0x10 * rng.Uint32N(40), Data: []byte{0}}}
	case 6:
		if n := len(c.Deps); n > 0 {
			c.Deps = c.Deps[:n-1]
		}
	case 7:
		if n := len(c.OtherActors); n > 0 {
			c.OtherActors = c.OtherActors[:n-1]
		}
	case 8:
		c.Actor = append(bytes.Clone(c.Actor), 7)
	}
}

func mutateOps(rng *rand.Rand, c *format.Change) {
	i := rng.IntN(len(c.Ops))
	switch rng.IntN(7) {
	case 6: // what may be a good mark
		begin := format.Op{Obj: c.Ops[i].Obj, Key: c.Ops[i].Key, Insert: true, Action: format.Mark, HasName: true, MarkName: "bold", Value: someValue(rng)}
		end := format.Op{Obj: begin.Obj, Key: c.Ops[rng.IntN(len(c.Ops))].Key, Insert: true, Action: format.Mark, Expand: rng.IntN(2) == 0}
		c.Ops = append(c.Ops[:len(c.Ops):len(c.Ops)], begin, end)
	case 0:
		c.Ops = append(c.Ops, c.Ops[i])
	case 1:
		c.Ops = append(c.Ops[:i:i], c.Ops[i+1:]...)
	case 2:
		j := rng.IntN(len(c.Ops))
		c.Ops[i], c.Ops[j] = c.Ops[j], c.Ops[i]
	default:
		mutateOp(rng, c, &c.Ops[i])
	}
}

func mutateOp(rng *rand.Rand, c *format.Change, op *format.Op) {
	someID := func() format.OpID {
		return format.OpID{Counter: rng.Uint32N(uint32(c.MaxOp()) + 2), Actor: rng.Uint32N(uint32(len(c.OtherActors)) + 1)}
	}
	switch rng.IntN(15) {
	case 0:
		op.Obj = someID()
	case 1:
		op.Key = format.Key{Elem: someID()}
	case 2:
		op.Key = format.Key{Map: true, Name: string(rune('j' + rng.IntN(6)))}
	case 3:
		op.Insert = !op.Insert
	case 4:
		op.Action = format.Action(rng.IntN(8))
	case 5:
		op.Value = someValue(rng)
	case 6:
		op.Pred = append(op.Pred[:len(op.Pred):len(op.Pred)], someID())
	case 7:
		op.Pred = nil
	case 8:
		if n := len(op.Pred); n > 0 {
			op.Pred = append([]format.OpID(nil), op.Pred...)
			op.Pred[rng.IntN(n)] = someID()
		}
	case 9:
		op.Expand = !op.Expand
	case 10:
		op.HasName, op.MarkName = !op.HasName, ""
	case 11: // what may be a good mark
		op.Action, op.Insert, op.Pred = format.Mark, true, nil
		op.Value, op.Expand = format.Value{}, rng.IntN(2) == 0
		if op.HasName = rng.IntN(2) == 0; op.HasName {
			op.MarkName, op.Value = "bold", someValue(rng)
		}
	case 12: // what may be a good deletion
		op.Action, op.Insert, op.Value = format.Delete, false, format.Value{}
	case 14: // what may bring an element back
		op.Action, op.Insert, op.Pred, op.Value = format.Set, false, nil, str(string(rune('x'+rng.IntN(3))))
	case 13: // what may be a good object
		op.Action, op.Value = []format.Action{format.MakeMap, format.MakeList, format.MakeText, format.MakeTable}[rng.IntN(4)], format.Value{}
	}
}

func someValue(rng *rand.Rand) format.Value {
	values := []format.Value{
		{},
		value(format.True),
		value(format.Uint, 0x80, 1),
		value(format.Int, 0x7f),
		value(format.Float, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f), // not a number
		str(""), str("a"), str("né🙂\u0301"), value(format.Bytes, 0xff),
		value(format.Counter, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0), // the greatest
		value(format.Timestamp, 0),
		value(10, 'u'),
		value(15, 0xff),
	}
	return values[rng.IntN(len(values))]
}
