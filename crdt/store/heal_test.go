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
