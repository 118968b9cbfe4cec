package peer

import (
	"fmt"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// devices is a team in which the second one, an editor, has several devices.
type devices struct {
	*team
	seed                 uint64
	owner, first, reader *Peer
}

func newDevices(t *testing.T, seed uint64) *devices {
	m := newTeam(t, seed, trust.Editor, trust.Editor)
	return &devices{team: m, seed: seed, owner: m.peers[0], first: m.peers[1], reader: m.peers[2]}
}

// links opens one more device of the editor's.
func (d *devices) links() *Peer {
	d.t.Helper()
	p := d.opens()
	if err := d.first.linked(d.t.Context(), p.ID(), trust.Consent(p.id, d.first.ID())); err != nil {
		d.t.Fatal(err)
	}
	for _, to := range d.peers[:len(d.peers)-1] {
		d.tell(d.first, to)
	}
	d.bring(p)
	return p
}

// opens opens one more peer.
func (d *devices) opens() (p *Peer) {
	d.t.Helper()
	if d.seed == 0 { // as newTeam has it
		p, _ = alone(d.t)
	} else {
		p, _ = aloneOn(d.t, func(s Storage) Storage { return s })
	}
	d.peers = append(d.peers, p)
	return p
}

// founds has a device begin the document that it is about, for all to have.
func (d *devices) founds(by *Peer) {
	d.t.Helper()
	id, err := by.NewDocument(d.t.Context(), d.space, "a month of work\n")
	if err != nil {
		d.t.Fatal(err)
	}
	d.begins(by, id)
}

func (d *devices) begins(by *Peer, id crdt.DocID) {
	d.t.Helper()
	d.doc = id
	for _, p := range d.peers {
		if p != by {
			d.give(by, p)
		}
	}
}

func (d *devices) revokes(by, device *Peer) {
	d.t.Helper()
	if _, err := by.Revoke(d.t.Context(), device.ID().String(), LineOptions{}); err != nil {
		d.t.Fatal(err)
	}
	d.mend(by)
}

// loses has a second device of the editor's found the document, and be revoked by the
// first one, of which all hear.
func (d *devices) loses() (second *Peer) {
	d.t.Helper()
	second = d.links()
	d.founds(second)
	d.revokes(d.first, second)
	d.hears(d.first)
	return second
}

func (d *devices) role(role string) {
	d.t.Helper()
	if _, err := d.owner.ChangeRole(d.t.Context(), d.space, d.first.ID().String(), role, LineOptions{}); err != nil {
		d.t.Fatal(err)
	}
	d.mend(d.owner)
}

func (d *devices) leaves(p *Peer) {
	d.t.Helper()
	if _, err := p.LeaveSpace(d.t.Context(), d.space, LineOptions{}); err != nil {
		d.t.Fatal(err)
	}
	d.mend(p)
}

// hears has all hear of what one of them knows.
func (d *devices) hears(from *Peer) {
	d.t.Helper()
	for _, p := range d.peers {
		if p != from {
			d.tell(from, p)
		}
	}
}

// Whoever had a device revoked and then is demoted or removed, or goes: what everybody
// had read that was written on that device stays, since it was within the line drawn
// for the device.
func TestALineAfterARevocation(t *testing.T) {
	const work = "a month of work\n"
	tests := map[string]struct {
		do   func(d *devices)
		want string
	}{
		"demoted": {func(d *devices) {
			d.loses()
			d.role("viewer")
		}, work},
		"made a commenter": {func(d *devices) {
			d.loses()
			d.role("commenter")
		}, work},
		"removed": {func(d *devices) {
			d.loses()
			d.removes(d.owner, d.first)
		}, work},
		"gone": {func(d *devices) {
			d.loses()
			d.leaves(d.first)
			d.tell(d.first, d.owner)
		}, work},
		"the first device revoked": {func(d *devices) {
			second := d.links()
			d.founds(d.first)
			d.revokes(second, d.first)
			d.hears(second)
			d.removes(d.owner, second)
		}, work},
		"the first device revoked, and gone by the other": {func(d *devices) {
			second := d.links()
			d.founds(d.first)
			d.revokes(second, d.first)
			d.hears(second)
			d.leaves(second)
			d.tell(second, d.owner)
		}, work},
		"two revoked one after the other": {func(d *devices) {
			second, third := d.links(), d.links()
			d.founds(second)
			d.says(third, "third ")
			d.begins(third, d.doc)
			d.revokes(d.first, second)
			d.hears(d.first)
			d.revokes(d.first, third)
			d.hears(d.first)
			d.role("viewer")
		}, "third " + work},
		"revoked by the owner, who removes the person": {func(d *devices) {
			second := d.links()
			d.founds(second)
			if _, err := d.owner.remove(d.t.Context(), d.space, second.ID(), false, []DeviceID{second.ID()}, LineOptions{}); err != nil {
				d.t.Fatal(err)
			}
			d.hears(d.owner)
			d.removes(d.owner, d.first)
		}, work},
		"removed, admitted again and demoted": {func(d *devices) {
			d.loses()
			d.removes(d.owner, d.first)
			if err := d.owner.AddMember(d.t.Context(), d.space, d.first.ID().String(), "editor"); err != nil {
				d.t.Fatal(err)
			}
			d.hears(d.owner)
			d.role("viewer")
		}, work},
		"with what was linked again meanwhile": {func(d *devices) {
			second := d.links()
			d.founds(second)
			d.revokes(d.first, second)
			if err := d.first.linked(d.t.Context(), second.ID(), trust.Consent(second.id, d.first.ID())); err != nil {
				d.t.Fatal(err)
			}
			d.hears(d.first)
			d.says(second, "again ")
			d.begins(second, d.doc)
			d.revokes(d.first, second)
			d.hears(d.first)
			d.role("viewer")
		}, "again " + work},
		"what the device took in": {func(d *devices) {
			second := d.links()
			d.founds(d.owner)
			d.says(d.reader, "theirs ")
			d.give(d.reader, second)
			d.removes(d.owner, d.reader)
			d.hears(d.owner)
			d.takesIn(second, 1)
			d.begins(second, d.doc)
			d.revokes(d.first, second)
			d.hears(d.first)
			d.role("viewer")
		}, "theirs " + work},
		"a file that the device brought": {func(d *devices) {
			second := d.links()
			file, err := crdt.Open(crdt.Config{Actor: "another program"})
			if err == nil {
				_, err = file.Change(noon, func(tx *crdt.Tx) error {
					obj, err := tx.Make(crdt.ObjID{}, "text", crdt.Text)
					if err != nil {
						return err
					}
					return tx.Splice(obj, 0, 0, work)
				})
			}
			if err != nil {
				d.t.Fatal(err)
			}
			data, _, err := file.Snapshot()
			if err != nil {
				d.t.Fatal(err)
			}
			id, err := second.Import(d.t.Context(), d.space, "work.automerge", data)
			if err != nil {
				d.t.Fatal(err)
			}
			d.begins(second, id)
			d.revokes(d.first, second)
			d.hears(d.first)
			d.role("viewer")
		}, work},
	}
	for name, tt := range tests {
		for _, seed := range []uint64{1, 0}[:shorter(2, 1)] { // without SQLite, and with it
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				d := newDevices(t, seed)
				tt.do(d)
				late := d.peers[0]
				d.hears(late)
				for _, p := range d.peers {
					d.wantText(p, tt.want)
					d.wantWaiting(p)
				}
				for _, p := range d.peers[1:] {
					d.give(late, p)
					d.wantText(p, tt.want)
				}
			})
		}
	}
}

// What a stolen device writes beyond the line drawn for it stays out, whatever its
// person becomes, also where whoever draws the later line holds it; and all are told
// that it is for the device's removal.
func TestAStolenDeviceGainsNothingByALaterLine(t *testing.T) {
	const work = "a month of work\n"
	tests := map[string]struct {
		do func(d *devices)
		// since is what those are told in whose document it was.
		since string
	}{
		"demoted": {func(d *devices) {
			d.tell(d.first, d.owner)
			d.role("viewer")
		}, "the removal of their device"},
		"removed": {func(d *devices) {
			d.tell(d.first, d.owner)
			d.removes(d.owner, d.first)
		}, "the removal of their device"},
		"demoted without knowing": {func(d *devices) { d.role("viewer") }, "the removal of their device"},
		"demoted, by one who gets it then": {func(d *devices) {
			d.tell(d.first, d.owner)
			d.role("viewer")
			d.give(d.reader, d.owner)
		}, "the removal of their device"},
	}
	for name, tt := range tests {
		for _, seed := range []uint64{1, 0}[:shorter(2, 1)] {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				d := newDevices(t, seed)
				stolen := d.links()
				d.founds(stolen)
				d.says(stolen, "false ")
				d.give(stolen, d.reader)
				if name != "demoted, by one who gets it then" {
					d.give(stolen, d.owner)
				}
				d.revokes(d.first, stolen) // who has not read that
				tt.do(d)
				d.hears(d.owner)
				d.hears(d.first)
				for _, p := range d.peers[:3] {
					d.wantText(p, work)
				}
				d.give(d.reader, d.first)
				d.give(stolen, d.first)
				d.wantText(d.first, work)
				d.wantWaiting(d.reader, "1 change by "+d.reader.who(d.first.ID()).Name+" came after "+tt.since+" and is not shown; an owner or editor can take it in")
			})
		}
	}
}

// What waits is told to be for what drew the line beyond which it lies, whatever has
// come of its author since.
func TestWhatWaitsIsToldForItsOwnLine(t *testing.T) {
	tests := map[string]struct {
		do    func(d *devices, second *Peer)
		since string
	}{
		"demoted, and removed": {func(d *devices, _ *Peer) {
			d.role("viewer")
			d.removes(d.owner, d.first)
		}, "a change of their role"},
		"removed, and back": {func(d *devices, _ *Peer) {
			d.removes(d.owner, d.first)
			if err := d.owner.AddMember(d.t.Context(), d.space, d.first.ID().String(), "viewer"); err != nil {
				d.t.Fatal(err)
			}
		}, "their removal"},
		"demoted, and the device revoked": {func(d *devices, second *Peer) {
			d.role("viewer")
			d.tell(d.owner, d.first)
			d.revokes(d.first, second)
			d.tell(d.first, d.owner)
		}, "a change of their role"},
		"the device revoked, and demoted": {func(d *devices, second *Peer) {
			d.revokes(d.first, second)
			d.tell(d.first, d.owner)
			d.role("viewer")
		}, "the removal of their device"},
		"the device revoked, and gone": {func(d *devices, second *Peer) {
			d.revokes(d.first, second)
			d.leaves(d.first)
			d.tell(d.first, d.owner)
		}, "the removal of their device"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDevices(t, 1)
			second := d.links()
			d.founds(second)
			d.says(second, "more ")
			d.give(second, d.reader)
			tt.do(d, second)
			d.tell(d.owner, d.reader)
			d.wantText(d.reader, "a month of work\n")
			d.wantWaiting(d.reader, "1 change by "+d.reader.who(d.first.ID()).Name+" came after "+tt.since+" and is not shown; an owner or editor can take it in")
		})
	}
}
