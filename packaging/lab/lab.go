package lab

import (
	"os"
	"testing"
	"time"
)

// Soon is how long a test waits for what should come at once, on a machine that
// is busy with other things.
const Soon = 60 * time.Second

// poll is how often a condition is looked at.
const poll = 10 * time.Millisecond

// Unable skips the test because of what this machine or this run lacks. Where
// CI is set nothing may be lacking, and the test fails.
func Unable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Program is the path of starlingd. Without one the test is skipped.
func Program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("STARLINGD")
	if path == "" {
		Unable(t, "needs STARLINGD, the path of the program: run make test")
	}
	return path
}

// RaceProgram is the path of starlingd built with the race detector, or that of
// the plain one if there is none.
func RaceProgram(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("STARLINGD_RACE"); path != "" {
		return path
	}
	return Program(t)
}

// Soak reports whether this is the long run.
func Soak() bool { return os.Getenv("STARLING_SOAK") != "" }

// Until looks until ok, and reports whether that came in time.
func Until(within time.Duration, ok func() bool) bool {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for end := time.Now().Add(within); !ok(); <-tick.C {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// Eventually is [Until] within [Soon], and the end of the test if not. It
// returns how long that took.
func Eventually(t *testing.T, what string, ok func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	if !Until(Soon, ok) {
		t.Fatalf("not within %v: %s", Soon, what)
	}
	return time.Since(begin)
}
