package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"starling/crdt"
)

// limitPages makes the disk of a store as good as full: SQLite itself refuses
// to let the database grow beyond the pages that it has and a few more. 0 ends
// that.
func limitPages(t *testing.T, s *Store, more int) {
	t.Helper()
	err := s.do(t.Context(), func(tx *txn) error {
		limit := 1 << 30
		if more > 0 {
			var pages int
			if err := tx.conn.row("PRAGMA page_count", nil, &pages); err != nil {
				return err
			}
			limit = pages + more
		}
		_, err := tx.conn.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", limit))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// outcome is what Done was told of an entry.
type outcome struct {
	doc crdt.DocID
	err error
}

func TestFullDisk(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	full, small := crdt.DocID{1}, crdt.DocID{2}
	a, b := author("a"), author("b")
	var got []outcome // written on the writer's goroutine, read after Flush
	submit := func(doc crdt.DocID, changes ...crdt.Change) {
		s.Submit(Entry{Doc: doc, Changes: changes, Seal: sealHere, Done: func(heads []Head, err error) {
			if (err == nil) != (len(heads) == 1) {
				t.Errorf("%d heads with %v", len(heads), err)
			}
			got = append(got, outcome{doc, err})
		}})
	}
	submit(full, a(100))
	submit(small, b(100))
	flushHere(t, s)
	limitPages(t, s, 2)
	got = nil

	// In one transaction: what does not fit, what would follow it, and another
	// document that fits.
	release := hold(s)
	submit(full, a(1<<20))
	submit(small, b(100))
	submit(full, a(10))
	close(release)
	flushHere(t, s)
	want := []outcome{{full, ErrNoSpace}, {small, nil}, {full, ErrBroken}}
	compare(t, got, want)
	if v := s.Committed(full); v["a"].Seq != 1 {
		t.Errorf("vector of the document that failed: %v", v)
	}

	// With space again, the document waits for Reset all the same, and those
	// submitted before it still fail.
	limitPages(t, s, 0)
	got = nil
	release = hold(s)
	a = author("a")
	second := []crdt.Change{a(100), a(1 << 20), a(10)}[1:]
	submit(full, second[0])
	s.Reset(full)
	submit(full, second...)
	close(release)
	flushHere(t, s)
	compare(t, got, []outcome{{full, ErrBroken}, {full, nil}})
	l, err := s.Load(t.Context(), full)
	if err != nil || len(l.Changes) != 3 {
		t.Errorf("%d changes, %v", len(l.Changes), err)
	}
}

// A transaction that fails and is tried again in pieces must not have forgotten
// what a Reset in its middle had undone.
func TestResetTriedAgain(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, other := crdt.DocID{1}, crdt.DocID{2}
	a := author("a")
	small, big := a(10), author("b")(1<<20)
	var got []outcome // written on the writer's goroutine, read after Flush
	submit := func(doc crdt.DocID, c crdt.Change) {
		s.Submit(Entry{Doc: doc, Changes: []crdt.Change{c}, Done: func(_ []Head, err error) {
			got = append(got, outcome{doc, err})
		}})
	}
	limitPages(t, s, 8)
	submit(doc, big)
	flushHere(t, s)
	release := hold(s)
	submit(doc, small)
	s.Reset(doc)
	submit(other, big)
	submit(doc, small)
	close(release)
	flushHere(t, s)
	compare(t, got, []outcome{{doc, ErrNoSpace}, {doc, ErrBroken}, {other, ErrNoSpace}, {doc, nil}})
}

// Every Put says that the disk is full, and harms nobody else.
func TestFullDiskPut(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	limitPages(t, s, 1)
	if err := s.Set(t.Context(), "k", make([]byte, 1<<20)); !errors.Is(err, ErrNoSpace) {
		t.Errorf("set: %v", err)
	}
	if err := s.Set(t.Context(), "k", []byte("small")); err != nil {
		t.Errorf("set what fits: %v", err)
	}
}

// A mark that cannot be cleared keeps everything from being committed.
func TestUnclearedMark(t *testing.T) {
	home := t.TempDir()
	if err := openHere(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := openWriter(t.Context(), filepath.Join(home, File))
	if err != nil {
		t.Fatal(err)
	}
	const trigger = "CREATE TRIGGER keep BEFORE DELETE ON stop BEGIN SELECT raise(ABORT, 'kept'); END"
	if _, err := conn.conn.ExecContext(t.Context(), trigger); err != nil {
		t.Fatal(err)
	}
	if err := conn.close(); err != nil {
		t.Fatal(err)
	}
	if err := Restamp(home); err != nil {
		t.Fatal(err)
	}
	s := openHere(t, home)
	if s.Resumable() {
		t.Error("resumable with a mark that stays")
	}
	if err := s.Set(t.Context(), "k", []byte("v")); err == nil || !strings.Contains(err.Error(), "kept") {
		t.Errorf("set: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestDamagedChange(t *testing.T) {
	const row = " WHERE seq = 2 AND actor = (SELECT num FROM actors WHERE id = CAST('a' AS BLOB))"
	for name, statement := range map[string]string{
		"bytes": "UPDATE changes SET bytes = CAST(x'00' || bytes AS BLOB)" + row,
		"hash":  "UPDATE changes SET hash = zeroblob(32)" + row,
		"short": "UPDATE changes SET bytes = x'61'" + row,
	} {
		t.Run(name, func(t *testing.T) { testDamagedChange(t, statement) })
	}
}

// testDamagedChange loses one change in the middle of a document to a statement
// that spoils its row, and gets it again.
func testDamagedChange(t *testing.T, statement string) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	a, b, c := author("a"), author("b"), author("c")
	a1, b1 := a(50), b(60)
	a2 := a(50)
	b2 := b(50, a2.Hash) // builds on what will be lost
	c1 := c(50)
	a3 := a(50)
	all := []crdt.Change{a1, b1, a2, b2, c1, a3}
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	spoil(t, s, statement)

	wantLoad(t, s, doc, []crdt.Change{a1, b1, c1}, DamageError{Doc: doc, Lost: 1, Waiting: 2})
	wantAsides(t, s, KindChange)
	if v := s.Committed(doc); v["a"].Seq != 1 || v["a"].Hash != a1.Hash || v["b"].Seq != 2 {
		t.Errorf("vector: %v", v)
	}
	if _, _, ok, err := s.OwnActor(t.Context(), doc, deviceOf("a")); ok || err != nil {
		t.Errorf("an actor that lost a change may go on: %v %v", ok, err)
	}
	if _, _, ok, err := s.OwnActor(t.Context(), doc, deviceOf("b")); !ok || err != nil {
		t.Errorf("an actor that lost nothing may not go on: %v %v", ok, err)
	}
	wantSince(t, s, doc, crdt.Vector{}, []crdt.Change{a1, b1, c1}, true)
	// Somebody who has the lost one can be given the rest.
	wantSince(t, s, doc, crdt.Vector{"a": {Seq: 2}, "b": {Seq: 1}}, []crdt.Change{b2, c1, a3}, false)

	// It comes again, and all is as it was.
	s.Submit(Entry{Doc: doc, Changes: []crdt.Change{a2, b2, a3}})
	flushHere(t, s)
	wantLoad(t, s, doc, all, DamageError{})
	if v := s.Committed(doc); v["a"].Seq != 3 || v["a"].Hash != a3.Hash {
		t.Errorf("vector: %v", v)
	}
	a4 := a(50)
	s.Submit(Entry{Doc: doc, Changes: []crdt.Change{a4}})
	flushHere(t, s)
	wantLoad(t, s, doc, append(all, a4), DamageError{})
}

func TestDamagedSnapshot(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	a, b := author("a"), author("b")
	var first []crdt.Change
	for range 5 {
		first = append(first, a(50), b(50))
	}
	rest := []crdt.Change{a(50), b(50)}
	all := append(first[:10:10], rest...)
	s.Submit(Entry{Doc: doc, Changes: all})
	flushHere(t, s)
	chunk, covers := []byte("all ten"), crdt.Vector{}
	for _, c := range first {
		covers.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
	s.expand = expandTo(first)
	if err := s.Compact(t.Context(), doc, chunk, covers); err != nil {
		t.Fatal(err)
	}
	spoil(t, s, "UPDATE snapshots SET bytes = CAST(x'2d' || bytes AS BLOB)")

	wantLoad(t, s, doc, nil, DamageError{Doc: doc, Waiting: 2, Snapshot: true})
	wantAsides(t, s, KindSnapshot)
	if v := s.Committed(doc); len(v) != 0 {
		t.Errorf("vector: %v", v)
	}
	// A part comes again, then the rest, in another order than before.
	s.Submit(Entry{Doc: doc, Changes: []crdt.Change{first[1], first[3], first[0]}})
	flushHere(t, s)
	wantLoad(t, s, doc, []crdt.Change{first[1], first[3], first[0]}, DamageError{Doc: doc, Waiting: 2, Snapshot: true})
	s.Submit(Entry{Doc: doc, Changes: all[2:]})
	flushHere(t, s)
	again := append([]crdt.Change{first[1], first[3], first[0], first[2]}, all[4:]...)
	wantLoad(t, s, doc, again, DamageError{})
	wantSince(t, s, doc, covers, rest, false)
	if v := s.Committed(doc); v["a"].Seq != 6 || v["b"].Seq != 6 {
		t.Errorf("vector: %v", v)
	}
	// And it can be compacted again.
	if err := s.Compact(t.Context(), doc, chunk, covers); err != nil {
		t.Error(err)
	}
	wantLoad(t, s, doc, rest, DamageError{})
}

// spoil changes rows behind the store's back.
func spoil(t *testing.T, s *Store, statement string) {
	t.Helper()
	err := s.do(t.Context(), func(tx *txn) error {
		res, err := tx.conn.exec(statement)
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n != 1 {
			return fmt.Errorf("%d rows spoiled", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantLoad loads a document twice, as the first time sets aside what it finds.
func wantLoad(t *testing.T, s *Store, doc crdt.DocID, want []crdt.Change, damage DamageError) {
	t.Helper()
	for range 2 {
		l, err := s.Load(t.Context(), doc)
		var got *DamageError
		if errors.As(err, &got) != (damage != DamageError{}) || (got != nil && *got != damage) {
			t.Fatalf("load: %v, want %v", err, damage)
		}
		wantChanges(t, l.Changes, want)
	}
}

func wantSince(t *testing.T, s *Store, doc crdt.DocID, since crdt.Vector, want []crdt.Change, damaged bool) {
	t.Helper()
	var got []crdt.Change
	err := s.ChangesSince(t.Context(), doc, since, func(c crdt.Change) error {
		got = append(got, c)
		return nil
	})
	if errors.Is(err, ErrDamaged) != damaged || (err != nil && !damaged) {
		t.Errorf("changes since: %v", err)
	}
	wantChanges(t, got, want)
}

func wantChanges(t *testing.T, got, want []crdt.Change) {
	t.Helper()
	name := func(changes []crdt.Change) (names []string) {
		for _, c := range changes {
			names = append(names, fmt.Sprintf("%s%d %x", string(c.Actor), c.Seq, c.Bytes[:4]))
		}
		return names
	}
	if fmt.Sprint(name(got)) != fmt.Sprint(name(want)) {
		t.Errorf("changes %v, want %v", name(got), name(want))
	}
}

// wantAsides checks that one thing is set aside, and with the bytes that it had.
func wantAsides(t *testing.T, s *Store, kind string) {
	t.Helper()
	asides, err := s.Asides(t.Context())
	if err != nil || len(asides) != 1 || asides[0].Kind != kind || len(asides[0].Bytes) == 0 {
		t.Errorf("set aside: %v, %v", asides, err)
	}
}

func compare(t *testing.T, got, want []outcome) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		same := errors.Is(got[i].err, want[i].err) && (got[i].err == nil) == (want[i].err == nil)
		if got[i].doc != want[i].doc || !same {
			t.Errorf("entry %d: %v, want %v", i, got[i], want[i])
		}
	}
}
