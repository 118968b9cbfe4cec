package trust

import (
	"slices"
	"testing"
)

// Who has left is known to have, also if an owner removes them at the same time, until
// somebody who knows of it takes them back.
func TestWhoHasLeft(t *testing.T) {
	tests := map[string]struct {
		do   func(c *cast)
		left bool
	}{
		"left":    {func(c *cast) { c.remove("a", "a") }, true},
		"removed": {func(c *cast) { c.remove("founder", "a") }, false},
		"both, apart": {func(c *cast) {
			c.remove("a", "a")
			c.remove("founder", "a")
		}, true},
		"by another device": {func(c *cast) {
			c.remove("phone", "a")
			c.remove("founder", "a")
		}, true},
		"back, and removed": {func(c *cast) {
			c.remove("a", "a")
			c.remove("founder", "a")
			c.meet()
			c.admit("founder", "a", Editor)
			c.remove("founder", "a")
		}, false},
		"back by who had not heard that they left, and removed": {func(c *cast) {
			c.remove("a", "a")
			c.remove("founder", "a")
			c.admit("founder", "a", Editor)
			c.remove("founder", "a")
		}, true},
		"a stolen device says so, which they revoke": {func(c *cast) {
			c.remove("phone", "a")
			c.revoke("a", "phone")
			c.remove("founder", "a")
		}, false},
		"one whom somebody removed says so of others": {func(c *cast) {
			c.remove("b", "a")
			c.remove("founder", "b")
			c.meet()
			c.remove("founder", "a")
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, map[string]Role{"a": Editor, "b": Owner})
			c.link("a", "phone")
			c.meet()
			tt.do(c)
			c.meet()
			for who, r := range c.own {
				removed := r.Removed()
				i := slices.IndexFunc(removed, func(m Member) bool { return m.ID == c.id("a") })
				if i < 0 {
					t.Fatalf("%s does not see that they are out", who)
				}
				if got := removed[i].Left; got != tt.left {
					t.Errorf("%s sees that they left: %v", who, got)
				}
			}
		})
	}
}
