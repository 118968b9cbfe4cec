package simulation

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt/store"
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
	"edits", "cuts", "partitions", "crashes", "power cuts", "clean stops", "crossing dials",
	"remove", "add", "make viewer", "invitations", "joined by a link", "devices linked", "revoke",
	"changes that do not count", "full disks", "slow disks", "changes lost to power cuts", "documents with text",
}

// TestSeeds tells many stories of few people and some of many, and some over real
// QUIC with SQLite stores. With STARLING_SOAK=N there are ten times N as many.
func TestSeeds(t *testing.T) {
	all := &tally{}
	small, large, real := 1000-50-20, 20, 50
	if testing.Short() {
		small, large, real = 60, 1, 3
	}
	if n, err := strconv.Atoi(os.Getenv("STARLING_SOAK")); err == nil {
		small, large, real = n*10*small, n*10*large, n*10*real
	}
	t.Run("all", func(t *testing.T) {
		for seed := range small + large + real {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				n := 3 + seed%6
				if seed >= small && seed < small+large {
					n = 100
				}
				tell(t, uint64(seed), n, seed >= small+large, all)
			})
		}
	})
	for _, what := range slices.Sorted(maps.Keys(all.counts)) {
		t.Logf("%8d %s", all.counts[what], what)
	}
	slices.Sort(all.waits)
	if n := len(all.waits); n > 0 {
		t.Logf("all agreed after %v in the median, at last after %v", all.waits[n/2], all.waits[n-1])
	}
	if all.counts["stories"] < small+large+real {
		return // some alone
	}
	for _, what := range must {
		if all.counts[what] == 0 {
			t.Errorf("no seed had any %s", what)
		}
	}
}

// tell tells one story.
func tell(t *testing.T, seed uint64, n int, real bool, all *tally) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, n, real)
		defer func() {
			all.join(w.count)
			if t.Failed() {
				t.Logf("go test ./sync/simulation -v -run '%s$'\n%s", t.Name(), w.journal)
			}
		}()
		w.count.add("stories")
		if real {
			w.count.add("stories with QUIC and SQLite")
		}
		w.begin()
		if n < 100 {
			w.live(40 + w.rng.IntN(80))
		} else {
			w.live(30)
		}
		w.heal()
		w.settle()
		w.end()
	})
}

// statements are the hashes of statements, sorted.
func statements(of []store.Statement) [][32]byte {
	var hashes [][32]byte
	for _, s := range of {
		hashes = append(hashes, s.Hash)
	}
	slices.SortFunc(hashes, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return hashes
}
