package peer

import (
	"testing"

	"starling/sync/trust"
)

// A person has a name by any device of theirs, or that under which they were let in,
// whatever became of the device that names them, and of them.
func TestAPersonsNameByAnotherDevice(t *testing.T) {
	p, in := alone(t)
	grace, laptop, alan, stranger := newIdentity(t), newIdentity(t), newIdentity(t), newIdentity(t)
	amend := func(f func(sp *space) ([]*trust.Statement, error)) {
		t.Helper()
		if err := p.amend(t.Context(), in, f); err != nil {
			t.Fatal(err)
		}
	}
	admit := func(id DeviceID, name string) {
		t.Helper()
		if err := p.admit(t.Context(), in, Person{ID: id, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	// named is how a device and its person are shown after a start in which only the
	// laptop was heard.
	named := func(when string, id DeviceID, want string) {
		t.Helper()
		p.mu.Lock()
		clear(p.people)
		p.personLocked(laptop.ID()).name = "Grace H"
		space := p.describeLocked(p.spaces[in])
		p.mu.Unlock()
		if got := p.who(id).Name; got != want {
			t.Errorf("%s it is %q", when, got)
		}
		for _, m := range space.Members {
			if m.ID == id && m.Name != want {
				t.Errorf("%s the member is %q", when, m.Name)
			}
		}
	}
	admit(grace.ID(), "Grace")
	amend(func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Link(p.id, laptop.ID(), grace.ID(), trust.Consent(laptop, grace.ID()), noon)
	})
	admit(alan.ID(), "Alan")
	named("by the other device", grace.ID(), "Grace H")
	named("by the admission", alan.ID(), "Alan")
	amend(func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Remove(p.id, trust.Removal{Subject: grace.ID()}, noon)
	})
	named("revoked", grace.ID(), "Grace H")
	for _, id := range []DeviceID{grace.ID(), alan.ID()} {
		amend(func(sp *space) ([]*trust.Statement, error) {
			return sp.roster.Remove(p.id, trust.Removal{Subject: id, Whole: true}, noon)
		})
	}
	named("removed, by the other device", grace.ID(), "Grace H")
	named("removed, by the admission", alan.ID(), "Alan")
	named("unheard of", stranger.ID(), "Someone "+stranger.ID().Tag()[:4])
}
