package peer

import (
	"errors"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// Who has just been let write again can't do so before heads in the document name
// the roster that says so: the change would count for nothing.
func TestNothingIsWrittenUnderTheOldRole(t *testing.T) {
	m := newTeam(t, 1, trust.Editor)
	founder, writer := m.peers[0], m.peers[1]
	role := func(role string) {
		t.Helper()
		if _, err := founder.ChangeRole(t.Context(), m.space, writer.ID().String(), role, LineOptions{}); err != nil {
			t.Fatal(err)
		}
		m.tell(founder, writer)
	}
	m.says(writer, "one ")
	m.give(writer, founder)
	role("viewer")
	m.toggle(writer)
	d := m.open[writer]
	d.order.Lock()
	before := d.roster
	d.order.Unlock()
	role("editor")
	d.order.Lock()
	d.roster = before // as until the lines have been looked at
	d.order.Unlock()
	if _, _, err := d.Edit(crdt.Edit{Insert: "early "}); !errors.Is(err, crdt.ErrBroken) {
		t.Errorf("an edit before the new role is followed ended with %v", err)
	}
	d.follow(writer.frontier(m.space))
	m.says(writer, "two ")
	m.give(writer, founder)
	m.wantText(founder, "two one begin\n")
	m.wantText(writer, "two one begin\n")
}
