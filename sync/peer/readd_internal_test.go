package peer

import (
	"errors"
	"testing"

	"starling/sync/trust"
)

// Who was removed returns with the device that is named, or not at all: one that was taken
// out by itself names nobody.
func TestWhoIsAddedAgain(t *testing.T) {
	for _, revoked := range []string{"", "first", "second"} {
		for _, by := range []string{"first", "second", "name"} {
			p, in := alone(t)
			first, second := newIdentity(t), newIdentity(t)
			amend := func(f func(sp *space) ([]*trust.Statement, error)) {
				t.Helper()
				if err := p.amend(t.Context(), in, f); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.admit(t.Context(), in, Person{ID: first.ID(), Name: "Ben"}); err != nil {
				t.Fatal(err)
			}
			amend(func(sp *space) ([]*trust.Statement, error) {
				return sp.roster.Link(p.id, second.ID(), first.ID(), trust.Consent(second, first.ID()), noon)
			})
			p.mu.Lock()
			p.personLocked(first.ID()).paired = true
			p.personLocked(second.ID()).paired = true
			p.mu.Unlock()
			named := map[string]string{"first": first.ID().String(), "second": second.ID().String(), "name": "Ben"}
			if id := map[string]DeviceID{"first": first.ID(), "second": second.ID()}[revoked]; !id.IsZero() {
				amend(func(sp *space) ([]*trust.Statement, error) {
					return sp.roster.Remove(p.id, trust.Removal{Subject: id}, noon)
				})
			}
			if by == "name" { // whom somebody else of that name keeps from being meant, whatever was revoked
				namesake := newIdentity(t).ID()
				p.mu.Lock()
				p.personLocked(namesake).paired, p.personLocked(namesake).name = true, "Ben"
				p.mu.Unlock()
				if err := p.AddMember(t.Context(), in, "Ben", ""); !errors.Is(err, ErrAmbiguous) {
					t.Errorf("revoked %q, with a namesake: %v", revoked, err)
				}
				p.mu.Lock()
				delete(p.people, namesake)
				p.mu.Unlock()
			}
			if _, err := p.Remove(t.Context(), in, first.ID().String(), LineOptions{Now: true}); err != nil {
				t.Fatal(err)
			}
			err := p.AddMember(t.Context(), in, named[by], "")
			p.mu.Lock()
			got := [2]bool{p.spaces[in].has(first.ID()), p.spaces[in].has(second.ID())}
			p.mu.Unlock()
			want := [2]bool{revoked != by && revoked != "first", revoked != by && revoked != "second"}
			if refused := revoked == by; errors.Is(err, ErrRevoked) != refused || !refused && err != nil || got != want {
				t.Errorf("revoked %q, by %s: %v, in are %v", revoked, by, err, got)
			}
		}
	}
}
