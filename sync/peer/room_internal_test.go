package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// One device that floods documents takes no room from others.
func TestRoomIsForEachDevice(t *testing.T) {
	var r room
	docs := make([]intake, 0, maxRoom/17+1)
	for i := range cap(docs) {
		in := newIntake(terms{mayWrite: func(DeviceID) bool { return true }}, &r)
		for k := range 16 {
			c := crdt.Change{Actor: "a", Seq: 2, Hash: hashOf(i*100 + k), Deps: []crdt.Hash{hashOf(-5)}, Bytes: []byte{1}}
			in.addChange(c, DeviceID{6}, newBooks())
		}
		if err := in.addHead(trust.Head{Actor: "b", Seq: 1, Hash: hashOf(-i - 10)}, DeviceID{6}); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, in)
	}
	last := &docs[len(docs)-1]
	if !last.dropped || last.nHeads > 0 {
		t.Errorf("%d changes and %d heads wait in the last", last.waiting, last.nHeads)
	}
	before := last.waiting
	last.addChange(crdt.Change{Actor: "a", Seq: 2, Hash: hashOf(-7), Deps: []crdt.Hash{hashOf(-5)}}, DeviceID{7}, newBooks())
	if last.waiting != before+1 {
		t.Error("no room for another device")
	}
	for i := range docs {
		docs[i].clear()
	}
	if len(r.taken) != 0 {
		t.Errorf("room is still taken: %v", r.taken)
	}
}

// One who sends what can never be taken, until no more may wait, keeps out what
// nobody else sends.
func TestAFloodKeepsNobodyOut(t *testing.T) {
	in, held := testIntake(), newBooks()
	flooder, other := DeviceID{2}, DeviceID{3}
	flood, honest := chain("flood", maxWaiting+11), chain("b", 20)
	for i := range honest {
		honest[i].Hash[8] = 1
		if i > 0 {
			honest[i].Deps = []crdt.Hash{honest[i-1].Hash}
		}
	}
	in.addChange(honest[1], other, held)
	for _, c := range flood[10:] { // without what it builds on
		in.addChange(c, flooder, held)
	}
	if !in.full() {
		t.Fatal("it is not full")
	}
	if err := in.addHead(headOver(flood[100]), flooder); err != nil {
		t.Fatal(err)
	}
	for _, c := range honest {
		in.addChange(c, other, held)
	}
	if err := in.addHead(headOver(honest[19]), other); err != nil {
		t.Fatal(err)
	}
	if got := drain(in, held, sliceChanges); len(got) != 20 {
		t.Errorf("%d taken", len(got))
	}
	if in.wanted(func() crdt.Vector { return crdt.Vector{} }) == nil {
		t.Error("what was let go of is not asked for again")
	}
	for _, c := range flood[:101] { // it was the one who came last
		in.addChange(c, other, held)
	}
	if got := drain(in, held, sliceChanges); len(got) != 101 {
		t.Errorf("%d taken of what was let go of", len(got))
	}
	in.wantEmpty(t)
}
