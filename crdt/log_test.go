package crdt_test

import (
	"errors"
	"strings"
	"testing"

	"starling/crdt"
)

// manyPieces is two texts that differ in more places than the log keeps
// patches.
func manyPieces() (from, to string) {
	var a, b strings.Builder
	for range 190 {
		for range 95 {
			a.WriteString("a ")
			b.WriteString("b ")
		}
		a.WriteString("\nsame\n")
		b.WriteString("\nsame\n")
	}
	return a.String(), b.String()
}

// One step may make more patches than the log keeps: none of them is lost, for
// the one who wrote and for those who receive.
func TestAStepOfMorePatchesThanTheLogKeeps(t *testing.T) {
	from, to := manyPieces()
	a, first := found(t, "actor-a")
	b := open(t, "actor-b", first)
	a.follow(t, a.edit(t, crdt.Edit{Insert: from}).Patches)
	b.follow(t, b.pull(t, a).Patches)

	out, err := a.Replace(to, noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Patches) < 16_500 {
		t.Fatalf("only %d patches: the test tests nothing", len(out.Patches))
	}
	a.follow(t, out.Patches)
	a.check(t)
	a.made = append(a.made, out.Changes...)
	b.follow(t, b.pull(t, a).Patches)
	if b.check(t) != to {
		t.Error("the texts differ")
	}
	if _, err := a.Edit(crdt.Edit{Seen: 1, Insert: "x"}, noon); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("an edit from before the log: %v", err)
	}
	if a.Broken() || b.Broken() {
		t.Error("a document is broken")
	}
}

// The edit of a view that lags as far as the log reaches is taken, although the
// log forgets the oldest patch with it.
func TestEditFromTheEndOfTheLog(t *testing.T) {
	r, _ := found(t, "actor-a")
	r.edit(t, crdt.Edit{Insert: "the view is here"})
	const seen = 1
	for last := uint64(seen); last < 16_384; { // then the next patch makes the log forget
		out := r.edit(t, crdt.Edit{Seen: last, Insert: "x"})
		last = out.Patches[len(out.Patches)-1].Num
	}
	if _, err := r.Since(0); err != nil {
		t.Fatal("the log forgot before the test could begin")
	}
	out := r.edit(t, crdt.Edit{Seen: seen, At: 4, Insert: "slow "})
	if len(out.Patches) != 16_384 || out.Patches[0].Num != 2 {
		t.Errorf("%d patches, the first is %d", len(out.Patches), out.Patches[0].Num)
	}
	if text, _ := r.Text(); !strings.HasSuffix(text, "the slow view is here") {
		t.Errorf("the text ends in %q", text[len(text)-30:])
	}
}

// A view of an earlier opening never takes new patches for its own next ones.
func TestPatchesOfALaterOpening(t *testing.T) {
	a, first := found(t, "actor-a")
	out := a.edit(t, crdt.Edit{Insert: "abc"})
	_, seen := a.Text()
	b, err := crdt.Open(crdt.Config{
		ID: crdt.DocID{1}, Actor: "actor-b", Changes: append([]crdt.Change{first}, out.Changes...), Seen: seen,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Since(seen); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("the old view is not stale: %v", err)
	}
	text, now := b.Text()
	if patches, err := b.Since(now); text != "abc" || len(patches) != 0 || err != nil {
		t.Errorf("a new view of %q: %v, %v", text, patches, err)
	}
	edited, err := b.Edit(crdt.Edit{Seen: now, At: 3, Insert: "d"}, noon)
	if err != nil || edited.Patches[0].Num != now+1 {
		t.Errorf("the first patch is %+v after %d, %v", edited.Patches, now, err)
	}
	if _, err := b.Since(seen); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("after an edit the old view is not stale: %v", err)
	}
}

func TestHeldNamesAChangeByNumber(t *testing.T) {
	a, first := found(t, "actor-a")
	if h, ok := a.Held("actor-a", 1); !ok || h != first.Hash {
		t.Errorf("change 1 is %v, %v", h, ok)
	}
	for _, seq := range []uint64{0, 2} {
		if _, ok := a.Held("actor-a", seq); ok {
			t.Errorf("change %d is held", seq)
		}
	}
}
