package peer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"starling/crdt"
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
	// boxes are the inboxes of documents that are open or that something waits
	// for.
	boxes map[crdt.DocID]*inbox
	// own are the actors of ours in this run, which may go on being used: all
	// that they wrote goes through the one store.
	own map[crdt.DocID]trust.Nonce
	// besides are the documents beside which something stands.
	besides besides
	// forks are those that were told of in this run.
	forks  map[crdt.DocID]bool
	forked map[crdt.DocID][]crdt.ActorID // of each document, those that are proved to have forked
	// chosen are the forks of each document of which an owner chose what counts.
	chosen map[crdt.DocID][]trust.ForkInfo
	// asked counts how often the roster of a space was asked for.
	asked atomic.Uint64
}

// slot is an open document, or one being opened.
type slot struct {
	id    crdt.DocID
	inbox *inbox
	ready chan struct{} // closed when doc or err is set
	doc   *openDoc
	err   error
	users int       // under registry.mu
	left  time.Time // when the last user went; under registry.mu
}

func (r *registry) init(p *Peer) {
	r.p = p
	r.open = make(map[crdt.DocID]*slot)
	r.boxes = make(map[crdt.DocID]*inbox)
	r.own = make(map[crdt.DocID]trust.Nonce)
}

// use returns an open document and counts a user; end each with release. Of
// several who come at once, the first opens it with its own ctx and load; if
// its ctx ends meanwhile, another one takes over.
func (r *registry) use(ctx context.Context, id crdt.DocID, load func(context.Context) (*openDoc, error)) (*openDoc, error) {
	for {
		s, mine := r.enter(id)
		if mine {
			r.fill(ctx, s, load)
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			r.leave(s)
			return nil, ctx.Err()
		}
		if s.err == nil {
			return s.doc, nil
		}
		cut := errors.Is(s.err, context.Canceled) || errors.Is(s.err, context.DeadlineExceeded)
		if mine || !cut || ctx.Err() != nil {
			return nil, s.err
		}
	}
}

// enter counts a user of a slot, and reports whether that user has to fill it.
func (r *registry) enter(id crdt.DocID) (s *slot, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s = r.open[id]; s == nil {
		s, mine = &slot{id: id, inbox: r.enterBoxLocked(id), ready: make(chan struct{})}, true
		r.open[id] = s
	}
	s.users++
	return s, mine
}

// fill opens a document, while nothing that is received can be stored.
func (r *registry) fill(ctx context.Context, s *slot, load func(context.Context) (*openDoc, error)) {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.doc, s.err = load(ctx)
	if s.err == nil {
		s.doc.slot = s
	} else {
		r.drop(s)
	}
	close(s.ready)
}

// drop takes a slot out of use; who comes next opens the document anew.
func (r *registry) drop(s *slot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropLocked(s)
}

func (r *registry) dropLocked(s *slot) {
	if r.open[s.id] == s {
		delete(r.open, s.id)
		r.leaveBoxLocked(s.inbox)
	}
}

// enterBox finds or makes the inbox of a document and counts a user; end each
// with leaveBox.
func (r *registry) enterBox(id crdt.DocID) *inbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.enterBoxLocked(id)
}

func (r *registry) enterBoxLocked(id crdt.DocID) *inbox {
	box := r.boxes[id]
	if box == nil {
		box = &inbox{id: id, mu: newWorkLock()}
		r.boxes[id] = box
	}
	box.users++
	return box
}

func (r *registry) leaveBox(box *inbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaveBoxLocked(box)
}

func (r *registry) leaveBoxLocked(box *inbox) {
	if box.users--; box.users == 0 && box.idle() {
		delete(r.boxes, box.id)
	}
}

// ifOpen returns a document that is open and counts a user; end each with
// release. Under the inbox's mu, one that is not open stays so.
func (r *registry) ifOpen(id crdt.DocID) *openDoc {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.open[id]
	if s == nil {
		return nil
	}
	select {
	case <-s.ready:
	default:
		return nil
	}
	if s.err != nil {
		return nil
	}
	s.users++
	return s.doc
}

func (r *registry) release(d *openDoc) { r.leave(d.slot) }

func (r *registry) leave(s *slot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.users--; s.users == 0 {
		s.left = time.Now()
	}
}

// isOpen reports whether a document is open.
func (r *registry) isOpen(id crdt.DocID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id] != nil
}

// all returns the documents that are open.
func (r *registry) all() []*openDoc {
	r.mu.Lock()
	defer r.mu.Unlock()
	var docs []*openDoc
	for _, s := range r.open {
		select {
		case <-s.ready:
			if s.err == nil {
				docs = append(docs, s.doc)
			}
		default:
		}
	}
	return docs
}

// tend does the work that comes round: it tells the search of new texts, tries
// again what the disk refused, reads broken documents anew, and closes what
// nobody uses.
func (r *registry) tend(ctx context.Context) {
	now := time.Now()
	for _, d := range r.all() {
		d.indexAtRest(now)
		d.retry()
		d.mend(ctx)
	}
	r.closeIdle(now)
}

// closeIdle closes documents without users, all but the last few. Whether one
// is settled is asked without the registry's lock, since that may wait for the
// document.
func (r *registry) closeIdle(now time.Time) {
	type idler struct {
		s    *slot
		left time.Time
	}
	var idle []idler
	r.mu.Lock()
	for _, s := range r.open {
		if s.users == 0 {
			idle = append(idle, idler{s, s.left})
		}
	}
	r.mu.Unlock()
	slices.SortFunc(idle, func(a, b idler) int {
		return cmp.Or(b.left.Compare(a.left), a.s.id.Compare(b.s.id))
	})
	for i, it := range idle {
		if i < idleDocuments && now.Sub(it.left) <= idleTime || !it.s.doc.settled() {
			continue
		}
		it.s.doc.form(1)
		r.closeSince(it.s, it.left)
	}
}

// closeUnused closes a document now if nobody uses it.
func (r *registry) closeUnused(d *openDoc) {
	left := r.leftAt(d.slot)
	if !d.settled() {
		return
	}
	d.form(1)
	r.closeSince(d.slot, left)
}

// leftAt is when the last user of a slot went.
func (r *registry) leftAt(s *slot) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.left
}

// closeSince closes a document if nobody has used it since left, when it was
// found to be settled: something written later may be on its way to the disk, and
// whoever opened the document anew before it is there would number it again.
func (r *registry) closeSince(s *slot, left time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.users > 0 || !s.left.Equal(left) || r.open[s.id] != s {
		return false
	}
	r.dropLocked(s)
	return true
}

// waiting returns the inboxes in which something waits, and counts a user of
// each.
func (r *registry) waiting() []*inbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	var boxes []*inbox
	for _, box := range r.boxes {
		box.users++
		boxes = append(boxes, box)
	}
	return boxes
}

// close gives the store a last time what it refused, tells the search of the
// last texts, and reports what could not be stored. The compact forms come once all is
// stored: of more than that none is kept.
func (r *registry) close() error {
	docs := r.all()
	for _, each := range []func(*openDoc){
		func(d *openDoc) { d.index(); d.retry() },
		func(d *openDoc) { d.form(1) },
	} {
		for _, d := range docs {
			each(d)
		}
		if err := r.p.store.Flush(context.Background()); err != nil {
			return err
		}
	}
	var errs []error
	for _, d := range docs {
		errs = append(errs, d.unstored())
	}
	return errors.Join(errs...)
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
	nonce, err := r.lastActor(ctx, id)
	if err != nil {
		return trust.Nonce{}, err
	}
	r.setActor(id, nonce)
	return nonce, nil
}

// newActor has a new actor of ours write in a document from now on.
func (r *registry) newActor(id crdt.DocID) (trust.Nonce, error) {
	nonce, err := trust.NewNonce()
	if err != nil {
		return trust.Nonce{}, err
	}
	r.setActor(id, nonce)
	return nonce, nil
}

func (r *registry) setActor(id crdt.DocID, nonce trust.Nonce) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own[id] = nonce
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

// edited reports whether the person here has edited a document since.
func (r *registry) edited(since time.Time) bool {
	for _, d := range r.all() {
		d.mu.Lock()
		edited := d.edited
		d.mu.Unlock()
		if edited.After(since) {
			return true
		}
	}
	return false
}

// intakeOf is what waits for a document, nil if nothing does; under inbox.mu.
func (r *registry) intakeOf(id crdt.DocID) *intake {
	r.mu.Lock()
	defer r.mu.Unlock()
	if box := r.boxes[id]; box != nil {
		return box.intake
	}
	return nil
}
