package peer

import (
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// TestWhatIsLateIsNoFork has something of an actor wait for what another one wrote
// and a third one was to pass on: as long as that may just be late, nothing is asked
// for a second time.
func TestWhatIsLateIsNoFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const late, other = crdt.ActorID("late"), crdt.ActorID("other")
		var f forking
		f.suspect(late)
		for _, tt := range []struct {
			after time.Duration
			want  uint64
		}{
			{0, 7}, {200 * time.Millisecond, 7}, {2 * time.Second, 7}, {suspectAfter + time.Millisecond, 1},
		} {
			began := f.suspects[late]
			time.Sleep(tt.after - time.Since(began))
			f.suspect(late) // once more: it is as old as it was
			got := f.admit(crdt.Vector{late: {Seq: 7}, other: {Seq: 9}})
			if got[late].Seq != tt.want || got[other].Seq != 9 {
				t.Errorf("after %v it is said that %d and %d are held, want %d and 9", tt.after, got[late].Seq, got[other].Seq, tt.want)
			}
		}
	})
}
