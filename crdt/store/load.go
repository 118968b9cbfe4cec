package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"starling/crdt"
)

// Loaded is a document as it is stored.
type Loaded struct {
	Space [32]byte
	// Title is what was last told to the store. Unindexed says that the text that
	// the search has may lack changes.
	Title     string
	Unindexed bool
	// Snapshot is an Automerge document chunk, or nil.
	Snapshot []byte
	// Changes are those after the snapshot, each after those it builds on.
	Changes []crdt.Change
	// Unchecked is where in Changes the first one stands that was stored with
	// [Entry].Unchecked, or their number if none was.
	Unchecked int
}

// Load reads a document. With a [DamageError] the result holds what can be
// used without the rows that could not be read; those are set aside by then.
func (s *Store) Load(ctx context.Context, doc crdt.DocID) (Loaded, error) {
	r := newReader(doc)
	l := Loaded{}
	err := s.view(ctx, func(tx *sql.Tx) error {
		err := r.open(ctx, tx)
		if err != nil {
			return err
		}
		if l.Snapshot, err = r.readSnapshot(ctx, tx); err != nil {
			return err
		}
		return r.rest(ctx, tx, r.readable(), &l)
	})
	if err == nil {
		err = s.report(ctx, r)
	}
	if err != nil {
		err = fmt.Errorf("load document %v: %w", doc, err)
	}
	return l, err
}

// rest reads the changes that since lacks.
func (r *reader) rest(ctx context.Context, tx *sql.Tx, since crdt.Vector, l *Loaded) error {
	l.Space, l.Title, l.Unindexed, l.Unchecked = r.space, r.title, r.unindexed, -1
	from, err := r.start(ctx, tx, since)
	if err != nil {
		return err
	}
	err = r.changes(ctx, tx, from, since, func(num int64, c crdt.Change) bool {
		if r.unchecked > 0 && num >= r.unchecked && l.Unchecked < 0 {
			l.Unchecked = len(l.Changes)
		}
		l.Changes = append(l.Changes, c)
		return true
	})
	if l.Unchecked < 0 {
		l.Unchecked = len(l.Changes)
	}
	if err != nil {
		return err
	}
	tips := since.Clone()
	for _, c := range l.Changes {
		if c.Seq != tips[c.Actor].Seq+1 && r.whole() {
			return fmt.Errorf("%w: change %d of actor %v follows %d", ErrCorrupt, c.Seq, c.Actor, tips[c.Actor].Seq)
		}
		tips.Advance(c.Actor, crdt.Tip{Seq: c.Seq})
	}
	return r.complete(tips.Has)
}

// report has what a reader found damaged set aside, and returns a
// [DamageError] if anything is missing.
func (s *Store) report(ctx context.Context, r *reader) error {
	if r.found.any() {
		if err := s.do(ctx, func(t *txn) error { return t.lose(r.doc, r.found) }); err != nil {
			return fmt.Errorf("set damaged rows aside: %w", err)
		}
		s.log.Error("stored data is damaged and was set aside", "doc", r.doc,
			"changes", len(r.found.changes), "snapshot", r.found.snapshot != 0)
		if s.lost != nil {
			s.lost(r.doc)
		}
	}
	noSnapshot := r.lostSnapshot && !r.tips.Covers(r.covers)
	if r.lost == 0 && r.waiting == 0 && !noSnapshot {
		return nil
	}
	return &DamageError{Doc: r.doc, Lost: r.lost, Waiting: r.waiting, Snapshot: noSnapshot}
}

// The most that ChangesSince holds in memory at once, besides a snapshot.
const (
	pageChanges = 512
	pageBytes   = 1 << 20
)

// ChangesSince gives the changes of a document that since lacks, each after
// those it builds on, those inside a snapshot too. It stops at the first error
// of yield and returns it. No transaction is open while yield runs, so it may
// take its time; what is committed meanwhile may or may not be given. With a
// [DamageError], which comes last, what could not be read was left out.
func (s *Store) ChangesSince(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error {
	p := pager{s: s, r: newReader(doc), done: since.Clone(), snapshot: -1, retreats: s.retreats.Load()}
	for more := true; more; {
		page, err := p.next(ctx, yield)
		for i := 0; i < len(page) && err == nil; i++ {
			err = p.one(page[i], yield)
		}
		if callers := (yieldError{}); errors.As(err, &callers) {
			return callers.error
		}
		if err != nil {
			return fmt.Errorf("read changes of document %v: %w", doc, err)
		}
		more = p.more
	}
	err := s.report(ctx, p.r)
	if err == nil && p.sure() {
		err = s.noteDamage(p.r.complete(p.done.Has))
	}
	if err != nil {
		return fmt.Errorf("read changes of document %v: %w", doc, err)
	}
	return nil
}

// pager reads a document's changes page by page, each in a transaction of its
// own. After a compaction in between it goes through the new snapshot, without
// what was given already, and then on from where it was.
type pager struct {
	s        *Store
	r        *reader
	done     crdt.Vector
	snapshot int64 // the num of the snapshot that is dealt with; 0 for none
	from     int64 // where the next page starts; 0 for not known
	more     bool
	// retreats tells whether anything was taken back since the first page.
	retreats int64
}

// sure reports whether all changes of an actor must come one after another.
func (p *pager) sure() bool { return p.r.whole() && p.s.retreats.Load() == p.retreats }

// next returns the next page, in which changes that done has may stand, or gives
// those of a snapshot itself, so that they need not be in memory all at once.
func (p *pager) next(ctx context.Context, yield func(crdt.Change) error) ([]crdt.Change, error) {
	var page []crdt.Change
	var chunk []byte
	err := p.s.view(ctx, func(tx *sql.Tx) error {
		err := p.r.open(ctx, tx)
		if err != nil {
			return err
		}
		if p.r.snapshotNum != p.snapshot {
			p.snapshot = p.r.snapshotNum
			if !p.done.Covers(p.r.covers) {
				chunk, err = p.r.readSnapshot(ctx, tx)
			}
			if err != nil || chunk != nil {
				return err
			}
		}
		if p.from == 0 {
			if p.from, err = p.r.start(ctx, tx, p.done); err != nil {
				return err
			}
		}
		page, err = p.rows(ctx, tx)
		return err
	})
	if err != nil || chunk == nil {
		return page, err
	}
	p.more = true
	return nil, p.give(chunk, yield)
}

// give gives the changes of a snapshot.
func (p *pager) give(chunk []byte, yield func(crdt.Change) error) error {
	return p.s.expand(chunk, func(c crdt.Change) error { return p.one(c, yield) })
}

// one gives a change, unless it is known by now.
func (p *pager) one(c crdt.Change, yield func(crdt.Change) error) error {
	if p.done.Has(c.Actor, c.Seq) {
		return nil
	}
	if before := p.done[c.Actor].Seq; before+1 != c.Seq && p.sure() {
		return fmt.Errorf("%w: change %d of actor %v follows %d", ErrCorrupt, c.Seq, c.Actor, before)
	}
	if err := yield(c); err != nil {
		return yieldError{err}
	}
	p.done.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	return nil
}

// yieldError is an error of the caller's, to be returned as it is.
type yieldError struct{ error }

func (p *pager) rows(ctx context.Context, tx *sql.Tx) ([]crdt.Change, error) {
	var page []crdt.Change
	size := 0
	p.more = false
	err := p.r.changes(ctx, tx, p.from, p.done, func(num int64, c crdt.Change) bool {
		page = append(page, c)
		size += len(c.Bytes)
		p.from = num + 1
		// Without its snapshot a document is judged in one go.
		p.more = !p.r.lostSnapshot && (len(page) == pageChanges || size >= pageBytes)
		return !p.more
	})
	return page, err
}
