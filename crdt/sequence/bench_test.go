package sequence

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt/opid"
	"starling/crdt/tracetest"
)

func BenchmarkTrace(b *testing.B) {
	patches := tracetest.Load(b, tracetest.Paper).Patches()
	for b.Loop() {
		replay(b, patches)
	}
}

func BenchmarkDecode(b *testing.B) {
	s := replay(b, tracetest.Load(b, tracetest.Paper).Patches())
	form := s.AppendBinary(nil)
	b.SetBytes(int64(len(form)))
	for b.Loop() {
		if _, err := Decode(form, s.actors, noItem); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	s := replay(b, tracetest.Load(b, tracetest.Paper).Patches())
	for b.Loop() {
		s.AppendBinary(nil)
	}
}

func BenchmarkText(b *testing.B) {
	s := replay(b, tracetest.Load(b, tracetest.Paper).Patches())
	for b.Loop() {
		s.Text()
	}
}

func BenchmarkTextAt(b *testing.B) {
	s := replay(b, tracetest.Load(b, tracetest.Paper).Patches())
	for b.Loop() {
		s.TextAt(opid.Clock{paperOps / 2})
	}
}

// scattered is 1 MB of text in some 100,000 runs, and the next operation.
func scattered(b *testing.B) (*Sequence, opid.ID) {
	s := New(newActors(2))
	if _, err := s.Insert(opid.ID{Counter: 1}, opid.ID{}, strings.Repeat("0123456789", 100_000)); err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	next := opid.ID{Actor: 1, Counter: 1_000_001}
	for s.Runs() < 100_000 {
		id, _, _ := s.ElemAt(rnd.IntN(s.Len()))
		if _, err := s.Insert(next, id, "x"); err != nil {
			b.Fatal(err)
		}
		next = next.Plus(1)
	}
	return s, next
}

// report times many calls one by one, each after something else.
func report(b *testing.B, before, f func()) {
	const n = 50_000
	times := make([]time.Duration, n)
	for range b.N {
		for i := range times {
			before()
			start := time.Now()
			f()
			times[i] = time.Since(start)
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[n/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[n*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(times[n-1].Nanoseconds()), "max-ns")
}

// One operation at a random place in 1 MB of text and 100,000 runs.
func BenchmarkOne(b *testing.B) {
	rnd := rand.New(rand.NewPCG(2, 2))
	bench := func(name string, f func(s *Sequence, at int, id, next opid.ID) error) {
		b.Run(name, func(b *testing.B) {
			s, next := scattered(b)
			var at int
			var id opid.ID
			choose := func() {
				at = rnd.IntN(s.Len())
				id, _, _ = s.ElemAt(rnd.IntN(s.Len()))
			}
			report(b, choose, func() {
				if err := f(s, at, id, next); err != nil {
					b.Fatal(err)
				}
				next = next.Plus(1)
			})
		})
	}
	bench("Insert", func(s *Sequence, _ int, id, next opid.ID) error {
		_, err := s.Insert(next, id, "y")
		return err
	})
	bench("Delete", func(s *Sequence, _ int, id, next opid.ID) error {
		return s.DeleteRun(id, 1, next, false, func(int, int) {})
	})
	bench("Revive", func(s *Sequence, _ int, id, next opid.ID) error {
		return s.Revive(id, 1, next, false, func(int, string) {})
	})
	bench("Read", func(s *Sequence, at int, id, _ opid.ID) error {
		s.Rank(id)
		s.ElemAt(at)
		return nil
	})
}

// Every insertion has to pass all that came before it at one place.
func BenchmarkHostileOrder(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		hostile(b, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
}

// hostile inserts n elements at the head, each less than those before it.
func hostile(t testing.TB, n int) *Sequence {
	s := New(newActors(1))
	for i := n; i > 0; i-- {
		at, err := s.Insert(opid.ID{Counter: uint32(2 * i)}, opid.ID{}, "x")
		if err != nil || at != n-i {
			t.Fatal(at, err)
		}
	}
	return s
}
