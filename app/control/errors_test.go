package control

import (
	"errors"
	"io/fs"
	"testing"

	"starling/sync/peer"
)

// What nobody can use is not said, and still can be asked for.
func TestNoAnswerSaysOneThing(t *testing.T) {
	err := error(noAnswer{fs.ErrNotExist})
	if err.Error() != ErrNoAnswer.Error() || !errors.Is(err, ErrNoAnswer) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is %v", err)
	}
}

// An error that is of two kinds crosses the socket as the narrower one.
func TestKindOfABeyondFile(t *testing.T) {
	if got := Kind(errors.Join(peer.ErrBadFile, peer.ErrBeyond)); got != "beyond" {
		t.Errorf("the kind is %q", got)
	}
}
