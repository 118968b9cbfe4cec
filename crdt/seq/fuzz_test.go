package seq

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"starling/crdt/opid"
)

// FuzzDecode holds that whatever is accepted is whole, and is accepted again as
// it is written.
func FuzzDecode(f *testing.F) {
	actors := newActors(4)
	for seed := range uint64(8) {
		r := newReplica(nil, actors, uint32(seed%4))
		rnd := rand.New(rand.NewPCG(seed, 2))
		for range seed * 8 {
			r.edit(rnd)
		}
		f.Add(r.s.AppendBinary(nil))
	}
	items := func(e opid.ID) (Item, int, error) { return &testItem{id: e, width: 1}, 1, nil }
	f.Fuzz(func(t *testing.T, form []byte) {
		s, err := Decode(form, actors, items)
		if err != nil {
			return
		}
		if err := broken(s); err != nil {
			t.Fatal(err)
		}
		if s.Runs() > len(form) {
			t.Fatalf("%d runs of %d bytes", s.Runs(), len(form))
		}
		again := s.AppendBinary(nil)
		d, err := Decode(again, actors, items)
		if err != nil {
			t.Fatal(err)
		}
		if describeAll(d) != describeAll(s) || !bytes.Equal(d.AppendBinary(nil), again) {
			t.Fatal("decoded another sequence")
		}
		if d.TextAt(opid.Clock{5, 5}) != s.TextAt(opid.Clock{5, 5}) {
			t.Fatal("another version")
		}
		s.Diff(nil, opid.Clock{3, 9}, func(p Piece) bool { return p.N > 0 })
	})
}
