package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// spread is how times are distributed, in milliseconds.
type spread struct{ p50, p90, p99, max float64 }

// spreadOf takes nanoseconds. A percentile is the smallest time that at least
// so many of a hundred do not exceed.
func spreadOf(nanos []int64) spread {
	sorted := slices.Sorted(slices.Values(nanos))
	at := func(percent int) float64 {
		if len(sorted) == 0 {
			return 0
		}
		rank := (len(sorted)*percent + 99) / 100
		return float64(sorted[max(rank, 1)-1]) / 1e6
	}
	return spread{at(50), at(90), at(99), at(100)}
}

func (s spread) String() string {
	return fmt.Sprintf("p50 %.3f  p90 %.3f  p99 %.3f  max %.3f ms", s.p50, s.p90, s.p99, s.max)
}

// between is how long each took from one list of times to another.
func between(from, to []int64) []int64 {
	out := make([]int64, 0, len(from))
	for i := range min(len(from), len(to)) {
		out = append(out, to[i]-from[i])
	}
	return out
}

// report prints what was measured: results are for `bench report`.
func (m measured) report(results, say io.Writer) {
	committed := spreadOf(between(m.typed.Began, m.there.Committed))
	window := spreadOf(between(m.typed.Began, m.there.Shown))
	writer, reader := perKey(m.writer, m), perKey(m.reader, m)
	fmt.Fprintf(say, "%s, %d keys\n", m.name, len(m.typed.Began))
	fmt.Fprintf(say, "  committed there  %v\n", committed)
	fmt.Fprintf(say, "  window told      %v\n", window)
	fmt.Fprintf(say, "  processor a key  writer %.2f  reader %.2f ms\n", writer, reader)
	m.parts(say)
	for _, line := range []struct {
		name  string
		value float64
	}{
		{"p50", committed.p50},
		{"p90", committed.p90},
		{"p99", committed.p99},
		{"max", committed.max},
		{"window.p50", window.p50},
		{"window.p99", window.p99},
		{"cpu_per_key", writer + reader},
	} {
		printLine(results, "live."+m.name+"."+line.name, line.value, "ms")
	}
	if m.name == "one_writer" && m.wire.packets > 0 {
		keys := float64(len(m.typed.Began))
		fmt.Fprintf(say, "  on the wire a key  %.0f bytes in %.1f packets\n", float64(m.wire.bytes)/keys, float64(m.wire.packets)/keys)
		printLine(results, "live.wire_bytes", float64(m.wire.bytes)/keys, "bytes")
	}
}

// printLine prints a result for `bench report`.
func printLine(results io.Writer, name string, value float64, unit string) {
	fmt.Fprintf(results, `{"name": %q, "value": %.4f, "unit": %q}`+"\n", name, value, unit)
}

// perKey is the processor time of one key, in milliseconds, with all that the
// process does besides.
func perKey(used time.Duration, m measured) float64 {
	return used.Seconds() * 1000 / float64(len(m.typed.Began))
}

// parts says where the time goes, from what anyone can see from outside.
func (m measured) parts(say io.Writer) {
	if len(m.here.Committed) == 0 {
		return
	}
	for _, part := range []struct {
		name     string
		from, to []int64
	}{
		{"the edit call", m.typed.Began, m.typed.Ended},
		{"signed and committed here", m.typed.Ended, m.here.Committed},
		{"sent, received, checked, applied", m.here.Committed, m.there.Shown},
		{"committed there", m.there.Shown, m.there.Committed},
	} {
		fmt.Fprintf(say, "  %-33s%v\n", part.name, spreadOf(between(part.from, part.to)))
	}
}
