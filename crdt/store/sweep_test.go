package store

import (
	"errors"
	"testing"
	"time"

	"starling/crdt"
)

// half makes a compaction that is compared and not yet written. What it replaces
// stays where it is, as with a process that dies there.
func half(t *testing.T, s *Store, doc crdt.DocID, chunk string, changes []crdt.Change) *compaction {
	t.Helper()
	c := &compaction{s: s, doc: doc, chunk: []byte(chunk), covers: upTo(changes), r: newReader(doc), retreats: s.retreats.Load()}
	if err := c.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, s *Store, c *compaction) {
	t.Helper()
	if err := s.await(t.Context(), job{run: c.write}); err != nil {
		t.Fatal(err)
	}
}

func expandTo(changes []crdt.Change) Expand {
	return func(_ []byte, yield func(crdt.Change) error) error {
		for _, c := range changes {
			if err := yield(c); err != nil {
				return err
			}
		}
		return nil
	}
}

func upTo(changes []crdt.Change) crdt.Vector {
	v := crdt.Vector{}
	for _, c := range changes {
		v.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
	return v
}

// Rows that a snapshot has replaced and that are still there change nothing.
func TestUnfinishedCompaction(t *testing.T) {
	home := t.TempDir()
	s := openHere(t, home)
	doc, a, b := crdt.DocID{1}, author("a"), author("b")
	var all []crdt.Change
	for range 20 {
		a1 := a(50)
		all = append(all, a1, b(50, a1.Hash))
	}
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	// A snapshot is named after how many of the changes it holds.
	s.expand = func(chunk []byte, yield func(crdt.Change) error) error {
		return expandTo(all[:map[string]int{"ten": 10, "thirty": 30, "all": 40}[string(chunk)]])(chunk, yield)
	}
	write(t, s, half(t, s, doc, "ten", all[:10]))
	wantLoad(t, s, doc, all[10:], DamageError{})
	wantSince(t, s, doc, crdt.Vector{}, all, false)
	wantSince(t, s, doc, upTo(all[:4]), all[4:], false)
	if out, err := s.Refuse(t.Context(), doc, []crdt.Hash{all[3].Hash}, "no"); err != nil || len(out) > 0 {
		t.Errorf("refused what is in the snapshot: %v, %v", out, err)
	}

	// A second compaction goes by the first snapshot and what follows it.
	if err := s.Compact(t.Context(), doc, []byte("thirty"), upTo(all[:30])); err != nil {
		t.Fatal(err)
	}
	if rows := Rows(t, s); rows != 10 || Sweeping(t, s) != 0 {
		t.Errorf("%d rows after a snapshot of 30 of 40 changes", rows)
	}
	wantLoad(t, s, doc, all[30:], DamageError{})
	wantSince(t, s, doc, crdt.Vector{}, all, false)

	// The next run finishes what the last one has begun.
	write(t, s, half(t, s, doc, "all", all))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openHere(t, home)
	defer s.Close()
	for deadline := time.Now().Add(30 * time.Second); Sweeping(t, s) > 0; flushHere(t, s) {
		if time.Now().After(deadline) {
			t.Fatal("nobody goes on with the compaction")
		}
	}
	if rows := Rows(t, s); rows != 0 {
		t.Errorf("%d rows are left", rows)
	}
	heads, err := s.HeadsSince(t.Context(), doc, nil)
	if err != nil || len(heads) != 2 {
		t.Errorf("%d heads, %v", len(heads), err)
	}
}

// What was taken back while a snapshot was compared cannot come back with it.
func TestRefusedDuringCompaction(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	all := []crdt.Change{a(50), a(50), a(50)}
	s.Submit(Entry{Doc: doc, Changes: all})
	flushHere(t, s)
	s.expand = expandTo(all)
	c := half(t, s, doc, "all", all)
	if _, err := s.Refuse(t.Context(), doc, []crdt.Hash{all[1].Hash}, "no"); err != nil {
		t.Fatal(err)
	}
	if err := s.await(t.Context(), job{run: c.write}); !errors.Is(err, ErrNotSame) {
		t.Errorf("write: %v", err)
	}
	wantLoad(t, s, doc, all[:1], DamageError{})
}

// Heads that an earlier version kept beside the rows of changes are pruned like
// others; those of imports stay.
func TestPruneHeadsBesideRows(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a := crdt.DocID{1}, author("a")
	var all []crdt.Change
	var heads []Head
	for range 1500 { // more than one slice, and more than one span
		all = append(all, a(50))
		heads = append(heads, sealHere(all[len(all)-1]))
	}
	s.Submit(Entry{Doc: doc, Changes: all, Heads: heads})
	flushHere(t, s)
	for _, statement := range []string{
		"INSERT INTO heads (actor, seq, hash, sig) SELECT actor, seq, hash, sig FROM changes WHERE seq <> 700",
		"UPDATE changes SET sig = NULL WHERE seq <> 700",
		"UPDATE heads SET device = zeroblob(32), nonce = zeroblob(16) WHERE seq = 7",
	} {
		err := s.do(t.Context(), func(tx *txn) error { _, err := tx.conn.exec(statement); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	s.expand = expandTo(all)
	if err := s.Compact(t.Context(), doc, []byte("all"), upTo(all)); err != nil {
		t.Fatal(err)
	}
	left, err := s.HeadsSince(t.Context(), doc, nil)
	if err != nil || len(left) != 3 || left[0].Seq != 7 || !left[0].Import || left[1].Seq != 1024 || left[2].Seq != 1500 {
		t.Errorf("heads %v, %v", left, err)
	}
}
