package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
)

// Committed returns up to which vector a document is committed.
func (s *Store) Committed(doc crdt.DocID) crdt.Vector {
	if d := s.now().docs[doc]; d != nil {
		return d.vector()
	}
	return crdt.Vector{}
}

// Vectors returns the vector of every document of a space.
func (s *Store) Vectors(ctx context.Context, space [32]byte) (map[crdt.DocID]crdt.Vector, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("read vectors: %w", err)
	}
	all := map[crdt.DocID]crdt.Vector{}
	for id, d := range i.docs {
		if d.space == space {
			all[id] = d.vector()
		}
	}
	return all, nil
}

// list gives the documents that which picks, in an order.
func (i *image) list(which func(*document) bool, order func(a, b *document) int) []*document {
	var some []*document
	for _, d := range i.docs {
		if which(d) {
			some = append(some, d)
		}
	}
	slices.SortFunc(some, order)
	return some
}

func byNum(a, b *document) int { return cmp.Compare(a.num, b.num) }

func idsOf(docs []*document) []crdt.DocID {
	ids := make([]crdt.DocID, len(docs))
	for i, d := range docs {
		ids[i] = d.id
	}
	return ids
}

func (d *document) info() store.DocumentInfo {
	return store.DocumentInfo{ID: d.id, Space: d.space, Title: d.title, Created: d.created, Updated: d.updated}
}

// Documents lists the documents of a space in the order in which they came.
func (s *Store) Documents(ctx context.Context, space [32]byte) ([]store.DocumentInfo, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	var all []store.DocumentInfo
	for _, d := range i.list(func(d *document) bool { return d.space == space }, byNum) {
		all = append(all, d.info())
	}
	return all, nil
}

// Document returns one document, or [store.ErrNoDocument].
func (s *Store) Document(ctx context.Context, id crdt.DocID) (store.DocumentInfo, error) {
	d, err := s.document(ctx, id)
	if err != nil {
		return store.DocumentInfo{}, err
	}
	return d.info(), nil
}

// OwnActor returns the last actor of a device in a document that may number new
// changes.
func (s *Store) OwnActor(ctx context.Context, doc crdt.DocID, device [32]byte) (id crdt.ActorID, nonce [16]byte, ok bool, err error) {
	i, err := s.view(ctx)
	if err != nil || i.docs[doc] == nil {
		return "", nonce, false, err
	}
	var last *actor
	for other, a := range i.docs[doc].actors {
		if a.owned && a.device == device && (last == nil || a.num > last.num) {
			id, last = other, a
		}
	}
	if last == nil || last.retired {
		return "", nonce, false, nil
	}
	return id, last.nonce, true, nil
}

// ActorDevices says which device each actor with a head of its own belongs to.
func (s *Store) ActorDevices(ctx context.Context, doc crdt.DocID) (map[crdt.ActorID][32]byte, error) {
	devices := map[crdt.ActorID][32]byte{}
	err := s.eachActor(ctx, doc, func(id crdt.ActorID, a *actor) {
		if a.owned {
			devices[id] = a.device
		}
	})
	return devices, err
}

// ActorsOf lists up to where the changes of the devices' actors are held, in all
// documents of a space.
func (s *Store) ActorsOf(ctx context.Context, space [32]byte, devices [][32]byte) ([]store.Line, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("list actors: %w", err)
	}
	var lines []store.Line
	for id, d := range i.docs {
		for name, a := range d.actors {
			if seq := a.tip().Seq; d.space == space && a.owned && seq > 0 && slices.Contains(devices, a.device) {
				lines = append(lines, store.Line{Doc: id, Actor: name, Seq: seq})
			}
		}
	}
	slices.SortFunc(lines, func(a, b store.Line) int {
		return cmp.Or(a.Doc.Compare(b.Doc), cmp.Compare(a.Actor, b.Actor))
	})
	return lines, nil
}

// Imported says which actors are known from an imported file alone.
func (s *Store) Imported(ctx context.Context, doc crdt.DocID) (map[crdt.ActorID]bool, error) {
	imported := map[crdt.ActorID]bool{}
	err := s.eachActor(ctx, doc, func(id crdt.ActorID, a *actor) {
		if !a.owned && a.imported() {
			imported[id] = true
		}
	})
	return imported, err
}

// Makers are those of the actors with a head of their own, and one importer.
func (s *Store) Makers(ctx context.Context, doc crdt.DocID) ([]store.Maker, error) {
	var makers, importers []store.Maker
	err := s.eachActor(ctx, doc, func(_ crdt.ActorID, a *actor) {
		if a.owned {
			makers = append(makers, store.Maker{Device: a.device, Nonce: a.nonce})
		}
		for _, h := range a.heads {
			if h.Import && importers == nil {
				importers = append(importers, store.Maker{Device: h.Device, Nonce: h.Nonce})
			}
		}
	})
	return append(makers, importers...), err
}

// eachActor goes through the actors of a document, if there is one, by their IDs.
func (s *Store) eachActor(ctx context.Context, doc crdt.DocID, f func(crdt.ActorID, *actor)) error {
	i, err := s.view(ctx)
	if err != nil || i.docs[doc] == nil {
		return err
	}
	for _, id := range i.docs[doc].ids() {
		f(id, i.docs[doc].actors[id])
	}
	return nil
}

// Load reads a document.
func (s *Store) Load(ctx context.Context, doc crdt.DocID) (store.Loaded, error) {
	d, err := s.document(ctx, doc)
	if err != nil {
		return store.Loaded{}, err
	}
	l := d.load(d.covers)
	l.Snapshot = d.snapshot
	return l, nil
}

// load gives the changes that since lacks.
func (d *document) load(since crdt.Vector) store.Loaded {
	l := store.Loaded{Space: d.space, Title: d.title, Unindexed: d.unindexed, Changes: d.beyond(since)}
	l.Unchecked = len(l.Changes)
	if d.behind == nil {
		return l
	}
	l.Unchecked = 0
	for _, c := range d.changes[:d.behind1] {
		if !since.Has(c.Actor, c.Seq) {
			l.Unchecked++
		}
	}
	return l
}

// PutForm keeps the compact form of a document, if all that it covers is held and it
// covers the snapshot.
func (s *Store) PutForm(doc crdt.DocID, f store.Form) {
	s.writer.add(job{run: func(t *txn) error {
		if d := t.own(doc); d != nil && f.Covers.Covers(d.covers) && d.holds(f.Covers) {
			d.form = &f
		}
		return nil
	}})
}

// LoadForm reads a document from its compact form and the changes after it, or as
// Load does.
func (s *Store) LoadForm(ctx context.Context, doc crdt.DocID, version int) (store.Opened, error) {
	d, err := s.document(ctx, doc)
	if err != nil {
		return store.Opened{}, err
	}
	if f := d.form; f != nil && f.Version == version && d.holds(f.Covers) && f.Covers.Covers(d.covers) {
		return store.Opened{Loaded: d.load(f.Covers), Form: append([]byte{}, f.Bytes...), Covers: f.Covers.Clone()}, nil
	}
	l := d.load(d.covers)
	l.Snapshot = d.snapshot
	return store.Opened{Loaded: l}, nil
}

// ChangesSince gives the changes of a document that since lacks.
func (s *Store) ChangesSince(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error {
	d, err := s.document(ctx, doc)
	if err != nil {
		return err
	}
	for _, c := range d.beyond(since) {
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// HeadsSince returns the signed heads of changes that since lacks.
func (s *Store) HeadsSince(ctx context.Context, doc crdt.DocID, since crdt.Vector) ([]store.Head, error) {
	var heads []store.Head
	err := s.EachHead(ctx, doc, since, func(h store.Head) error {
		heads = append(heads, h)
		return nil
	})
	return heads, err
}

// EachHead gives the signed heads of changes that since lacks, by actor and number.
func (s *Store) EachHead(ctx context.Context, doc crdt.DocID, since crdt.Vector, yield func(store.Head) error) error {
	d, err := s.document(ctx, doc)
	if err != nil {
		return err
	}
	for _, id := range d.ids() {
		for _, h := range d.actors[id].heads {
			if since.Has(id, h.Seq) {
				continue
			}
			if err := yield(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// Ancestry looks changes up, after everything that was submitted before.
func (s *Store) Ancestry(ctx context.Context, doc crdt.DocID, deps []crdt.Hash) ([]store.Dep, error) {
	var found []store.Dep
	err := s.await(ctx, job{look: func(t *txn) error {
		d := t.image.docs[doc]
		if d == nil {
			return store.ErrNoDocument
		}
		for _, dep := range deps {
			known, err := d.dep(dep)
			if err != nil {
				return err
			}
			found = append(found, known)
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("look up changes of document %v: %w", doc, err)
	}
	return found, nil
}

// dep tells of a change as rows do: of those inside a snapshot only the tips.
func (d *document) dep(hash crdt.Hash) (store.Dep, error) {
	i := d.place(hash)
	if i < 0 && d.snapshot == nil {
		return store.Dep{}, nil
	}
	if i < 0 || d.clocks[i] == nil {
		return store.Dep{}, store.ErrNeedDocument
	}
	c := d.changes[i]
	if d.covers.Has(c.Actor, c.Seq) && d.tip(c.Actor).Hash != hash {
		return store.Dep{}, store.ErrNeedDocument
	}
	return store.Dep{Held: true, Actor: c.Actor, Seq: c.Seq, MaxOp: c.MaxOp, Clock: maps.Clone(d.clocks[i])}, nil
}

// Behind lists the documents with unchecked changes, the longest so first.
func (s *Store) Behind(ctx context.Context) ([]crdt.DocID, error) {
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("list documents that are behind: %w", err)
	}
	return idsOf(i.list(
		func(d *document) bool { return d.behind != nil },
		func(a, b *document) int { return cmp.Compare(a.behindNum, b.behindNum) },
	)), nil
}

// CaughtUp tells that everything that upTo names has been checked.
func (s *Store) CaughtUp(doc crdt.DocID, upTo crdt.Vector) {
	upTo = upTo.Clone()
	s.writer.add(job{run: func(t *txn) error {
		if d := t.own(doc); d != nil && d.behind != nil && upTo.Covers(d.behind) {
			d.behind = nil
		}
		return nil
	}})
}

// HasLost reports whether any change was ever lost to damage: none is here.
func (s *Store) HasLost(ctx context.Context, _ crdt.DocID) (bool, error) {
	_, err := s.view(ctx)
	return false, err
}

// Heal says which of the changes are held; there is nothing to put back.
func (s *Store) Heal(ctx context.Context, doc crdt.DocID, changes []crdt.Change) (held []bool, healed bool, err error) {
	held = make([]bool, len(changes))
	i, err := s.view(ctx)
	if err != nil || i.docs[doc] == nil {
		return held, false, err
	}
	for n, c := range changes {
		held[n] = i.docs[doc].place(c.Hash) >= 0
	}
	return held, false, nil
}
