package store_test

import (
	"context"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
	"starling/crdt/tracetest"
)

// automergeFile is how many bytes, to the nearest thousand, automerge-go saves
// the automerge-paper document in, with a commit for each edit.
const automergeFile = 129_000

// BenchmarkDisk types the automerge-paper trace into a store, compacts it, and
// tells how much room it takes, and how long the document takes to be read.
func BenchmarkDisk(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir(), store.Options{Expand: crdt.Expand})
	check(b, err)
	defer s.Close()
	empty, err := s.Usage(b.Context())
	check(b, err)
	id := storetest.ID(1)
	doc := typeTrace(b, s, id)
	chunk, covers, err := doc.Snapshot()
	check(b, err)
	start := time.Now()
	check(b, s.Compact(b.Context(), id, chunk, covers))
	took := time.Since(start)
	form := doc.Form()
	s.PutForm(id, form)
	text, _ := doc.Text()
	s.SetText(id, nil, "A title", text)
	check(b, s.Flush(b.Context()))
	used, err := s.Usage(b.Context())
	check(b, err)
	for b.Loop() {
		o, err := s.LoadForm(context.Background(), id, form.Version)
		check(b, err)
		if o.Form == nil || len(o.Changes) > 0 {
			b.Fatal("the form is not used")
		}
	}
	b.ReportMetric(took.Seconds(), "s/compact")
	b.ReportMetric(float64(used.Changes-empty.Changes)/automergeFile, "crdt.disk")
	b.ReportMetric(float64(used.All-empty.All)/automergeFile, "crdt.disk_all")
	b.ReportMetric(float64(len(chunk)), "B/snapshot")
	b.ReportMetric(float64(len(form.Bytes)), "B/form")
}

// typeTrace founds a document and types the trace into it.
func typeTrace(b *testing.B, s *store.Store, id crdt.DocID) *crdt.Document {
	b.Helper()
	trace := tracetest.Load(b, tracetest.Paper)
	doc, err := crdt.Open(crdt.Config{ID: id, Actor: "0123456789abcdef"})
	check(b, err)
	seal, now := signer(b), time.Unix(1700000000, 0)
	first, err := doc.Found(now)
	check(b, err)
	s.Submit(store.Entry{Doc: id, Changes: []crdt.Change{first}, Seal: seal})
	_, seen := doc.Text()
	for _, p := range trace.Patches() {
		edited, err := doc.Edit(crdt.Edit{Seen: seen, At: p.At, Delete: p.Delete, Insert: p.Insert}, now)
		check(b, err)
		if n := len(edited.Patches); n > 0 {
			seen = edited.Patches[n-1].Num
		}
		s.Submit(store.Entry{Doc: id, Changes: edited.Changes, Seal: seal})
	}
	if text, _ := doc.Text(); text != trace.End {
		b.Fatal("the text is not that of the trace")
	}
	check(b, s.Flush(b.Context()))
	return doc
}
