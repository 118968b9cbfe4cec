package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// model is what a store ought to hold: the plainest thing that could.
type model struct {
	docs    map[crdt.DocID][]crdt.Change // in the order of commits
	heads   map[crdt.DocID][]store.Head
	authors map[crdt.DocID][]*Author
}

// testModel uses a store at random, reopens it now and then, and compares it
// with the model.
func testModel(t *testing.T, open Open) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			home := t.TempDir()
			s := open(t, home)
			r := rand.New(rand.NewPCG(seed, 7))
			m := newModel(seed)
			for range 8 {
				for range r.IntN(60) {
					m.step(t, r, s)
				}
				switch r.IntN(3) {
				case 0:
					ok(t, s.Close())
					s = open(t, home)
				case 1:
					m.compact(t, r, s)
				}
				ok(t, s.Flush(t.Context()))
				m.compare(t, r, s)
			}
			ok(t, s.Close())
		})
	}
}

func newModel(seed uint64) *model {
	m := &model{
		docs:    map[crdt.DocID][]crdt.Change{},
		heads:   map[crdt.DocID][]store.Head{},
		authors: map[crdt.DocID][]*Author{},
	}
	for d := range 3 {
		for a := range 3 {
			author := NewAuthor(fmt.Sprintf("author %d", a), seed*100+uint64(d*10+a))
			m.authors[ID(d)] = append(m.authors[ID(d)], author)
		}
	}
	return m
}

// step submits one entry: new changes, of one author or of several, sealed or
// with a head, together with some that are held already.
func (m *model) step(t *testing.T, r *rand.Rand, s Store) {
	doc := ID(r.IntN(len(m.authors)))
	e := store.Entry{Doc: doc, Space: Key(int(doc[3]))}
	if held := m.docs[doc]; len(held) > 0 && r.IntN(4) == 0 {
		from := r.IntN(len(held))
		e.Changes = append(e.Changes, held[from:min(from+3, len(held))]...)
	}
	for range 1 + r.IntN(3) {
		author := m.authors[doc][r.IntN(3)]
		var deps []crdt.Hash
		if held := m.docs[doc]; len(held) > 0 && held[len(held)-1].Actor != author.Actor {
			deps = append(deps, held[len(held)-1].Hash)
		}
		c := author.Next(deps...)
		e.Changes = append(e.Changes, c)
		m.docs[doc] = append(m.docs[doc], c)
	}
	last := e.Changes[len(e.Changes)-1]
	device := int(last.Actor[len(last.Actor)-1])
	if r.IntN(2) == 0 {
		h := Seal(device)(last)
		e.Heads = append(e.Heads, h)
		m.heads[doc] = append(m.heads[doc], h)
	}
	e.Done = func(heads []store.Head, err error) {
		if err != nil || len(heads) != len(e.Heads) {
			t.Errorf("submit: %d heads, %v", len(heads), err)
		}
	}
	s.Submit(e)
}

// compact turns the beginning of a document into a snapshot.
func (m *model) compact(t *testing.T, r *rand.Rand, s Store) {
	doc := ID(r.IntN(len(m.authors)))
	all := m.docs[doc]
	if len(all) == 0 {
		return
	}
	ok(t, s.Flush(t.Context()))
	l, err := s.Load(t.Context(), doc)
	ok(t, err)
	least := len(all) - len(l.Changes) // an older snapshot must be covered
	first := all[:least+r.IntN(len(all)-least+1)]
	if len(first) > 0 {
		ok(t, s.Compact(t.Context(), doc, Pack(first), vectorOf(first)))
		m.heads[doc] = pruned(m.heads[doc], vectorOf(first))
	}
}

// pruned leaves, of the heads that sign what a snapshot covers, the last in each
// 1,024 changes of an actor.
func pruned(heads []store.Head, covers crdt.Vector) []store.Head {
	type piece struct {
		actor crdt.ActorID
		n     uint64
	}
	last := map[piece]uint64{}
	for _, h := range heads {
		if covers.Has(h.Actor, h.Seq) {
			p := piece{h.Actor, (h.Seq - 1) / 1024}
			last[p] = max(last[p], h.Seq)
		}
	}
	return slices.DeleteFunc(slices.Clone(heads), func(h store.Head) bool {
		return covers.Has(h.Actor, h.Seq) && last[piece{h.Actor, (h.Seq - 1) / 1024}] != h.Seq
	})
}

func (m *model) compare(t *testing.T, r *rand.Rand, s Store) {
	t.Helper()
	for doc, want := range m.docs {
		equal(t, "vector", s.Committed(doc), vectorOf(want))
		l, err := s.Load(t.Context(), doc)
		ok(t, err)
		var got []crdt.Change
		if l.Snapshot != nil {
			got = inside(t, l.Snapshot)
		}
		equal(t, "loaded changes", append(got, l.Changes...), want)
		equal(t, "all changes", since(t, s, doc, nil), want)

		v := vectorOf(want[:r.IntN(len(want)+1)])
		equal(t, "changes since", since(t, s, doc, v), beyond(want, v))
		heads, err := s.HeadsSince(t.Context(), doc, v)
		ok(t, err)
		equal(t, "heads since", heads, headsBeyond(m.heads[doc], v))
	}
}

// inside lists the changes of a snapshot.
func inside(t testing.TB, chunk []byte) []crdt.Change {
	t.Helper()
	var changes []crdt.Change
	ok(t, Expand(chunk, func(c crdt.Change) error {
		changes = append(changes, c)
		return nil
	}))
	return changes
}

func beyond(changes []crdt.Change, v crdt.Vector) []crdt.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c crdt.Change) bool { return v.Has(c.Actor, c.Seq) })
}

func headsBeyond(heads []store.Head, v crdt.Vector) []store.Head {
	heads = slices.DeleteFunc(slices.Clone(heads), func(h store.Head) bool { return v.Has(h.Actor, h.Seq) })
	slices.SortFunc(heads, func(a, b store.Head) int {
		if a.Actor != b.Actor {
			return slices.Compare([]byte(a.Actor), []byte(b.Actor))
		}
		return int(a.Seq) - int(b.Seq)
	})
	return heads
}

// testSince asks for every vector of a document longer than one page.
func testSince(t *testing.T, open Open) {
	s := opened(t, open)
	a, b := NewAuthor("a", 1), NewAuthor("b\xff\x00", 2)
	var all []crdt.Change
	for i := range 1300 {
		if i%7 == 0 {
			all = append(all, b.Next(a.Tip.Hash))
		} else {
			all = append(all, a.Next(b.Tip.Hash))
		}
	}
	must(t, s, store.Entry{Doc: ID(1), Changes: all})
	for _, n := range []int{0, 1, 511, 512, 513, 788, 1299, 1300} {
		v := vectorOf(all[:n])
		equal(t, fmt.Sprintf("changes since %d", n), since(t, s, ID(1), v), all[n:])
	}
	onlyB := crdt.Vector{b.Actor: b.Tip}
	equal(t, "changes of a", since(t, s, ID(1), onlyB), beyond(all, onlyB))
}
