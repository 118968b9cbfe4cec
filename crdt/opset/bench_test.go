package opset

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/opid"
)

const traceFile = "../../../shared/traces/automerge-paper.json.gz"

func traceDocument(b *testing.B) *format.Document {
	b.Helper()
	chunk, err := formattest.TraceDocument(traceFile)
	if errors.Is(err, fs.ErrNotExist) {
		b.Skip("the traces are not here")
	}
	if err != nil {
		b.Fatal(err)
	}
	d, err := format.ParseDocument(chunk)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func build(b *testing.B, d *format.Document) *Set {
	b.Helper()
	var actors opid.Actors
	var numbers []uint32
	for _, a := range d.Actors {
		numbers = append(numbers, actors.Number(a))
	}
	builder := NewBuilder(&actors, numbers)
	if err := d.EachOp(builder.Add); err != nil {
		b.Fatal(err)
	}
	s, err := builder.Finish()
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkBuild makes the set of the trace's document; the bytes are the
// document's.
func BenchmarkBuild(b *testing.B) {
	d := traceDocument(b)
	b.ReportAllocs()
	for b.Loop() {
		build(b, d)
	}
}

// BenchmarkReadOnly is how much of BenchmarkBuild is the reading of operations.
func BenchmarkReadOnly(b *testing.B) {
	d := traceDocument(b)
	for b.Loop() {
		if err := d.EachOp(func(*format.DocOp) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOps lists the operations of the trace.
func BenchmarkOps(b *testing.B) {
	s := build(b, traceDocument(b))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Ops([]uint32{0}, func(*format.DocOp) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode reads the compact form of the trace.
func BenchmarkDecode(b *testing.B) {
	s := build(b, traceDocument(b))
	form := s.AppendBinary(nil)
	b.ReportMetric(float64(len(form)), "form-bytes")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(form, s.actors); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApply applies all changes of the trace, one after the other.
func BenchmarkApply(b *testing.B) {
	d := traceDocument(b)
	var changes []*format.Change
	if err := d.Expand(func(_ *format.Change, chunk []byte) error {
		c, err := format.ParseChange(slices.Clone(chunk))
		changes = append(changes, c)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var actors opid.Actors
		s := New(&actors)
		s.Watch(opid.ID{Counter: 1})
		own := []uint32{actors.Number(changes[0].Actor)}
		var did Effects
		for _, c := range changes {
			did = Effects{}
			if err := s.Apply(c, own, &did); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(changes)), "changes")
}
