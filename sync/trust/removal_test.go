package trust

import (
	"errors"
	"testing"

	"starling/sync/identity"
)

func TestRemovals(t *testing.T) {
	type roles = map[string]Role
	owners := roles{"a": Owner, "b": Owner, "c": Owner}
	tests := map[string]struct {
		first roles
		do    func(c *cast)
		want  roles
	}{
		"a removal takes everything away": {roles{"a": Editor}, func(c *cast) {
			c.remove("founder", "a")
		}, roles{"founder": Owner}},
		"it voids what the removed one said meanwhile": {owners, func(c *cast) {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("a", "x", Editor)
			c.remove("founder", "a")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"but not what it names": {owners, func(c *cast) {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("a", "x", Editor)
			c.meet("a", "founder")
			c.remove("founder", "a")
		}, roles{"founder": Owner, "b": Owner, "c": Owner, "x": Editor}},
		"and what rests on what it voids": {owners, func(c *cast) {
			for _, x := range []string{"x", "y"} {
				c.ids[x], c.own[x] = device(c.t), NewRoster(c.space)
			}
			c.admit("a", "x", Owner)
			c.meet("a", "x")
			c.admit("x", "y", Editor)
			c.remove("founder", "a")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"a friend brought in meanwhile does not turn it round": {owners, func(c *cast) {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("a", "x", Owner)
			c.meet("a", "x")
			c.remove("x", "founder")
			c.remove("founder", "a")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"of two that cross the nearer to the founder stays": {owners, func(c *cast) {
			c.remove("founder", "a")
			c.remove("a", "founder")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"and of two as near the smaller ID": {owners, func(c *cast) {
			c.remove("b", "a")
			c.remove("a", "b")
		}, roles{"founder": Owner, "a": Owner, "c": Owner}},
		"a removal from outside goes before": {owners, func(c *cast) {
			c.remove("a", "b")
			c.remove("b", "a")
			c.remove("founder", "a")
		}, roles{"founder": Owner, "c": Owner, "b": Owner}},
		"nobody outlives a circle but by the best": {owners, func(c *cast) {
			c.remove("a", "b")
			c.remove("b", "c")
			c.remove("c", "a")
		}, roles{"founder": Owner, "c": Owner}},
		"the last two owners can't both leave": {roles{"a": Owner}, func(c *cast) {
			c.remove("a", "a")
			c.remove("founder", "founder")
		}, roles{"founder": Owner}},
		"nor both make themselves less": {roles{"a": Owner}, func(c *cast) {
			c.admit("a", "a", Viewer)
			c.admit("founder", "founder", Editor)
		}, roles{"a": Viewer, "founder": Owner}},
		"a removed person returns by what names the removal": {owners, func(c *cast) {
			c.remove("founder", "a")
			c.admit("founder", "a", Editor)
		}, roles{"founder": Owner, "a": Editor, "b": Owner, "c": Owner}},
		"not by what was said apart from it": {owners, func(c *cast) {
			c.remove("founder", "a")
			c.admit("b", "a", Editor)
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"an owner made an editor no longer admits": {owners, func(c *cast) {
			c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
			c.admit("founder", "a", Editor)
			c.admit("a", "x", Editor)
		}, roles{"founder": Owner, "a": Editor, "b": Owner, "c": Owner}},
		"but its new device stays": {owners, func(c *cast) {
			c.admit("founder", "a", Editor)
			c.link("a", "phone")
		}, roles{"founder": Owner, "a": Editor, "phone": Editor, "b": Owner, "c": Owner}},
		"the lesser of two roles given apart": {roles{"a": Editor, "b": Owner}, func(c *cast) {
			c.admit("founder", "a", Viewer)
			c.admit("b", "a", Owner)
		}, roles{"founder": Owner, "a": Viewer, "b": Owner}},
		"a person goes with all its devices": {owners, func(c *cast) {
			c.link("a", "phone")
			c.meet()
			c.remove("b", "phone")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"with those of which the remover had not heard": {owners, func(c *cast) {
			c.remove("b", "a")
			c.link("a", "phone")
		}, roles{"founder": Owner, "b": Owner, "c": Owner}},
		"anyone may leave": {roles{"a": Viewer}, func(c *cast) {
			c.remove("a", "a")
		}, roles{"founder": Owner}},
		"also once the device is gone by which they are named": {roles{"a": Viewer}, func(c *cast) {
			c.link("a", "phone")
			c.revoke("phone", "a")
			c.remove("phone", "phone")
		}, roles{"founder": Owner}},
		"but not for one whose device that is since": {roles{"a": Viewer, "b": Editor}, func(c *cast) {
			c.link("a", "phone")
			c.revoke("phone", "a")
			c.meet("phone", "b", "a")
			c.link("b", "a")
			c.meet()
			s, err := sign(c.ids["phone"], Statement{
				Kind: Remove, Space: c.space, Known: c.own["b"].Frontier(c.id("phone")), Time: noon.Unix(), Subject: c.id("a"), Whole: true,
			})
			if err != nil {
				c.t.Fatal(err)
			}
			for _, r := range c.own {
				_ = add(c.t, r, s) // it is not kept
			}
		}, roles{"founder": Owner, "b": Editor, "a": Editor, "phone": Viewer}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, tt.first)
			tt.do(c)
			c.want(tt.want)
		})
	}
}

func TestDevicesOfOnePerson(t *testing.T) {
	type roles = map[string]Role
	tests := map[string]struct {
		do   func(c *cast)
		want roles
	}{
		"a device is its person": {func(c *cast) {}, roles{"founder": Owner, "a": Editor, "phone": Editor}},
		"a new role is every device's": {func(c *cast) {
			c.admit("founder", "phone", Owner)
		}, roles{"founder": Owner, "a": Owner, "phone": Owner}},
		"either removes the other": {func(c *cast) {
			c.revoke("phone", "a")
		}, roles{"founder": Owner, "phone": Editor}},
		"of two that cross the first one stays": {func(c *cast) {
			c.revoke("phone", "a")
			c.revoke("a", "phone")
		}, roles{"founder": Owner, "a": Editor}},
		"they can't both go": {func(c *cast) {
			c.revoke("phone", "phone")
			c.revoke("a", "a")
		}, roles{"founder": Owner, "a": Editor}},
		"what a device linked meanwhile goes with it": {func(c *cast) {
			c.revoke("a", "phone")
			c.link("phone", "tablet")
		}, roles{"founder": Owner, "a": Editor}},
		"a removed device returns by a link that names it": {func(c *cast) {
			c.revoke("a", "phone")
			c.link("a", "phone")
		}, roles{"founder": Owner, "a": Editor, "phone": Editor}},
		"the first one too": {func(c *cast) {
			c.revoke("phone", "a")
			c.link("phone", "a")
		}, roles{"founder": Owner, "a": Editor, "phone": Editor}},
		"an owner revokes anyone's": {func(c *cast) {
			c.revoke("founder", "phone")
		}, roles{"founder": Owner, "a": Editor}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, roles{"a": Editor})
			c.link("a", "phone")
			c.meet()
			tt.do(c)
			c.want(tt.want)
		})
	}
}

// Two people of a space turn out to be one: each device links the other.
func TestTwoMembersBecomeOne(t *testing.T) {
	tests := map[string]map[string]Role{
		"alike":     {"a": Editor, "b": Editor},
		"different": {"a": Viewer, "b": Owner},
	}
	for name, roles := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, roles)
			link := func(by, device string) {
				_, err := c.own[by].Link(c.ids[by], c.id(device), c.id(by), Consent(c.ids[device], c.id(by)), noon)
				if err != nil {
					t.Fatal(err)
				}
			}
			link("a", "b")
			link("b", "a")
			best := min(roles["a"], roles["b"])
			c.want(map[string]Role{"founder": Owner, "a": best, "b": best})
			if ms := c.own["a"].Members(); len(ms) != 2 {
				t.Fatalf("members %+v", ms)
			}
			// What is said of either is said of both.
			c.admit("founder", "a", Commenter)
			c.want(map[string]Role{"founder": Owner, "a": Commenter, "b": Commenter})
			c.remove("founder", "b")
			c.want(map[string]Role{"founder": Owner})
			c.admit("founder", "a", Editor)
			if role, ok := c.own["founder"].Role(c.id("a")); !ok || role != Editor {
				t.Errorf("returned as %v", role)
			}
		})
	}
}

func TestWhatMayNotBeStated(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "e": Editor, "v": Viewer})
	c.link("e", "phone")
	c.meet()
	x := device(t)
	remove := func(by, whom string, whole bool) error {
		_, err := c.own[by].Remove(c.ids[by], Removal{Subject: c.id(whom), Whole: whole}, noon)
		return err
	}
	link := func(by, to string, consent []byte) error {
		_, err := c.own[by].Link(c.ids[by], x.ID(), c.id(to), consent, noon)
		return err
	}
	_, admitted := c.own["e"].Admit(c.ids["e"], Admission{Subject: x.ID(), Role: Editor}, noon)
	_, invited := c.own["e"].Invite(c.ids["e"], Invitation{Key: [32]byte{1}, Role: Editor}, noon)
	tests := map[string]struct{ got, want error }{
		"an editor admits":                     {admitted, ErrNotOwner},
		"an editor invites":                    {invited, ErrNotOwner},
		"an editor removes":                    {remove("e", "v", true), ErrNotOwner},
		"an editor revokes another's":          {remove("v", "phone", false), ErrNotOwner},
		"the only device goes alone":           {remove("v", "v", false), ErrLastDevice},
		"an editor links to another":           {link("e", "v", Consent(x, c.id("v"))), ErrNotOwner},
		"a link without consent":               {link("e", "e", Consent(x, c.id("v"))), ErrBadSignature},
		"a link with another's consent":        {link("e", "e", Consent(c.ids["v"], c.id("e"))), ErrBadSignature},
		"an owner links to one":                {link("a", "v", Consent(x, c.id("v"))), nil},
		"one of two owners leaves":             {remove("a", "a", true), nil},
		"one who has left removes":             {remove("a", "e", true), ErrNotOwner},
		"one who does not belong is removed":   {remove("founder", "a", true), nil},
		"again, once that is known":            {remove("founder", "a", true), ErrNotMember},
		"the last owner leaves":                {remove("founder", "founder", true), ErrLastOwner},
		"an admission that takes the last one": {lessFounder(c), ErrLastOwner},
	}
	for name, tt := range tests {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
}

func lessFounder(c *cast) error {
	_, err := c.own["founder"].Admit(c.ids["founder"], Admission{Subject: c.id("founder"), Role: Editor}, noon)
	return err
}

func TestMembersAndRemoved(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "b": Editor})
	c.link("b", "phone")
	c.meet()
	c.ids["x"], c.own["x"] = device(t), NewRoster(c.space)
	c.admit("a", "x", Commenter)
	c.meet()
	c.remove("a", "b")
	c.meet()
	r := c.own["x"]
	for _, m := range r.Members() {
		if m.ID == c.id("x") && (m.Name != "x" || m.By != c.id("a") || m.Depth != 2 || m.Role != Commenter) {
			t.Errorf("%+v", m)
		}
	}
	gone := r.Removed()
	if len(gone) != 1 || gone[0].ID != c.id("b") || gone[0].By != c.id("a") || gone[0].Name != "b" ||
		gone[0].Role != Editor || len(gone[0].Devices) != 2 {
		t.Errorf("%+v", gone)
	}
	for _, d := range []string{"b", "phone"} {
		if by, ok := r.RemovedBy(c.id(d)); !ok || by != c.id("a") {
			t.Errorf("%s was removed by %v, %v", d, by, ok)
		}
	}
	if _, ok := r.RemovedBy(c.id("x")); ok {
		t.Error("a member was removed")
	}
	if p, ok := r.Person(c.id("phone")); ok {
		t.Errorf("a removed device is %v's", p)
	}
}

// raw states what the Roster would refuse to sign.
func (c *cast) raw(by string, s Statement) *Statement {
	c.t.Helper()
	s.Space, s.Known = c.space, c.own[by].frontier(MaxKnown)
	done, err := sign(c.ids[by], s)
	if err != nil {
		c.t.Fatal(err)
	}
	add(c.t, c.own[by], done)
	return done
}

// A leave that must not stand stays void, whatever is built on it.
func TestWhatIsVoidIsNotSavedByWhatFollows(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor, "b": Editor})
	c.raw("founder", Statement{Kind: Remove, Subject: c.id("founder"), Whole: true})
	c.want(map[string]Role{"founder": Owner, "a": Editor, "b": Editor})
	c.admit("founder", "a", Owner)
	c.link("b", "phone") // apart, so that nothing knows everything
	c.want(map[string]Role{"founder": Owner, "a": Owner, "b": Editor, "phone": Editor})
}

// Should no rule leave an owner, the founder is one.
func TestTheFounderIsTheLastResort(t *testing.T) {
	c := newCast(t, nil)
	left := c.raw("founder", Statement{Kind: Remove, Subject: c.id("founder"), Whole: true})
	r := c.own["founder"]
	if !r.view().out.has(r.index[left.hash]) {
		t.Error("the only owner has left")
	}
	if _, role, ok := r.lens(r.all, nil).person(c.id("founder")); !ok || role != Owner {
		t.Errorf("the founder is %v, %v", role, ok)
	}
}

// Distance goes before IDs, also where two leave and one must stay.
func TestTheFounderOutlivesASmallerID(t *testing.T) {
	founder := device(t)
	second := device(t)
	for second.ID().Compare(founder.ID()) > 0 {
		second = device(t)
	}
	r := found(t, founder)
	in := state(t, founder, r.ID(), second.ID(), Owner, r.kept[0].hash)
	add(t, r, in)
	for _, id := range []*identity.Identity{founder, second} {
		s, err := sign(id, Statement{Kind: Remove, Space: r.ID(), Known: []StatementHash{in.hash}, Subject: id.ID(), Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		add(t, r, s)
	}
	if ms := r.Members(); len(ms) != 1 || ms[0].ID != founder.ID() {
		t.Errorf("%+v", ms)
	}
	if gone := r.Removed(); len(gone) != 1 || gone[0].ID != second.ID() {
		t.Errorf("%+v", gone)
	}
}
