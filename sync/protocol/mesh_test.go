package protocol

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// TestBytesAmongMany counts the bytes of changes that come to 32 peers, against
// the least that is possible: each change once to everyone but its author. Each
// peer is connected with all of the others or with some. Where few are connected,
// those that a change reaches at the same time by different ways know little of
// each other, and some get it twice.
func TestBytesAmongMany(t *testing.T) {
	const peers = 32
	most := map[int]float64{100: 1.05, 50: 1.5} // by percent of the pairs
	if testing.Short() {                        // where the race detector sees more goroutines than it can bear
		delete(most, 50)
	}
	for connected := range most {
		t.Run(fmt.Sprint(connected), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(connected), 5))
				hosts := make([]*fakeHost, peers)
				for i := range hosts {
					hosts[i] = newFakeHost(t, byte(8*i+1))
					hosts[i].disk = time.Duration(rng.IntN(3)) * time.Millisecond
				}
				space := found(1, hosts...)
				for i := range hosts {
					for j := range i {
						if j == i-1 || rng.IntN(100) < connected { // the line keeps all together
							dial(hosts[i], hosts[j], func(w *wire) { w.delay = time.Duration(1+rng.IntN(5)) * time.Millisecond })
						}
					}
				}
				pass(5 * time.Second)
				least := 0
				for range 60 {
					hosts[rng.IntN(peers)].edit(space, docs[rng.IntN(len(docs))], 100)
					pass(time.Duration(rng.IntN(30)) * time.Millisecond)
				}
				pass(time.Minute)
				same(t, hosts...)
				for _, d := range hosts[0].docs {
					for _, c := range d.changes {
						least += len(c.Bytes) * (peers - 1)
					}
				}
				carried, bulks := 0, 0
				for _, h := range hosts {
					carried += h.carried
					for _, l := range h.served {
						bulks += l.bulks
					}
				}
				ratio := float64(carried) / float64(least)
				t.Logf("%.3f times the least; %d streams", ratio, bulks)
				if ratio > most[connected] {
					t.Errorf("%d bytes of changes were carried, %.2f times the least", carried, ratio)
				}
			})
		})
	}
}

// A and C can't reach each other: B passes on between them, at once, without
// being told, and what each has the other learns through its own session only.
func TestOneBetweenTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newFakeHost(t, 1), newFakeHost(t, 2), newFakeHost(t, 3)
		space := found(1, a, b, c)
		dial(a, b)
		dial(b, c)
		pass(time.Second)
		for _, h := range []*fakeHost{a, c} {
			h.edit(space, docs[0], 10)
			pass(10 * time.Millisecond)
			same(t, a, b, c)
		}
		if n := a.twice + b.twice + c.twice; n > 0 {
			t.Errorf("%d changes came twice", n)
		}
	})
}
