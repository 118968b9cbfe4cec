package judge

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// limitMemory ends the process soon after it has taken n bytes more than it
// has now: macOS enforces no limit of its own. The watch runs until the process
// ends.
func limitMemory(n int64) error {
	now, err := peak()
	if err != nil {
		return err
	}
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			if taken, err := peak(); err == nil && taken > now+n {
				os.Exit(complain(exitMemory, errors.New("too much memory")))
			}
		}
	}()
	return nil
}

// peak is the most memory that the process has held, in bytes; see getrusage(2).
func peak() (int64, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return usage.Maxrss, nil
}
