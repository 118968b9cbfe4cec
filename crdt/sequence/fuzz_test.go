package sequence

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
		r := newReplica(f, actors, uint32(seed%4))
		rnd := rand.New(rand.NewPCG(seed, 2))
		for range seed * 8 {
			r.edit(rnd)
		}
		f.Add(r.s.AppendBinary(nil))
	}
	f.Fuzz(func(t *testing.T, form []byte) { checkForm(t, form, actors) })
}

// checkForm holds that a form is refused, or whole and accepted again as it is
// written. It reports which.
func checkForm(t *testing.T, form []byte, actors *opid.Actors) bool {
	items := func(e opid.ID) (Item, int, error) { return &testItem{id: e, width: 1}, 1, nil }
	s, err := Decode(form, actors, items)
	if err != nil {
		return false
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
	return true
}

// Each bit of a form that is flipped.
func TestFlippedBits(t *testing.T) {
	actors := newActors(4)
	accepted := 0
	for seed := range uint64(6) {
		r := newReplica(t, actors, 1)
		other := newReplica(t, actors, 2)
		rnd := rand.New(rand.NewPCG(seed, 3))
		for range 20 {
			r.edit(rnd)
			other.edit(rnd)
			r.pull(other)
		}
		form := r.s.AppendBinary(nil)
		for i := range min(len(form), 500) * 8 {
			form[i/8] ^= 1 << (i % 8)
			if checkForm(t, form, actors) {
				accepted++
			}
			form[i/8] ^= 1 << (i % 8)
		}
	}
	if accepted == 0 {
		t.Error("none was accepted")
	}
}
