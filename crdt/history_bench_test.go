package crdt_test

import (
	"testing"
	"time"

	"starling/crdt"
)

// ownPaper opens the document of the long trace as its writer's device.
func ownPaper(b *testing.B) (*crdt.Document, uint64) {
	b.Helper()
	d, err := crdt.Open(crdt.Config{Form: paper.form.Bytes, Actor: "again", Own: []crdt.ActorID{paper.changes[0].Actor}})
	if err != nil {
		b.Fatal(err)
	}
	_, seen := d.Text()
	return d, seen
}

func BenchmarkFirstUndo(b *testing.B) {
	thePaper(b)
	for b.Loop() {
		b.StopTimer()
		d, seen := ownPaper(b)
		b.StartTimer()
		if out, err := d.Undo(seen, time.Now()); err != nil || len(out.Changes) == 0 {
			b.Fatal(out, err)
		}
	}
}

func BenchmarkUndo(b *testing.B) {
	thePaper(b)
	d, seen := ownPaper(b)
	n := 0
	for b.Loop() {
		out, err := d.Undo(seen, time.Now())
		if err != nil || len(out.Changes) == 0 {
			b.Fatal(out, err)
		}
		seen = out.Patches[len(out.Patches)-1].Num
		n++
	}
}

func BenchmarkHistory(b *testing.B) {
	thePaper(b)
	d, _ := ownPaper(b)
	n := 0
	for b.Loop() {
		n = len(d.History())
	}
	b.ReportMetric(float64(n), "versions")
}

func BenchmarkFindOldVersion(b *testing.B) {
	thePaper(b)
	d, _ := ownPaper(b)
	for b.Loop() {
		if _, err := d.FindVersion("0000000000"); err == nil {
			b.Fatal("found")
		}
	}
}

func BenchmarkBlame(b *testing.B) {
	thePaper(b)
	d, _ := ownPaper(b)
	for b.Loop() {
		if _, err := d.Blame(d.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	thePaper(b)
	d, _ := ownPaper(b)
	then := crdt.Version{Heads: []crdt.Head{{Actor: paper.changes[0].Actor, Seq: uint64(len(paper.changes) / 2)}}}
	n := 0
	for b.Loop() {
		pieces, err := d.Diff(then, d.Now())
		if err != nil {
			b.Fatal(err)
		}
		n = len(pieces)
	}
	b.ReportMetric(float64(n), "pieces")
}

func BenchmarkTextAt(b *testing.B) {
	thePaper(b)
	d, _ := ownPaper(b)
	then := crdt.Version{Heads: []crdt.Head{{Actor: paper.changes[0].Actor, Seq: uint64(len(paper.changes) / 2)}}}
	for b.Loop() {
		if _, err := d.TextAt(then); err != nil {
			b.Fatal(err)
		}
	}
}
