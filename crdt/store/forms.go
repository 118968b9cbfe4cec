package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"starling/crdt"
)

// Form is a document's compact form: what opens at once, in place of the changes
// that Covers names. The store never looks inside.
type Form = crdt.Form

// Opened is a document as it is opened from its compact form, or without one.
type Opened struct {
	// Loaded has the changes after Form, and no snapshot if there is a form.
	Loaded
	// Form is nil if there is none that can be used; Covers is its vector.
	Form   []byte
	Covers crdt.Vector
}

// forms names the newest form of each document that the writer has yet to
// write, so that of several only that one costs.
type forms struct {
	mu      sync.Mutex
	pending map[crdt.DocID]*Form
}

func (f *forms) put(doc crdt.DocID, form *Form) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending == nil {
		f.pending = map[crdt.DocID]*Form{}
	}
	f.pending[doc] = form
}

func (f *forms) newest(doc crdt.DocID, form *Form) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pending[doc] == form
}

// written forgets a form, unless a newer one waits.
func (f *forms) written(doc crdt.DocID, form *Form) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending[doc] == form {
		delete(f.pending, doc)
	}
}

// PutForm keeps the compact form of a document in place of the one before. It
// is queued like an entry; of several that wait only the last is written. A
// form of anything that is not held by then is passed over, as is one that covers less
// than the snapshot, so the caller of [Store.Compact] gives one as well; a failure is
// logged. The caller must not write to f any more.
func (s *Store) PutForm(doc crdt.DocID, f Form) {
	s.forms.put(doc, &f)
	added := s.writer.add(job{
		size: int64(len(f.Bytes)),
		plain: func(t *txn) (refused, failed error) {
			if !s.forms.newest(doc, &f) {
				return nil, nil
			}
			return t.writeForm(doc, &f)
		},
		done: func(err error) {
			s.forms.written(doc, &f)
			if err != nil {
				s.log.Error("store the compact form of a document", "doc", doc, "error", err)
			}
		},
	})
	if !added {
		s.forms.written(doc, &f)
	}
}

func (t *txn) writeForm(doc crdt.DocID, f *Form) (refused, failed error) {
	d, err := t.doc(doc)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return ErrNoDocument, nil
	}
	if fits, err := t.fits(d, f.Covers); err != nil || !fits {
		return nil, err
	}
	sum := sha256.Sum256(f.Bytes)
	_, err = t.conn.exec("INSERT OR REPLACE INTO forms (doc, version, covers, hash, bytes) VALUES (?, ?, ?, ?, ?)",
		d.num, int64(f.Version), encodeVector(f.Covers), sum[:], nonNil(f.Bytes))
	return nil, err
}

// fits reports whether what v names is held and of use beside the snapshot, also where
// an actor has gone on: after a retreat that may be in another branch. Where that can't
// be told it does not.
func (t *txn) fits(d *docState, v crdt.Vector) (bool, error) {
	if !v.Covers(d.snap) || !d.holds(v) {
		return false, nil
	}
	if err := t.insertHeld(); err != nil {
		return false, err
	}
	for id, tip := range v {
		a := d.actors[id]
		if a.tip == tip || d.snap[id] == tip {
			continue
		}
		var hash []byte
		err := t.conn.row("SELECT hash FROM changes WHERE actor = ? AND seq = ?", []any{a.num, int64(tip.Seq)}, &hash)
		if err != nil || string(hash) != string(tip.Hash[:]) {
			return false, ignoreNoRows(err)
		}
	}
	return true, nil
}

// holds reports whether everything that v names is held, as far as the last
// change of each actor tells.
func (d *docState) holds(v crdt.Vector) bool {
	for id, tip := range v {
		a := d.actors[id]
		if a == nil || !reaches(a.tip, tip) {
			return false
		}
	}
	return true
}

// reaches reports whether an actor that is held up to held may be held up to
// tip.
func reaches(held, tip crdt.Tip) bool {
	return held.Seq > tip.Seq || held == tip
}

// LoadForm reads a document from its compact form and the changes after it. If
// there is no form of that version that fits what is held, it is [Store.Load].
// A form that is damaged is dropped and logged; it can be made again.
func (s *Store) LoadForm(ctx context.Context, doc crdt.DocID, version int) (Opened, error) {
	r := newReader(doc)
	o := Opened{}
	damaged := false
	err := s.view(ctx, func(tx *sql.Tx) error {
		err := r.open(ctx, tx)
		if err != nil {
			return err
		}
		if damaged, err = r.readForm(ctx, tx, version, &o); err != nil {
			return err
		}
		since := o.Covers
		if o.Form == nil {
			if o.Snapshot, err = r.readSnapshot(ctx, tx); err != nil {
				return err
			}
			since = r.readable()
		}
		return r.rest(ctx, tx, since, &o.Loaded)
	})
	if damaged {
		s.dropForm(ctx, doc)
	}
	if err == nil {
		err = s.report(ctx, r)
	}
	if err != nil {
		err = fmt.Errorf("open document %v: %w", doc, err)
	}
	return o, err
}

// readForm reads the form into o if it is of the version and fits what is held
// and what is in the snapshot.
func (r *reader) readForm(ctx context.Context, tx *sql.Tx, version int, o *Opened) (damaged bool, err error) {
	var covers, hash []byte
	var stored int
	err = tx.QueryRowContext(ctx, "SELECT version, covers, hash FROM forms WHERE doc = ?", r.num).
		Scan(&stored, &covers, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, explain(err)
	}
	if stored != version || r.lostSnapshot {
		return false, nil
	}
	v, err := decodeVector(covers)
	if err != nil {
		return true, nil
	}
	if fits, err := r.holds(ctx, tx, v); err != nil || !fits || !v.Covers(r.covers) {
		return false, err
	}
	var bytes []byte
	if err = tx.QueryRowContext(ctx, "SELECT bytes FROM forms WHERE doc = ?", r.num).Scan(&bytes); err != nil {
		return false, explain(err)
	}
	if sum := sha256.Sum256(bytes); string(sum[:]) != string(hash) {
		return true, nil
	}
	o.Form, o.Covers = nonNil(bytes), v
	return false, nil
}

// holds is [docState.holds] for a reader. What was lost counts as held as long as
// its row waits for it to come again: until then only the form has its text.
func (r *reader) holds(ctx context.Context, tx *sql.Tx, v crdt.Vector) (bool, error) {
	held := 0
	for num, a := range r.actors {
		tip, ok := v[a.id]
		if !ok {
			continue
		}
		if !reaches(crdt.Tip{Seq: a.tip, Hash: a.hash}, tip) {
			if ok, err := r.stands(ctx, tx, num, tip); err != nil || !ok {
				return false, err
			}
		}
		held++
	}
	return held == len(v), nil
}

// stands reports whether the row of a change is there, of an actor that has lost
// some.
func (r *reader) stands(ctx context.Context, tx *sql.Tx, actor int64, tip crdt.Tip) (bool, error) {
	if !r.actors[actor].lost {
		return false, nil
	}
	stands := false
	const query = "SELECT EXISTS (SELECT 1 FROM changes WHERE actor = ? AND seq = ? AND hash = ?)"
	err := tx.QueryRowContext(ctx, query, actor, int64(tip.Seq), tip.Hash[:]).Scan(&stands)
	return stands, explain(err)
}

// dropForm deletes a form that is damaged. Should that fail, the next to read
// it tries again.
func (s *Store) dropForm(ctx context.Context, doc crdt.DocID) {
	err := s.do(ctx, func(t *txn) error {
		_, err := t.conn.exec("DELETE FROM forms WHERE doc = (SELECT num FROM documents WHERE id = ?)", doc[:])
		return err
	})
	s.log.Error("the compact form of a document was damaged and is dropped", "doc", doc, "error", err)
}
