package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A commenter with two devices writes on one what was begun on the other, and is
// removed later, or the device is. Whoever hears of it only then must judge the
// remarks like one who heard of them before.
func TestRemarksOfAPersonsDevicesWhoeverHearsThemLate(t *testing.T) {
	for _, gone := range []string{"nobody", "the person", "the first device", "the second device"} {
		p, id := alone(t)
		d := begin(t, p, id, "begin\n")
		one, two := newAuthor(t, d), newAuthor(t, d)
		if err := p.admitAs(t.Context(), id, Person{ID: one.id.ID(), Name: "Grace"}, trust.Commenter, trust.StatementHash{}); err != nil {
			t.Fatal(err)
		}
		state := func(what func(*space) ([]*trust.Statement, error)) {
			t.Helper()
			if err := p.amend(t.Context(), id, what); err != nil {
				t.Fatal(err)
			}
		}
		state(func(sp *space) ([]*trust.Statement, error) {
			return sp.roster.Link(one.id, two.id.ID(), DeviceID{}, trust.Consent(two.id, one.id.ID()), noon)
		})
		now := p.frontier(id).statements
		signed := func(a *author, changes []crdt.Change) protocol.Received {
			r := a.sends(changes...)
			last := changes[len(changes)-1]
			r.Heads[0] = trust.SignHead(a.id, id, d.id, a.nonce, last.Seq, last.Hash, now)
			return r
		}
		first := two.remarks(t, "comment/b")
		second := answers(t, one, "comment/b", first)
		third := answers(t, one, "comment/b", nil)
		lines := []trust.Line{
			{Doc: d.id, Actor: string(one.doc.Actor()), Seq: 2}, {Doc: d.id, Actor: string(two.doc.Actor()), Seq: 1},
		}
		switch gone {
		case "the person":
			state(func(sp *space) ([]*trust.Statement, error) {
				return sp.roster.Remove(p.id, trust.Removal{Subject: one.id.ID(), Whole: true, Lines: lines}, noon)
			})
		case "the first device":
			state(func(sp *space) ([]*trust.Statement, error) {
				return sp.roster.Remove(p.id, trust.Removal{Subject: one.id.ID(), Lines: lines}, noon)
			})
		case "the second device":
			state(func(sp *space) ([]*trust.Statement, error) {
				return sp.roster.Remove(p.id, trust.Removal{Subject: two.id.ID(), Lines: lines}, noon)
			})
		}
		for _, r := range []protocol.Received{signed(two, first), signed(one, second), signed(one, third)} {
			r.From = p.ID() // passed on by somebody else
			if _, err := p.receive(t.Context(), r); err != nil {
				t.Errorf("%s is gone: %v", gone, err)
			}
		}
		v := d.text().Vector()
		if v[one.doc.Actor()].Seq != 2 || v[two.doc.Actor()].Seq != 1 {
			t.Errorf("%s is gone: %d and %d of the devices' remarks are taken, want 2 and 1", gone, v[one.doc.Actor()].Seq, v[two.doc.Actor()].Seq)
		}
	}
}

// answers has an author write into a remark, on top of what was sent.
func answers(t *testing.T, a *author, key string, on []crdt.Change) []crdt.Change {
	t.Helper()
	if _, err := a.doc.Apply(on); err != nil {
		t.Fatal(err)
	}
	out, err := a.doc.Change(noon, func(tx *crdt.Tx) error {
		obj, _, err := tx.Get(crdt.ObjID{}, key)
		if err != nil {
			return err
		}
		return tx.Put(obj.(crdt.Object).ID, "done", true)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Changes
}
