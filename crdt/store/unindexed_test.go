package store

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"starling/crdt"
)

func wantUnindexed(t *testing.T, s *Store, want ...crdt.DocID) {
	t.Helper()
	flushHere(t, s)
	got, err := s.Unindexed(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("unindexed: %v, %v, want %v", got, err, want)
	}
}

// A document is noted with its first change and until a text comes that has all
// of them, also over a restart.
func TestUnindexed(t *testing.T) {
	home := t.TempDir()
	s := openHere(t, home)
	one, two, a, b := crdt.DocID{1}, crdt.DocID{2}, author("a"), author("b")
	a1, a2, b1 := a(50), a(50), b(50)
	s.Submit(Entry{Doc: one, Changes: []crdt.Change{a1}})
	s.Submit(Entry{Doc: two, Changes: []crdt.Change{b1}, Unchecked: true})
	wantUnindexed(t, s, one) // the other is behind anyway
	s.SetText(one, upTo([]crdt.Change{a1}), "One", "first")
	wantUnindexed(t, s)
	s.Submit(Entry{Doc: one, Changes: []crdt.Change{a2}})
	s.SetText(one, upTo([]crdt.Change{a1}), "One", "first")
	s.CaughtUp(two, upTo([]crdt.Change{b1}))
	wantUnindexed(t, s, two, one)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openHere(t, home)
	defer s.Close()
	wantUnindexed(t, s, two, one)
	if l, err := s.Load(t.Context(), one); err != nil || !l.Unindexed || l.Title != "One" {
		t.Errorf("loaded: %+v, %v", l, err)
	}
	s.SetText(one, upTo([]crdt.Change{a1, a2}), "One", "second")
	s.SetText(two, upTo([]crdt.Change{b1}), "Two", "second")
	s.Submit(Entry{Doc: one, Title: new(string)}) // no change
	wantUnindexed(t, s)
	if l, err := s.Load(t.Context(), one); err != nil || l.Unindexed {
		t.Errorf("loaded: %+v, %v", l, err)
	}
}

// What comes back into the rows is not in the search either.
func TestUnindexedWhenHealed(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	all := []crdt.Change{a(50), a(50)}
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	spoil(t, s, "UPDATE changes SET bytes = x'00' WHERE seq = 2")
	wantLoad(t, s, doc, all[:1], DamageError{Doc: doc, Lost: 1})
	s.SetText(doc, upTo(all[:1]), "", "first")
	wantUnindexed(t, s)
	if _, healed, err := s.Heal(t.Context(), doc, all); !healed || err != nil {
		t.Fatalf("healed: %v, %v", healed, err)
	}
	wantUnindexed(t, s, doc)
}

// Of a store of the second version those are noted of which title and text
// differ, or that were changed in the last hour of a run without a clean stop.
func TestUnindexedOfTheSecondSchema(t *testing.T) {
	for _, clean := range []bool{true, false} {
		home := t.TempDir()
		secondSchema(t, home, clean)
		s := openHere(t, home)
		want := []crdt.DocID{{3}, {2}} // no text, another title
		if !clean {
			want = []crdt.DocID{{4}, {3}, {2}} // and changed just before the end
		}
		wantUnindexed(t, s, want...)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func secondSchema(t *testing.T, home string, clean bool) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(home, File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	scripts, err := migrations()
	if err == nil {
		err = migrate(t.Context(), conn, scripts[:2])
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, title := range []string{"same", "newer", "", "same"} {
		id, updated := crdt.DocID{byte(i + 1)}, []int64{10, 20, 30, 9000}[i]
		_, err := conn.ExecContext(t.Context(), "INSERT INTO documents VALUES (?, ?, zeroblob(32), ?, 0, ?)", i+1, id[:], title, updated)
		if err == nil && title != "" {
			_, err = conn.ExecContext(t.Context(), "INSERT INTO texts VALUES (?, 'same', 'words')", i+1)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if clean {
		if _, err := conn.ExecContext(t.Context(), "INSERT INTO stop VALUES (1, x'00', x'00')"); err != nil {
			t.Fatal(err)
		}
	}
}
