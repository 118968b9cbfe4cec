package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"starling/crdt"
)

// inFile opens a file as a database.
func inFile(t *testing.T, f rawFile) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), File)
	if err := os.WriteFile(path, f, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// kept is what a store has of one document and of what is copied as it is.
func kept(t *testing.T, s *Store) (all []any) {
	t.Helper()
	ctx, doc := t.Context(), crdt.DocID{1}
	l, err := s.Load(ctx, doc)
	if err != nil {
		t.Error(err)
	}
	heads, err := s.HeadsSince(ctx, doc, nil)
	if err != nil {
		t.Error(err)
	}
	beside, besideHeads, err := s.Beside(ctx, doc)
	if err != nil {
		t.Error(err)
	}
	statements, err := s.Statements(ctx, [32]byte{7})
	if err != nil {
		t.Error(err)
	}
	asides, err := s.Asides(ctx)
	if err != nil {
		t.Error(err)
	}
	return []any{l.Changes, heads, beside, besideHeads, statements, asides}
}

// ofEachTable makes a store that has something in each table, with a change beside its
// document and two in it, each with a head, and returns its file and what was kept.
func ofEachTable(t *testing.T) (f rawFile, want []any) {
	t.Helper()
	s, doc, next := openHere(t, t.TempDir()), crdt.DocID{1}, author("a")
	changes := []crdt.Change{next(60), next(60), next(60)}
	roster := [32]byte{1}
	seal := func(c crdt.Change) Head {
		h := sealHere(c)
		h.Roster = [][32]byte{roster}
		return h
	}
	for i := range changes {
		s.Submit(Entry{Doc: doc, Space: [32]byte{7}, Changes: changes[i : i+1], Seal: seal})
		flushHere(t, s)
	}
	if err := s.PutStatements(t.Context(), [32]byte{7}, []Statement{{Hash: roster, Bytes: []byte("1")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetAside(t.Context(), Aside{Kind: "message", Bytes: []byte("odd")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retreat(t.Context(), doc, []crdt.Hash{changes[2].Hash}, "why"); err != nil {
		t.Fatal(err)
	}
	want = kept(t, s)
	return stoppedFile(t, s), want
}

// Whatever makes no sense in a row that the tree leads to, the true one, if it is found
// without the tree, is taken.
func TestGarbageGivesWayInEachTable(t *testing.T) {
	t.Parallel()
	f, want := ofEachTable(t)
	for _, garbage := range []string{
		"UPDATE documents SET id = x'00'",
		"UPDATE documents SET space = x'00'",
		"UPDATE actors SET id = x''",
		"UPDATE actors SET id = zeroblob(65)",
		"UPDATE actors SET device = x'00'",
		"UPDATE actors SET nonce = x'00'",
		"UPDATE actors SET doc = 99",
		"UPDATE changes SET bytes = NULL",
		"UPDATE changes SET bytes = CAST(bytes || x'00' AS BLOB)",
		"UPDATE changes SET hash = zeroblob(32)",
		"UPDATE changes SET deps = x'00'",
		"UPDATE changes SET sum = sum + 1",
		"UPDATE changes SET max_op = max_op + 7",
		"UPDATE rosters SET hashes = x'00'",
		"UPDATE rosters SET hashes = x''",
		"UPDATE beside SET bytes = x'00'",
		"UPDATE beside SET deps = x'00'",
		"UPDATE beside SET actor = x''",
		"UPDATE statements SET hash = x'00'",
		"UPDATE aside SET bytes = x'00'",
	} {
		to := openHere(t, t.TempDir())
		conn, err := inFile(t, meddled(t, f, "PRAGMA foreign_keys = 0; "+garbage)).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := rescuer{from: conn, raw: inFile(t, f), to: to, lost: map[string]bool{}, rosters: map[int64][][32]byte{}}
		for _, table := range plainTables {
			if err := r.copyTable(t.Context(), table); err != nil {
				t.Errorf("%s: %v", garbage, err)
			}
		}
		if err := r.documents(t.Context()); err != nil {
			t.Errorf("%s: %v", garbage, err)
		}
		if got := kept(t, to); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: lost of %v\n got %v\nwant %v", garbage, r.lost, got, want)
		}
		if err := to.Close(); err != nil {
			t.Error(err)
		}
	}
}

// rescuedWithout saves a file without the leaves of a table.
func rescuedWithout(t *testing.T, f rawFile, table string) *Store {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, File)
	if err := os.WriteFile(path, f.without(leavesOf(t, f, table)...), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(home, "fresh")
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := rescue(ctx, path, fresh, Options{})
	if err != nil || !slices.Contains(out.Lost, table) {
		t.Fatalf("saved %+v: %v", out, err)
	}
	s := openHere(t, fresh)
	t.Cleanup(func() { s.Close() })
	return s
}

// A space whose row is lost is known by its statements; others that these are of, of
// which nothing else is here, are not.
func TestLostSpaces(t *testing.T) {
	t.Parallel()
	s, mine, other := openHere(t, t.TempDir()), [32]byte{7}, [32]byte{8}
	if err := s.PutSpace(t.Context(), Space{ID: mine, Name: "Notes", Secrets: [][]byte{{1}}}); err != nil {
		t.Fatal(err)
	}
	for _, space := range [][32]byte{mine, other} {
		if err := s.PutStatements(t.Context(), space, []Statement{{Hash: space, Bytes: []byte("1")}}); err != nil {
			t.Fatal(err)
		}
	}
	spaces, err := rescuedWithout(t, stoppedFile(t, s), "spaces").Spaces(t.Context())
	if err != nil || len(spaces) != 1 || spaces[0].ID != mine || len(spaces[0].Secrets) != 1 || spaces[0].Left {
		t.Errorf("the spaces are %v: %v", spaces, err)
	}
}

// Where heads are named by rosters that are lost, that is told, and all else is saved.
func TestLostRosters(t *testing.T) {
	t.Parallel()
	f, want := ofEachTable(t)
	s := rescuedWithout(t, f, "rosters")
	got := kept(t, s)
	for i := range want {
		if heads := i == 1 || i == 3; !heads && !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%v was saved, and there was %v", got[i], want[i])
		}
	}
}
