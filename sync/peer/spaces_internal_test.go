package peer

import (
	"context"
	"testing"

	"starling/sync/identity"
	"starling/sync/trust"
)

// A statement that could not be stored is told to nobody, and is stored and told
// the next time.
func TestAStatementThatIsNotStoredIsOwed(t *testing.T) {
	p, id := alone(t)
	before := len(p.statements(id))
	other, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel() // stands for a disk that does not take it
	grace := Person{ID: other.ID(), Name: "Grace"}
	if err := p.admit(gone, id, grace); err == nil {
		t.Fatal("it was stored")
	}
	if n := len(p.statements(id)); n != before {
		t.Errorf("%d statements are told, want %d", n, before)
	}
	if err := p.admit(t.Context(), id, grace); err != nil {
		t.Fatal(err)
	}
	held, err := p.store.Statements(t.Context(), id)
	if err != nil || len(held) != before+1 || len(p.statements(id)) != before+1 {
		t.Errorf("%d stored, %d told, %v; want %d", len(held), len(p.statements(id)), err, before+1)
	}
}

// Two members bring us into a space at the same time: what both know of it
// counts.
func TestBroughtInTwice(t *testing.T) {
	p, _ := alone(t)
	founder, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	one, err := trust.FoundSpace(founder, "Shared", noon)
	if err != nil {
		t.Fatal(err)
	}
	two := trust.NewRoster(one.ID())
	if _, err := two.Add(one.Statements()...); err != nil {
		t.Fatal(err)
	}
	for i, r := range []*trust.Roster{one, two} {
		subject := DeviceID{byte(i + 1)}
		if _, err := r.Admit(founder, trust.Admission{Subject: subject, Name: "x", Role: trust.Editor}, noon); err != nil {
			t.Fatal(err)
		}
		if err := p.enter(t.Context(), &space{id: r.ID(), roster: r, joined: noon}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(p.spaces[one.ID()].roster.Members()); n != 3 {
		t.Errorf("%d members, want 3", n)
	}
}
