package graph_test

import (
	"runtime"
	"testing"

	"starling/crdt/graph"
	"starling/crdt/opid"
)

const many = 260_000

// taking returns the graph of some writers who take turns, each not having
// seen the last changes of the others.
func taking(b *testing.B, actors *opid.Actors, writers, n int) *graph.Graph {
	b.Helper()
	for i := range writers {
		actors.Number([]byte{byte(i)})
	}
	g := graph.New(actors)
	for i := range uint32(n) {
		w := uint32(writers)
		c := graph.Change{Actor: i % w, Seq: i/w + 1, First: 2*i/w + 1, Time: 1_700_000_000 + int64(i)/5}
		if i >= w {
			c.Deps = []uint32{i - w, i - 1 - i%(w-1)}
		}
		for _, d := range c.Deps {
			c.First = max(c.First, g.MaxOp(int(d))+1)
		}
		c.Last = c.First
		if _, err := g.AddMeta(c); err != nil {
			b.Fatal(err)
		}
	}
	return g
}

func benchDecode(b *testing.B, form []byte, actors *opid.Actors) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	g, err := graph.Decode(form, actors)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(g)
	for b.Loop() {
		if _, err := graph.Decode(form, actors); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	b.ReportMetric(float64(len(form)), "bytes")
}

func BenchmarkDecodeLinear(b *testing.B) {
	var actors opid.Actors
	benchDecode(b, linear(b, &actors, many).AppendBinary(nil, 256), &actors)
}

func BenchmarkDecode25Writers(b *testing.B) {
	var actors opid.Actors
	benchDecode(b, taking(b, &actors, 25, many).AppendBinary(nil, 256), &actors)
}

// BenchmarkFirstClock is what is worked out when a clock is first asked for.
func BenchmarkFirstClock25Writers(b *testing.B) {
	var actors opid.Actors
	form := taking(b, &actors, 25, many).AppendBinary(nil, 256)
	var before, after runtime.MemStats
	for b.Loop() {
		b.StopTimer()
		g, err := graph.Decode(form, &actors)
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		g.Clock([]int{many - 2})
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(g)
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
}

func BenchmarkOrderLinear(b *testing.B) {
	var actors opid.Actors
	g := linear(b, &actors, many)
	for b.Loop() {
		g.Order()
	}
}

func BenchmarkOrder25Writers(b *testing.B) {
	var actors opid.Actors
	g := taking(b, &actors, 25, many)
	for b.Loop() {
		g.Order()
	}
}
