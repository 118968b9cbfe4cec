package peer

import (
	"fmt"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// An entry is split where the sender changes, and each head goes with its change.
func TestCommits(t *testing.T) {
	ann, bob := DeviceID{1}, DeviceID{2}
	entry := store.Entry{Changes: []crdt.Change{{Actor: "a", Seq: 7}, {Actor: "a", Seq: 8}, {Actor: "b", Seq: 3}, {Actor: "a", Seq: 9}}}
	heads := []store.Head{{Actor: "b", Seq: 3}, {Actor: "a", Seq: 8}, {Actor: "a", Seq: 9}, {Actor: "c", Seq: 1}}
	for _, c := range []struct {
		name string
		from []DeviceID
		want string
	}{
		{"one for all", []DeviceID{ann}, "1: a7 a8 b3 a9, heads b3 a8 a9 c1; "},
		{"the same for each", []DeviceID{ann, ann, ann, ann}, "1: a7 a8 b3 a9, heads b3 a8 a9 c1; "},
		{"two in turn", []DeviceID{ann, ann, bob, ann}, "1: a7 a8, heads a8; 2: b3, heads b3; 1: a9, heads a9 c1; "},
		{"another one last", []DeviceID{ann, bob, bob, bob}, "1: a7, heads; 2: a8 b3 a9, heads b3 a8 a9 c1; "},
	} {
		got := ""
		for _, commit := range commits(entry, heads, c.from) {
			got += fmt.Sprintf("%d:", commit.From[0])
			for _, ch := range commit.Changes {
				got += fmt.Sprintf(" %s%d", string(ch.Actor), ch.Seq)
			}
			got += ", heads"
			for _, h := range commit.Heads {
				got += fmt.Sprintf(" %s%d", h.Actor, h.Seq)
			}
			got += "; "
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
