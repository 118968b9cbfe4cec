package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"starling/crdt"
)

// Compact replaces the changes that covers names by chunk, an Automerge
// document that holds exactly these. The chunk is turned back into changes and
// each compared with the stored one byte for byte; on any difference nothing
// changes and the error is [ErrNotSame]. Then [Options].Judge is asked, whose
// refusal is [ErrJudged]. All this runs beside the writer, which rows that are
// never rewritten allow.
//
// One transaction writes the snapshot and reads it back; from then on readers
// pass over what it replaced, which is deleted piece by piece, so that no commit
// waits long for it: changes, and of their signed heads all but the last of each
// actor in each 1,024 changes or 1 MiB of the document. Compact returns when all
// is deleted; if the process ends before, the next one deletes the rest.
func (s *Store) Compact(ctx context.Context, doc crdt.DocID, chunk []byte, covers crdt.Vector) error {
	c := compaction{s: s, doc: doc, chunk: chunk, covers: covers.Clone(), r: newReader(doc), retreats: s.retreats.Load()}
	err := c.check(ctx)
	if err == nil {
		err = c.ask(ctx)
	}
	if err == nil {
		err = s.await(ctx, job{run: c.write, size: int64(len(chunk))})
	}
	if err == nil {
		err = s.sweep(ctx, doc)
	}
	if err != nil {
		return fmt.Errorf("compact document %v: %w", doc, err)
	}
	return nil
}

// compaction turns changes into a snapshot.
type compaction struct {
	s      *Store
	doc    crdt.DocID
	chunk  []byte
	covers crdt.Vector
	r      *reader
	// inside is what the chunk holds.
	inside contents
	// top is the only change that no other builds on, if there is only one.
	top crdt.Hash
	// retreats tells whether anything was taken back since the comparison.
	retreats int64
}

// contents are the SHA-256s of the bytes of changes, those of each actor in the
// order of seq. It stands for the changes themselves, which need twenty times
// the memory.
type contents map[crdt.ActorID][]crdt.Hash

// check compares what the chunk holds with what is stored.
func (c *compaction) check(ctx context.Context) error {
	if err := c.expandNew(ctx); err != nil {
		return err
	}
	var old []byte
	found := 0
	err := c.s.view(ctx, func(tx *sql.Tx) error {
		err := c.r.open(ctx, tx)
		if err != nil {
			return err
		}
		if old, err = c.r.readSnapshot(ctx, tx); err != nil {
			return err
		}
		var different error
		err = c.r.changes(ctx, tx, c.r.low(), nil, func(_ int64, ch crdt.Change) bool {
			if c.covers.Has(ch.Actor, ch.Seq) {
				found++
				different = c.inside.same(&ch)
			}
			return different == nil && ctx.Err() == nil
		})
		if different == nil {
			different = ctx.Err()
		}
		return cmp.Or(different, err)
	})
	if err != nil {
		return err
	}
	if err := c.s.report(ctx, c.r); err != nil {
		return err
	}
	return c.checkOld(ctx, old, found)
}

// expandNew reads the changes in the chunk, which must be covers.
func (c *compaction) expandNew(ctx context.Context) error {
	c.inside = contents{}
	tops := map[crdt.Hash]bool{}
	has := crdt.Vector{}
	err := c.s.expand(c.chunk, func(ch crdt.Change) error {
		if has[ch.Actor].Seq+1 != ch.Seq {
			return fmt.Errorf("change %d of actor %v after %d: %w", ch.Seq, ch.Actor, has[ch.Actor].Seq, ErrNotSame)
		}
		has[ch.Actor] = crdt.Tip{Seq: ch.Seq, Hash: ch.Hash}
		c.inside[ch.Actor] = append(c.inside[ch.Actor], contentHash(ch.Bytes))
		for _, dep := range ch.Deps {
			delete(tops, dep)
		}
		tops[ch.Hash] = true
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("read the new snapshot: %w", err)
	}
	if !has.Equal(c.covers) {
		return fmt.Errorf("its changes are not those it is said to cover: %w", ErrNotSame)
	}
	if len(tops) == 1 {
		for c.top = range tops { // the only one
		}
	}
	return nil
}

// checkOld compares what the snapshot so far holds. With the found changes that
// have been compared, all inside must be accounted for.
func (c *compaction) checkOld(ctx context.Context, old []byte, found int) error {
	if old != nil {
		err := c.s.expand(old, func(ch crdt.Change) error {
			found++
			if err := ctx.Err(); err != nil {
				return err
			}
			return c.inside.same(&ch)
		})
		if err != nil {
			return fmt.Errorf("read the old snapshot: %w", err)
		}
	}
	if n := c.inside.len(); n != found {
		return fmt.Errorf("%d changes of which %d are stored: %w", n, found, ErrNotSame)
	}
	return nil
}

// same compares a stored change with the one inside. The hash of a change is
// that of its bytes without the first eight, so equal bytes are equal changes.
func (c contents) same(stored *crdt.Change) error {
	of := c[stored.Actor]
	if stored.Seq < 1 || stored.Seq > uint64(len(of)) || of[stored.Seq-1] != contentHash(stored.Bytes) {
		return fmt.Errorf("change %d of actor %v: %w", stored.Seq, stored.Actor, ErrNotSame)
	}
	return nil
}

func (c contents) len() int {
	n := 0
	for _, of := range c {
		n += len(of)
	}
	return n
}

// ask lets the judge have the last word.
func (c *compaction) ask(ctx context.Context) error {
	if c.s.judge == nil {
		return nil
	}
	err := c.s.judge(ctx, c.chunk)
	if err == nil || ctx.Err() != nil {
		return err
	}
	c.s.log.Error("a snapshot was judged wrong and is dropped; the changes stay", "doc", c.doc, "error", err)
	return fmt.Errorf("%w: %w", ErrJudged, err)
}

// write puts the snapshot in place, if nothing that was compared has changed.
func (c *compaction) write(t *txn) error {
	d, err := t.doc(c.doc)
	if err != nil {
		return err
	}
	if err := c.unchanged(t, d); err != nil {
		return err
	}
	t.keep(d)
	num, err := c.putSnapshot(t, d)
	if err != nil {
		return err
	}
	if err := c.putBases(t, d, num); err != nil {
		return err
	}
	d.snap, d.lost = c.covers, false
	if d.behind != nil && c.covers.Covers(d.behind) {
		if err := t.clearBehind(d); err != nil {
			return err
		}
	}
	return t.loadBases(d)
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
	if t.w.s.retreats.Load() != c.retreats || !d.holds(c.covers) {
		return fmt.Errorf("changes were taken back in between: %w", ErrNotSame)
	}
	return nil
}

// putSnapshot writes the chunk and reads it back.
func (c *compaction) putSnapshot(t *txn, d *docState) (num int64, err error) {
	if _, err := t.conn.exec("DELETE FROM snapshots WHERE doc = ?", d.num); err != nil {
		return 0, err
	}
	sum := sha256.Sum256(c.chunk)
	_, err = t.conn.exec("INSERT INTO snapshots (doc, covers, hash, bytes) VALUES (?, ?, ?, ?)",
		d.num, encodeVector(c.covers), sum[:], c.chunk)
	if err != nil {
		return 0, err
	}
	var back []byte
	if err := t.conn.row("SELECT num, bytes FROM snapshots WHERE doc = ?", []any{d.num}, &num, &back); err != nil {
		return 0, err
	}
	if !bytes.Equal(back, c.chunk) {
		return 0, fmt.Errorf("it reads back differently: %w", ErrNotSame)
	}
	return num, nil
}
