package peer

import (
	"context"
	"errors"
	"slices"
	"testing"

	"starling/sync/protocol"
	"starling/sync/trust"
)

// aSplit is some split, another one for each n, of a device and document.
func aSplit(device, doc byte, n uint64) trust.ForkInfo {
	return trust.ForkInfo{
		Doc: [16]byte{doc}, Device: DeviceID{device}, Actor: "a", Seq: n, Counts: [32]byte{1}, Other: [32]byte{2},
	}
}

// A split counts as noted once it is stored.
func TestSplitIsStored(t *testing.T) {
	p, space := alone(t)
	f := aSplit(1, 1, 1)
	broken, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.noteSplit(broken, space, f); err == nil {
		t.Fatal("it is stored all the same")
	}
	if len(p.splits.of(space)) > 0 {
		t.Error("a split that is not stored is noted")
	}
	if ok, err := p.noteSplit(t.Context(), space, f); !ok || err != nil {
		t.Fatal(ok, err)
	}
	p.splits.drop(space, f)
	if err := p.loadSplits(t.Context()); err != nil || !slices.Contains(p.splits.of(space), f) {
		t.Errorf("it is not stored: %v", err)
	}
}

// Splits after one that can't be read are read.
func TestBadSplitIsLeftOut(t *testing.T) {
	p, space := alone(t)
	var stored splits
	stored.add(space, aSplit(1, 1, 1))
	stored.add(space, aSplit(1, 1, 2))
	raw := stored.bytes()
	raw[152] = trust.MaxActor + 1
	if err := p.store.Set(t.Context(), keySplits, raw); err != nil {
		t.Fatal(err)
	}
	if err := p.loadSplits(t.Context()); err != nil || len(p.splits.of(space)) != 1 {
		t.Errorf("%d splits, %v", len(p.splits.of(space)), err)
	}
}

// Who sends of a branch what is signed for its origin has done nothing wrong, even
// where the branch is held and not known to be one.
func TestHeldBranchOfUnknownOrigin(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	branch := begin(t, p, space, "branch\n")
	a := newAuthor(t, d)
	a.admit(t)
	r := a.sends(a.write(t, 0, "word ")...)
	r.Doc = branch.id
	_, err := p.receive(t.Context(), r)
	if unknown := (*unknownBranchError)(nil); !errors.As(err, &unknown) || unknown.origin != d.id || errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("it is refused as %v", err)
	}
}

// Where branches are only said to part, they are branches once both were seen here.
func TestForksThatAreOnlySaid(t *testing.T) {
	p, id := alone(t)
	d := begin(t, p, id, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	sign := func(hash byte) trust.Head {
		return trust.SignHead(a.id, id, d.id, a.nonce, 9, [32]byte{hash}, nil)
	}
	at := trust.Parting{Seq: 2, Hashes: [2][32]byte{{3}, {4}}}
	err := p.amend(t.Context(), id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Fork(d.id, sign(1), sign(2), at)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.proved(id)); n != 1 {
		t.Fatalf("%d forks are said", n)
	}
	if forks := p.forks(id); len(forks) > 0 {
		t.Errorf("what was only said is taken for a fork: %+v", forks)
	}
	seen := trust.ForkInfo{
		Doc: d.id, Device: a.id.ID(), Actor: string(a.doc.Actor()), Seq: 2, Counts: at.Hashes[0], Other: at.Hashes[1],
	}
	if ok, err := p.noteSplit(t.Context(), id, seen); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if forks := p.forks(id); len(forks) != 1 || forks[0].Statement == (trust.StatementHash{}) {
		t.Errorf("what was said and seen is %+v", forks)
	}
}

// One device's forks leave room for those of others, and those that are proved for more
// of its own.
func TestRoomForSplits(t *testing.T) {
	p, id := alone(t)
	d := begin(t, p, id, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	sign := func(hash byte) trust.Head {
		return trust.SignHead(a.id, id, d.id, a.nonce, 1, [32]byte{hash}, nil)
	}
	one := trust.ForkInfo{
		Doc: d.id, Device: a.id.ID(), Actor: string(a.doc.Actor()), Seq: 1, Counts: [32]byte{1}, Other: [32]byte{2},
	}
	note := func(f trust.ForkInfo) bool {
		ok, err := p.noteSplit(t.Context(), id, f)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !note(one) {
		t.Fatal("there is no room for a fork")
	}
	of := one
	for n := range uint64(maxDeviceSplits - 1) {
		of.Doc, of.Seq = [16]byte{byte(n), 1}, n+2
		if !p.splits.add(id, of) {
			t.Fatalf("there is no room for %d forks", n)
		}
	}
	if of.Seq++; note(of) {
		t.Error("a device has room for any number of forks")
	}
	if !note(aSplit(9, 1, 1)) {
		t.Error("one device's forks leave no room for another's")
	}
	err := p.amend(t.Context(), id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Fork(d.id, sign(1), sign(2), trust.Parting{})
	})
	if err != nil {
		t.Fatal(err)
	}
	if !note(of) {
		t.Error("what is proved takes room")
	}
	if !isProved(p.forks(id), one) || !isProved(p.forks(id), of) {
		t.Error("a fork is lost")
	}
}
