package peer

import (
	"testing"

	"starling/crdt"
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
