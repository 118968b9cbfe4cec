package store

import (
	"testing"

	"starling/crdt"
)

// What those who write at the same time build on is known, however many of them are in
// one transaction, and not only for what is the last change of somebody.
func TestManyBuildOnWhatIsNotTheLast(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	first := author("a")
	var base []crdt.Change
	for range 40 {
		base = append(base, first(100))
	}
	s.Submit(Entry{Doc: doc, Changes: base})
	flushHere(t, s)
	release := hold(s)
	var made []crdt.Change
	for n := range 20 {
		c := author(string(rune('b'+n)))(100, base[2*n].Hash)
		made = append(made, c)
		s.Submit(Entry{Doc: doc, Changes: []crdt.Change{c}})
	}
	close(release)
	flushHere(t, s)
	for n, c := range made {
		found, err := s.Ancestry(t.Context(), doc, []crdt.Hash{c.Hash})
		if err != nil || !found[0].Held || found[0].Clock["a"] != uint64(2*n+1) {
			t.Errorf("change %d: %+v, %v", n, found, err)
		}
	}
}

// What was taken back is no longer known as something that was inserted of late.
func TestRecentButTakenBack(t *testing.T) {
	s := openHere(t, t.TempDir())
	defer s.Close()
	doc := crdt.DocID{1}
	next := author("a")
	var all []crdt.Change
	for range 10 {
		all = append(all, next(100))
	}
	s.Submit(Entry{Doc: doc, Changes: all})
	flushHere(t, s)
	if _, err := s.Retreat(t.Context(), doc, []crdt.Hash{all[4].Hash}, "why"); err != nil {
		t.Fatal(err)
	}
	for i, held := range map[int]bool{3: true, 4: false, 7: false} {
		found, err := s.Ancestry(t.Context(), doc, []crdt.Hash{all[i].Hash})
		if err != nil || found[0].Held != held {
			t.Errorf("change %d: %+v, %v", i+1, found, err)
		}
	}
}
