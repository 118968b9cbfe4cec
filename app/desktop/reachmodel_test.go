package desktop

import (
	"reflect"
	"slices"
	"strings"
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

// Who has a text is told by its newest state, with what was read before of those
// people: nobody has it any more who had what was there before.
func TestReachNow(t *testing.T) {
	last := &peer.Reached{
		Saved:   true,
		Reached: []peer.ReachedMember{{Person: grace, By: "Edith"}, {Person: alan, Connected: true}},
		Missing: []peer.ReachedMember{{Person: edith, LastSeen: noon}},
	}
	got := reachNow(peer.DocState{
		Saved: true, Reached: []peer.Member{{Person: alan}}, Missing: []peer.Member{{Person: edith}, {Person: grace}, {Person: me}},
	}, last)
	want := &peer.Reached{
		Saved: true, Reached: []peer.ReachedMember{{Person: alan, Connected: true}},
		Missing: []peer.ReachedMember{{Person: edith, LastSeen: noon}, {Person: grace}, {Person: me}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s := stateOf(got); !s.Saved || len(s.Reached) != 1 || len(s.Missing) != 3 || s.Missing[1].ID != grace.ID {
		t.Errorf("the state is %+v", s)
	}
}

// A state that is read while who has the text may not be read yet brings that, too.
func TestStateTellsWhoHasTheText(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	b := newBridge(t.Context(), s.peer, nil, nil)
	b.open.Store(s.shared.doc)
	g := gatherer{bridge: b}
	g.all()
	n := news{doc: g.doc()}
	g.readDesk(&n)
	if n.reach != nil {
		t.Fatal("it is known before it was read")
	}
	if err := g.readReach(&n); err != nil || n.reach == nil {
		t.Fatalf("%v, %v", n.reach, err)
	}
	g.reachAt = time.Now().Add(time.Hour)
	g.note(peer.StateChanged{Doc: g.doc()})
	next := news{doc: g.doc()}
	g.readDesk(&next)
	if next.state == nil || next.reach == nil || next.reach == n.reach {
		t.Errorf("it brings %+v and %+v", next.state, next.reach)
	}
}

// The chip, the line below the page and the column of people say the same.
func TestAllSayTheSameOfWhoHasTheText(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.world.Spaces = slices.Clone(s.world.Spaces) // the bridge has them too
	s.world.Spaces[0].Members = slices.Concat(s.world.Spaces[0].Members, []peer.Member{{Person: grace, Role: roleEditor}})
	one := []peer.Member{{Person: grace}}
	for _, r := range []*peer.Reached{
		{Saved: true, Reached: []peer.ReachedMember{{Person: grace}}},
		{Saved: true, Missing: []peer.ReachedMember{{Person: grace}}},
		{},
	} {
		s.showDesk(news{doc: s.desk.Doc, state: &peer.DocState{Saved: true, Reached: one, Missing: one}, reach: r})
		s.renderDesk()
		chip, line := s.header.pill.view.Words, s.status.view.Who
		for words, want := range map[string]bool{"1 of 1": len(r.Reached) == 1, "0 of 1": len(r.Missing) == 1, "Saving…": !r.Saved} {
			if strings.Contains(chip, words) != want {
				t.Errorf("of %+v the chip says %q", r, chip)
			}
		}
		for words, want := range map[string]bool{"reached Grace": len(r.Reached) == 1, "not yet Grace": len(r.Missing) == 1, "Saving…": !r.Saved} {
			if strings.Contains(line, words) != want {
				t.Errorf("of %+v the line says %q", r, line)
			}
		}
	}
}
