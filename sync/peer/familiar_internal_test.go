package peer

import (
	"testing"

	"starling/sync/identity"
	"starling/sync/trust"
)

// Those of a space that we are out of are strangers by every count or by none: none
// where others took us out, and may take us back; by every one where we have left, and
// then they see nothing of one who is invisible.
func TestStrangersByOneCount(t *testing.T) {
	for _, left := range []bool{false, true} {
		ids := make([]*identity.Identity, 2)
		for i := range ids {
			var err error
			if ids[i], err = identity.New(); err != nil {
				t.Fatal(err)
			}
		}
		owner, me := ids[0], ids[1]
		n := dialler(1)
		n.p.me.ID, n.p.bounds.invisible = me.ID(), true
		roster, err := trust.FoundSpace(owner, "Team", noon)
		if err != nil {
			t.Fatal(err)
		}
		sp := &space{id: roster.ID(), roster: roster}
		n.p.spaces[sp.id] = sp
		admit := func(who DeviceID) {
			t.Helper()
			if _, err := roster.Admit(owner, trust.Admission{Subject: who, Role: trust.Editor}, noon); err != nil {
				t.Fatal(err)
			}
		}
		admit(me.ID())
		for i := range maxStrangers {
			who := device(byte(i + 1))
			admit(who)
			n.links[who] = &link{}
		}
		if count := n.strangersLocked(); count != 0 {
			t.Errorf("%d of our space are strangers", count)
		}
		by := owner
		if left {
			by = me
		}
		if _, err := roster.Remove(by, trust.Removal{Subject: me.ID(), Whole: true}, noon); err != nil {
			t.Fatal(err)
		}
		want := 0
		if left {
			want = maxStrangers
		}
		if count := n.strangersLocked(); count != want {
			t.Errorf("left %t: %d are strangers, want %d", left, count, want)
		}
		for who := range n.links {
			if n.p.knows(who) == left || n.hidesFrom(who) != left {
				t.Fatalf("left %t: to the endpoint one is known: %t, it is hidden from them: %t", left, n.p.knows(who), n.hidesFrom(who))
			}
		}
		n.know(device(1))
		if !n.p.knows(device(1)) || n.hidesFrom(device(1)) || left && n.strangersLocked() != maxStrangers-1 {
			t.Errorf("left %t: one who is paired is a stranger", left)
		}
	}
}
