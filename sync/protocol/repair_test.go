package protocol

import (
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// chain is changes of an actor, each on top of the one before.
func chain(actor string, n int) []crdt.Change {
	var out []crdt.Change
	var deps []crdt.Hash
	for seq := range uint64(n) {
		c := makeChange([]byte(actor), seq+1, 10, deps...)
		out, deps = append(out, c), []crdt.Hash{c.Hash}
	}
	return out
}

// hold commits changes of which no session is told.
func (h *fakeHost) hold(space trust.SpaceID, doc crdt.DocID, changes ...crdt.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.doc(space, doc)
	for _, c := range changes {
		d.take(c)
		d.committed++
		d.heads = append(d.heads, h.head(c))
	}
}

// takeAllFrom is takeFrom with several changes in one commit.
func (h *fakeHost) takeAllFrom(from identity.DeviceID, space trust.SpaceID, doc crdt.DocID, changes ...crdt.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	commit := Commit{Space: space, Doc: doc, Changes: changes, From: from}
	for _, c := range changes {
		h.doc(space, doc).take(c)
		commit.Heads = append(commit.Heads, h.head(c))
	}
	h.commitLater(commit)
}

// wantSent fails unless the peer was sent all of some changes.
func (p *raw) wantSent(want ...crdt.Change) {
	p.t.Helper()
	got := make(map[string]bool)
	for _, m := range append(of[*changes](p.drain()), p.bulk()...) {
		for _, c := range m.Changes {
			got[string(c)] = true
		}
	}
	for _, c := range want {
		if !got[string(c.Bytes)] {
			p.t.Errorf("%s %d was not sent", c.Actor, c.Seq)
		}
	}
}

// Of a commit that has a gap before the changes of one actor, those of the others go
// to the peer too.
func TestAGapHoldsUpNoOtherActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.send(&reach{[]identity.DeviceID{{3}}})
		synctest.Wait()
		h.edit(space, docs[0], 10) // or it would have nothing of the document
		pass(time.Second)
		a, b := chain("actor a", 2), chain("actor b", 1)
		h.takeFrom(identity.DeviceID{3}, space, docs[0], a[0])
		h.takeAllFrom(identity.DeviceID{4}, space, docs[0], a[1], b[0])
		pass(3 * time.Second)
		p.wantSent(a[0], a[1], b[0])
	})
}

// A peer that has nothing of a document gets its snapshot also if it is a commit of
// some actors that tells so.
func TestAGapBeforeAllGoesAsASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, other := newFakeHost(t, 1), newFakeHost(t, 2)
		h.minSnapshot = 10
		space := found(1, h, other)
		dial(h, other)
		pass(time.Second)
		a, b, c := chain("actor a", 10), chain("actor b", 10), chain("actor c", 10)
		h.hold(space, docs[0], append(append(a[:9:9], b[:9]...), c...)...)
		h.takeAllFrom(identity.DeviceID{4}, space, docs[0], a[9], b[9])
		pass(time.Second)
		same(t, h, other)
		if other.snapshotBytes == 0 {
			t.Error("it came as changes")
		}
	})
}

// One who has lost something gets what else it lacks by its request, though nothing
// of that is on its way.
func TestWhoHasLostSomethingGetsTheRestToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		a, b := chain("actor a", 3), chain("actor b", 1)
		h.takeAllFrom(identity.DeviceID{4}, space, docs[0], a...)
		pass(time.Second)
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(a))})
		pass(time.Second)
		p.drain()
		h.hold(space, docs[0], b...)
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(a[:1])), Want: true})
		pass(3 * time.Second)
		p.wantSent(a[1], a[2], b[0])
	})
}

// A repair of one actor leaves no gap in what counts as sent of another, of whom
// something was withheld, and more is committed while it goes on.
func TestARepairLeavesNoGapInWhatIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.send(&reach{[]identity.DeviceID{{3}}})
		synctest.Wait()
		a, b := chain("actor a", 4), chain("actor b", 2)
		h.takeFrom(identity.DeviceID{4}, space, docs[0], a[0])
		pass(time.Second)
		h.takeAllFrom(identity.DeviceID{3}, space, docs[0], a[1], a[2]) // withheld
		h.takeFrom(identity.DeviceID{3}, space, docs[0], b[0])
		synctest.Wait()
		late := a[3:]
		h.onHeads = func() {
			h.hold(space, docs[0], late...)
			late = nil
		}
		h.takeFrom(identity.DeviceID{4}, space, docs[0], b[1]) // past a gap
		pass(5 * time.Second)
		p.wantSent(a[0], a[1], a[2], b[0], b[1])
	})
}

// What a peer says that it has is asked for, though something else has come meanwhile.
func TestWhatAPeerIsAheadByIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(chain("actor a", 1)))})
		pass(maxPatience + wantDelay/2)
		c := chain("actor b", 1)[0]
		p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{c.Bytes}, Heads: []head{toHead(h.head(c))}})
		pass(wantInterval)
		for _, m := range of[*have](p.drain()) {
			if m.Want {
				return
			}
		}
		t.Error("it was not asked for")
	})
}

// What a peer has lost is not forgotten when the catch-up with it fails.
func TestWhatIsLostIsSentAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		a := chain("actor a", 3)
		h.takeAllFrom(identity.DeviceID{4}, space, docs[0], a...)
		pass(time.Second)
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(a))})
		pass(time.Second)
		p.drain()
		h.mu.Lock()
		h.unread = errDisk
		h.mu.Unlock()
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(a[:1])), Want: true})
		pass(retryDelay / 2)
		h.mu.Lock()
		h.unread = nil
		h.mu.Unlock()
		pass(2 * retryDelay)
		p.wantSent(a[1], a[2])
	})
}

// A probe that is never answered makes room for the next one, whether or not the peer
// has answered one before; and what was had from another tells too.
func TestAProbeThatIsNeverAnswered(t *testing.T) {
	for _, known := range []bool{false, true} {
		d, now := &docState{theirs: crdt.Vector{}}, time.Now()
		s := &Session{lagKnown: known, probe: probe{d: d, actor: "a", seq: 1, at: now}}
		if late := s.lateness(now.Add(ackAlone + time.Second)); (late == time.Second) != known || s.probe.d == nil {
			t.Errorf("known %v: %v late after a second", known, late)
		}
		if late := s.lateness(now.Add(ackAlone + maxPatience)); late != 0 || s.probe.d != nil {
			t.Errorf("known %v: %v late in the end, and the probe is %v", known, late, s.probe)
		}
		if s.probeBy(d, Commit{From: identity.DeviceID{3}, Changes: []crdt.Change{{Actor: "a", Seq: 2}}}); s.probe.seq != 2 {
			t.Errorf("known %v: the probe is %v", known, s.probe)
		}
	}
}
