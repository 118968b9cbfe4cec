package trust

import (
	"testing"
	"time"

	"starling/sync/identity"
)

// maxJudging is how long a peer may be busy with a roster that a member has filled
// with what takes the most work.
const maxJudging = 5 * time.Second

// A viewer links as many devices as there may be, and then each of them removes
// others, apart from each other. The peer must not stand still over it.
func TestCrossingDevicesOfOneViewer(t *testing.T) {
	c := newCast(t, map[string]Role{"viewer": Viewer})
	r, viewer := c.own["founder"], c.ids["viewer"]
	known := func(of ...*Statement) []StatementHash { return hashes(of) }
	top := r.Frontier()
	said := func(by *identity.Identity, s Statement) *Statement {
		s.Space, s.Time = c.space, noon.Unix()
		out, err := sign(by, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const n = MaxMinorOf
	others := devices(t, n)
	var all []*Statement
	last := top
	for _, d := range others {
		s := said(viewer, Statement{
			Kind: Link, Known: last, Subject: d.ID(), Person: viewer.ID(), To: viewer.ID(), Consent: Consent(d, viewer.ID()),
		})
		last = known(s)
		all = append(all, s)
	}
	for i, d := range others {
		all = append(all, said(d, Statement{Kind: Remove, Known: last, Subject: others[(i+1)%n].ID()}))
	}
	begin := time.Now()
	for len(all) > 0 {
		part := min(len(all), 64)
		add(t, r, all[:part]...)
		r.Members()
		all = all[part:]
		if took := time.Since(begin); took > maxJudging {
			t.Fatalf("with %d statements to come it took %v", len(all), took)
		}
	}
	t.Logf("took %v", time.Since(begin))
	if role, ok := r.Role(c.id("founder")); !ok || role != Owner {
		t.Errorf("the founder is %v", role)
	}
}

// An owner states as much as there is room for. The founder must be able to
// remove it all the same, and to invite others, on a peer that heard the flood
// first.
func TestAnOwnersFloodLeavesRoomForTheFounder(t *testing.T) {
	c := newCast(t, map[string]Role{"mallory": Owner})
	r, founder := c.own["founder"], c.ids["founder"]
	mallory := c.ids["mallory"]
	top := r.Frontier()
	for i := range MaxStatements + 100 {
		s, err := sign(mallory, Statement{
			Kind: Invite, Space: c.space, Time: noon.Unix(), Known: top, Key: [32]byte{1, byte(i), byte(i >> 8)}, Role: Viewer,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = r.Add(s) // it may be full
	}
	if _, err := r.Remove(founder, Removal{Subject: mallory.ID(), Whole: true}, noon); err != nil {
		t.Errorf("remove: %v", err)
	}
	if role, ok := r.Role(mallory.ID()); ok {
		t.Errorf("after the removal the one who floods is %v", role)
	}
	said, err := r.Admit(founder, Admission{Subject: device(t).ID(), Name: "Nora", Role: Owner}, noon)
	if err != nil || len(said) != 1 {
		t.Errorf("then %d admissions were kept: %v", len(said), err)
	}
}

// A viewer, or a device stolen from one, states all that it may. Everyone else
// still says what they may: leaves, revokes a lost device, proves a fork; and the
// viewer's person still gets rid of the stolen device.
func TestAViewersFloodLeavesRoomForTheOthers(t *testing.T) {
	c := newCast(t, map[string]Role{"ed": Editor, "eve": Editor, "viewer": Viewer})
	c.link("ed", "lost")
	c.link("viewer", "stolen")
	c.meet()
	r := c.own["founder"]
	top, stolen := r.Frontier(), c.ids["stolen"]
	for range 2 * MaxMinor {
		d := device(t)
		s, err := sign(stolen, Statement{
			Kind: Link, Space: c.space, Time: noon.Unix(), Known: top,
			Subject: d.ID(), Person: c.id("viewer"), To: stolen.ID(), Consent: Consent(d, stolen.ID()),
		})
		if err != nil {
			t.Fatal(err)
		}
		add(t, r, s)
	}
	c.meet()
	c.revoke("ed", "lost")
	c.revoke("viewer", "stolen")
	c.remove("eve", "eve")
	if said, err := r.Fork(testDoc, c.forked("ed", 5, 1), c.forked("ed", 5, 2), Parting{}); err != nil || len(said) != 1 {
		t.Errorf("%d proofs were kept: %v", len(said), err)
	}
	c.meet()
	c.want(map[string]Role{"founder": Owner, "ed": Editor, "viewer": Viewer})
}

// flooded is a roster in which an owner, apart from each other, states n removals of
// itself and n of its second device, which states n invitations.
func flooded(t *testing.T, n int) *Roster {
	t.Helper()
	c := newCast(t, map[string]Role{"mallory": Owner})
	c.link("mallory", "second")
	r := c.own["second"]
	mallory, second := c.ids["mallory"], c.ids["second"]
	top := r.Frontier()
	say := func(by *identity.Identity, i int, s Statement) {
		s.Space, s.Time, s.Known = c.space, noon.Unix()+int64(i), top
		done, err := sign(by, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(add(t, r, done)) == 0 {
			t.Fatal("there is no room")
		}
	}
	for i := range n {
		say(mallory, i, Statement{Kind: Remove, Subject: mallory.ID(), Whole: true})
		say(mallory, i, Statement{Kind: Remove, Subject: second.ID()})
		say(second, i, Statement{Kind: Invite, Key: [32]byte{1, byte(i), byte(i >> 8)}, Role: Viewer})
	}
	return r
}

// What one owner states apart from each other takes work as its square, not its cube:
// also where it takes its own devices away and is itself taken away.
func TestWorkOverAFloodOfRemovals(t *testing.T) {
	looks := make(map[int]int)
	for _, n := range []int{60, 120} {
		r := flooded(t, n)
		e := newEvaluation(r, r.all)
		if out := e.run(); !out.agree(r.view().out, r.all) || len(out) == 0 {
			t.Fatal("another outcome")
		}
		if looks[n] = e.looks; e.looks > 20*n*n {
			t.Errorf("of %d statements each it was looked %d times whether one attacks another", n, e.looks)
		}
	}
	if looks[120] > 5*looks[60] {
		t.Errorf("%d looks over twice as much, %d before", looks[120], looks[60])
	}
	t.Logf("looks: %v", looks)
}
