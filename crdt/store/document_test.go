package store_test

import (
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// TestDocument takes a real document through the store: typed, pasted into,
// compacted, typed on, and read back.
func TestDocument(t *testing.T) {
	home := t.TempDir()
	s, err := store.Open(t.Context(), home, store.Options{Expand: crdt.Expand})
	if err != nil {
		t.Fatal(err)
	}
	config := crdt.Config{ID: storetest.ID(1), Actor: "0123456789abcdef"}
	doc, err := crdt.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1700000000, 0)
	keep := func(changes ...crdt.Change) {
		s.Submit(store.Entry{Doc: config.ID, Changes: changes, Seal: storetest.Seal(1)})
	}
	typed := func(text string) {
		t.Helper()
		_, seen := doc.Text()
		edited, err := doc.Edit(crdt.Edit{Seen: seen, Insert: text}, now)
		if err != nil {
			t.Fatal(err)
		}
		keep(edited.Changes...)
	}
	first, err := doc.Found(now)
	if err != nil {
		t.Fatal(err)
	}
	keep(first)
	for range 50 {
		typed("é")
	}
	typed(strings.Repeat("A long paste. ", 1000)) // as Automerge writes it: deflated
	compact(t, s, config.ID, doc)
	for range 50 {
		typed("x")
	}
	compact(t, s, config.ID, doc)
	typed("the end")
	want, _ := doc.Text()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, home)
	defer s.Close()
	l, err := s.Load(t.Context(), config.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Changes) != 1 || l.Snapshot == nil {
		t.Errorf("%d changes after a snapshot of %d bytes", len(l.Changes), len(l.Snapshot))
	}
	config.Snapshot, config.Changes = l.Snapshot, l.Changes
	again, err := crdt.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := again.Text(); got != want {
		t.Errorf("%d bytes of text, want %d", len(got), len(want))
	}
	if !again.Vector().Equal(s.Committed(config.ID)) {
		t.Errorf("the document is at %v, the store at %v", again.Vector(), s.Committed(config.ID))
	}
}

func compact(t *testing.T, s *store.Store, id crdt.DocID, doc *crdt.Document) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	chunk, covers, err := doc.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(t.Context(), id, chunk, covers); err != nil {
		t.Fatal(err)
	}
}
