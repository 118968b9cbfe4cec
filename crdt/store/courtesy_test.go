package store

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
)

// Nobody is let go first again for a while after that took long, and then it is tried
// again.
func TestCourtesy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c courtesy
		calls := 0
		yield := func(n int, takes time.Duration) int {
			calls = 0
			for range n {
				c.yield(func() { calls++; time.Sleep(takes) })
			}
			return calls
		}
		for _, step := range []struct {
			n     int
			takes time.Duration
			want  int
		}{
			{100, courtesyMost, 100},
			{1, courtesyMost + 1, 1},
			{courtesySkips, 0, 0},
			{10, 0, 10},
			{4 * (courtesySkips + 1), time.Second, 4},
		} {
			if got := yield(step.n, step.takes); got != step.want {
				t.Errorf("%d times of %v: others went first %d times, want %d", step.n, step.takes, got, step.want)
			}
		}
	})
}

// BenchmarkCommitBusy is one change with its head, from Submit to Done, while each core
// is busy with something else: the median and the 99th of a hundred.
func BenchmarkCommitBusy(b *testing.B) {
	s := openHere(b, b.TempDir())
	defer s.Close()
	var stop atomic.Bool
	defer stop.Store(true)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for !stop.Load() {
			}
		}()
	}
	next, done := author("a"), make(chan error, 1)
	var took []time.Duration
	for b.Loop() {
		c := next(60)
		start := time.Now()
		s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{c}, Seal: sealHere, Done: func(_ []Head, err error) { done <- err }})
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "µs/p50")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "µs/p99")
}
