package memory

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// txn is one transaction: an image that is being made.
type txn struct {
	w       *writer
	image   *image
	owned   map[crdt.DocID]bool // documents that were copied
	reset   []crdt.DocID        // no longer broken
	seals   []*seal
	results []result
}

// result is what one job came to.
type result struct {
	heads []store.Head
	err   error
}

// seal is a head still to be made for the last change of an actor.
type seal struct {
	doc    crdt.DocID
	change crdt.Change
	make   func(crdt.Change) store.Head
	result int // of which job
}

// own returns a document to be written to, nil if there is none.
func (t *txn) own(id crdt.DocID) *document {
	d := t.image.docs[id]
	if d == nil || t.owned[id] {
		return d
	}
	d = d.copy()
	t.image.docs[id], t.owned[id] = d, true
	return d
}

func (t *txn) do(jobs []job) error {
	for i := range jobs {
		j := &jobs[i]
		var err error
		switch {
		case j.entry != nil:
			err = t.apply(i, j.entry)
		case j.run != nil:
			err = j.run(t) // decides before it writes
		case j.look != nil:
			err = j.look(t)
		case j.reset != nil && t.w.broken[*j.reset]:
			delete(t.w.broken, *j.reset)
			t.reset = append(t.reset, *j.reset)
		}
		t.results[i].err = err
	}
	return t.seal()
}

// apply writes an entry, if nothing about it is to be refused.
func (t *txn) apply(i int, e *store.Entry) error {
	if t.w.broken[e.Doc] {
		return store.ErrBroken
	}
	d := t.own(e.Doc)
	if d != nil && d.space != e.Space {
		return store.ErrOtherSpace
	}
	p := plan{d: d, tips: map[crdt.ActorID]crdt.Tip{}}
	if err := p.make(e); err != nil {
		return err
	}
	if d == nil {
		d = t.makeDoc(e)
	}
	t.remember(i, e)
	if e.Unchecked && len(p.fresh) > 0 {
		t.noteUnchecked(d, p.fresh)
	}
	for _, c := range p.fresh {
		d.insert(c)
	}
	d.unindexed = d.unindexed || len(p.fresh) > 0
	for _, h := range e.Heads {
		d.insertHead(h)
	}
	if e.Title != nil {
		d.title = cleanText(*e.Title)
	}
	if e.Text != nil {
		d.putText(*e.Text)
	}
	t.results[i].heads = append(t.results[i].heads, e.Heads...)
	for _, c := range p.fresh {
		t.results[i].heads = append(t.results[i].heads, d.fromBeside(c.Hash)...)
	}
	return nil
}

func (t *txn) makeDoc(e *store.Entry) *document {
	t.image.counter++
	d := &document{
		id: e.Doc, num: t.image.counter, space: e.Space, actors: map[crdt.ActorID]*actor{},
		created: seconds(time.Now()), updated: time.Unix(0, 0),
	}
	t.image.docs[e.Doc], t.owned[e.Doc] = d, true
	return d
}

func seconds(at time.Time) time.Time { return time.Unix(at.Unix(), 0) }

func (t *txn) noteUnchecked(d *document, fresh []*crdt.Change) {
	if d.behind == nil {
		t.image.counter++
		d.behindNum, d.behind1 = t.image.counter, len(d.changes)
	}
	d.behind = d.behind.Clone()
	for _, c := range fresh {
		d.behind.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
}

func (d *document) insert(c *crdt.Change) {
	a := d.actor(c.Actor)
	d.clocks = append(d.clocks, d.clockOf(c))
	d.changes = append(d.changes, crdt.Change{ // only what a row has
		Actor: c.Actor, Seq: c.Seq, StartOp: c.StartOp, MaxOp: c.MaxOp,
		Hash: c.Hash, Deps: c.Deps, Time: c.Time, Bytes: c.Bytes,
	})
	a.hashes = append(a.hashes, c.Hash)
	if at := time.Unix(min(c.Time, time.Now().Unix()), 0); at.After(d.updated) {
		d.updated = at
	}
}

// insertHead keeps a head; one that is held stays, but a device's own word takes
// the place of an importer's.
func (d *document) insertHead(h store.Head) {
	a := d.actor(h.Actor)
	if !h.Import && !a.owned {
		a.owned, a.device, a.nonce = true, h.Device, h.Nonce
	}
	i, held := slices.BinarySearchFunc(a.heads, h.Seq, func(h store.Head, seq uint64) int { return int(h.Seq) - int(seq) })
	switch {
	case !held && i == len(a.heads):
		a.heads = append(a.heads, h)
	case !held:
		a.heads = slices.Insert(slices.Clone(a.heads), i, h)
	case a.heads[i].Import && !h.Import:
		a.heads = slices.Clone(a.heads)
		a.heads[i] = h
	}
}

// plan decides which changes of an entry are new.
type plan struct {
	d     *document // nil for a new one
	fresh []*crdt.Change
	tips  map[crdt.ActorID]crdt.Tip // of the actors that fresh advances
}

func (p *plan) make(e *store.Entry) error {
	for i := range e.Changes {
		if err := p.take(&e.Changes[i]); err != nil {
			return err
		}
	}
	for i := range e.Heads {
		if err := p.checkHead(&e.Heads[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) take(c *crdt.Change) error {
	if err := checkChange(c); err != nil {
		return err
	}
	tip := p.tip(c.Actor)
	switch {
	case c.Seq == tip.Seq+1 && p.d != nil && p.d.refused[c.Hash]:
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, store.ErrRefused)
	case c.Seq == tip.Seq+1:
		p.fresh = append(p.fresh, c)
		p.tips[c.Actor] = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
	case c.Seq > tip.Seq:
		return fmt.Errorf("change %d of actor %v after %d: %w", c.Seq, c.Actor, tip.Seq, store.ErrGap)
	case p.held(c.Actor, c.Seq) != c.Hash:
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, store.ErrConflict)
	}
	return nil
}

func (p *plan) tip(id crdt.ActorID) crdt.Tip {
	if tip, ok := p.tips[id]; ok {
		return tip
	}
	if p.d != nil {
		return p.d.tip(id)
	}
	return crdt.Tip{}
}

// held returns the hash of a change that is held or planned.
func (p *plan) held(id crdt.ActorID, seq uint64) crdt.Hash {
	for _, c := range p.fresh {
		if c.Seq == seq && c.Actor == id {
			return c.Hash
		}
	}
	return p.d.actors[id].hashes[seq-1]
}

func (p *plan) checkHead(h *store.Head) error {
	if tip := p.tip(h.Actor); h.Seq < 1 || h.Seq > tip.Seq {
		return fmt.Errorf("head of change %d of actor %v after %d: %w", h.Seq, h.Actor, tip.Seq, store.ErrGap)
	}
	if p.held(h.Actor, h.Seq) != h.Hash || !(h.Import || p.d.ownedBy(h)) {
		return fmt.Errorf("head of change %d of actor %v: %w", h.Seq, h.Actor, store.ErrConflict)
	}
	return nil
}

// ownedBy reports whether nothing speaks against the device that h names.
func (d *document) ownedBy(h *store.Head) bool {
	if d == nil {
		return true
	}
	a := d.actors[h.Actor]
	return a == nil || !a.owned || (a.device == h.Device && a.nonce == h.Nonce)
}

// hashHeader is how many bytes of a chunk its hash leaves out.
const hashHeader = 8

func checkChange(c *crdt.Change) error {
	ok := len(c.Actor) >= 1 && len(c.Actor) <= crdt.MaxActorLen &&
		c.Seq >= 1 && c.Seq <= math.MaxInt64 && c.StartOp <= math.MaxInt64 && c.MaxOp <= math.MaxInt64 &&
		len(c.Bytes) > hashHeader && sha256.Sum256(c.Bytes[hashHeader:]) == c.Hash
	if !ok {
		return fmt.Errorf("change %d of actor %v: %w", c.Seq, c.Actor, store.ErrBadChange)
	}
	return nil
}

// remember notes which of the entry's changes are to be sealed: the last of each
// actor in the transaction.
func (t *txn) remember(i int, e *store.Entry) {
	if e.Seal == nil {
		return
	}
	for _, c := range e.Changes {
		next := seal{doc: e.Doc, change: c, make: e.Seal, result: i}
		at := slices.IndexFunc(t.seals, func(s *seal) bool { return s.doc == e.Doc && s.change.Actor == c.Actor })
		if at < 0 {
			t.seals = append(t.seals, &next)
		} else if c.Seq >= t.seals[at].change.Seq {
			*t.seals[at] = next
		}
	}
}

// seal makes and keeps the heads of one's own changes.
func (t *txn) seal() error {
	for _, s := range t.seals {
		d := t.own(s.doc)
		h := s.make(s.change)
		if h.Actor != s.change.Actor || h.Seq != s.change.Seq || h.Hash != s.change.Hash || h.Import || !d.ownedBy(&h) {
			return fmt.Errorf("the seal of change %d of actor %v names something else: %w",
				s.change.Seq, s.change.Actor, store.ErrConflict)
		}
		d.insertHead(h)
		t.results[s.result].heads = append(t.results[s.result].heads, h)
	}
	return nil
}

// cleanText is a text as an SQLite store keeps it.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
