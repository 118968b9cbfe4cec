package crdt_test

import (
	"testing"

	"starling/crdt"
)

func TestApartBySeqAndHash(t *testing.T) {
	tip := func(seq uint64, hash byte) crdt.Tip { return crdt.Tip{Seq: seq, Hash: crdt.Hash{hash}} }
	ours := crdt.Vector{"same": tip(3, 1), "ahead": tip(9, 1), "forked": tip(3, 1), "first": tip(1, 1), "known": tip(3, 1), "alike": tip(4, 1)}
	theirs := crdt.Vector{
		"same": tip(3, 1), "ahead": tip(2, 9), "forked": tip(3, 2), "first": tip(1, 2), "known": tip(5, 2), "alike": tip(4, 1), "unknown": tip(7, 1),
	}
	before := theirs.Clone()
	got := theirs.Apart(ours, []crdt.ActorID{"known", "alike", "nobody"})
	want := theirs.Clone()
	want["forked"], want["known"] = tip(1, 2), tip(1, 2)
	if !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !theirs.Equal(before) {
		t.Error("the vector was written to")
	}
	if got := ours.Apart(ours, []crdt.ActorID{"known"}); !got.Equal(ours) {
		t.Errorf("of the same: %v", got)
	}
}
