package trust

import (
	"slices"
	"testing"
)

// What a person said of a stolen device holds when somebody else removes the person
// meanwhile and brings it back later; and nobody with the stolen one gains by it.
func TestAStolenDeviceStaysOutWhenItsPersonReturns(t *testing.T) {
	type roles = map[string]Role
	tests := map[string]struct {
		do   func(c *cast)
		want roles // after the founder has brought the person back
	}{
		"revoked meanwhile": {func(c *cast) {
			c.revoke("a", "phone")
			c.remove("founder", "a")
		}, roles{"founder": Owner, "a": Editor, "tablet": Editor}},
		"the stolen one says the same of others": {func(c *cast) {
			c.revoke("a", "phone")
			c.revoke("phone", "a")
			c.revoke("phone", "tablet")
			c.remove("founder", "a")
		}, roles{"founder": Owner, "a": Editor, "tablet": Editor}},
		"what the removal knew is not undone, were the first one stolen": {func(c *cast) {
			c.revoke("phone", "a")
			c.meet("phone", "founder")
			c.remove("founder", "phone")
			c.revoke("a", "phone")
		}, roles{"founder": Owner, "phone": Editor, "tablet": Editor}},
		"the first one leaves, and a stolen one revokes it": {func(c *cast) {
			c.revoke("phone", "a")
			c.remove("a", "a")
		}, roles{"founder": Owner, "a": Editor, "phone": Editor, "tablet": Editor}},
		"one leaves, and another one revokes the stolen one": {func(c *cast) {
			c.revoke("a", "phone")
			c.remove("tablet", "a")
		}, roles{"founder": Owner, "a": Editor, "tablet": Editor}},
		"nobody else's device": {func(c *cast) {
			c.admit("founder", "a", Owner)
			c.meet()
			c.revoke("a", "b")
			c.remove("founder", "a")
			c.admit("founder", "a", Editor)
		}, roles{"founder": Owner, "a": Editor, "phone": Editor, "tablet": Editor, "b": Viewer, "pad": Viewer}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, roles{"a": Editor, "b": Viewer})
			c.link("a", "phone")
			c.link("a", "tablet")
			c.link("b", "pad")
			c.meet()
			tt.do(c)
			if tt.want["b"] == 0 {
				tt.want["b"], tt.want["pad"] = Viewer, Viewer
			}
			c.meet()
			c.admit("founder", "a", Editor)
			c.want(tt.want)
		})
	}
}

// Who has a stolen device of somebody who was removed, and says as of earlier that the
// others are none of theirs, takes nothing else away by that.
func TestAStolenDeviceTakesNothingElse(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner})
	c.link("a", "phone")
	c.ids["x"], c.own["x"] = device(c.t), NewRoster(c.space)
	c.admit("a", "x", Editor) // of which the phone has not heard
	c.meet("a", "founder")
	h := c.head("a", 9)
	said := c.must(c.own["founder"].Remove(c.ids["founder"], Removal{
		Subject: c.id("a"), Whole: true, Lines: []Line{c.line("a", 5)}, Secret: Secret{1},
	}, noon))
	c.must(c.own["phone"].Remove(c.ids["phone"], Removal{Subject: c.id("a"), Secret: Secret{2}}, noon))
	c.want(map[string]Role{"founder": Owner, "x": Editor})
	r := c.own["founder"]
	if got := r.Standing(h, testDoc); got.Line != 5 || !got.Role.Writes() {
		t.Errorf("a head of theirs has the standing %+v", got)
	}
	if want := (Secret{1}).Hash(); !slices.Equal(r.SecretHashes(), [][32]byte{want}) || r.Exposed() {
		t.Errorf("the secrets are %x, exposed %v", r.SecretHashes(), r.Exposed())
	}
	if i := r.index[said[len(said)-1].hash]; !r.view().has(i) {
		t.Error("the removal does not count")
	}
}

// Once the person is back, a stolen device that heard of the removal and the return,
// but not of its own revocation, writes no further than that says, and the secret
// that it may have learnt with the return is renewed.
func TestAStolenDeviceThatHeardOnlyOfTheReturn(t *testing.T) {
	expel := func(c *cast) {
		lines := []Line{c.line("phone", 7)}
		c.must(c.own["founder"].Remove(c.ids["founder"], Removal{
			Subject: c.id("a"), Whole: true, Lines: lines, Secret: Secret{1},
		}, noon))
	}
	tests := map[string]struct {
		do      func(c *cast)
		who     string
		line    uint64 // of a head signed after that, when all have met
		exposed bool
	}{
		"out, and back": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 4))
			expel(c)
			c.admit("founder", "a", Editor)
			c.meet("founder", "phone")
		}, "phone", 4, true},
		"its person's other device": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 4))
			expel(c)
			c.admit("founder", "a", Editor)
			c.meet("founder", "tablet")
		}, "tablet", NoLine, true},
		"from before all that": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 4))
			c.meet("a", "tablet")
			expel(c)
			c.admit("founder", "a", Editor)
		}, "phone", 7, true},
		"not back": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 4))
			expel(c)
		}, "phone", 7, false},
		"linked to somebody else, whom the removal does not concern": {func(c *cast) {
			c.meet("b", "phone")
			c.link("b", "phone")
			c.meet("b", "founder", "phone")
			expel(c)
			c.revoke("a", "phone", c.line("phone", 4))
		}, "phone", 4, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, map[string]Role{"a": Editor, "b": Owner})
			c.link("a", "phone")
			c.link("a", "tablet")
			c.meet()
			tt.do(c)
			h := c.head(tt.who, 9)
			c.meet()
			for who, r := range c.own {
				if got := r.Standing(h, testDoc); got.Line != tt.line || !got.Role.Writes() {
					t.Errorf("%s sees a head with the standing %+v, want line %d", who, got, tt.line)
				}
				if got := r.Exposed(); got != tt.exposed {
					t.Errorf("%s sees the secret exposed: %v", who, got)
				}
			}
			c.must(c.own["founder"].Renew(c.ids["founder"], Secret{2}, noon))
			if c.own["founder"].Exposed() {
				t.Error("it is exposed after it was renewed")
			}
		})
	}
}

// A head of a device that knew its own revocation, but not that its person was removed
// meanwhile, may build on what it wrote up to there.
func TestBeforeALineThatIsSpared(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Editor})
	c.link("a", "phone")
	c.meet()
	c.revoke("a", "phone", c.line("phone", 4))
	c.link("a", "phone")
	c.remove("founder", "a", c.line("phone", 3))
	one := c.head("phone", 9)
	c.meet()
	both := c.head("phone", 9)
	for who, r := range c.own {
		if got := [2]uint64{r.Before(one, testDoc), r.Before(both, testDoc)}; got != [2]uint64{4, 3} {
			t.Errorf("%s sees that it could write up to %d", who, got)
		}
	}
}
