package peer

import (
	"context"
	"errors"
	"fmt"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// openStored opens a document that the store holds.
func (p *Peer) openStored(ctx context.Context, id crdt.DocID) (*openDoc, error) {
	return p.docs.use(ctx, id, func(ctx context.Context) (*openDoc, error) {
		return p.readDocument(ctx, id)
	})
}

// openForPeer opens a document that a peer sends changes of, an empty one if it
// is not here yet.
func (p *Peer) openForPeer(ctx context.Context, space SpaceID, id crdt.DocID) (*openDoc, error) {
	for {
		d, err := p.docs.use(ctx, id, func(ctx context.Context) (*openDoc, error) {
			d, err := p.readDocument(ctx, id)
			if !errors.Is(err, ErrNoDocument) {
				return d, err
			}
			nonce, err := p.docs.actor(ctx, id)
			if err != nil {
				return nil, err
			}
			return p.openDocument(stored{id: id, space: space, nonce: nonce})
		})
		if err != nil || d.space == space || len(d.text().Vector()) > 0 {
			return d, err
		}
		// Someone named it in the wrong space, where it can never begin: its
		// founding change would not be the one that its ID stands for.
		p.docs.drop(d.slot)
		p.docs.release(d)
	}
}

// stored is a document as the store holds it, and the actor that is to write
// in it.
type stored struct {
	id       crdt.DocID
	space    SpaceID
	nonce    trust.Nonce
	devices  map[crdt.ActorID][32]byte
	snapshot []byte
	changes  []crdt.Change
}

// readStored reads a document. If some of it is lost, changes of ours may be
// among that, so a new actor goes on.
func (p *Peer) readStored(ctx context.Context, id crdt.DocID) (stored, error) {
	held, err := p.store.Load(ctx, id)
	damage := (*store.DamageError)(nil)
	switch {
	case errors.Is(err, store.ErrNoDocument):
		return stored{}, fmt.Errorf("open document %v: %w", id, ErrNoDocument)
	case errors.As(err, &damage):
		p.log.Error("a document is damaged; what is readable is open", "doc", id, "err", err)
		_, err = p.docs.newActor(id)
	}
	if err != nil {
		return stored{}, err
	}
	s := stored{id: id, space: held.Space, snapshot: held.Snapshot, changes: held.Changes}
	if s.nonce, err = p.docs.actor(ctx, id); err != nil {
		return stored{}, err
	}
	s.devices, err = p.store.ActorDevices(ctx, id)
	return s, err
}

func (p *Peer) readDocument(ctx context.Context, id crdt.DocID) (*openDoc, error) {
	s, err := p.readStored(ctx, id)
	if err != nil {
		return nil, err
	}
	p.store.Committed(id) // so that it is in memory when the UI asks
	d, err := p.openDocument(s)
	if err == nil && len(s.changes) > compactAfter {
		p.compact(d)
	}
	return d, err
}

// compactAfter is how many changes stand behind a snapshot before the next one
// is made: opening them one by one takes twice as long, and twenty times the
// room.
const compactAfter = 4096

// compact makes a snapshot of a document that was just read and that nobody
// else has yet, and gives it to the store in the background.
func (p *Peer) compact(d *openDoc) {
	chunk, covers, err := d.text().Snapshot()
	if err != nil {
		p.log.Error("the history could not be compacted; it stays as it is", "doc", d.id, "err", err)
		return
	}
	p.background.Go(func() {
		err := p.store.Compact(p.upkeep.ctx, d.id, chunk, covers)
		if err != nil && p.upkeep.ctx.Err() == nil {
			p.log.Error("the history could not be compacted; it stays as it is", "doc", d.id, "err", err)
		}
	})
}

func (p *Peer) openDocument(s stored) (*openDoc, error) {
	d := &openDoc{
		p: p, id: s.id, space: s.space, intake: newIntake(),
		authors: make(map[crdt.ActorID]DeviceID), watchers: make(map[*watcher]struct{}),
	}
	return d, d.read(s, 0)
}

// read makes d hold what the store held. Views may have seen patches up to
// seen.
func (d *openDoc) read(s stored, seen uint64) error {
	actor := crdt.ActorID(actorBytes(d.p.ID(), s))
	doc, err := crdt.Open(crdt.Config{
		ID: s.id, Actor: actor, Snapshot: s.snapshot, Changes: s.changes, Seen: seen,
	})
	if err != nil {
		return err
	}
	text, last := doc.Text()
	d.held.Store(doc)
	d.nonce, d.title = s.nonce, titleOf(text)
	d.mu.Lock()
	defer d.mu.Unlock()
	for a, device := range s.devices {
		d.authors[a] = device
	}
	d.authors[actor] = d.p.ID()
	d.unshown, d.shown = nil, last
	return nil
}

func actorBytes(device DeviceID, s stored) []byte {
	a := trust.ActorID(device, s.id, s.nonce)
	return a[:]
}

// mend reads a document anew that the engine and our books see differently,
// once everything it held is committed. A new actor writes from then on, since
// nobody knows what the old one has numbered.
func (d *openDoc) mend(ctx context.Context) {
	if !d.text().Broken() {
		return
	}
	d.taking.Lock()
	defer d.taking.Unlock()
	if !d.saved() {
		return // nothing new can come in while it is broken, so soon it will be
	}
	broken := d.text()
	_, seen := broken.Text()
	if err := d.readAnew(ctx, seen); err != nil {
		if ctx.Err() == nil {
			d.p.log.Error("a document could not be read anew; trying again", "doc", d.id, "err", err)
		}
		return
	}
	d.p.log.Warn("a document was read anew", "doc", d.id)
	d.p.hub.emit(TextChanged{d.id}, StateChanged{d.id})
	_ = d.take(DeviceID{}) // what it refuses is logged and set aside
}

func (d *openDoc) readAnew(ctx context.Context, seen uint64) error {
	if _, err := d.p.docs.newActor(d.id); err != nil {
		return err
	}
	s, err := d.p.readStored(ctx, d.id)
	if errors.Is(err, ErrNoDocument) { // nothing of it was ever committed
		nonce, again := d.p.docs.actor(ctx, d.id)
		s, err = stored{id: d.id, space: d.space, nonce: nonce}, again
	}
	if err != nil {
		return err
	}
	d.order.Lock()
	defer d.order.Unlock()
	return d.read(s, seen)
}
