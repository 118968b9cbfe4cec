package trust

import (
	"errors"
	"testing"
)

// A secret is exposed after somebody left and after removals that crossed, and no
// more once an owner who knows of all of that has renewed it.
func TestWhoMayKnowTheSecret(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "b": Owner, "d": Editor, "e": Editor})
	exposed := func(what string, want bool) {
		t.Helper()
		for _, who := range []string{"founder", "a"} {
			if got := c.own[who].Exposed(); got != want {
				t.Errorf("%s: %s sees %v", what, who, got)
			}
		}
	}
	remove := func(by, whom string, secret byte) {
		t.Helper()
		c.must(c.own[by].Remove(c.ids[by], Removal{Subject: c.id(whom), Whole: true, Secret: Secret{secret}}, noon))
	}
	exposed("at first", false)
	c.must(c.own["d"].Remove(c.ids["d"], Removal{Subject: c.id("d"), Whole: true}, noon))
	c.meet()
	exposed("after one left", true)
	if _, err := c.own["e"].Renew(c.ids["e"], Secret{9}, noon); !errors.Is(err, ErrNotOwner) {
		t.Errorf("an editor renewed it: %v", err)
	}
	if _, err := c.own["a"].Renew(c.ids["a"], Secret{}, noon); !errors.Is(err, ErrBadStatement) {
		t.Errorf("renewed to nothing: %v", err)
	}
	c.must(c.own["a"].Renew(c.ids["a"], Secret{1}, noon))
	c.must(c.own["founder"].Renew(c.ids["founder"], Secret{2}, noon)) // at the same time
	c.meet()
	exposed("renewed twice", false)
	if got := c.own["b"].SecretHashes(); len(got) != 2 {
		t.Errorf("%d secrets", len(got))
	}
	remove("founder", "e", 3)
	remove("a", "b", 4) // has not heard of that
	c.meet()
	exposed("after removals that crossed", true)
	c.must(c.own["a"].Renew(c.ids["a"], Secret{5}, noon))
	c.meet()
	exposed("renewed", false)
	if got := c.own["founder"].SecretHashes(); len(got) != 5 || got[0] != (Secret{5}).Hash() {
		t.Errorf("secrets %x", got)
	}
}

// A renewal by an owner who was removed meanwhile renews nothing.
func TestARenewalThatIsVoid(t *testing.T) {
	c := newCast(t, map[string]Role{"a": Owner, "b": Editor})
	c.must(c.own["b"].Remove(c.ids["b"], Removal{Subject: c.id("b"), Whole: true}, noon))
	c.meet()
	c.remove("founder", "a")
	c.must(c.own["a"].Renew(c.ids["a"], Secret{1}, noon))
	c.meet()
	if r := c.own["founder"]; !r.Exposed() || len(r.SecretHashes()) != 0 {
		t.Errorf("exposed %v, secrets %x", r.Exposed(), r.SecretHashes())
	}
}
