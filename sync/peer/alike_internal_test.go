package peer

import (
	"testing"

	"starling/sync/identity"
	"starling/sync/trust"
)

// A device with which no code was compared is not told of as looking like its own
// person, and is as looking like another one, though it is beside a device with which
// a code was compared.
func TestADeviceBesideOneThatIsKnown(t *testing.T) {
	p, in := alone(t)
	grace, alan, laptop := newIdentity(t), newIdentity(t), newIdentity(t)
	for name, id := range map[string]*identity.Identity{"Grace": grace, "Alan": alan} {
		if err := p.admit(t.Context(), in, Person{ID: id.ID(), Name: name}); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		who := p.personLocked(id.ID())
		who.name, who.paired = name, true
		p.mu.Unlock()
	}
	if err := p.amend(t.Context(), in, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Link(p.id, laptop.ID(), alan.ID(), trust.Consent(laptop, alan.ID()), noon)
	}); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, want := range map[string]alike{"ALAN": {}, "GRACE": {"Grace", grace.ID()}, "Edsger": {}} {
		if got := p.takenForLocked(laptop.ID(), name, p.looksLocked()); got != want {
			t.Errorf("%s is taken for %+v", name, got)
		}
	}
}

func newIdentity(t *testing.T) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What a device wrote of which no name was ever heard here stands under its person's
// name, though the device was revoked.
func TestARevokedDevicesAuthorIsNamed(t *testing.T) {
	p, in := alone(t)
	alan, laptop, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	if err := p.admit(t.Context(), in, Person{ID: alan.ID(), Name: "Alan"}); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.personLocked(alan.ID()).name = "Alan"
	p.mu.Unlock()
	for _, state := range []func(*space) ([]*trust.Statement, error){
		func(sp *space) ([]*trust.Statement, error) {
			return sp.roster.Link(p.id, laptop.ID(), alan.ID(), trust.Consent(laptop, alan.ID()), noon)
		},
		func(sp *space) ([]*trust.Statement, error) {
			return sp.roster.Remove(p.id, trust.Removal{Subject: laptop.ID()}, noon)
		},
	} {
		if err := p.amend(t.Context(), in, state); err != nil {
			t.Fatal(err)
		}
		if got := p.namedAuthor(Author{Person: p.who(laptop.ID())}); got.Name != "Alan" || got.ID != laptop.ID() {
			t.Errorf("it is %+v", got.Person)
		}
	}
	if got := p.namedAuthor(Author{Person: p.who(stranger.ID())}); got.Name != "Someone "+stranger.ID().Tag()[:4] {
		t.Errorf("a stranger is %+v", got.Person)
	}
	if was := p.formerOf(laptop.ID()); was == "" {
		t.Error("nobody knows that it was in the space")
	}
	if was := p.formerOf(stranger.ID()); was != "" {
		t.Errorf("a stranger was in %q", was)
	}
}

func (p *Peer) formerOf(id DeviceID) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.formerLocked(id)
}
