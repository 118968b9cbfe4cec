package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// model is what a store ought to hold: the plainest thing that could.
type model struct {
	docs   []*modelDoc
	behind []*modelDoc // in the order in which they fell behind
}

// modelDoc is what a store ought to hold of one document.
type modelDoc struct {
	id      crdt.DocID
	space   [32]byte
	authors []*Author
	changes []crdt.Change // in the order of commits
	heads   []store.Head
	// inside is how many of changes are in the snapshot.
	inside int
	// unpacked says that rows may not tell what a change builds on, as they came
	// out of a snapshot.
	unpacked    bool
	beside      []crdt.Change // in the order of retreat
	besideHeads []store.Head
	form        *store.Form
	unchecked   crdt.Vector
	fresh       map[crdt.Hash]bool // the changes that are not checked
}

// testModel uses a store at random, reopens it now and then, and compares it
// with the model.
func testModel(t *testing.T, open Open) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			home := t.TempDir()
			s := open(t, home)
			r := rand.New(rand.NewPCG(seed, 7))
			m := newModel(seed)
			for range 10 {
				for range r.IntN(60) {
					m.step(t, r, s)
				}
				if r.IntN(3) == 0 {
					ok(t, s.Close())
					s = open(t, home)
				}
				m.rest(t, r, s)
				m.compare(t, r, s)
			}
			ok(t, s.Close())
		})
	}
}

func newModel(seed uint64) *model {
	m := &model{}
	for n := range 3 {
		d := &modelDoc{id: ID(n), space: Key(n)}
		for a := range 3 {
			d.authors = append(d.authors, NewAuthor(fmt.Sprintf("author %d", a), seed*100+uint64(n*10+a)))
		}
		m.docs = append(m.docs, d)
	}
	return m
}

// step submits one entry: new changes, of one author or of several, with a head
// or without, checked or not, together with some that are held already; or a
// compact form.
func (m *model) step(t *testing.T, r *rand.Rand, s Store) {
	d := m.docs[r.IntN(len(m.docs))]
	if len(d.changes) > 0 && r.IntN(10) == 0 {
		d.putForm(r, s)
		return
	}
	e := store.Entry{Doc: d.id, Space: d.space, Unchecked: r.IntN(4) == 0}
	if len(d.changes) > 0 && r.IntN(4) == 0 {
		from := r.IntN(len(d.changes))
		e.Changes = append(e.Changes, d.changes[from:min(from+3, len(d.changes))]...)
	}
	for range 1 + r.IntN(3) {
		e.Changes = append(e.Changes, d.next(r))
		if e.Unchecked {
			m.noteUnchecked(d)
		}
	}
	last := e.Changes[len(e.Changes)-1]
	if r.IntN(2) == 0 {
		h := Seal(int(last.Actor[len(last.Actor)-1]))(last)
		e.Heads = append(e.Heads, h)
		d.heads = append(d.heads, h)
	}
	e.Done = func(heads []store.Head, err error) {
		if err != nil || len(heads) != len(e.Heads) {
			t.Errorf("submit: %d heads, %v", len(heads), err)
		}
	}
	s.Submit(e)
}

// next makes and keeps a change that builds on the last one of the document.
func (d *modelDoc) next(r *rand.Rand) crdt.Change {
	author := d.authors[r.IntN(len(d.authors))]
	var deps []crdt.Hash
	if n := len(d.changes); n > 0 && d.changes[n-1].Actor != author.Actor && r.IntN(3) > 0 {
		deps = append(deps, d.changes[n-1].Hash)
	}
	c := author.Next(deps...)
	d.changes = append(d.changes, c)
	return c
}

func (d *modelDoc) putForm(r *rand.Rand, s Store) {
	n := d.inside + r.IntN(len(d.changes)-d.inside+1)
	d.form = &store.Form{Version: r.IntN(2), Covers: vectorOf(d.changes[:n]), Bytes: fmt.Append(nil, r.Int())}
	s.PutForm(d.id, *d.form)
}

// noteUnchecked notes the last change as unchecked.
func (m *model) noteUnchecked(d *modelDoc) {
	if d.unchecked == nil {
		d.unchecked, d.fresh = crdt.Vector{}, map[crdt.Hash]bool{}
		m.behind = append(m.behind, d)
	}
	last := d.changes[len(d.changes)-1]
	d.unchecked.Merge(vectorOf([]crdt.Change{last}))
	d.fresh[last.Hash] = true
}

// rest does what takes a while: it compacts, refuses or catches up, or nothing.
func (m *model) rest(t *testing.T, r *rand.Rand, s Store) {
	t.Helper()
	d := m.docs[r.IntN(len(m.docs))]
	if len(d.changes) == 0 {
		return
	}
	switch r.IntN(6) {
	case 4:
		ok(t, s.Flush(t.Context()))
		if full, has := s.(Besides); has {
			d.retreat(t, r, full)
		}
	case 5:
		if full, has := s.(Besides); has {
			d.comeBack(t, r, full)
		}
	case 0:
		ok(t, s.Flush(t.Context()))
		d.compact(t, s, d.inside+r.IntN(len(d.changes)-d.inside+1))
		m.caughtUp(d, vectorOf(d.changes[:d.inside]))
	case 1:
		ok(t, s.Flush(t.Context()))
		d.refuse(t, r, s)
	case 2:
		upTo := vectorOf(d.changes[:r.IntN(len(d.changes)+1)])
		s.CaughtUp(d.id, upTo)
		m.caughtUp(d, upTo)
	}
	ok(t, s.Flush(t.Context()))
}

// compact turns the first n changes into a snapshot.
func (d *modelDoc) compact(t *testing.T, s Store, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	covers := vectorOf(d.changes[:n])
	ok(t, s.Compact(t.Context(), d.id, Pack(d.changes[:n]), covers))
	d.heads = pruned(d.heads, d.changes[d.inside:n])
	d.inside = n
}

func (m *model) caughtUp(d *modelDoc, upTo crdt.Vector) {
	if d.unchecked != nil && upTo.Covers(d.unchecked) {
		d.unchecked, d.fresh = nil, nil
		m.behind = slices.DeleteFunc(m.behind, func(other *modelDoc) bool { return other == d })
	}
}

// refuse refuses one change after the snapshot. What is refused stays so.
func (d *modelDoc) refuse(t *testing.T, r *rand.Rand, s Store) {
	t.Helper()
	if d.inside == len(d.changes) {
		return
	}
	out, stay := d.with(d.changes[d.inside+r.IntN(len(d.changes)-d.inside)].Hash)
	got, err := s.Refuse(t.Context(), d.id, []crdt.Hash{out[0].Hash, {9}}, "why")
	ok(t, err)
	equal(t, "refused", got, out)
	d.keep(stay)
	_, err = submit(t, s, store.Entry{Doc: d.id, Space: d.space, Changes: out[:1]})
	if !errors.Is(err, store.ErrRefused) {
		t.Errorf("a refused change again: %v", err)
	}
}

// with returns a change with all that build on it, and the rest.
func (d *modelDoc) with(hash crdt.Hash) (out, stay []crdt.Change) {
	bad := map[crdt.Hash]bool{hash: true}
	for _, c := range d.changes {
		if bad[c.Hash] || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return bad[dep] }) {
			bad[c.Hash] = true
			out = append(out, c)
		} else {
			stay = append(stay, c)
		}
	}
	return out, stay
}

// keep takes back all changes but these; it returns the heads that go with them.
func (d *modelDoc) keep(stay []crdt.Change) (gone []store.Head) {
	d.changes = stay
	held := vectorOf(stay)
	d.heads = slices.DeleteFunc(d.heads, func(h store.Head) bool {
		goes := !held.Has(h.Actor, h.Seq)
		if goes {
			gone = append(gone, h)
		}
		return goes
	})
	if d.form != nil && !held.Covers(d.form.Covers) {
		d.form = nil
	}
	for actor := range d.unchecked {
		if held[actor].Seq < d.unchecked[actor].Seq {
			d.unchecked[actor] = held[actor]
		}
	}
	for _, a := range d.authors {
		a.Tip = held[a.Actor]
	}
	return gone
}

// pruned leaves, of the heads that sign changes which go into a snapshot, the last
// of each actor in each 1,024 changes.
func pruned(heads []store.Head, changes []crdt.Change) []store.Head {
	type numbered struct {
		actor crdt.ActorID
		seq   uint64
	}
	has := map[numbered]bool{}
	for _, h := range heads {
		has[numbered{h.Actor, h.Seq}] = true
	}
	goes := map[numbered]bool{}
	for span := range slices.Chunk(changes, 1024) {
		last := map[crdt.ActorID]numbered{}
		for _, c := range span {
			n := numbered{c.Actor, c.Seq}
			if before, ok := last[c.Actor]; ok && has[n] {
				goes[before] = true
			}
			if has[n] {
				last[c.Actor] = n
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(heads), func(h store.Head) bool { return goes[numbered{h.Actor, h.Seq}] })
}
