package peer

import (
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

// An editor sends change after change that the guard refuses, each by another actor.
// What is set aside of them for people to look at must not fill the disk.
func TestWhatIsSetAsideOfOneDeviceIsBounded(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	mallory := newAuthor(t, d)
	mallory.admit(t)
	var deps [][32]byte
	for _, h := range d.text().Heads() {
		deps = append(deps, h)
	}
	r := protocol.Received{From: mallory.id.ID(), Space: space, Doc: d.id}
	give := func() {
		for range 3 { // as often as it is asked for
			_, _ = p.receive(t.Context(), r)
		}
		r.Chunks, r.Heads = nil, nil
	}
	for i := range maxAsideThings + 100 {
		nonce := trust.Nonce{byte(i), byte(i >> 8), 1}
		actor := trust.ActorID(mallory.id.ID(), d.id, nonce)
		c := format.Change{
			Actor: actor[:], Seq: 1, StartOp: 9, Deps: deps,
			Ops: []format.Op{{Key: format.Key{Map: true, Name: "content"}, Action: format.Set}},
		}
		chunk := c.Encode()
		parsed, err := crdt.ParseChange(chunk)
		if err != nil {
			t.Fatal(err)
		}
		r.Chunks = append(r.Chunks, chunk)
		r.Heads = append(r.Heads, trust.SignHead(mallory.id, space, d.id, nonce, 1, parsed.Hash, nil))
		if len(r.Chunks) == 60 {
			give()
		}
	}
	give()
	p.background.Wait()
	aside, err := p.store.Asides(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(aside) == 0 || len(aside) > maxAsideThings {
		t.Errorf("%d were set aside, at most %d", len(aside), maxAsideThings)
	}
}
