package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// Documents that nobody uses stay open for a while, since opening one is dear.
const (
	idleDocuments = 32
	idleTime      = time.Minute
)

// registry holds the open documents, one openDoc for each.
type registry struct {
	p    *Peer
	mu   sync.Mutex
	open map[crdt.DocID]*slot
	// own are the actors of ours in this run, which may go on being used: all
	// that they wrote goes through the one store.
	own map[crdt.DocID]trust.Nonce
}

// slot is an open document, or one being opened.
type slot struct {
	ready chan struct{} // closed when doc or err is set
	doc   *openDoc
	err   error
	users int
	left  time.Time // when the last user went
}

func (r *registry) init(p *Peer) {
	r.p = p
	r.open = make(map[crdt.DocID]*slot)
	r.own = make(map[crdt.DocID]trust.Nonce)
}

// use returns an open document and counts a user; end each with release.
func (r *registry) use(ctx context.Context, id crdt.DocID, load func(context.Context) (*openDoc, error)) (*openDoc, error) {
	r.mu.Lock()
	s := r.open[id]
	if s != nil {
		s.users++
		r.mu.Unlock()
		select {
		case <-s.ready:
		case <-ctx.Done():
			r.release(id)
			return nil, ctx.Err()
		}
		if s.err != nil {
			return nil, s.err
		}
		return s.doc, nil
	}
	s = &slot{ready: make(chan struct{}), users: 1}
	r.open[id] = s
	r.mu.Unlock()
	s.doc, s.err = load(ctx)
	if s.err != nil {
		r.mu.Lock()
		delete(r.open, id)
		r.mu.Unlock()
	}
	close(s.ready)
	return s.doc, s.err
}

func (r *registry) release(id crdt.DocID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.open[id]; s != nil {
		if s.users--; s.users == 0 {
			s.left = time.Now()
		}
	}
}

// find returns a document that is open already, without counting a user.
func (r *registry) find(id crdt.DocID) *openDoc {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.open[id]
	if s == nil {
		return nil
	}
	select {
	case <-s.ready:
		return s.doc
	default:
		return nil
	}
}

// all returns the documents that are open.
func (r *registry) all() []*openDoc {
	r.mu.Lock()
	defer r.mu.Unlock()
	var docs []*openDoc
	for _, s := range r.open {
		select {
		case <-s.ready:
			if s.doc != nil {
				docs = append(docs, s.doc)
			}
		default:
		}
	}
	return docs
}

// tend does the work that comes round: it tells the search of new texts, tries
// again what the disk refused, and closes what nobody uses.
func (r *registry) tend() {
	for _, d := range r.all() {
		d.index()
		d.retry()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	idle := 0
	for id, s := range r.open {
		if s.users > 0 || s.doc == nil || !s.doc.settled() {
			continue
		}
		idle++
		if idle > idleDocuments || time.Since(s.left) > idleTime {
			delete(r.open, id)
		}
	}
}

// reconsider looks again at changes that waited for a roster.
func (r *registry) reconsider(space SpaceID) {
	for _, d := range r.all() {
		if d.space == space {
			d.reconsider()
		}
	}
}

// close tells the search of the last texts.
func (r *registry) close() {
	for _, d := range r.all() {
		d.index()
	}
}

// actor chooses which actor of ours writes in a document: the one of this run;
// after a clean stop the one of the last; else a new one. So no actor ever
// numbers two changes alike.
func (r *registry) actor(ctx context.Context, id crdt.DocID) (trust.Nonce, error) {
	r.mu.Lock()
	nonce, ok := r.own[id]
	r.mu.Unlock()
	if ok {
		return nonce, nil
	}
	var err error
	nonce, err = r.lastActor(ctx, id)
	if err != nil {
		return trust.Nonce{}, err
	}
	r.mu.Lock()
	r.own[id] = nonce
	r.mu.Unlock()
	return nonce, nil
}

func (r *registry) lastActor(ctx context.Context, id crdt.DocID) (trust.Nonce, error) {
	if r.p.store.Resumable() {
		_, nonce, ok, err := r.p.store.OwnActor(ctx, id, r.p.ID())
		if err != nil || ok {
			return nonce, err
		}
	}
	return trust.NewNonce()
}

// openStored opens a document that the store holds.
func (p *Peer) openStored(ctx context.Context, id crdt.DocID) (*openDoc, error) {
	return p.docs.use(ctx, id, func(ctx context.Context) (*openDoc, error) {
		return p.readDocument(ctx, id)
	})
}

func (p *Peer) readDocument(ctx context.Context, id crdt.DocID) (*openDoc, error) {
	held, err := p.store.Load(ctx, id)
	if errors.Is(err, store.ErrNoDocument) {
		return nil, fmt.Errorf("open document %v: %w", id, ErrNoDocument)
	}
	if damage := (*store.DamageError)(nil); errors.As(err, &damage) {
		p.log.Error("a document is damaged; what is readable is open", "doc", id, "err", err)
	} else if err != nil {
		return nil, err
	}
	nonce, err := p.docs.actor(ctx, id)
	if err != nil {
		return nil, err
	}
	devices, err := p.store.ActorDevices(ctx, id)
	if err != nil {
		return nil, err
	}
	p.store.Committed(id) // so that it is in memory when the UI asks
	d, err := p.openDocument(id, held.Space, nonce, devices, held.Snapshot, held.Changes)
	if err == nil && len(held.Changes) > compactAfter {
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
	chunk, covers := d.doc.Snapshot()
	p.background.Go(func() {
		err := p.store.Compact(p.upkeep.ctx, d.id, chunk, covers)
		if err != nil && p.upkeep.ctx.Err() == nil {
			p.log.Error("the history could not be compacted; it stays as it is", "doc", d.id, "err", err)
		}
	})
}

func (p *Peer) openDocument(id crdt.DocID, space SpaceID, nonce trust.Nonce, devices map[crdt.ActorID][32]byte, snapshot []byte, changes []crdt.Change) (*openDoc, error) {
	actor := trust.ActorID(p.ID(), id, nonce)
	doc, err := crdt.Open(crdt.Config{
		ID: id, Actor: crdt.ActorID(actor[:]), Snapshot: snapshot, Changes: changes,
	})
	if err != nil {
		return nil, err
	}
	d := &openDoc{
		p: p, id: id, space: space, doc: doc, nonce: nonce,
		authors: make(map[crdt.ActorID]DeviceID), watchers: make(map[*watcher]struct{}),
		intake: newIntake(),
	}
	for a, device := range devices {
		d.authors[a] = device
	}
	d.authors[crdt.ActorID(actor[:])] = p.ID()
	text, _ := doc.Text()
	d.title = titleOf(text)
	return d, nil
}

// openForPeer opens a document that a peer sends changes of, an empty one if it
// is not here yet.
func (p *Peer) openForPeer(ctx context.Context, space SpaceID, id crdt.DocID) (*openDoc, error) {
	return p.docs.use(ctx, id, func(ctx context.Context) (*openDoc, error) {
		d, err := p.readDocument(ctx, id)
		if !errors.Is(err, ErrNoDocument) {
			return d, err
		}
		nonce, err := p.docs.actor(ctx, id)
		if err != nil {
			return nil, err
		}
		return p.openDocument(id, space, nonce, nil, nil, nil)
	})
}
