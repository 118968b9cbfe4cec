package memory

import (
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
		out = d.takeOut(changes)
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

// takeOut takes changes out that are not inside the snapshot, with all that build
// on them, and returns them; the vector, the heads and the form follow.
func (d *document) takeOut(hashes []crdt.Hash) []crdt.Change {
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
	for id, seq := range first {
		d.actors[id].stepBack(seq)
	}
	if d.form != nil && !d.holds(d.form.Covers) {
		d.form = nil
	}
	d.trimBehind()
	return out
}

// stepBack takes the actor back to before a change.
func (a *actor) stepBack(seq uint64) {
	a.hashes = slices.Clip(a.hashes[:seq-1])
	n := slices.IndexFunc(a.heads, func(h store.Head) bool { return h.Seq >= seq })
	if n >= 0 {
		a.heads = slices.Clip(a.heads[:n])
	}
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
