package store

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"starling/crdt"
)

// seal is a head still to be made for the last change of an actor.
type seal struct {
	doc    crdt.DocID
	change crdt.Change
	make   func(crdt.Change) Head
	result int // of which job
}

// apply writes an entry. It decides first and writes then, so an entry that is
// refused has written nothing.
func (t *txn) apply(i int, e *Entry) (refused, failed error) {
	if t.w.broken[e.Doc] {
		return ErrBroken, nil
	}
	d, err := t.doc(e.Doc)
	if err != nil {
		return nil, err
	}
	if d != nil && d.space != e.Space {
		return ErrOtherSpace, nil
	}
	p := plan{t: t, d: d, e: e, tips: map[crdt.ActorID]crdt.Tip{}}
	if refused, failed = p.make(); refused != nil || failed != nil {
		return refused, failed
	}
	if d == nil {
		if d, err = t.makeDoc(e.Doc, e.Space); err != nil {
			return nil, err
		}
	}
	t.remember(i, e)
	if e.Unchecked {
		if err := t.noteUnchecked(d, p.fresh); err != nil {
			return nil, err
		}
	}
	if err := t.enter(d, e, p.fresh); err != nil {
		return nil, err
	}
	t.results[i].heads = append(t.results[i].heads, e.Heads...)
	back, err := t.fromBeside(d, p.fresh)
	t.results[i].heads = append(t.results[i].heads, back...)
	return nil, err
}

// enter writes what the plan has found to be new.
func (t *txn) enter(d *docState, e *Entry, fresh []*crdt.Change) error {
	for _, c := range fresh {
		t.keep(d)
		d.changed(c.Time)
		if err := t.insert(d, c); err != nil {
			return err
		}
	}
	if len(fresh) > 0 && (e.Text == nil || !e.Text.Holds.Covers(d.vector())) {
		if err := t.noteUnindexed(d); err != nil {
			return err
		}
	}
	for i := range e.Heads {
		if err := t.insertHead(d, &e.Heads[i]); err != nil {
			return err
		}
	}
	if err := t.retireReceived(d, e); err != nil {
		return err
	}
	if e.Title != nil && *e.Title != d.title {
		t.keep(d)
		d.title, d.dirty = cleanText(*e.Title), true
	}
	t.wrote += e.size()
	if e.Text != nil {
		return t.putText(d, docText{e.Text.Holds, cleanText(e.Text.Title), cleanText(e.Text.Body)})
	}
	return nil
}

// plan decides which changes of an entry are new.
type plan struct {
	t     *txn
	d     *docState // nil for a new document
	e     *Entry
	fresh []*crdt.Change
	tips  map[crdt.ActorID]crdt.Tip // of the actors that fresh advances
}

func (p *plan) make() (refused, failed error) {
	for i := range p.e.Changes {
		if refused, failed = p.take(&p.e.Changes[i]); refused != nil || failed != nil {
			return refused, failed
		}
	}
	for i := range p.e.Heads {
		if refused, failed = p.checkHead(&p.e.Heads[i]); refused != nil || failed != nil {
			return refused, failed
		}
	}
	return nil, nil
}

// take decides on one change.
func (p *plan) take(c *crdt.Change) (refused, failed error) {
	if err := checkChange(c); err != nil {
		return err, nil
	}
	switch tip := p.tip(c.Actor); {
	case c.Seq == tip.Seq+1 && p.d != nil && p.d.refused[c.Hash]:
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, ErrRefused), nil
	case c.Seq == tip.Seq+1:
		p.fresh = append(p.fresh, c)
		p.tips[c.Actor] = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
		return nil, nil
	case c.Seq > tip.Seq:
		return fmt.Errorf("change %d of actor %v after %d: %w", c.Seq, c.Actor, tip.Seq, ErrGap), nil
	}
	held, err := p.held(c.Actor, c.Seq)
	if err != nil {
		return nil, err
	}
	if held != c.Hash {
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, ErrConflict), nil
	}
	return nil, nil
}

func (p *plan) tip(actor crdt.ActorID) crdt.Tip {
	if tip, ok := p.tips[actor]; ok {
		return tip
	}
	if p.d != nil {
		if a := p.d.actors[actor]; a != nil {
			return a.tip
		}
	}
	return crdt.Tip{}
}

// held returns the hash of a change that is held or planned.
func (p *plan) held(actor crdt.ActorID, seq uint64) (crdt.Hash, error) {
	if tip := p.tip(actor); tip.Seq == seq {
		return tip.Hash, nil
	}
	for _, c := range p.fresh {
		if c.Seq == seq && c.Actor == actor {
			return c.Hash, nil
		}
	}
	return p.t.heldHash(p.d, p.d.actors[actor], seq)
}

// checkHead refuses a head that signs nothing held, or for another device.
func (p *plan) checkHead(h *Head) (refused, failed error) {
	if tip := p.tip(h.Actor); h.Seq < 1 || h.Seq > tip.Seq {
		return fmt.Errorf("head of change %d of actor %v after %d: %w", h.Seq, h.Actor, tip.Seq, ErrGap), nil
	}
	held, err := p.held(h.Actor, h.Seq)
	if err != nil {
		return nil, err
	}
	if held != h.Hash || !(h.Import || p.d.ownedBy(h)) {
		return fmt.Errorf("head of change %d of actor %v: %w", h.Seq, h.Actor, ErrConflict), nil
	}
	return nil, nil
}

// ownedBy reports whether nothing speaks against the device that h names.
func (d *docState) ownedBy(h *Head) bool {
	if d == nil {
		return true
	}
	a := d.actors[h.Actor]
	return a == nil || !a.owned || (a.device == h.Device && a.nonce == h.Nonce)
}

// checkChange refuses a change that could not be read back.
func checkChange(c *crdt.Change) error {
	ok := len(c.Actor) >= 1 && len(c.Actor) <= crdt.MaxActorLen &&
		c.Seq >= 1 && c.Seq <= math.MaxInt64 && c.StartOp <= math.MaxInt64 && c.MaxOp <= math.MaxInt64 &&
		hashes(c.Bytes, c.Hash)
	if !ok {
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, ErrBadChange)
	}
	return nil
}

// hashHeader is how many bytes of a chunk its hash leaves out: magic and
// checksum (automerge.org/automerge-binary-format-spec, "chunks").
const hashHeader = 8

// hashes reports whether a change chunk has this hash.
func hashes(chunk []byte, hash crdt.Hash) bool {
	return len(chunk) > hashHeader && sha256.Sum256(chunk[hashHeader:]) == hash
}

// heldHash returns the hash of a change that is held, from its row or from
// inside the snapshot.
func (t *txn) heldHash(d *docState, a *actorState, seq uint64) (crdt.Hash, error) {
	var hash crdt.Hash
	if err := t.insertHeld(); err != nil {
		return hash, err
	}
	var stored []byte
	err := t.conn.row("SELECT hash FROM changes WHERE actor = ? AND seq = ?", []any{a.num, int64(seq)}, &stored)
	if err == nil {
		return hash, fixed(hash[:], stored)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return hash, err
	}
	inside, err := t.w.snapshotHashes(d)
	if err != nil {
		return hash, err
	}
	return inside[numbered{a.id, seq}], nil
}

// insert writes a change and advances its actor.
func (t *txn) insert(d *docState, c *crdt.Change) error {
	a, err := t.actor(d, c.Actor)
	if err != nil {
		return err
	}
	if a.lost {
		return t.refill(d, a, c)
	}
	clock, err := t.clockOf(d, a, c)
	if err != nil {
		return err
	}
	if err := t.insertHeld(); err != nil {
		return err
	}
	t.held = heldRow{num: d.next, actor: a, change: c, clock: clock}
	d.next++
	t.advance(a, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	t.w.recent.note(a, c)
	return nil
}

func (t *txn) advance(a *actorState, tip crdt.Tip) {
	a.tip, a.dirty, a.changed = tip, true, true
}

// heldRow is the row of the newest change, which waits for its head, so that a
// keystroke is one statement less. Whoever looks at rows inserts it first.
type heldRow struct {
	num    int64
	actor  *actorState
	change *crdt.Change // nil for no row
	clock  []byte
	sig    []byte
	roster any // of sig, by number; nil for none
}

// insertHeld inserts the row that waits, if there is one.
func (t *txn) insertHeld() error {
	h := t.held
	t.held = heldRow{}
	if h.change == nil {
		return nil
	}
	return t.insertRow(&h)
}

// insertAt writes the row of a change; clock is as the row has it.
func (t *txn) insertAt(num int64, a *actorState, c *crdt.Change, clock []byte) error {
	if err := t.insertHeld(); err != nil {
		return err
	}
	return t.insertRow(&heldRow{num: num, actor: a, change: c, clock: clock})
}

func (t *txn) insertRow(h *heldRow) error {
	c := h.change
	_, err := t.conn.exec(`INSERT INTO changes (num, actor, seq, start_op, max_op, time, hash, deps, bytes, clock, sig, roster, sum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h.num, h.actor.num, int64(c.Seq), int64(c.StartOp), int64(c.MaxOp), c.Time, c.Hash[:], joinHashes(c.Deps), c.Bytes,
		h.clock, h.sig, h.roster, rowSum(c))
	return err
}

func joinHashes(hashes []crdt.Hash) []byte {
	b := make([]byte, 0, len(hashes)*32)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// nonNil keeps an empty value from becoming NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// remember notes which of the entry's changes are to be sealed.
func (t *txn) remember(i int, e *Entry) {
	if e.Seal == nil {
		return
	}
	for k := range e.Changes {
		c := &e.Changes[k]
		next := seal{doc: e.Doc, change: *c, make: e.Seal, result: i}
		if s := t.sealOf(e.Doc, c.Actor); s == nil {
			t.seals = append(t.seals, &next)
		} else if c.Seq >= s.change.Seq {
			*s = next
		}
	}
}

// sealOf finds the seal of an actor; there are as many as documents that one
// edits at the same moment, so few.
func (t *txn) sealOf(doc crdt.DocID, actor crdt.ActorID) *seal {
	for _, s := range t.seals {
		if s.doc == doc && s.change.Actor == actor {
			return s
		}
	}
	return nil
}

// seal makes and keeps the heads of one's own changes.
func (t *txn) seal() error {
	for _, s := range t.seals {
		d, err := t.doc(s.doc)
		if err != nil {
			return err
		}
		h := s.make(s.change)
		if h.Actor != s.change.Actor || h.Seq != s.change.Seq || h.Hash != s.change.Hash || h.Import || !d.ownedBy(&h) {
			return fmt.Errorf("the seal of change %d of actor %v names something else: %w",
				s.change.Seq, s.change.Actor, ErrConflict)
		}
		if err := t.insertHead(d, &h); err != nil {
			return err
		}
		t.results[s.result].heads = append(t.results[s.result].heads, h)
	}
	return t.insertHeld()
}
