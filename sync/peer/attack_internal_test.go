package peer

import (
	"fmt"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A member signs heads over its own change that name rosters which nobody has, so
// that a peer keeps waiting for them. A good head over the same change, which the
// others hold, must count there all the same: else what honest people built on it
// would never be seen there.
func TestABadHeadDoesNotKeepAGoodOneOut(t *testing.T) {
	good := chain("a", 1)[0]
	for name, bad := range map[string]func() []trust.Head{
		"over the same change": func() []trust.Head {
			h := headOver(good)
			h.Roster = []trust.StatementHash{{7}}
			return []trust.Head{h}
		},
		"over many changes": func() (heads []trust.Head) {
			for i := range 4 * maxActorHeads {
				h := headOver(crdt.Change{Actor: good.Actor, Seq: uint64(1000 + i), Hash: hashOf(1000 + i)})
				h.Roster = []trust.StatementHash{{7, byte(i), byte(i >> 8)}}
				heads = append(heads, h)
			}
			return heads
		},
		"many over the same change": func() (heads []trust.Head) {
			for i := range 4 * maxActorHeads {
				h := headOver(good)
				h.Roster = []trust.StatementHash{{7, byte(i), byte(i >> 8)}}
				heads = append(heads, h)
			}
			return heads
		},
	} {
		for _, early := range []bool{false, true} {
			in, held := testIntake(), newBooks()
			in.by.standing = func(h trust.Head) standing {
				return standing{known: len(h.Roster) == 0, writes: true, line: noLine}
			}
			give := func(heads []trust.Head, from DeviceID) {
				for _, h := range heads {
					if err := in.addHead(h, from); err != nil {
						t.Fatal(err)
					}
				}
			}
			if early {
				give([]trust.Head{headOver(good)}, DeviceID{3})
			}
			give(bad(), DeviceID{2})
			if !early {
				give([]trust.Head{headOver(good)}, DeviceID{3})
			}
			in.addChange(good, DeviceID{3}, held)
			if got := drain(in, held, 9); len(got) != 1 {
				t.Errorf("%s, the good one first %v: the change is not taken", name, early)
			}
			if in.nHeads > 4*maxActorHeads {
				t.Errorf("%s: %d heads are kept", name, in.nHeads)
			}
		}
	}
}

// A member without the right to write sends change after change with a number that
// another's change has. They are refused, and what is set aside of them for people
// to look at must not fill the disk.
func TestWhatIsSetAsideOfOneDeviceIsBounded(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	honest, viewer := newAuthor(t, d), newAuthor(t, d)
	honest.admit(t)
	d.mustReceive(t, honest.sends(honest.write(t, 0, "x")...))
	if err := p.admitAs(t.Context(), space, Person{ID: viewer.id.ID(), Name: "Mallory"}, trust.Viewer, trust.StatementHash{}); err != nil {
		t.Fatal(err)
	}
	r := protocol.Received{From: viewer.id.ID(), Space: space, Doc: d.id}
	var deps [][32]byte
	for _, h := range honest.doc.Heads() {
		deps = append(deps, h)
	}
	seq := honest.doc.Vector()[honest.doc.Actor()].Seq
	for i := range maxAsideThings + 100 {
		c := format.Change{
			Actor: []byte(honest.doc.Actor()), Seq: seq, StartOp: 99, Deps: deps, Message: fmt.Sprint(i),
			Ops: []format.Op{{Key: format.Key{Map: true, Name: "k"}, Action: format.Set}},
		}
		r.Chunks = append(r.Chunks, c.Encode())
	}
	for part := range slices.Chunk(r.Chunks, 100) {
		r.Chunks = part
		_, _ = p.receive(t.Context(), r)
	}
	p.background.Wait()
	aside, err := p.store.Asides(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(aside) == 0 || len(aside) > maxAsideThings {
		t.Errorf("%d were set aside, at most %d", len(aside), maxAsideThings)
	}
}
