// Package storetest is the conformance suite of a store: what package store
// promises, asked of any implementation.
package storetest

import (
	"context"
	"reflect"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// Store is what the suite uses.
type Store interface {
	Submit(store.Entry)
	Flush(context.Context) error
	Committed(crdt.DocID) crdt.Vector
	Load(context.Context, crdt.DocID) (store.Loaded, error)
	ChangesSince(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error
	HeadsSince(ctx context.Context, doc crdt.DocID, since crdt.Vector) ([]store.Head, error)
	Documents(ctx context.Context, space [32]byte) ([]store.DocumentInfo, error)
	Document(context.Context, crdt.DocID) (store.DocumentInfo, error)
	Vectors(ctx context.Context, space [32]byte) (map[crdt.DocID]crdt.Vector, error)
	OwnActor(ctx context.Context, doc crdt.DocID, device [32]byte) (crdt.ActorID, [16]byte, bool, error)
	ActorDevices(context.Context, crdt.DocID) (map[crdt.ActorID][32]byte, error)
	ActorsOf(ctx context.Context, space [32]byte, devices [][32]byte) ([]store.Line, error)
	EachHead(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(store.Head) error) error
	Makers(context.Context, crdt.DocID) ([]store.Maker, error)
	Imported(context.Context, crdt.DocID) (map[crdt.ActorID]bool, error)
	PutForm(crdt.DocID, store.Form)
	LoadForm(ctx context.Context, doc crdt.DocID, version int) (store.Opened, error)
	Ancestry(ctx context.Context, doc crdt.DocID, deps []crdt.Hash) ([]store.Dep, error)
	Behind(context.Context) ([]crdt.DocID, error)
	Unindexed(context.Context) ([]crdt.DocID, error)
	CaughtUp(doc crdt.DocID, upTo crdt.Vector)
	Refuse(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, reason string) ([]crdt.Change, error)
	SetText(doc crdt.DocID, holds crdt.Vector, title, text string)
	Search(ctx context.Context, query string, limit int) ([]store.Hit, int, error)
	Compact(ctx context.Context, doc crdt.DocID, chunk []byte, covers crdt.Vector) error
	PutSnapshot(context.Context, store.Whole) error
	PutSpace(context.Context, store.Space) error
	Spaces(context.Context) ([]store.Space, error)
	PutStatements(ctx context.Context, space [32]byte, statements []store.Statement) error
	Statements(ctx context.Context, space [32]byte) ([]store.Statement, error)
	PutPerson(context.Context, store.Person) error
	People(context.Context) ([]store.Person, error)
	Set(ctx context.Context, key string, value []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	SetAside(context.Context, store.Aside) error
	Asides(context.Context) ([]store.Aside, error)
	Close() error
}

// Besides is what a store may offer besides: changes that do not count for now are
// kept beside their document. Where it is offered, the suite asks for it.
type Besides interface {
	Store
	Retreat(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, why string) ([]crdt.Change, error)
	Besides(ctx context.Context, space [32]byte) ([]crdt.DocID, error)
	Beside(context.Context, crdt.DocID) ([]crdt.Change, []store.Head, error)
}

// offered opens a store of a home and skips the test if it offers less than T.
func offered[T Store](t *testing.T, open Open, home string) T {
	t.Helper()
	s := open(t, home)
	full, has := s.(T)
	if !has {
		ok(t, s.Close())
		t.Skipf("%T does not offer it", s)
	}
	return full
}

// Open opens the store of a home folder; a second time, after Close, it gives
// the same content. [Expand] must be what turns its snapshots back.
type Open func(t testing.TB, home string) Store

// Run runs the suite. Each part has a home of its own.
func Run(t *testing.T, open Open) {
	parts := []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"order of reports", testOrder},
		{"one seal for a transaction", testSeals},
		{"refusals", testRefusals},
		{"documents", testDocuments},
		{"owners", testOwners},
		{"imported authors", testImports},
		{"rosters of heads", testRosters},
		{"actors of devices", testActorsOf},
		{"changes and heads since", testSince},
		{"an error of yield", testYieldError},
		{"compaction", testCompact},
		{"compaction while reading", testCompactMeanwhile},
		{"a wrong snapshot", testCompactWrong},
		{"pruned heads", testPruning},
		{"pruned heads of many", testPruningOfMany},
		{"a whole document", testWhole},
		{"a whole document's compact form", testWholeForm},
		{"a wrong whole document", testWholeWrong},
		{"what was refused", testRefused},
		{"what stands beside", testBeside},
		{"a compact form of a branch", testFormOfBranch},
		{"what stands beside and was compacted", testBesideCompacted},
		{"who has what", testAcks},
		{"search", testSearch},
		{"text with its changes", testText},
		{"hostile searches", testHostileSearch},
		{"spaces and people", testRecords},
		{"closed", testClosed},
		{"random use", testModel},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.run(t, open) })
	}
}

// opened opens a store in a new home and closes it at the end.
func opened(t *testing.T, open Open) Store {
	t.Helper()
	s := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// submit submits an entry and returns what Done was told.
func submit(t testing.TB, s Store, e store.Entry) ([]store.Head, error) {
	t.Helper()
	type report struct {
		heads []store.Head
		err   error
	}
	done := make(chan report, 1)
	e.Done = func(heads []store.Head, err error) { done <- report{heads, err} }
	s.Submit(e)
	r := <-done
	return r.heads, r.err
}

// must submits an entry that must be taken.
func must(t testing.TB, s Store, e store.Entry) []store.Head {
	t.Helper()
	heads, err := submit(t, s, e)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return heads
}

// ok fails the test on an error.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// equal compares by what a reader sees: nil and empty are alike.
func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	switch g.Kind() {
	case reflect.Slice, reflect.Map:
		if g.Len() == 0 && w.Len() == 0 {
			return
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// since collects what ChangesSince gives.
func since(t testing.TB, s Store, doc crdt.DocID, v crdt.Vector) []crdt.Change {
	t.Helper()
	var changes []crdt.Change
	err := s.ChangesSince(t.Context(), doc, v, func(c crdt.Change) error {
		changes = append(changes, c)
		return nil
	})
	ok(t, err)
	return changes
}

func vectorOf(changes []crdt.Change) crdt.Vector {
	v := crdt.Vector{}
	for _, c := range changes {
		v.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
	return v
}
