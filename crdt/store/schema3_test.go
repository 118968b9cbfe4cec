package store_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// unpack puts a stored file of an earlier version into a new home.
func unpack(t *testing.T, file string) (home string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	home = t.TempDir()
	write(t, filepath.Join(home, store.File), raw)
	return home
}

// A store that the version before teams wrote holds what it held, and goes on.
func TestThirdSchema(t *testing.T) {
	s := open(t, unpack(t, "testdata/schema3.db.gz"))
	defer s.Close()
	ctx := t.Context()
	a, b := storetest.NewAuthor("a", 1), storetest.NewAuthor("b", 2)
	all := a.Take(20)
	all = append(all, b.Next(all[19].Hash))
	all = append(all, a.Take(5)...)
	l, err := s.Load(ctx, storetest.ID(1))
	if err != nil || string(l.Snapshot) != string(storetest.Pack(all[:12])) || len(l.Changes) != 14 {
		t.Fatalf("a snapshot of %d bytes and %d changes: %v", len(l.Snapshot), len(l.Changes), err)
	}
	heads, err := s.HeadsSince(ctx, storetest.ID(1), nil)
	if err != nil || len(heads) != 9 || heads[0].Roster != nil {
		t.Errorf("heads: %v, %v", heads, err)
	}
	o, err := s.LoadForm(ctx, storetest.ID(1), 1)
	if err != nil || string(o.Form) != "form" {
		t.Errorf("form: %q, %v", o.Form, err)
	}
	spaces, err := s.Spaces(ctx)
	if err != nil || len(spaces) != 1 || len(spaces[0].Secrets) != 1 || string(spaces[0].Secrets[0]) != "a secret" || spaces[0].Left {
		t.Errorf("spaces: %+v, %v", spaces, err)
	}
	people, err := s.People(ctx)
	want := store.Person{
		Device: storetest.Key(2), Name: "Bo", Colour: "#010203", Paired: true,
		Address: "[::1]:1", Typed: "bo:1", Seen: time.Unix(1700000000, 5),
	}
	if err != nil || len(people) != 1 || people[0].Name != want.Name || people[0].Consent != nil || people[0].Same {
		t.Errorf("people: %+v, %v", people, err)
	}
	bad := storetest.NewAuthor("d", 4).Take(2)[1]
	refused := make(chan error, 1)
	s.Submit(store.Entry{
		Doc: storetest.ID(2), Space: storetest.Key(1), Changes: []crdt.Change{bad},
		Done: func(_ []store.Head, err error) { refused <- err },
	})
	if err := <-refused; err == nil {
		t.Error("a refused change is taken")
	}
	s.Submit(store.Entry{Doc: storetest.ID(1), Space: storetest.Key(1), Changes: a.Take(1), Seal: storetest.Seal(1)})
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if v := s.Committed(storetest.ID(1)); v["a"].Seq != 26 {
		t.Errorf("vector: %v", v)
	}
}
