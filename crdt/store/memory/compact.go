package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
)

// Compact keeps a snapshot of the changes that covers names, if it holds exactly
// these. Of their heads the last of each actor in each 1,024 changes stays.
func (s *Store) Compact(ctx context.Context, doc crdt.DocID, chunk []byte, covers crdt.Vector) error {
	covers = covers.Clone()
	inside := map[crdt.Hash]crdt.Change{}
	n := 0
	err := s.expand(chunk, func(c crdt.Change) error {
		inside[c.Hash] = c
		n++
		return nil
	})
	if err == nil {
		err = s.await(ctx, job{run: func(t *txn) error {
			d := t.own(doc)
			if d == nil {
				return store.ErrNoDocument
			}
			if n != len(inside) || !d.same(inside, covers) {
				return store.ErrNotSame
			}
			d.compact(chunk, covers)
			return nil
		}})
	}
	if err != nil {
		return fmt.Errorf("compact document %v: %w", doc, err)
	}
	return nil
}

// same reports whether inside is exactly what is held of covers, with all that the
// snapshot has.
func (d *document) same(inside map[crdt.Hash]crdt.Change, covers crdt.Vector) bool {
	if !covers.Covers(d.covers) || !d.holds(covers) {
		return false
	}
	found := 0
	for _, c := range d.changes {
		if !covers.Has(c.Actor, c.Seq) {
			continue
		}
		found++
		if !bytes.Equal(inside[c.Hash].Bytes, c.Bytes) {
			return false
		}
	}
	return found == len(inside)
}

func (d *document) compact(chunk []byte, covers crdt.Vector) {
	var fresh []crdt.Change // those that go into a snapshot now
	for _, c := range d.changes {
		if covers.Has(c.Actor, c.Seq) && !d.covers.Has(c.Actor, c.Seq) {
			fresh = append(fresh, c)
		}
	}
	for span := range slices.Chunk(fresh, 1024) {
		d.prune(span)
	}
	d.snapshot, d.covers = chunk, covers
	if d.behind != nil && covers.Covers(d.behind) {
		d.behind = nil
	}
}

// prune drops the heads of a span's changes but the last of each actor.
func (d *document) prune(span []crdt.Change) {
	sealed := map[crdt.ActorID][]uint64{}
	for _, c := range span {
		sealed[c.Actor] = append(sealed[c.Actor], c.Seq)
	}
	for id, seqs := range sealed {
		a := d.actors[id]
		last := uint64(0)
		in := func(h store.Head) bool { return !h.Import && h.Seq >= seqs[0] && h.Seq <= seqs[len(seqs)-1] }
		for _, h := range a.heads {
			if in(h) {
				last = h.Seq
			}
		}
		a.heads = slices.DeleteFunc(slices.Clone(a.heads), func(h store.Head) bool { return in(h) && h.Seq != last })
	}
}
