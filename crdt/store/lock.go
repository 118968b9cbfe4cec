package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a held lock is tried again.
const lockPoll = 20 * time.Millisecond

// takeLock takes the lock file of a home and waits for it up to wait.
func takeLock(ctx context.Context, home string, wait time.Duration) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(home, "lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err == nil && !held && wait > 0 {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		held, err = lock.TryLockContext(waiting, lockPoll)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = nil
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", home, err)
	case !held:
		return nil, fmt.Errorf("lock %s: %w", home, ErrInUse)
	}
	return lock, nil
}
