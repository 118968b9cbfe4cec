package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// Refuse moves changes, and all that build on them, to the things set aside.
func (s *Store) Refuse(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, reason string) ([]crdt.Change, error) {
	var out []crdt.Change
	err := s.await(ctx, job{run: func(t *txn) error {
		d := t.own(doc)
		if d == nil {
			return store.ErrNoDocument
		}
		out, _ = d.takeOut(changes)
		d.refused = maps.Clone(d.refused)
		if d.refused == nil {
			d.refused = map[crdt.Hash]bool{}
		}
		for _, c := range out {
			d.refused[c.Hash] = true
			d.actors[c.Actor].retired = true
			t.image.records.setAside(store.Aside{
				Kind: store.KindChange, Doc: doc, Device: d.actors[c.Actor].device,
				Reason: reason, Bytes: c.Bytes, At: time.Now(),
			})
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("set changes of document %v aside: %w", doc, err)
	}
	return out, nil
}

// Retreat moves changes, and all that build on them, beside the document. If one is
// inside the snapshot, that goes.
func (s *Store) Retreat(ctx context.Context, doc crdt.DocID, changes []crdt.Hash, _ string) ([]crdt.Change, error) {
	var out []crdt.Change
	err := s.await(ctx, job{run: func(t *txn) error {
		d := t.own(doc)
		if d == nil {
			return store.ErrNoDocument
		}
		if slices.ContainsFunc(changes, d.compacted) {
			d.snapshot, d.covers = nil, nil
		}
		var heads []store.Head
		out, heads = d.takeOut(changes)
		d.beside = append(slices.Clip(d.beside), out...)
		d.besideHeads = append(slices.Clip(d.besideHeads), heads...)
		for _, c := range out {
			d.actors[c.Actor].retired = true
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("take changes of document %v back: %w", doc, err)
	}
	return out, nil
}

// compacted reports whether a change is inside the snapshot.
func (d *document) compacted(hash crdt.Hash) bool {
	i := d.place(hash)
	return i >= 0 && d.covers.Has(d.changes[i].Actor, d.changes[i].Seq)
}

// Besides lists the documents of a space beside which changes are kept.
func (s *Store) Besides(ctx context.Context, space [32]byte) (docs []crdt.DocID, err error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what stands beside documents: %w", err)
	}
	for id, d := range i.docs {
		if d.space == space && len(d.beside) > 0 {
			docs = append(docs, id)
		}
	}
	slices.SortFunc(docs, crdt.DocID.Compare)
	return docs, nil
}

// Beside returns what is kept beside a document, with the heads that sign it.
func (s *Store) Beside(ctx context.Context, doc crdt.DocID) ([]crdt.Change, []store.Head, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read what stands beside document %v: %w", doc, err)
	}
	d := i.docs[doc]
	if d == nil {
		return nil, nil, nil
	}
	heads := slices.Clone(d.besideHeads)
	slices.SortStableFunc(heads, func(a, b store.Head) int {
		return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Seq, b.Seq))
	})
	return slices.Clone(d.beside), heads, nil
}

// fromBeside takes a change that has just been entered from where it stood, with
// its heads, which it returns.
func (d *document) fromBeside(hash crdt.Hash) []store.Head {
	i := slices.IndexFunc(d.beside, func(c crdt.Change) bool { return c.Hash == hash })
	if i < 0 {
		return nil
	}
	d.beside = slices.Delete(slices.Clone(d.beside), i, i+1)
	var back, stay []store.Head
	for _, h := range d.besideHeads {
		switch {
		case h.Hash != hash:
			stay = append(stay, h)
		case h.Import || d.ownedBy(&h):
			d.insertHead(h)
			back = append(back, h)
		}
	}
	d.besideHeads = stay
	return back
}

// takeOut takes changes out that are not inside the snapshot, with all that build
// on them, and returns them and their heads; the vector and the form follow.
func (d *document) takeOut(hashes []crdt.Hash) ([]crdt.Change, []store.Head) {
	bad := map[crdt.Hash]bool{}
	for _, h := range hashes {
		bad[h] = true
	}
	var out, stay []crdt.Change
	var clocks []clock
	first := map[crdt.ActorID]uint64{} // of each actor that goes
	from := d.behind1
	for i, c := range d.changes {
		builds := bad[c.Hash] || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return bad[dep] })
		if seq, ok := first[c.Actor]; ok && c.Seq >= seq {
			builds = true
		}
		if !builds || d.covers.Has(c.Actor, c.Seq) {
			stay, clocks = append(stay, c), append(clocks, d.clocks[i])
			continue
		}
		bad[c.Hash] = true
		out = append(out, c)
		if _, ok := first[c.Actor]; !ok {
			first[c.Actor] = c.Seq
		}
		if i < d.behind1 {
			from--
		}
	}
	d.changes, d.clocks, d.behind1 = stay, clocks, from
	var heads []store.Head
	for id, seq := range first {
		heads = append(heads, d.actors[id].stepBack(seq)...)
	}
	d.unindexed = d.unindexed || len(out) > 0
	if d.form != nil && !d.holds(d.form.Covers) {
		d.form = nil
	}
	d.trimBehind()
	return out, heads
}

// stepBack takes the actor back to before a change, and returns the heads that go.
func (a *actor) stepBack(seq uint64) []store.Head {
	a.hashes = slices.Clip(a.hashes[:seq-1])
	n := slices.IndexFunc(a.heads, func(h store.Head) bool { return h.Seq >= seq })
	if n < 0 {
		return nil
	}
	gone := a.heads[n:]
	a.heads = slices.Clip(a.heads[:n])
	return gone
}

// trimBehind forgets unchecked changes that are no longer held.
func (d *document) trimBehind() {
	if d.behind == nil {
		return
	}
	kept := crdt.Vector{}
	for id, tip := range d.behind {
		now := d.tip(id)
		if now.Seq < tip.Seq {
			tip = now
		}
		if tip.Seq > 0 {
			kept[id] = tip
		}
	}
	d.behind = kept
}
