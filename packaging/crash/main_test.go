// Package crash kills real peers at random moments while people write on all
// of them, and holds what is left against what was seen before: each change
// that a watch printed, an edit that returned or another peer received must be
// there after the restart, nothing may be there twice, and all peers must come
// to one text again.
//
// The moments come from a seed that each test prints; STARLING_SEED repeats
// them, as far as the machine repeats itself.
package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"starling/packaging/lab"
)

// kills is how many kills a test makes: few, or ten times as many in a soak.
func kills(few int) int {
	if lab.Soak() {
		return 10 * few
	}
	return few
}

// dice returns the source of a test's random choices.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("STARLING_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("STARLING_SEED: %v", err)
		}
	}
	t.Logf("STARLING_SEED=%d", seed)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to try again: STARLING_SEED=%d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// moment is a random time up to limit, on a scale that prefers short ones, so
// that kills fall into commits as well as between them.
func moment(r *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(float64(limit) * r.Float64() * r.Float64() * r.Float64())
}

// wait lets a moment pass.
func wait(d time.Duration) { <-time.After(d) }
