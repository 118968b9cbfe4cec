package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"starling/sync/peer"
)

// Who has the file open is not taken for another Starling.
func TestFileInUseIsExplained(t *testing.T) {
	f := failureOf(fmt.Errorf("open: %w", peer.ErrFileInUse), "/home")
	if f.Kind != "file in use" || !strings.HasPrefix(f.Hint, "close the program") || !strings.Contains(f.Error, "starling.db") {
		t.Errorf("it is explained as %+v", f)
	}
}

// On a full disk each edit is told apart by what became of it: kept, not made, or
// gone with a command that ran alone.
func TestFullDiskIsExplained(t *testing.T) {
	kept := fmt.Errorf("edit: %w: %w", peer.ErrStopped, peer.ErrDiskFull)
	cases := []struct {
		err           error
		says, doesNot string
	}{
		{kept, "don't do it again", "not written"},
		{fmt.Errorf("edit: %w: %w", peer.ErrNotWritten, peer.ErrDiskFull), "this was not written", "don't"},
		{errors.Join(kept, fmt.Errorf("%w: %w", peer.ErrUnstored, peer.ErrDiskFull)), "do it again", "kept"},
	}
	for _, c := range cases {
		got := explain(c.err, "/home")
		if !strings.Contains(got, c.says) || strings.Contains(got, c.doesNot) {
			t.Errorf("%v is explained as: %s", c.err, got)
		}
	}
}
