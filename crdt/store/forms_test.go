package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"starling/crdt"
)

// A form that is damaged is as good as none, and is dropped.
func TestDamagedForm(t *testing.T) {
	for name, statement := range map[string]string{
		"bytes":  "UPDATE forms SET bytes = CAST(x'2d' || bytes AS BLOB)",
		"hash":   "UPDATE forms SET hash = zeroblob(32)",
		"covers": "UPDATE forms SET covers = x'0102'",
	} {
		t.Run(name, func(t *testing.T) {
			s := openHere(t, t.TempDir())
			defer s.Close()
			doc, a := crdt.DocID{1}, author("a")
			all := []crdt.Change{a(50), a(50), a(50)}
			s.Submit(Entry{Doc: doc, Changes: all})
			s.PutForm(doc, Form{Version: 3, Covers: crdt.Vector{"a": {Seq: 2, Hash: all[1].Hash}}, Bytes: []byte("form")})
			flushHere(t, s)
			o, err := s.LoadForm(t.Context(), doc, 3)
			if err != nil || string(o.Form) != "form" {
				t.Fatalf("form %q, %v", o.Form, err)
			}
			wantChanges(t, o.Changes, all[2:])
			spoil(t, s, statement)
			for range 2 {
				if o, err = s.LoadForm(t.Context(), doc, 3); err != nil || o.Form != nil || o.Covers != nil {
					t.Errorf("a damaged form: %q, %v", o.Form, err)
				}
				wantChanges(t, o.Changes, all)
			}
			if n := count(t, s, "SELECT count(*) FROM forms"); n != 0 {
				t.Error("the damaged form is still there")
			}
		})
	}
}

// A form has the text of what was lost to damage, until that comes again.
func TestFormOfLostChange(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	all := []crdt.Change{a(50), a(50), a(50)}
	s.Submit(Entry{Doc: doc, Changes: all})
	s.PutForm(doc, Form{Covers: crdt.Vector{"a": {Seq: 3, Hash: all[2].Hash}}, Bytes: []byte("form")})
	flushHere(t, s)
	spoil(t, s, "UPDATE changes SET hash = zeroblob(32) WHERE seq = 2")
	wantLoad(t, s, doc, all[:1], DamageError{Doc: doc, Lost: 1, Waiting: 1})
	if o, err := s.LoadForm(t.Context(), doc, 0); err != nil || o.Form == nil || len(o.Changes) > 0 {
		t.Errorf("the form is not used: %v", err)
	}
}

// A store that the first version wrote opens; what its rows do not tell is not
// made up.
func TestSecondSchema(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, File)
	scripts, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, scripts[:1]); err != nil {
		t.Fatal(err)
	}
	doc, a, b := crdt.DocID{1}, author("a"), author("b")
	a1, a2 := a(50), a(50)
	b1 := b(50, a1.Hash)
	b2 := b(50)
	all := []crdt.Change{a1, a2, b1, b2}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("INSERT INTO documents VALUES (1, ?, zeroblob(32), '', 0, 0)", doc[:])
	exec("INSERT INTO actors (num, doc, id, seq, hash) VALUES (1, 1, ?, 2, ?), (2, 1, ?, 2, ?)",
		[]byte("a"), a2.Hash[:], []byte("b"), b2.Hash[:])
	for i, c := range all {
		exec("INSERT INTO changes VALUES (?, ?, ?, 0, ?, 0, ?, ?, ?)",
			1<<docShift+firstPlace+i, i/2+1, c.Seq, 10+i, c.Hash[:], joinHashes(c.Deps), c.Bytes)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s := openHere(t, home)
	defer s.Close()
	wantLoad(t, s, doc, all, DamageError{})
	found, err := s.Ancestry(t.Context(), doc, []crdt.Hash{a2.Hash})
	if want := (Dep{true, "a", 2, 11, map[crdt.ActorID]uint64{}}); err != nil || !reflect.DeepEqual(found, []Dep{want}) {
		t.Errorf("a chain: %+v, %v", found, err)
	}
	if _, err := s.Ancestry(t.Context(), doc, []crdt.Hash{b2.Hash}); !isNeedDocument(err) {
		t.Errorf("what builds on a merge of the first schema: %v", err)
	}
	if mode := pragma(t, s, "auto_vacuum"); mode != 2 {
		t.Errorf("auto_vacuum is %d", mode)
	}
}

// After a compaction the file shrinks.
func TestFileShrinks(t *testing.T) {
	home := t.TempDir()
	s := openHere(t, home)
	doc, a := crdt.DocID{1}, author("a")
	var all []crdt.Change
	for range 1500 {
		all = append(all, a(1000))
	}
	s.Submit(Entry{Doc: doc, Changes: all})
	flushHere(t, s)
	before := pragma(t, s, "page_count")
	s.expand = expandTo(all)
	last := crdt.Vector{"a": {Seq: 1500, Hash: all[1499].Hash}}
	if err := s.Compact(t.Context(), doc, []byte("chunk"), last); err != nil {
		t.Fatal(err)
	}
	after, free := pragma(t, s, "page_count"), pragma(t, s, "freelist_count")
	if after > before/4 || free != 0 {
		t.Errorf("%d pages became %d, of which %d are free", before, after, free)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(home, File)); err != nil || info.Size() != int64(after*pageSize) {
		t.Errorf("%d pages, but the file: %v, %v", after, info.Size(), err)
	}
}
