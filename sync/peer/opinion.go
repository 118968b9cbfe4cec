package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/judge"
)

// errDisagree says that automerge-go reads a snapshot differently.
var errDisagree = errors.New("automerge-go does not agree")

// secondOpinion has automerge-go read a snapshot before the changes that it
// replaces are deleted, where that library is linked. What it can't judge within
// its limits is not replaced.
func secondOpinion(ctx context.Context, chunk []byte) error {
	ours, err := crdt.ReadContents(chunk)
	if err != nil || !judge.Available() {
		return err
	}
	theirs, err := judge.Ask(ctx, chunk, ours.Key)
	if errors.Is(err, judge.ErrUnavailable) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask automerge-go: %w", err)
	}
	if theirs.Text != ours.Text {
		return fmt.Errorf("on the text: %w", errDisagree)
	}
	slices.SortFunc(theirs.Heads, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	if !slices.EqualFunc(ours.Heads, theirs.Heads, func(a crdt.Hash, b [32]byte) bool { return a == b }) {
		return fmt.Errorf("on the heads: %w", errDisagree)
	}
	return nil
}
