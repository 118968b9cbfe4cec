package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
)

// Whole is a new document that comes as a snapshot: what it would be if all its
// changes had been submitted, each checked, and then compacted.
type Whole struct {
	Doc   crdt.DocID
	Space [32]byte
	// Chunk is an Automerge document. Its bytes become the snapshot, so whoever got
	// it from a stranger makes sure that it shows what its changes make.
	Chunk []byte
	// Each is given the changes in the chunk, each after those it builds on. Its
	// error is returned, and then nothing is stored.
	Each func(crdt.Change) error
	// Ready is called when all have been given and are what the chunk should hold:
	// it gives the signed heads of some of them, and the title. Its error ends it
	// too.
	Ready func() (heads []Head, title string, err error)
	// Form, if not nil, is called after Ready and gives the compact form, which is
	// stored with the rest: whoever waits for the document opens it at once then.
	Form func() Form
	// Done, if not nil, is called after the commit, on the writer's goroutine and
	// so in the order of commits, with the heads and the last change of each actor.
	// It must not wait for the store.
	Done func(last []crdt.Change, heads []Head)
}

// PutSnapshot stores a document of which nothing is held; if there is something,
// the error is [ErrHeld]. All is written in one transaction, so that after a crash
// the document is there whole or not at all.
//
// As by [Store.Compact], the chunk is turned back into changes, of which each
// follows its actor's last one and has the hash of its bytes, and it is read back
// after it was written. [Options].Judge is not asked, since no change is deleted:
// the next compaction asks.
func (s *Store) PutSnapshot(ctx context.Context, w Whole) error {
	p := placing{s: s, Whole: w, has: crdt.Vector{}, last: map[crdt.ActorID]crdt.Change{}}
	err := p.expand(ctx)
	if err == nil {
		p.heads, p.title, err = w.Ready()
	}
	if err == nil {
		err = p.checkHeads()
	}
	if err == nil && w.Form != nil {
		form := w.Form()
		p.form = &form
	}
	if err == nil {
		done := make(chan error, 1)
		j := job{run: p.write, size: int64(len(w.Chunk)), done: func(err error) {
			if err == nil && w.Done != nil {
				w.Done(p.tips(), p.heads)
			}
			done <- err
		}}
		if err = ErrClosed; s.writer.add(j) {
			err = <-done // as the disk allows; what is on its way cannot be called back
		}
	}
	if err != nil {
		return fmt.Errorf("store document %v as a snapshot: %w", w.Doc, err)
	}
	return nil
}

// placing is a whole document being stored.
type placing struct {
	s *Store
	Whole
	has     crdt.Vector
	last    map[crdt.ActorID]crdt.Change
	hashes  map[crdt.ActorID][]crdt.Hash // by seq, from 1
	tops    map[crdt.Hash]bool
	updated int64
	heads   []Head
	title   string
	form    *Form // nil if there is none
}

// expand reads the changes in the chunk.
func (p *placing) expand(ctx context.Context) error {
	p.hashes, p.tops = map[crdt.ActorID][]crdt.Hash{}, map[crdt.Hash]bool{}
	err := p.s.expand(p.Chunk, func(c crdt.Change) error {
		if err := checkChange(&c); err != nil {
			return err
		}
		if p.has[c.Actor].Seq+1 != c.Seq {
			return fmt.Errorf("change %d of actor %v after %d: %w", c.Seq, c.Actor, p.has[c.Actor].Seq, ErrGap)
		}
		p.note(c)
		if err := p.Each(c); err != nil {
			return err
		}
		return ctx.Err()
	})
	if err == nil && len(p.has) == 0 {
		err = fmt.Errorf("a snapshot of nothing: %w", ErrNotSame)
	}
	return err
}

func (p *placing) note(c crdt.Change) {
	p.has[c.Actor] = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
	p.updated = max(p.updated, c.Time)
	for _, dep := range c.Deps {
		delete(p.tops, dep)
	}
	p.tops[c.Hash] = true
	p.hashes[c.Actor] = append(p.hashes[c.Actor], c.Hash)
	p.last[c.Actor] = c
}

// checkHeads refuses a head that signs nothing in the chunk, and two devices that
// say that an actor is theirs.
func (p *placing) checkHeads() error {
	owners := map[crdt.ActorID]*Head{}
	for i := range p.heads {
		h := &p.heads[i]
		of := p.hashes[h.Actor]
		if h.Seq < 1 || h.Seq > uint64(len(of)) {
			return fmt.Errorf("head of change %d of actor %v: %w", h.Seq, h.Actor, ErrGap)
		}
		first := owners[h.Actor]
		if first == nil && !h.Import {
			owners[h.Actor], first = h, h
		}
		if of[h.Seq-1] != h.Hash || !h.Import && (first.Device != h.Device || first.Nonce != h.Nonce) {
			return fmt.Errorf("head of change %d of actor %v: %w", h.Seq, h.Actor, ErrConflict)
		}
	}
	p.hashes = nil
	return nil
}

// tips are the last change of each actor, by the actors' bytes.
func (p *placing) tips() []crdt.Change {
	var tips []crdt.Change
	for _, a := range p.has.Actors() {
		tips = append(tips, p.last[a])
	}
	return tips
}

// write makes the document.
func (p *placing) write(t *txn) error {
	if t.w.broken[p.Doc] {
		return ErrBroken
	}
	d, err := t.doc(p.Doc)
	if err != nil {
		return err
	}
	if d != nil {
		return ErrHeld
	}
	if d, err = t.makeDoc(p.Doc, p.Space); err != nil {
		return err
	}
	d.changed(p.updated)
	if p.title != "" {
		d.title, d.dirty = cleanText(p.title), true
	}
	for _, id := range p.has.Actors() {
		a, err := t.actor(d, id)
		if err != nil {
			return err
		}
		t.advance(a, p.has[id])
	}
	if err := t.noteUnindexed(d); err != nil {
		return err
	}
	if err := p.writeSnapshot(t, d); err != nil {
		return err
	}
	for i := range p.heads {
		if err := t.insertHead(d, &p.heads[i]); err != nil {
			return err
		}
	}
	if p.form == nil {
		return nil
	}
	refused, failed := t.writeForm(p.Doc, p.form)
	return errors.Join(refused, failed)
}

// writeSnapshot writes the chunk, and what is told of the changes inside.
func (p *placing) writeSnapshot(t *txn, d *docState) error {
	c := compaction{s: p.s, doc: p.Doc, chunk: p.Chunk, covers: p.has}
	if _, err := c.putSnapshot(t, d); err != nil {
		return err
	}
	var bases []base
	for id, last := range p.last {
		b := base{actor: d.actors[id].num, maxOp: last.MaxOp}
		if len(p.tops) == 1 && p.tops[last.Hash] {
			b.clock = clock{}
			for other, tip := range p.has {
				if other != id {
					b.clock = b.clock.advance(d.actors[other].num, tip.Seq)
				}
			}
		}
		bases = append(bases, b)
	}
	slices.SortFunc(bases, laterOp)
	_, err := t.conn.exec("INSERT OR REPLACE INTO compacted (doc, tips, sweep) VALUES (?, ?, 0)", d.num, encodeBases(bases))
	if err != nil {
		return err
	}
	d.snap, d.lost = p.has.Clone(), false
	return t.loadBases(d)
}
