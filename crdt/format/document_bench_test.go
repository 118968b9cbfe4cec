package format_test

import (
	"errors"
	"io/fs"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
)

// traceFile is the automerge-paper trace, which is not kept in this project.
const traceFile = "../../../shared/traces/automerge-paper.json.gz"

func traceDocument(t testing.TB) []byte {
	t.Helper()
	chunk, err := formattest.TraceDocument(traceFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the trace is not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

func BenchmarkParseDocument(b *testing.B) {
	chunk := traceDocument(b)
	b.ReportAllocs()
	for b.Loop() {
		parseDocument(b, chunk)
	}
}

// BenchmarkEach reads all changes and operations, parsing included.
func BenchmarkEach(b *testing.B) {
	chunk := traceDocument(b)
	b.ReportAllocs()
	for b.Loop() {
		d := parseDocument(b, chunk)
		changes, ops, deletions := 0, 0, 0
		err := errors.Join(
			d.EachChange(func(int, *format.DocChange) error { changes++; return nil }),
			d.EachOp(func(op *format.DocOp) error { ops++; deletions += len(op.Succ); return nil }))
		if err != nil || changes < 250_000 || ops+deletions < 250_000 {
			b.Fatalf("%d changes, %d operations, %d successors: %v", changes, ops, deletions, err)
		}
	}
}

// BenchmarkExpand rebuilds all changes and checks their hashes.
func BenchmarkExpand(b *testing.B) {
	chunk := traceDocument(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := parseDocument(b, chunk).Expand(func(*format.Change, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodeDocument writes the document again, reading it on the way.
func BenchmarkEncodeDocument(b *testing.B) {
	chunk := traceDocument(b)
	b.ReportAllocs()
	for b.Loop() {
		again := encodeDocument(b, parseDocument(b, chunk))
		b.ReportMetric(float64(len(again))/float64(len(chunk)), "x-automerge-go")
	}
}
