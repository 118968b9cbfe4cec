package crdt

import (
	"fmt"
	"testing"
)

// What an undo names counts, also if the groups are others now than they were.
func TestMove(t *testing.T) {
	group := func(from, to uint32) undoGroup { return undoGroup{seqs{1, from, to}, seqs{1, from, to}} }
	by := seqs{1, 50, 50}
	tests := []struct {
		name     string
		done     []undoGroup
		of       seqs
		from, to string
	}{
		{"the last", []undoGroup{group(1, 3), group(4, 6)}, seqs{1, 4, 6}, "1-3", "4-6 by 50-50"},
		{"not the last", []undoGroup{group(1, 3), group(4, 6), group(7, 7)}, seqs{1, 4, 6}, "1-3", "7-7 by 1-0, 4-6 by 50-50"},
		{"the end of one", []undoGroup{group(1, 9)}, seqs{1, 4, 9}, "1-3", "4-9 by 50-50"},
		{"the middle of one", []undoGroup{group(1, 9)}, seqs{1, 4, 6}, "1-3", "7-9 by 1-0, 4-6 by 50-50"},
		{"several", []undoGroup{group(1, 3), group(4, 6), group(7, 9)}, seqs{1, 4, 9}, "1-3", "4-9 by 50-50"},
		{"the end of one and the next", []undoGroup{group(1, 5), group(6, 9)}, seqs{1, 4, 9}, "1-3", "4-9 by 50-50"},
		{"one that is not there", []undoGroup{group(1, 3)}, seqs{1, 7, 8}, "1-3", ""},
		{"another actor's", []undoGroup{group(1, 3)}, seqs{2, 1, 3}, "1-3", ""},
	}
	show := func(groups []undoGroup, did bool) (s string) {
		for i, g := range groups {
			if i > 0 {
				s += ", "
			}
			s += fmt.Sprintf("%d-%d", g.work.from, g.work.to)
			if did {
				s += fmt.Sprintf(" by %d-%d", g.did.from, g.did.to)
			}
		}
		return s
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			done, undone := tt.done, []undoGroup(nil)
			move(&done, &undone, tt.of, by)
			if show(done, false) != tt.from || show(undone, true) != tt.to {
				t.Errorf("left are %s, moved %s, not %s and %s", show(done, false), show(undone, true), tt.from, tt.to)
			}
			if tt.to == "" {
				return
			}
			move(&done, &undone, tt.of, seqs{1, 51, 51}) // the rest of it
			if last := undone[len(undone)-1]; last.did != (seqs{1, 50, 51}) {
				t.Errorf("with the rest of it, the last is %+v", last)
			}
		})
	}
}
