package crdt_test

import (
	"context"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

var paperID = crdt.DocID{7}

// paperStore is a store that holds the paper's document: compacted, with its
// compact form and its text in the search.
func paperStore(b *testing.B) *store.Store {
	b.Helper()
	thePaper(b)
	ctx := context.Background()
	s, err := store.Open(ctx, b.TempDir(), store.Options{Expand: crdt.Expand})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	for from := 0; from < len(paper.changes); from += 1000 {
		changes := paper.changes[from:min(from+1000, len(paper.changes))]
		s.Submit(store.Entry{Doc: paperID, Changes: changes, Seal: func(c crdt.Change) store.Head {
			return store.Head{Actor: c.Actor, Seq: c.Seq, Hash: c.Hash, Sig: make([]byte, 64)}
		}})
	}
	s.SetText(paperID, nil, "The paper", paper.end)
	if err := s.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := s.Compact(ctx, paperID, paper.snapshot, paper.form.Covers); err != nil {
		b.Fatal(err)
	}
	b.Logf("compacted in %v", time.Since(start))
	s.PutForm(paperID, paper.form)
	if err := s.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkOpen(b *testing.B) {
	s := paperStore(b)
	for b.Loop() {
		held, err := s.LoadForm(context.Background(), paperID, crdt.FormVersion)
		if err != nil || held.Form == nil {
			b.Fatal("no compact form", err)
		}
		d := openAs(b, "reader", crdt.Config{ID: paperID, Form: held.Form, Changes: held.Changes})
		if text, _ := d.Text(); text != paper.end {
			b.Fatal("the text is not that of the trace")
		}
	}
	report(b, "crdt.open", time.Millisecond)
}
