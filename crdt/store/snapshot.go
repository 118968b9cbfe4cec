package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"starling/crdt"
)

// numbered names a change of a document by its actor and number.
type numbered struct {
	actor crdt.ActorID
	seq   uint64
}

// insideSnapshot is what the writer last read out of a snapshot: peers that
// send old changes again would have it read for each of them.
type insideSnapshot struct {
	num    int64
	hashes map[numbered]crdt.Hash
}

// snapshotHashes returns the hashes of the changes in a document's snapshot.
// It is slow, for a rare case: a change that is held comes again after it was
// compacted, past those who should have seen that the vector has it.
func (w *writer) snapshotHashes(d *docState) (map[numbered]crdt.Hash, error) {
	var num int64
	var chunk []byte
	err := w.conn.row("SELECT num, bytes FROM snapshots WHERE doc = ?", []any{d.num}, &num, &chunk)
	if err != nil {
		return nil, err
	}
	if w.inside.num == num {
		return w.inside.hashes, nil
	}
	changes, err := w.s.expand(chunk)
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	w.inside = insideSnapshot{num: num, hashes: make(map[numbered]crdt.Hash, len(changes))}
	for i := range changes {
		c := &changes[i]
		w.inside.hashes[numbered{c.Actor, c.Seq}] = c.Hash
	}
	return w.inside.hashes, nil
}

// Compact replaces the changes that covers names by chunk, an Automerge
// document that holds exactly these. The chunk is turned back into changes and
// each compared with the stored one byte for byte; on any difference nothing
// changes and the error is [ErrNotSame]. The comparison runs beside the writer,
// which rows that are never rewritten allow; only writing the snapshot, reading
// it back and deleting the rows happens in its one transaction.
func (s *Store) Compact(ctx context.Context, doc crdt.DocID, chunk []byte, covers crdt.Vector) error {
	c := compaction{s: s, doc: doc, chunk: chunk, covers: covers.Clone(), r: newReader(doc)}
	err := c.check(ctx)
	if err == nil {
		err = s.await(ctx, job{run: c.write, size: int64(len(chunk)) + int64(c.rows)*512})
	}
	if err != nil {
		return fmt.Errorf("compact document %v: %w", doc, err)
	}
	return nil
}

type compaction struct {
	s      *Store
	doc    crdt.DocID
	chunk  []byte
	covers crdt.Vector
	r      *reader
	rows   int // how many are to be deleted
}

// check compares what the chunk holds with what is stored.
func (c *compaction) check(ctx context.Context) error {
	inside, err := c.expandNew()
	if err != nil {
		return err
	}
	var old []byte
	err = c.s.view(ctx, func(tx *sql.Tx) error {
		if err := c.r.open(ctx, tx); err != nil {
			return err
		}
		if old, err = c.r.readSnapshot(ctx, tx); err != nil {
			return err
		}
		var different error
		err := c.r.changes(ctx, tx, c.r.low(), nil, func(_ int64, ch crdt.Change) bool {
			if c.covers.Has(ch.Actor, ch.Seq) {
				c.rows++
				different = strike(inside, &ch)
			}
			return different == nil
		})
		if different != nil {
			return different
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := c.s.report(ctx, c.r); err != nil {
		return err
	}
	return c.strikeOld(old, inside)
}

// expandNew returns the changes in the chunk, which must be covers.
func (c *compaction) expandNew() (map[numbered]*crdt.Change, error) {
	changes, err := c.s.expand(c.chunk)
	if err != nil {
		return nil, fmt.Errorf("read the new snapshot: %w", err)
	}
	inside := make(map[numbered]*crdt.Change, len(changes))
	has := crdt.Vector{}
	for i := range changes {
		ch := &changes[i]
		inside[numbered{ch.Actor, ch.Seq}] = ch
		has.Advance(ch.Actor, crdt.Tip{Seq: ch.Seq, Hash: ch.Hash})
	}
	if len(inside) != len(changes) || !has.Equal(c.covers) {
		return nil, fmt.Errorf("its changes are not those it is said to cover: %w", ErrNotSame)
	}
	return inside, nil
}

// strikeOld strikes out what the snapshot so far holds. Then nothing may be
// left.
func (c *compaction) strikeOld(old []byte, inside map[numbered]*crdt.Change) error {
	if old != nil {
		changes, err := c.s.expand(old)
		if err != nil {
			return fmt.Errorf("read the old snapshot: %w", err)
		}
		for i := range changes {
			if err := strike(inside, &changes[i]); err != nil {
				return err
			}
		}
	}
	if len(inside) > 0 {
		return fmt.Errorf("%d of its changes are not stored: %w", len(inside), ErrNotSame)
	}
	return nil
}

// strike removes a stored change from those of the snapshot, where it must
// stand unchanged.
func strike(inside map[numbered]*crdt.Change, stored *crdt.Change) error {
	key := numbered{stored.Actor, stored.Seq}
	got := inside[key]
	if got == nil || got.Hash != stored.Hash || !bytes.Equal(got.Bytes, stored.Bytes) {
		return fmt.Errorf("change %d of actor %v: %w", stored.Seq, stored.Actor, ErrNotSame)
	}
	delete(inside, key)
	return nil
}

// write replaces the rows, if nobody has compacted in between.
func (c *compaction) write(t *txn) error {
	d, err := t.doc(c.doc)
	if err != nil {
		return err
	}
	if err := c.unchanged(t, d); err != nil {
		return err
	}
	if err := c.putSnapshot(t, d); err != nil {
		return err
	}
	deleted := int64(0)
	for actor, tip := range c.covers {
		res, err := t.conn.exec("DELETE FROM changes WHERE actor = ? AND seq <= ? AND bytes IS NOT NULL",
			d.actors[actor].num, int64(tip.Seq))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		deleted += n
	}
	if deleted != int64(c.rows) {
		return fmt.Errorf("%d rows to replace instead of %d: %w", deleted, c.rows, ErrNotSame)
	}
	t.touch(d)
	d.snap, d.lost = c.covers, false
	return nil
}

// unchanged checks that the document is as it was when it was compared.
func (c *compaction) unchanged(t *txn, d *docState) error {
	if d == nil {
		return ErrNoDocument
	}
	var num int64
	err := t.conn.row("SELECT coalesce(max(num), 0) FROM snapshots WHERE doc = ?", []any{d.num}, &num)
	if err != nil {
		return err
	}
	if num != c.r.snapshotNum {
		return fmt.Errorf("another compaction came in between: %w", ErrNotSame)
	}
	for actor := range c.covers {
		if d.actors[actor] == nil {
			return fmt.Errorf("actor %v: %w", actor, ErrNotSame)
		}
	}
	return nil
}

// putSnapshot writes the chunk and reads it back.
func (c *compaction) putSnapshot(t *txn, d *docState) error {
	if _, err := t.conn.exec("DELETE FROM snapshots WHERE doc = ?", d.num); err != nil {
		return err
	}
	sum := sha256.Sum256(c.chunk)
	_, err := t.conn.exec("INSERT INTO snapshots (doc, covers, hash, bytes) VALUES (?, ?, ?, ?)",
		d.num, encodeVector(c.covers), sum[:], c.chunk)
	if err != nil {
		return err
	}
	var back []byte
	if err := t.conn.row("SELECT bytes FROM snapshots WHERE doc = ?", []any{d.num}, &back); err != nil {
		return err
	}
	if !bytes.Equal(back, c.chunk) {
		return fmt.Errorf("it reads back differently: %w", ErrNotSame)
	}
	return nil
}
