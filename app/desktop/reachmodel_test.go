package desktop

import (
	"slices"
	"testing"
	"time"

	"starling/sync/peer"
)

func TestWhoHas(t *testing.T) {
	two := noon.Add(2*time.Hour + 2*time.Minute)
	missing := func(p peer.Person) peer.ReachedMember { return peer.ReachedMember{Person: p, LastSeen: two} }
	have := func(people ...peer.Person) (all []peer.ReachedMember) {
		for _, p := range people {
			all = append(all, peer.ReachedMember{Person: p})
		}
		return all
	}
	laptop := peer.ReachedMember{Person: peer.Person{Name: "laptop"}, Mine: true, LastSeen: two}
	told := peer.ReachedMember{Person: alan, By: "Grace"}
	late := peer.ReachedMember{Person: alan, Connected: true}
	for _, c := range []struct {
		r    *peer.Reached
		want string
	}{
		{nil, ""},
		{&peer.Reached{}, "Saving…"},
		{&peer.Reached{Saved: true, Err: peer.ErrStopped}, "Not saved"},
		{&peer.Reached{Saved: true}, "Saved here"},
		{&peer.Reached{Saved: true, Reached: have(grace)}, "Saved here; reached Grace"},
		{
			&peer.Reached{Saved: true, Reached: have(grace, alan), Missing: []peer.ReachedMember{missing(edith)}},
			"Saved here; reached Grace and Alan; not yet Edith, last seen 14:02",
		},
		{&peer.Reached{Saved: true, Missing: []peer.ReachedMember{late}}, "Saved here; not yet Alan, catching up"},
		{&peer.Reached{Saved: true, Missing: []peer.ReachedMember{{Person: alan}}}, "Saved here; not yet Alan, not seen yet"},
		{
			&peer.Reached{Saved: true, Missing: []peer.ReachedMember{missing(grace), late}},
			"Saved here; not yet Grace and Alan",
		},
		{
			&peer.Reached{Saved: true, Reached: have(grace, alan, edith, me, grace)},
			"Saved here; reached Grace, Alan and 3 others",
		},
		{&peer.Reached{Saved: true, Reached: []peer.ReachedMember{laptop}}, "Saved here; reached your laptop"},
		{&peer.Reached{Saved: true, Reached: []peer.ReachedMember{told}}, "Saved here; reached Alan (as Grace says)"},
	} {
		if got := whoHas(c.r, two.Add(time.Hour)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.r, got, c.want)
		}
	}
	if got := whoHasBriefly(&peer.Reached{Saved: true, Reached: have(grace), Missing: []peer.ReachedMember{late}}); got != "Reached 1 of 2" {
		t.Errorf("briefly: %q", got)
	}
	reached, not := whoHasLines(&peer.Reached{Reached: have(grace), Missing: []peer.ReachedMember{missing(edith), laptop}}, two)
	if !slices.Equal(reached, []string{"Grace"}) || !slices.Equal(not, []string{"Edith, last seen 14:02", "Your laptop, last seen 14:02"}) {
		t.Errorf("got %q and %q", reached, not)
	}
}
