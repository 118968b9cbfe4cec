package store

import (
	"slices"
	"testing"

	"starling/crdt"
)

// What was lost is put back in any order, and the vector goes on as far as there
// is no gap. Nothing else fills a row.
func TestHeal(t *testing.T) {
	for name, spoilt := range map[string]string{
		"bytes": "bytes = CAST(x'00' || bytes AS BLOB)",
		"hash":  "hash = zeroblob(32)",
	} {
		t.Run(name, func(t *testing.T) { testHeal(t, spoilt) })
	}
}

func testHeal(t *testing.T, spoilt string) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc, a, other := crdt.DocID{1}, author("a"), author("a")
	all := []crdt.Change{a(50), a(50), a(50), a(50), a(50)}
	other(60)
	forged := other(60)
	s.Submit(Entry{Doc: doc, Changes: all, Seal: sealHere})
	flushHere(t, s)
	if lost, err := s.HasLost(t.Context(), doc); lost || err != nil {
		t.Fatalf("before anything is lost: %v, %v", lost, err)
	}
	spoil(t, s, "UPDATE changes SET "+spoilt+" WHERE seq = 2")
	spoil(t, s, "UPDATE changes SET "+spoilt+" WHERE seq = 4")
	wantLoad(t, s, doc, all[:1], DamageError{Doc: doc, Lost: 2, Waiting: 2})
	if lost, err := s.HasLost(t.Context(), doc); !lost || err != nil {
		t.Fatalf("after two are lost: %v, %v", lost, err)
	}
	for _, step := range []struct {
		give   []crdt.Change
		held   []bool
		healed bool
		tip    uint64
	}{
		{[]crdt.Change{forged, all[2]}, []bool{false, false}, false, 1},
		{all[3:4], []bool{false}, true, 1},
		{[]crdt.Change{all[4], all[1], all[0]}, []bool{true, true, true}, true, 5},
		{all, []bool{true, true, true, true, true}, false, 5},
	} {
		held, healed, err := s.Heal(t.Context(), doc, step.give)
		if err != nil || healed != step.healed || !slices.Equal(held, step.held) {
			t.Errorf("got %v, %v, %v, want %v, %v", held, healed, err, step.held, step.healed)
		}
		if tip := s.Committed(doc)["a"].Seq; tip != step.tip {
			t.Errorf("the vector goes up to %d, want %d", tip, step.tip)
		}
	}
	wantLoad(t, s, doc, all, DamageError{})
}

// What comes back with a lost change builds on what it did before, whatever was asked
// meanwhile about the change before.
func TestHealedBuildsOnTheSame(t *testing.T) {
	for name, back := range map[string]func(*Store, crdt.Change) error{
		"healed": func(s *Store, c crdt.Change) error {
			_, _, err := s.Heal(t.Context(), crdt.DocID{1}, []crdt.Change{c})
			return err
		},
		"submitted": func(s *Store, c crdt.Change) error {
			done := make(chan error, 1)
			s.Submit(Entry{Doc: crdt.DocID{1}, Changes: []crdt.Change{c}, Done: func(_ []Head, err error) { done <- err }})
			return <-done
		},
	} {
		s, a := openHere(t, t.TempDir()), author("a")
		defer s.Close()
		b1 := author("b")(50)
		all := []crdt.Change{a(50), a(50), a(50), a(50), a(50), a(50, b1.Hash)}
		s.Submit(Entry{Doc: crdt.DocID{1}, Changes: append([]crdt.Change{b1}, all...)})
		flushHere(t, s)
		spoil(t, s, "UPDATE changes SET bytes = CAST(x'00' || bytes AS BLOB) WHERE seq = 5")
		if _, err := s.Load(t.Context(), crdt.DocID{1}); !isDamaged(err) {
			t.Fatal(err)
		}
		if _, err := s.Ancestry(t.Context(), crdt.DocID{1}, []crdt.Hash{all[3].Hash}); err != nil {
			t.Fatal(err)
		}
		if err := back(s, all[4]); err != nil {
			t.Fatal(err)
		}
		found, err := s.Ancestry(t.Context(), crdt.DocID{1}, []crdt.Hash{all[5].Hash})
		if err != nil || found[0].Seq != 6 || found[0].Clock["b"] != 1 {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}
