package protocol

import (
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// What is on its way is not sent again at once to one who asks for it, and not at
// all if it comes; what does not come is.
func TestWhatIsOnItsWayIsNotSentAgain(t *testing.T) {
	for _, comes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			p, space := member(t, h)
			h.edit(space, docs[0], 10)
			pass(time.Second)
			p.send(&have{Space: space, Doc: docs[0], Want: true})
			pass(100 * time.Millisecond)
			if got := p.bulk(); len(got) > 0 {
				t.Errorf("%d messages at once", len(got))
			}
			if comes {
				h.mu.Lock()
				held := toEntries(tips(h.docs[docs[0]].changes))
				h.mu.Unlock()
				p.send(&have{Space: space, Doc: docs[0], Vector: held})
			}
			pass(3 * time.Second)
			if got := p.bulk(); (len(got) == 0) != comes {
				t.Errorf("it comes: %v; %d messages later", comes, len(got))
			}
		})
	}
}

// What is written while little is caught up with goes live, and only what that or a
// catch-up leaves out waits for the next one.
func TestWhatIsFar(t *testing.T) {
	one := map[crdt.ActorID]struct{}{"a": {}}
	for name, test := range map[string]struct {
		d   docState
		far bool
	}{
		"level":                    {docState{}, false},
		"behind":                   {docState{behind: true}, true},
		"behind with one actor":    {docState{behind: true, only: one}, false},
		"catching up with much":    {docState{catching: true}, true},
		"catching up with little":  {docState{catching: true, coming: crdt.Vector{}}, false},
		"and behind with all else": {docState{catching: true, coming: crdt.Vector{}, behind: true}, true},
	} {
		if got := test.d.far(); got != test.far {
			t.Errorf("%s: far %v", name, got)
		}
	}
	p := packer{d: &docState{sent: crdt.Vector{"a": {Seq: 1}}, coming: crdt.Vector{"b": {Seq: 4}}}}
	for actor, next := range map[crdt.ActorID]uint64{"a": 2, "b": 5, "c": 1} {
		if p.gapBefore(Commit{Changes: []crdt.Change{{Actor: actor, Seq: next}}}) {
			t.Errorf("a gap before %s %d", actor, next)
		}
		if !p.gapBefore(Commit{Changes: []crdt.Change{{Actor: actor, Seq: next + 1}}}) {
			t.Errorf("no gap before %s %d", actor, next+1)
		}
	}
}

// Who is asked for what there is beyond what is named is asked once, and of no space
// that the two do not share.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		a := chain("actor a", 3)
		h.takeAllFrom(identity.DeviceID{4}, space, docs[0], a...)
		pass(time.Second)
		p.drain()
		s := h.served[0].session
		s.Ask(space, docs[0], tips(a[:1]))
		s.Ask(trust.SpaceID{9}, docs[0], tips(a[:1]))
		pass(time.Minute)
		var wants []*have
		for _, m := range of[*have](p.drain()) {
			if m.Want {
				wants = append(wants, m)
			}
		}
		if len(wants) != 1 || wants[0].Doc != docs[0] || !toVector(wants[0].Vector).Equal(tips(a[:1])) {
			t.Errorf("asked for %+v", wants)
		}
	})
}
