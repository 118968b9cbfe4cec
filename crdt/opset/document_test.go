package opset

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"starling/crdt/format"

	"github.com/automerge/automerge-go"
)

// asDocument writes changes, which come in a causal order and are all that made
// s, as a document chunk.
func asDocument(t testing.TB, s *Set, changes []*format.Change) []byte {
	t.Helper()
	index, names := order(s.actors)
	at, isDep := map[[32]byte]uint32{}, map[[32]byte]bool{}
	for i, c := range changes {
		at[c.Hash] = uint32(i)
		for _, d := range c.Deps {
			isDep[d] = true
		}
	}
	parts := format.DocumentParts{}
	for _, n := range names {
		parts.Actors = append(parts.Actors, []byte(n))
	}
	for _, c := range changes {
		if !isDep[c.Hash] {
			parts.Heads = append(parts.Heads, c.Hash)
		}
	}
	slices.SortFunc(parts.Heads, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, h := range parts.Heads {
		parts.HeadIndexes = append(parts.HeadIndexes, at[h])
	}
	parts.Changes = func(yield func(*format.DocChange) error) error {
		for _, c := range changes {
			n, _ := s.actors.Find(string(c.Actor))
			dc := format.DocChange{Actor: index[n], Seq: c.Seq, MaxOp: c.MaxOp(), Time: c.Time, Message: c.Message, Extra: c.Extra}
			for _, d := range c.Deps {
				dc.Deps = append(dc.Deps, at[d])
			}
			if err := yield(&dc); err != nil {
				return err
			}
		}
		return nil
	}
	parts.Ops = func(yield func(*format.DocOp) error) error { return s.Ops(index, yield) }
	chunk, err := format.EncodeDocument(parts)
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// The document chunk of a set gives back the changes that made it, byte for
// byte, and automerge-go loads it and reads the same.
func TestDocumentGivesBackItsChanges(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, 200+seed, 1+int(seed)%4)
			for range 50 {
				w.step()
			}
			r := newReplica()
			for _, c := range w.changes {
				r.apply(t, c)
			}
			chunk := asDocument(t, r.set, w.changes)
			d, err := format.ParseDocument(chunk)
			if err != nil {
				t.Fatal(err)
			}
			var back [][]byte
			if err := d.Expand(func(_ *format.Change, chunk []byte) error {
				back = append(back, bytes.Clone(chunk))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(back, w.chunks, bytes.Equal) {
				t.Fatal("the document has other changes")
			}
			theirs, err := automerge.Load(chunk)
			if err != nil {
				t.Fatal(err)
			}
			differ(t, "automerge-go's state of the document", theirState(t, theirs.Root()), rootState(r.set))
			differ(t, "state of the document", rootState(loaded(t, chunk)), rootState(r.set))
		})
	}
}
