package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"starling/sync/peer"
)

// A command of starlingd that holds the home for a moment is waited for.
func TestStartWaitsForTheHome(t *testing.T) {
	home := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	holder, err := peer.Open(t.Context(), peer.Config{Home: home, Name: "Ada", Make: true, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	s := &session{app: fyne.CurrentApp(), config: Config{
		Home: home, Listen: "127.0.0.1:0", NoDiscovery: true, Logger: log,
		Fail: func(err error) { failed <- err },
	}, lockWait: time.Minute}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	select {
	case err := <-failed:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := holder.Close(); err != nil {
		t.Error(err)
	}
	open := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.bridge != nil
	}
	(&stage{t: t}).until("it opens the home", open)
	s.close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Why there is no window is said with what to do, and Starling isn't blamed for
// another program.
func TestFailureNamesWhoIsInTheWay(t *testing.T) {
	for err, want := range map[error]string{
		peer.ErrInUse: "Look for its window", peer.ErrFileInUse: "Another program has opened the file", peer.ErrDiskFull: "can't open its documents",
	} {
		if got := failure(fmt.Errorf("open: %w", err)); !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
