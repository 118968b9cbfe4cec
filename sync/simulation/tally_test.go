package simulation

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

// tally counts what has happened.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
	waits  []time.Duration // until all agreed
}

func (c *tally) add(what string) { c.more(what, 1) }

func (c *tally) more(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[what] += n
}

func (c *tally) took(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, d)
}

// join adds what another tally has.
func (c *tally) join(other *tally) {
	for what, n := range other.counts {
		c.more(what, n)
	}
	for _, d := range other.waits {
		c.took(d)
	}
}

// must is what has to happen in some seed; else the simulation simulates little.
var must = []string{
	"edits", "cuts", "partitions", "crashes", "crashes with SQLite", "power cuts", "clean stops", "crossing dials",
	"remove", "add", "make viewer", "invitations", "joined by a link", "devices linked", "revoke",
	"changes that do not count", "full disks", "slow disks", "changes lost to power cuts", "documents with text",
	"homes put back", "homes copied", "forks", "changes that live on in a branch",
	"clocks that jump", "joined by a link that was over by their own clock",
	"asked who has what", "others who have it", "others who have it by another's word",
}

// print tells the counts.
func (c *tally) print(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		t.Logf("%8d %s", c.counts[what], what)
	}
	slices.Sort(c.waits)
	if n := len(c.waits); n > 0 {
		t.Logf("all agreed after %v in the median, at last after %v", c.waits[n/2], c.waits[n-1])
	}
}

// check finds what has never happened.
func (c *tally) check(t *testing.T) {
	for _, what := range must {
		if c.counts[what] == 0 {
			t.Errorf("no seed had any %s", what)
		}
	}
}
