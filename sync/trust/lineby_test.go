package trust

import (
	"math/rand/v2"
	"testing"
)

// A head's line is told to be drawn by the statement that draws the lowest, and by the
// first of those that draw the same, whatever was heard first.
func TestWhoseLine(t *testing.T) {
	const (
		none = iota
		device
		person
		role
	)
	tests := map[string]struct {
		do   func(c *cast)
		want int
	}{
		"nobody's":     {func(c *cast) {}, none},
		"the device's": {func(c *cast) { c.revoke("a", "phone", c.line("phone", 2)) }, device},
		"the person's": {func(c *cast) { c.remove("founder", "a", c.line("phone", 2)) }, person},
		"the role's":   {func(c *cast) { c.admit("founder", "a", Viewer, c.line("phone", 2)) }, role},
		"the device's, and the same for the person": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 2))
			c.meet()
			c.remove("founder", "a", c.line("phone", 2))
		}, device},
		"the device's, and a greater one for the role": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 2))
			c.meet()
			c.admit("founder", "a", Viewer, c.line("phone", 3))
		}, device},
		"the device's, and a lower one for the role": {func(c *cast) {
			c.revoke("a", "phone", c.line("phone", 2))
			c.meet()
			c.admit("founder", "a", Viewer, c.line("phone", 1))
		}, role},
		"the role's, and the same for the device": {func(c *cast) {
			c.admit("founder", "a", Viewer, c.line("phone", 2))
			c.meet()
			c.revoke("a", "phone", c.line("phone", 2))
		}, role},
		"the same for the role and for the device, apart": {func(c *cast) {
			c.admit("founder", "a", Viewer, c.line("phone", 2))
			c.revoke("a", "phone", c.line("phone", 2))
		}, device},
		"the same for the role and for the person, apart": {func(c *cast) {
			c.admit("founder", "a", Viewer, c.line("phone", 2))
			c.remove("b", "a", c.line("phone", 2))
		}, person},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCast(t, map[string]Role{"a": Editor, "b": Owner})
			c.link("a", "phone")
			c.meet()
			h := c.head("phone", 9)
			tt.do(c)
			c.meet()
			for n := range 8 {
				r := NewRoster(c.space)
				add(t, r, shuffled(rand.New(rand.NewPCG(uint64(n), 7)), c.own["founder"].Statements())...)
				got, s := none, r.LineBy(h, testDoc)
				switch {
				case s == nil:
				case s.Kind == Admit:
					got = role
				case s.Whole:
					got = person
				default:
					got = device
				}
				if got != tt.want {
					t.Errorf("order %d: it is drawn by %d, want %d", n, got, tt.want)
				}
			}
		})
	}
}

// What was signed by the word of one who was removed meanwhile has no line but that.
func TestNobodysLine(t *testing.T) {
	c := newCast(t, map[string]Role{"b": Owner})
	c.ids["x"], c.own["x"] = device(t), NewRoster(c.space)
	c.admit("b", "x", Editor)
	c.meet("b", "x")
	h := c.head("x", 9)
	c.remove("founder", "b")
	c.meet()
	r := c.own["founder"]
	if s := r.LineBy(h, testDoc); s != nil || r.Standing(h, testDoc).Line != 0 {
		t.Errorf("its line %d is drawn by %v", r.Standing(h, testDoc).Line, s)
	}
	if s := NewRoster(c.space).LineBy(h, testDoc); s != nil {
		t.Errorf("without the roster that it names it is drawn by %v", s)
	}
}
