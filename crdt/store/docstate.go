package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
)

const (
	// docShift is the bits of a change's num below the document's number.
	docShift = 32
	// firstPlace is where the order of commits starts; see the schema.
	firstPlace = 1 << 31
)

// docState is what the writer knows of a document: the rows of documents and
// actors, with what the open transaction has changed.
type docState struct {
	id      crdt.DocID
	num     int64
	space   [32]byte
	title   string
	updated int64 // seconds
	next    int64 // the place of the next change
	refill  int64 // the place of the next change that a lost snapshot covered
	// snap is what the snapshot covers; lost says that it could not be read.
	snap  crdt.Vector
	lost  bool
	bases map[int64]base // of the actors in snap, by num
	// behind is the last unchecked change of each actor, nil if there is none;
	// behindFrom is the num of the first.
	behind     crdt.Vector
	behindFrom int64
	refused    map[crdt.Hash]bool
	// beside are the changes that are kept beside it.
	beside map[crdt.Hash]bool
	// unindexed says that the search's text may lack changes.
	unindexed bool

	actors map[crdt.ActorID]*actorState

	touched     bool // in txn.docs
	dirty       bool // title or updated are not written yet
	behindDirty bool // behind is not written yet
	fellBack    bool // the vector has become smaller
}

type actorState struct {
	id  crdt.ActorID
	num int64
	tip crdt.Tip
	// clock is what the tip builds on, if clockRead.
	clock     clock
	clockRead bool
	// level is where the clock of another change was last looked for.
	level level
	// imported says that an importer has vouched for the actor.
	imported bool
	// lost says that a change could not be read, so that nums may not rise with
	// seqs.
	lost bool
	// owned says that device and nonce are known, from the first signed head.
	owned  bool
	device [32]byte
	nonce  [16]byte

	dirty   bool // tip or owner are not written yet
	changed bool // tip is not published yet
}

func (d *docState) vector() crdt.Vector {
	v := make(crdt.Vector, len(d.actors))
	for id, a := range d.actors {
		if a.tip.Seq > 0 {
			v[id] = a.tip
		}
	}
	return v
}

// published forgets what the last transaction had changed.
func (d *docState) published() {
	d.touched = false
	for _, a := range d.actors {
		a.changed = false
	}
}

// low and high bound the nums of the document's changes.
func (d *docState) low() int64  { return d.num << docShift }
func (d *docState) high() int64 { return (d.num + 1) << docShift }

// doc returns the state of a document, or nil if there is no such document.
func (t *txn) doc(id crdt.DocID) (*docState, error) {
	if d := t.w.docs[id]; d != nil {
		return d, nil
	}
	d, err := t.load(id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read document %v: %w", id, err)
	}
	t.w.docs[id] = d
	return d, nil
}

func (t *txn) load(id crdt.DocID) (*docState, error) {
	d := &docState{id: id, actors: map[crdt.ActorID]*actorState{}}
	var space []byte
	err := t.conn.row("SELECT num, space, title, updated FROM documents WHERE id = ?", []any{id[:]},
		&d.num, &space, &d.title, &d.updated)
	if err != nil {
		return nil, err
	}
	if err := fixed(d.space[:], space); err != nil {
		return nil, err
	}
	const actors = `SELECT id, num, seq, hash, device, nonce, retired & 1,
			EXISTS (SELECT 1 FROM heads h WHERE h.actor = actors.num AND h.device IS NOT NULL)
		FROM actors WHERE doc = ?`
	err = t.conn.each(actors, []any{d.num}, func(rows *sql.Rows) error {
		a, err := scanActor(rows)
		if err == nil {
			d.actors[a.id] = a
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := t.loadPlaces(d); err != nil {
		return nil, err
	}
	if err := t.loadSnapshot(d); err != nil {
		return nil, err
	}
	if err := t.loadBehind(d); err != nil {
		return nil, err
	}
	if err := t.loadUnindexed(d); err != nil {
		return nil, err
	}
	if err := t.loadBeside(d); err != nil {
		return nil, err
	}
	return d, t.loadRefused(d)
}

func scanActor(rows *sql.Rows) (*actorState, error) {
	a := &actorState{}
	var id, hash, device, nonce sql.RawBytes
	if err := rows.Scan(&id, &a.num, &a.tip.Seq, &hash, &device, &nonce, &a.lost, &a.imported); err != nil {
		return nil, err
	}
	a.id = crdt.ActorID(id)
	if err := fixed(a.tip.Hash[:], hash); err != nil {
		return nil, err
	}
	if device == nil {
		return a, nil
	}
	a.owned = true
	return a, errors.Join(fixed(a.device[:], device), fixed(a.nonce[:], nonce))
}

// loadPlaces finds where the next changes go.
func (t *txn) loadPlaces(d *docState) error {
	d.next, d.refill = d.low()+firstPlace, d.low()
	var last sql.NullInt64
	const query = "SELECT max(num) FROM changes WHERE num >= ? AND num < ?"
	if err := t.conn.row(query, []any{d.next, d.high()}, &last); err != nil {
		return err
	}
	if last.Valid {
		d.next = last.Int64 + 1
	}
	if err := t.conn.row(query, []any{d.refill, d.low() + firstPlace}, &last); err != nil {
		return err
	}
	if last.Valid {
		d.refill = last.Int64 + 1
	}
	return nil
}

func (t *txn) loadSnapshot(d *docState) error {
	var covers []byte
	err := t.conn.row("SELECT covers, bytes IS NULL FROM snapshots WHERE doc = ?", []any{d.num}, &covers, &d.lost)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.snap, err = decodeVector(covers); err != nil {
		return err
	}
	return t.loadBases(d)
}

// keep has the document saved with the transaction and then published.
func (t *txn) keep(d *docState) {
	if !d.touched {
		d.touched = true
		t.docs = append(t.docs, d)
	}
}

// changed notes that a document holds a change of that time, in seconds: by its
// author's clock, and no later than now by ours.
func (d *docState) changed(at int64) {
	if at = min(at, time.Now().Unix()); at > d.updated {
		d.updated, d.dirty = at, true
	}
}

// makeDoc makes the row of a new document.
func (t *txn) makeDoc(id crdt.DocID, space [32]byte) (*docState, error) {
	now := time.Now().Unix()
	res, err := t.conn.exec("INSERT INTO documents (id, space, title, created, updated) VALUES (?, ?, '', ?, ?)",
		id[:], space[:], now, 0)
	if err != nil {
		return nil, err
	}
	d := &docState{id: id, space: space, actors: map[crdt.ActorID]*actorState{}}
	if d.num, err = res.LastInsertId(); err != nil {
		return nil, err
	}
	d.next, d.refill = d.low()+firstPlace, d.low()
	t.w.docs[id] = d
	t.keep(d)
	return d, nil
}

// actor returns the state of an actor, with a new row if it has none.
func (t *txn) actor(d *docState, id crdt.ActorID) (*actorState, error) {
	if a := d.actors[id]; a != nil {
		return a, nil
	}
	a := &actorState{id: id}
	res, err := t.conn.exec("INSERT INTO actors (doc, id, seq, hash) VALUES (?, ?, 0, ?)",
		d.num, []byte(id), a.tip.Hash[:])
	if err != nil {
		return nil, err
	}
	if a.num, err = res.LastInsertId(); err != nil {
		return nil, err
	}
	d.actors[id] = a
	return a, nil
}

// save writes what the transaction has gathered in memory.
func (t *txn) save() error {
	for _, d := range t.docs {
		if d.dirty {
			_, err := t.conn.exec("UPDATE documents SET title = ?, updated = ? WHERE num = ?", d.title, d.updated, d.num)
			if err != nil {
				return err
			}
			d.dirty = false
		}
		if err := t.saveBehind(d); err != nil {
			return err
		}
		for _, a := range d.actors {
			if err := t.saveActor(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) saveActor(a *actorState) error {
	if !a.dirty {
		return nil
	}
	var device, nonce []byte
	if a.owned {
		device, nonce = a.device[:], a.nonce[:]
	}
	_, err := t.conn.exec("UPDATE actors SET seq = ?, hash = ?, device = ?, nonce = ? WHERE num = ?",
		int64(a.tip.Seq), a.tip.Hash[:], device, nonce, a.num)
	a.dirty = false
	return err
}
