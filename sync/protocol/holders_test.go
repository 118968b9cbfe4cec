package protocol

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// Who asks who has a document is told, and told again when that has changed, and only
// what is new.
func TestWhoHasItIsAskedAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		if x.session.AskHolders(trust.SpaceID{9}, docs[0]) != nil {
			t.Error("it asks in a space that is not open")
		}
		tell := func(digest byte, devices ...identity.DeviceID) {
			y.session.TellHolders(Topic{space, docs[0]}, [32]byte{digest}, devices)
			pass(time.Second)
		}
		cy, dai := identity.DeviceID{3}, identity.DeviceID{4}
		tell(1, cy) // which nobody has asked for
		told := x.session.AskHolders(space, docs[0])
		if other := x.session.AskHolders(space, docs[0]); told == nil || other != told {
			t.Error("it asks twice")
		}
		pass(time.Second)
		if b.asked != 1 || !y.session.Asks(Topic{space, docs[0]}) || y.session.Asks(Topic{space, docs[1]}) || len(a.holders) > 0 {
			t.Fatalf("asked %d times, told %v", b.asked, a.holders)
		}
		tell(1)
		select {
		case <-told:
		default:
			t.Error("that nobody has it is no answer")
		}
		tell(1)
		tell(1, dai, cy)
		tell(1, cy, dai)
		tell(3, cy)
		var want []holders
		for _, w := range []holders{{Digest: [32]byte{1}}, {Digest: [32]byte{1}, Devices: []identity.DeviceID{cy, dai}}, {Digest: [32]byte{3}, Devices: []identity.DeviceID{cy}}} {
			w.Space, w.Doc = space, docs[0]
			want = append(want, w)
		}
		if !reflect.DeepEqual(a.holders, want) {
			t.Errorf("told %v, want %v", a.holders, want)
		}
	})
}

// What is heard of what the peer has asked for is taken once, as is what it has just
// asked for; what is heard of anything else is not noted.
func TestWhatIsHeardOfWhatWasAskedIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		one, two := found(1, a, b), found(2, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		first, second, other := Topic{one, docs[0]}, Topic{one, docs[1]}, Topic{two, docs[0]}
		all := []Topic{first, second, other}
		for _, topic := range all {
			x.session.AskHolders(topic.Space, topic.Doc)
		}
		pass(time.Second)
		expect := func(when string, want ...Topic) {
			t.Helper()
			for again, want := range [][]Topic{want, nil} {
				got := make(map[Topic]struct{})
				y.session.TakeHeard(got)
				for _, topic := range all {
					if _, ok := got[topic]; ok != slices.Contains(want, topic) {
						t.Errorf("%s, taken %d times before: %v of %v", when, again, ok, topic)
					}
				}
			}
		}
		expect("asked", all...)
		if !y.session.Heard(first) || y.session.Heard(Topic{two, docs[1]}) {
			t.Error("what was asked for is not noted, or what was not is")
		}
		expect("heard of one, and not of it by another space", first)
		if !y.session.HeardAll(one) || y.session.HeardAll(trust.SpaceID{9}) {
			t.Error("what was asked for by a space is not noted, or what was not is")
		}
		y.session.TellHolders(first, [32]byte{1}, nil)
		expect("heard of all", first, second)
	})
}

// What is told by another space than was asked by is no answer, and takes the place of
// none.
func TestAnAnswerIsOfTheSpaceThatWasAskedBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		asked, other := found(1, a, b), found(2, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		told := x.session.AskHolders(asked, docs[0])
		pass(time.Second)
		y.session.TellHolders(Topic{asked, docs[0]}, [32]byte{1}, nil)
		y.session.TellHolders(Topic{other, docs[0]}, [32]byte{2}, nil)
		y.session.send(&holders{Space: other, Doc: docs[0], Digest: [32]byte{3}})
		pass(time.Second)
		if want := []holders{{Space: asked, Doc: docs[0], Digest: [32]byte{1}}}; !reflect.DeepEqual(a.holders, want) {
			t.Errorf("told %v, want %v", a.holders, want)
		}
		<-told
	})
}

// Nobody is asked, or told, about more documents than are remembered, nor about those
// of a space that is not shared.
func TestAskingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		for n := range MaxAsked + 50 {
			x.session.AskHolders(space, crdt.DocID{7, byte(n >> 8), byte(n)})
		}
		x.session.send(&holders{Space: trust.SpaceID{9}, Doc: docs[0], Ask: true})
		y.session.send(&holders{Space: space, Doc: docs[0], Devices: []identity.DeviceID{{3}}}) // unasked
		pass(time.Second)
		ours, theirs := len(x.session.asking.ours), len(y.session.asking.theirs)
		if ours != MaxAsked || theirs != MaxAsked || b.asked != MaxAsked+50 || y.session.Asks(Topic{space, docs[0]}) || len(a.holders) > 0 {
			t.Errorf("it is remembered that %d were asked for, and %d by the other; the host heard of %d", ours, theirs, b.asked)
		}
	})
}
