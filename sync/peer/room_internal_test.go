package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

func orphans(first, n int) []crdt.Change {
	out := make([]crdt.Change, n)
	for i := range out {
		out[i] = crdt.Change{
			Actor: "orphan", Seq: 2, Hash: hashOf(first + i), Deps: []crdt.Hash{hashOf(first + i + 1<<40)}, Bytes: []byte{1},
		}
	}
	return out
}

// others is a chain that shares no hash with the ones that chain makes.
func others(n int) []crdt.Change {
	out := chain("b", n)
	for i := range out {
		out[i].Hash[8] = 1
		if i > 0 {
			out[i].Deps = []crdt.Hash{out[i-1].Hash}
		}
	}
	return out
}

// put is what one message does.
func (in *intake) put(t *testing.T, changes []crdt.Change, heads []trust.Head, from DeviceID, held *books) (taken []crdt.Change) {
	t.Helper()
	for _, c := range changes {
		in.addChange(c, from, held)
	}
	for _, h := range heads {
		if err := in.addHead(h, from); err != nil {
			t.Fatal(err)
		}
	}
	taken = drain(in, held, sliceChanges)
	in.trim()
	return taken
}

// Whatever waits, of whomever, and in however many documents: what can be taken
// is.
func TestNothingThatWaitsKeepsAnythingOut(t *testing.T) {
	flooder, other := DeviceID{2}, DeviceID{3}
	for name, flood := range map[string]func(in *intake, held *books){
		"changes that lack something": func(in *intake, held *books) {
			in.put(t, orphans(1<<30, maxThings+maxThings/2), nil, flooder, held)
		},
		"changes without a head": func(in *intake, held *books) {
			for i := range maxThings + maxThings/2 {
				in.put(t, []crdt.Change{{Actor: crdt.ActorID(rune(i)), Seq: 1, Hash: hashOf(1<<30 + i)}}, nil, flooder, held)
			}
		},
		"heads without a change": func(in *intake, held *books) {
			for i := range maxThings + maxThings/2 {
				h := headOver(crdt.Change{Actor: crdt.ActorID(rune(i)), Seq: 1, Hash: hashOf(1<<30 + i)})
				in.put(t, nil, []trust.Head{h}, flooder, held)
			}
		},
		"few changes of many bytes": func(in *intake, held *books) {
			big := orphans(1<<30, 60)
			for i := range big {
				big[i].Bytes = make([]byte, 1<<20)
			}
			in.put(t, big, nil, flooder, held)
		},
		"elsewhere": func(in *intake, held *books) {
			for i := range 3 * maxThings / 200 {
				elsewhere := newIntake(in.by, in.room)
				elsewhere.put(t, orphans(1<<30+1000*i, 100), nil, flooder, held)
			}
		},
	} {
		for _, sender := range []DeviceID{flooder, other} {
			in, held := testIntake(), newBooks()
			flood(in, held)
			if l := in.room.of(flooder); !l.fits(8) || l.fits(6) {
				t.Errorf("%s: %v wait", name, l)
			}
			good := others(300)
			taken := 0
			for i := range good { // one by one, and all with a head
				taken += len(in.put(t, good[i:i+1], []trust.Head{headOver(good[i])}, sender, held))
			}
			if taken != len(good) {
				t.Errorf("%s, sent by %v: %d taken", name, sender[0], taken)
			}
		}
	}
}

// Of one who floods the newest is let go of, of the others nothing is; and all of
// it is asked for again, and can come again.
func TestTheNewestOfTheMostIsLetGoOf(t *testing.T) {
	in, held := testIntake(), newBooks()
	flooder, other := DeviceID{2}, DeviceID{3}
	flood, honest := chain("flood", maxThings+11), others(20)
	in.put(t, honest[1:], []trust.Head{headOver(honest[19])}, other, held)
	in.put(t, flood[10:], []trust.Head{headOver(flood[100])}, flooder, held) // without what it builds on
	if !in.all.fits(7) || in.all.fits(6) {
		t.Errorf("%v wait", in.all)
	}
	if in.knots[flood[10].Hash] == nil || in.knots[flood[100].Hash].change == nil || in.knots[flood[len(flood)-1].Hash] != nil {
		t.Error("it was not the newest that was let go of")
	}
	if taken := in.put(t, honest[:1], nil, other, held); len(taken) != 20 {
		t.Errorf("%d taken of the other's", len(taken))
	}
	if in.lacking != 1 {
		t.Errorf("%d lacking", in.lacking)
	}
	in.lacking = 0 // only to see what was let go of
	all := func() crdt.Vector { return crdt.Vector{} }
	if in.wanted(other, all) != nil || in.wanted(flooder, all) == nil || !in.forgot(flooder) || in.wanted(flooder, all) != nil {
		t.Error("what was let go of is to be asked of its sender, once")
	}
	in.lacking = 1
	taken := in.put(t, flood[:50], nil, flooder, held)
	taken = append(taken, in.put(t, flood[50:], []trust.Head{headOver(flood[len(flood)-1])}, flooder, held)...)
	if len(taken) != len(flood) {
		t.Errorf("%d of %d taken when they came again", len(taken), len(flood))
	}
	in.wantEmpty(t)
}

// What it costs each change to keep within the limits does not depend on how many
// wait.
func TestTrimmingIsLinear(t *testing.T) {
	in, held := testIntake(), newBooks()
	const n = 3 * maxThings
	for _, c := range orphans(0, n) {
		in.put(t, []crdt.Change{c}, nil, DeviceID{2}, held)
	}
	if in.steps > 40*n {
		t.Errorf("%d steps", in.steps)
	}
	in.clear()
	if len(in.room.taken) != 0 {
		t.Errorf("room is still taken: %v", in.room.taken)
	}
}
