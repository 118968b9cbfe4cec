package trust

import (
	"slices"
	"testing"

	"starling/sync/identity"
)

// cast is a space in which several devices state things apart from each other,
// each in a roster of its own.
type cast struct {
	t     *testing.T
	ids   map[string]*identity.Identity
	own   map[string]*Roster // what each has heard
	space SpaceID
}

// newCast founds a space by "founder"; the others are admitted by the founder
// in the roles given, in the order of the names.
func newCast(t *testing.T, roles map[string]Role) *cast {
	t.Helper()
	c := &cast{t: t, ids: make(map[string]*identity.Identity), own: make(map[string]*Roster)}
	names := []string{"founder"}
	for name := range roles {
		names = append(names, name)
	}
	slices.Sort(names[1:])
	// IDs grow with the names, so that "the smaller ID" is known.
	ids := devices(t, len(names))
	slices.SortFunc(ids, func(a, b *identity.Identity) int { return a.ID().Compare(b.ID()) })
	for i, name := range names {
		c.ids[name] = ids[i]
	}
	c.own["founder"] = found(t, c.ids["founder"])
	c.space = c.own["founder"].ID()
	for _, name := range names[1:] {
		c.own[name] = NewRoster(c.space)
		c.admit("founder", name, roles[name])
	}
	c.meet()
	return c
}

func (c *cast) id(name string) identity.DeviceID { return c.ids[name].ID() }

// meet lets all of the named, or everyone, hear all that any of them knows.
func (c *cast) meet(names ...string) {
	c.t.Helper()
	var all []*Statement
	for name, r := range c.own {
		if len(names) == 0 || slices.Contains(names, name) {
			all = append(all, r.Statements()...)
		}
	}
	for name, r := range c.own {
		if len(names) == 0 || slices.Contains(names, name) {
			add(c.t, r, all...)
		}
	}
}

func (c *cast) must(said []*Statement, err error) []*Statement {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	if len(said) == 0 {
		c.t.Fatal("nothing was stated")
	}
	return said
}

func (c *cast) admit(by, whom string, role Role, lines ...Line) {
	c.t.Helper()
	c.must(c.own[by].Admit(c.ids[by], Admission{Subject: c.id(whom), Name: whom, Role: role, Lines: lines}, noon))
}

func (c *cast) remove(by, whom string, lines ...Line) *Statement {
	c.t.Helper()
	said := c.must(c.own[by].Remove(c.ids[by], Removal{Subject: c.id(whom), Whole: true, Lines: lines}, noon))
	return said[len(said)-1]
}

func (c *cast) revoke(by, device string, lines ...Line) {
	c.t.Helper()
	c.must(c.own[by].Remove(c.ids[by], Removal{Subject: c.id(device), Lines: lines}, noon))
}

// link makes device another of by's, and lets it hear what by knows.
func (c *cast) link(by, device string) {
	c.t.Helper()
	if c.ids[device] == nil {
		c.ids[device], c.own[device] = c.greater(c.id(by)), NewRoster(c.space)
	}
	c.must(c.own[by].Link(c.ids[by], c.id(device), identity.DeviceID{}, Consent(c.ids[device], c.id(by)), noon))
	c.meet(by, device)
}

// greater is a new device with a greater ID.
func (c *cast) greater(than identity.DeviceID) *identity.Identity {
	for {
		if id := device(c.t); id.ID().Compare(than) > 0 {
			return id
		}
	}
}

// want checks that everyone, once all have met, sees the same members: of each
// the role, by name; those not named don't belong.
func (c *cast) want(roles map[string]Role) {
	c.t.Helper()
	c.meet()
	digest := c.own["founder"].Digest()
	for who, r := range c.own {
		if r.Digest() != digest {
			c.t.Errorf("%s has another roster", who)
		}
		for name, id := range c.ids {
			if got, _ := r.Role(id.ID()); got != roles[name] {
				c.t.Errorf("%s sees %s as %v, want %v", who, name, got, roles[name])
			}
		}
	}
}
