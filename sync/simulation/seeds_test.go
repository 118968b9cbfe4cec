package simulation

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"starling/crdt/store"
)

// kind is a kind of stories.
type kind struct {
	name        string
	long, short int // how many are told; in short the first of those
	plan        func(seed int) plan
}

// plan is what a story is made of, by its seed alone.
type plan struct {
	people int
	steps  int  // at least; up to three times as many
	real   bool // real QUIC over a simulated network, and SQLite
	// rosters: people are removed, linked, given other roles. copies: homes are
	// copied and put back. clocks: they are wrong and jump.
	rosters, copies, clocks bool
}

var kinds = []kind{
	{"few", 929, 12, func(seed int) plan {
		return plan{
			people: 3 + seed%6, steps: 40,
			rosters: seed%4 > 0, copies: seed%12 == 8 || seed%12 == 3, clocks: seed%5 == 2,
		}
	}},
	{"quic", 50, 2, func(seed int) plan {
		return plan{people: 3 + seed%6, steps: 40, real: true, rosters: seed%4 > 0, clocks: seed%2 == 1}
	}},
	{"many", 21, 1, func(seed int) plan {
		n := 100
		if seed == 0 {
			n = 24 // for the race detector
		}
		return plan{people: n, steps: 30, rosters: seed%4 > 0, copies: seed%12 == 8, clocks: seed%5 == 2}
	}},
}

// TestSeeds tells the stories of all kinds. With STARLING_SOAK=N there are ten
// times N as many.
func TestSeeds(t *testing.T) {
	all, want := &tally{}, 0
	t.Run("all", func(t *testing.T) {
		for _, k := range kinds {
			seeds := k.long
			if testing.Short() {
				seeds = k.short
			} else if n, err := strconv.Atoi(os.Getenv("STARLING_SOAK")); err == nil {
				seeds *= 10 * n
			}
			want += seeds
			for seed := range seeds {
				t.Run(fmt.Sprintf("%s-%d", k.name, seed), func(t *testing.T) {
					t.Parallel()
					tell(t, uint64(seed), k.plan(seed), all)
				})
			}
		}
	})
	all.print(t)
	if all.counts["stories"] == want && !testing.Short() { // and not some alone
		all.check(t)
	}
}

// tell tells one story.
func tell(t *testing.T, seed uint64, p plan, all *tally) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, p)
		defer func() {
			all.join(w.count)
			if t.Failed() {
				t.Log(w.report())
			}
		}()
		w.count.add("stories")
		if p.real {
			w.count.add("stories with QUIC and SQLite")
		}
		w.begin()
		w.live(p.steps + w.rng.IntN(2*p.steps))
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
