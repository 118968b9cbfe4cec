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

// compare holds all that a store tells against the model.
func (m *model) compare(t *testing.T, r *rand.Rand, s Store) {
	t.Helper()
	ok(t, s.Flush(t.Context()))
	for _, d := range m.docs {
		if len(d.changes) == 0 {
			continue
		}
		equal(t, "vector", s.Committed(d.id), vectorOf(d.changes))
		d.compareLoad(t, s)
		d.compareForm(t, s)
		d.compareAncestry(t, r, s)
		if full, has := s.(Besides); has {
			d.compareBeside(t, full)
		}
		equal(t, "all changes", since(t, s, d.id, nil), d.changes)

		v := vectorOf(d.changes[:r.IntN(len(d.changes)+1)])
		equal(t, "changes since", since(t, s, d.id, v), beyond(d.changes, v))
		heads, err := s.HeadsSince(t.Context(), d.id, v)
		ok(t, err)
		equal(t, "heads since", heads, headsBeyond(d.heads, v))
	}
	behind, err := s.Behind(t.Context())
	ok(t, err)
	var want []crdt.DocID
	for _, d := range m.behind {
		want = append(want, d.id)
	}
	equal(t, "behind", behind, want)
	_, n, err := s.Search(t.Context(), "x", 1)
	ok(t, err)
	equal(t, "number behind", n, len(want))
}

func (d *modelDoc) compareLoad(t *testing.T, s Store) {
	t.Helper()
	l, err := s.Load(t.Context(), d.id)
	ok(t, err)
	var got []crdt.Change
	if l.Snapshot != nil {
		got = inside(t, l.Snapshot)
	}
	equal(t, "changes in the snapshot", len(got), d.inside)
	equal(t, "loaded changes", append(got, l.Changes...), d.changes)
	for _, c := range l.Changes[:l.Unchecked] {
		if d.fresh[c.Hash] {
			t.Errorf("change %d of actor %q is told as checked", c.Seq, c.Actor)
		}
	}
	if d.unchecked == nil && l.Unchecked != len(l.Changes) {
		t.Errorf("all is checked, yet %d of %d changes are told as checked", l.Unchecked, len(l.Changes))
	}
}

func (d *modelDoc) compareForm(t *testing.T, s Store) {
	t.Helper()
	for version := range 3 {
		o, err := s.LoadForm(t.Context(), d.id, version)
		ok(t, err)
		f := d.form
		if f == nil || f.Version != version || !f.Covers.Covers(vectorOf(d.changes[:d.inside])) {
			l, err := s.Load(t.Context(), d.id)
			ok(t, err)
			equal(t, "loaded without a form", o, store.Opened{Loaded: l})
			continue
		}
		if string(o.Form) != string(f.Bytes) || o.Snapshot != nil || o.Space != d.space || !o.Covers.Equal(f.Covers) {
			t.Errorf("opened form %q of %v, want %q of %v", o.Form, o.Covers, f.Bytes, f.Covers)
		}
		equal(t, "changes after the form", o.Changes, beyond(d.changes, f.Covers))
	}
}

// compareAncestry asks for two changes and for one that nobody has.
func (d *modelDoc) compareAncestry(t *testing.T, r *rand.Rand, s Store) {
	t.Helper()
	var deps []crdt.Hash
	var want []store.Dep
	need := false
	for range 2 {
		n := r.IntN(len(d.changes))
		c := d.changes[n]
		clock := map[crdt.ActorID]uint64{}
		d.ancestors(c, clock)
		delete(clock, c.Actor)
		deps = append(deps, c.Hash)
		want = append(want, store.Dep{Held: true, Actor: c.Actor, Seq: c.Seq, MaxOp: c.MaxOp, Clock: clock})
		need = need || (n < d.inside && vectorOf(d.changes)[c.Actor].Hash != c.Hash)
	}
	if d.inside == 0 {
		deps, want = append(deps, crdt.Hash{9}), append(want, store.Dep{})
	}
	got, err := s.Ancestry(t.Context(), d.id, deps)
	if (need || d.unpacked) && errors.Is(err, store.ErrNeedDocument) {
		return
	}
	if need {
		t.Errorf("a change inside the snapshot was found: %v", err)
	}
	ok(t, err)
	equal(t, fmt.Sprintf("ancestry of %v", deps), got, want)
}

// ancestors notes a change and all that it builds on.
func (d *modelDoc) ancestors(c crdt.Change, clock map[crdt.ActorID]uint64) {
	todo, seen := []crdt.Hash{c.Hash}, map[crdt.Hash]bool{}
	for len(todo) > 0 {
		hash := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[hash] {
			continue
		}
		seen[hash] = true
		i := slices.IndexFunc(d.changes, func(c crdt.Change) bool { return c.Hash == hash })
		c := d.changes[i]
		clock[c.Actor] = max(clock[c.Actor], c.Seq)
		todo = append(todo, c.Deps...)
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
	var heads []store.Head
	for i := range 1300 {
		if i%7 == 0 {
			all = append(all, b.Next(a.Tip.Hash))
		} else {
			all = append(all, a.Next(b.Tip.Hash))
		}
		heads = append(heads, Seal(1)(all[i]))
	}
	must(t, s, store.Entry{Doc: ID(1), Changes: all, Heads: heads})
	for _, n := range []int{0, 1, 511, 512, 513, 788, 1299, 1300} {
		v := vectorOf(all[:n])
		equal(t, fmt.Sprintf("changes since %d", n), since(t, s, ID(1), v), all[n:])
		got, err := s.HeadsSince(t.Context(), ID(1), v)
		ok(t, err)
		equal(t, fmt.Sprintf("heads since %d", n), got, headsBeyond(heads, v))
	}
	onlyB := crdt.Vector{b.Actor: b.Tip}
	equal(t, "changes of a", since(t, s, ID(1), onlyB), beyond(all, onlyB))
	stop := errors.New("stop")
	if err := s.EachHead(t.Context(), ID(1), nil, func(store.Head) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of yield: %v", err)
	}
}
