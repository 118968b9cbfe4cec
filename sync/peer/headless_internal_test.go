package peer

import (
	"maps"
	"slices"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// left is a document with one change of b's over which no head is held: the only one
// came over a later change, which has given way with the branch of a's that it builds
// on.
func left(t *testing.T) (d *Doc, b *author, kept crdt.Change) {
	t.Helper()
	p, space := alone(t)
	d = begin(t, p, space, "begin\n")
	b, kept, _ = leave(t, d)
	return d, b, kept
}

// leave has that be in a document, and returns the later change, too.
func leave(t *testing.T, d *Doc) (b *author, kept, later crdt.Change) {
	t.Helper()
	m := &team{t: t, peers: []*Peer{d.p}, space: d.space, doc: d.id}
	a, b := newAuthor(t, d), newAuthor(t, d)
	a.admit(t)
	b.admit(t)
	counts, other := a.forked(t, 1)
	kept = b.write(t, 0, "kept ")[0]
	if _, err := b.doc.Apply(other); err != nil {
		t.Fatal(err)
	}
	later = b.write(t, 0, "on top ")[0]
	d.mustReceive(t, a.sends(other...))
	d.mustReceive(t, b.sends(kept, later))
	d.mustReceive(t, a.sends(counts...))
	m.mend(d.p)
	if tip := d.p.store.Committed(d.id)[b.doc.Actor()]; tip.Hash != kept.Hash {
		t.Fatalf("%d changes of b's are held", tip.Seq)
	}
	return b, kept, later
}

// headsOf are the heads that a document holds over an actor's changes.
func headsOf(t *testing.T, d *Doc, a crdt.ActorID) (heads []store.Head) {
	t.Helper()
	all, err := d.p.store.HeadsSince(t.Context(), d.id, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		if h.Actor == a {
			heads = append(heads, h)
		}
	}
	return heads
}

// What has no head left is known, one that comes over it is kept, and then none is
// lacking.
func TestAHeadOverWhatIsHeldIsKept(t *testing.T) {
	d, b, kept := left(t)
	p, actor := d.p, b.doc.Actor()
	if heads := headsOf(t, d, actor); len(heads) > 0 {
		t.Fatalf("%d heads of b's are held", len(heads))
	}
	lacking, err := p.headlessOf(t.Context(), d.space, d.id, p.store.Committed(d.id))
	if _, lacks := lacking[actor]; err != nil || len(lacking) != 1 || !lacks {
		t.Fatalf("heads are lacking of %v, %v", lacking, err)
	}
	soon(t, "that is noted", func() bool {
		return p.docs.besides.lacksHead(d.id, trust.Head{Actor: string(actor), Seq: kept.Seq})
	})
	d.mustReceive(t, b.sends(kept))
	if heads := headsOf(t, d, actor); len(heads) != 1 || heads[0].Hash != kept.Hash {
		t.Errorf("the heads of b's that are held are %+v", heads)
	}
	soon(t, "nothing is lacking any more", func() bool {
		return !p.docs.besides.lacksHead(d.id, trust.Head{Actor: string(actor), Seq: kept.Seq})
	})
}

// A head over what is held is taken only if it is what it says, by one who could write,
// and over just that.
func TestABadHeadOverWhatIsHeld(t *testing.T) {
	d, b, kept := left(t)
	p, actor := d.p, b.doc.Actor()
	soon(t, "it is known what lacks a head", func() bool {
		return p.docs.besides.lacksHead(d.id, trust.Head{Actor: string(actor), Seq: kept.Seq})
	})
	for what, test := range map[string]struct {
		head    func() trust.Head
		refused bool
	}{
		"another's signature": {func() trust.Head {
			h := b.sends(kept).Heads[0]
			h.Sig = trust.SignHead(p.id, d.space, d.id, b.nonce, h.Seq, h.Hash, nil).Sig
			return h
		}, true},
		"another change": {func() trust.Head {
			return trust.SignHead(b.id, d.space, d.id, b.nonce, kept.Seq, [32]byte{1}, nil)
		}, false},
		"an unknown roster": {func() trust.Head {
			return trust.SignHead(b.id, d.space, d.id, b.nonce, kept.Seq, kept.Hash, []trust.StatementHash{{1}})
		}, false},
	} {
		r := protocol.Received{From: b.id.ID(), Space: d.space, Doc: d.id, Heads: []trust.Head{test.head()}}
		if _, err := p.receive(t.Context(), r); (err != nil) != test.refused {
			t.Errorf("%s: %v", what, err)
		}
		if heads := headsOf(t, d, actor); len(heads) > 0 {
			t.Errorf("%s: %+v is held", what, heads)
		}
	}
}

// A device signs anew what is left of its own, when the only head over it has gone.
func TestADeviceSignsWhatIsLeft(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	m := &team{t: t, peers: []*Peer{p}, space: space, doc: d.id}
	a := newAuthor(t, d)
	a.admit(t)
	counts, other := a.forked(t, 1)
	own := d.text().Actor()
	held := p.store.Committed(d.id)[own]
	d.mustReceive(t, a.sends(other...))
	text, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: len(text), Insert: "on top"}); err != nil {
		t.Fatal(err)
	}
	m.flush(p)
	d.mustReceive(t, a.sends(counts...))
	m.mend(p)
	if tip := p.store.Committed(d.id)[own]; tip != held {
		t.Fatalf("%d changes of our own are held, not %d", tip.Seq, held.Seq)
	}
	lacking := map[crdt.ActorID]crdt.Tip{own: {}}
	if err := p.signHeadless(t.Context(), space, d.id, p.store.Committed(d.id), lacking); err != nil || len(lacking) > 0 {
		t.Fatalf("%v is left without, %v", lacking, err)
	}
	if heads := headsOf(t, d, own); len(heads) == 0 || heads[len(heads)-1].Hash != held.Hash {
		t.Errorf("the heads over it are %+v", heads)
	}
}

// Heads that nobody has are sought for a time, of each device a few times and of all
// not too often again; then only of who was not asked yet, until it is another change
// that lacks one.
func TestHeadsThatNobodyHasAreGivenUp(t *testing.T) {
	doc, space := crdt.DocID{1}, SpaceID{2}
	covered := map[crdt.ActorID]crdt.Tip{"a": {Seq: 1}}
	for n, most := range map[int]int{1: 10, 3: 30, 49: 490, 150: 1174} {
		var b besides
		var devices []DeviceID
		for i := range n {
			devices = append(devices, device(byte(i+1)))
		}
		now, asked := noon, 0
		seek := func(of ...DeviceID) (again bool) {
			b.setHeadless(space, doc, maps.Clone(covered))
			due, again := b.toAsk(doc, of, now)
			asked += len(due)
			return again
		}
		for seek(devices...) {
			if now = now.Add(headsWait); now.Sub(noon) > time.Hour {
				t.Fatalf("of %d devices they are sought without end", n)
			}
		}
		if asked != most {
			t.Errorf("%d devices are asked %d times, want %d", n, asked, most)
		}
		now, asked = now.Add(24*time.Hour), 0
		if seek(devices...) || asked > 0 || len(b.unasked(devices[0], now)) > 0 {
			t.Errorf("of %d devices %d are asked after it was given up", n, asked)
		}
		other := device(200)
		if got := b.unasked(other, now); got[doc] != space {
			t.Errorf("another one need not be asked: %v", got)
		}
		if seek(append(devices, other)...); asked != 1 {
			t.Errorf("%d are asked when another one is here", asked)
		}
		covered["a"], asked = crdt.Tip{Seq: uint64(n + 1)}, 0
		if !seek(devices...) || asked != n {
			t.Errorf("%d are asked of another change", asked)
		}
	}
}

// Who connects again is asked again, but not more often than each minute or so, and some
// times in all besides once for each time.
func TestHeadsAreAskedForAfterAReconnect(t *testing.T) {
	doc, space, flaky, steady := crdt.DocID{1}, SpaceID{2}, device(1), device(2)
	var b besides
	b.setHeadless(space, doc, map[crdt.ActorID]crdt.Tip{"a": {Seq: 1}})
	now := noon
	here := map[DeviceID]*protocol.Session{flaky: {}, steady: {}}
	asked := make(map[DeviceID]int)
	// after has them be asked for a time, and reports whether upkeep would be told to.
	after := func(d time.Duration) (told bool) {
		clear(asked)
		for end := now.Add(d); !now.After(end); now = now.Add(headsWait) {
			b.meet(here)
			told = told || len(b.unasked(flaky, now)) > 0
			due, _ := b.toAsk(doc, slices.Collect(maps.Keys(here)), now)
			for _, one := range due {
				asked[one]++
			}
		}
		return told
	}
	if after(time.Hour); asked[flaky] != maxHeadsTimes || asked[steady] != maxHeadsTimes {
		t.Fatalf("they are asked %v times at first", asked)
	}
	here[flaky] = new(protocol.Session)
	if told := after(time.Hour); !told || asked[flaky] != maxHeadsTimes || asked[steady] > 0 {
		t.Errorf("after one has connected anew they are asked %v times, told %v", asked, told)
	}
	times, sum := 40, 0
	for range times {
		here[flaky] = new(protocol.Session)
		after(headsAnew/4 - headsWait)
		sum += asked[flaky]
	}
	if rounds := times/4 + 1; sum < rounds-1 || sum > rounds*6 {
		t.Errorf("one that connects %d times in %d rounds is asked %d times", times, rounds, sum)
	}
	sum = 0
	for range 30 {
		here[flaky] = new(protocol.Session)
		after(time.Hour)
		sum += asked[flaky]
	}
	if sum < 30 || sum > 30+maxHeadsRepeats {
		t.Errorf("one that goes on doing so is asked %d times", sum)
	}
	here[steady] = new(protocol.Session)
	if after(time.Hour); asked[steady] != maxHeadsTimes {
		t.Errorf("the other one is asked %d times then", asked[steady])
	}
	delete(here, steady)
	if after(0); len(b.headless.here) != 1 {
		t.Errorf("%d sessions are held on to", len(b.headless.here))
	}
}
