package memory

import (
	"context"
	"fmt"

	"starling/crdt"
	"starling/crdt/store"
)

// PutSnapshot keeps a document of which nothing is held, with its snapshot.
func (s *Store) PutSnapshot(ctx context.Context, w store.Whole) error {
	e := store.Entry{Doc: w.Doc, Space: w.Space}
	p := plan{tips: map[crdt.ActorID]crdt.Tip{}}
	err := s.expand(w.Chunk, func(c crdt.Change) error {
		if err := checkChange(&c); err != nil {
			return err
		}
		if p.tip(c.Actor).Seq+1 != c.Seq {
			return store.ErrGap
		}
		p.tips[c.Actor] = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
		e.Changes = append(e.Changes, c)
		if err := w.Each(c); err != nil {
			return err
		}
		return ctx.Err()
	})
	if err == nil && len(e.Changes) == 0 {
		err = store.ErrNotSame
	}
	var title string
	if err == nil {
		e.Heads, title, err = w.Ready()
		e.Title = &title
	}
	if err == nil {
		err = s.place(w, &e)
	}
	if err != nil {
		return fmt.Errorf("store document %v as a snapshot: %w", w.Doc, err)
	}
	return nil
}

// place writes what was read, and waits for the commit.
func (s *Store) place(w store.Whole, e *store.Entry) error {
	fresh := plan{tips: map[crdt.ActorID]crdt.Tip{}}
	var form *store.Form
	if w.Form != nil {
		made := w.Form()
		form = &made
	}
	done := make(chan error, 1)
	j := job{run: func(t *txn) error {
		if t.w.broken[w.Doc] {
			return store.ErrBroken
		}
		if t.own(w.Doc) != nil {
			return store.ErrHeld
		}
		fresh = plan{tips: map[crdt.ActorID]crdt.Tip{}}
		if err := fresh.make(e); err != nil {
			return err
		}
		owned := &document{actors: map[crdt.ActorID]*actor{}}
		for _, h := range e.Heads {
			if !h.Import && !owned.ownedBy(&h) {
				return store.ErrConflict
			}
			owned.insertHead(h)
		}
		d := t.makeDoc(e)
		for _, c := range fresh.fresh {
			d.insert(c)
		}
		d.unindexed = true
		for _, h := range e.Heads {
			d.insertHead(h)
		}
		d.title = cleanText(*e.Title)
		d.snapshot, d.covers, d.form = w.Chunk, d.vector(), form
		return nil
	}, done: func(err error) {
		if err == nil && w.Done != nil {
			var last []crdt.Change
			for _, c := range e.Changes {
				if fresh.tips[c.Actor].Seq == c.Seq {
					last = append(last, c)
				}
			}
			w.Done(last, e.Heads)
		}
		done <- err
	}}
	if !s.writer.add(j) {
		return store.ErrClosed
	}
	return <-done
}
