package peer

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// stored is a document as the store holds it, and the actor that is to write
// in it.
type stored struct {
	id       crdt.DocID
	space    SpaceID
	title    string // as the lists show it
	nonce    trust.Nonce
	founder  crdt.ActorID // empty if nothing here tells
	devices  map[crdt.ActorID][32]byte
	form     []byte // nil if there is none
	snapshot []byte
	changes  []crdt.Change // behind form or snapshot
	// unchecked is where in changes the first one stands that the guard has not
	// seen.
	unchecked int
	// unindexed says that the search may lack changes.
	unindexed bool
}

// actorsOf are the actors that a device has had in the document.
func (s *stored) actorsOf(device DeviceID) []crdt.ActorID {
	var all []crdt.ActorID
	for a, of := range s.devices {
		if of == device {
			all = append(all, a)
		}
	}
	return all
}

// readStored reads a document, from its compact form if there is one and form
// is true; under inbox.mu. If some of it is lost, changes of ours may be among
// that, so a new actor goes on.
func (p *Peer) readStored(ctx context.Context, id crdt.DocID, form bool) (stored, error) {
	version := crdt.FormVersion
	if !form {
		version = noForm
	}
	held, err := p.store.LoadForm(ctx, id, version)
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
	s := stored{
		id: id, space: held.Space, title: held.Title, unindexed: held.Unindexed, form: held.Form, snapshot: held.Snapshot,
		changes: held.Changes, unchecked: held.Unchecked,
	}
	if s.nonce, err = p.docs.actor(ctx, id); err != nil {
		return stored{}, err
	}
	return s, p.readVouchers(ctx, &s)
}

// noForm is no version of a compact form.
const noForm = -1

// readVouchers finds out whose changes are. A head that comes later than what it
// covers may wait in memory still. An actor that none is known of counts as one
// of the file that the document was founded with. What the guard has passed before
// is held to no rule that depends on whose it is: a founder may have vouched for
// an actor of the file and for the same one as its own, and the document must open
// whichever came first.
func (p *Peer) readVouchers(ctx context.Context, s *stored) (err error) {
	if s.devices, err = p.store.ActorDevices(ctx, s.id); err != nil {
		return err
	}
	if s.founder, err = p.storedFounder(ctx, s); err != nil {
		return err
	}
	if in := p.docs.intakeOf(s.id); in != nil {
		in.devices(s.devices)
		if founder, ok := in.founding(); ok && s.founder == "" {
			s.founder = founder
		}
	}
	for i := range s.changes {
		_, known := s.devices[s.changes[i].Actor]
		s.changes[i].Foreign = !known || i < s.unchecked
	}
	return nil
}

// storedFounder finds the actor that founded a document, if a head of that device
// is held.
func (p *Peer) storedFounder(ctx context.Context, s *stored) (founder crdt.ActorID, err error) {
	makers, err := p.store.Makers(ctx, s.id)
	origin := p.originOf(s.space, s.id)
	for _, m := range makers {
		if trust.DocumentID(s.space, m.Device, m.Nonce) == origin {
			a := trust.ActorID(m.Device, origin, m.Nonce)
			founder = crdt.ActorID(a[:])
		}
	}
	return founder, err
}

func (p *Peer) readDocument(ctx context.Context, id crdt.DocID) (*openDoc, error) {
	roster, err := p.settleStored(ctx, id)
	if err != nil {
		return nil, err
	}
	s, err := p.readStored(ctx, id, true)
	if err != nil {
		return nil, err
	}
	p.store.Committed(id) // so that it is in memory when the UI asks
	d, err := p.openDocument(s)
	if s.form != nil && (errors.Is(err, crdt.ErrBadForm) || errors.Is(err, crdt.ErrBroken)) {
		p.log.Error("a compact form cannot be read; it is made again", "doc", id, "err", err)
		if s, err = p.readStored(ctx, id, false); err != nil {
			return nil, err
		}
		d, err = p.openDocument(s)
	}
	if err != nil {
		return nil, err
	}
	d.follow(roster)
	p.refuseStored(ctx, d)
	p.behind.weigh(id, d.text().Vector())
	return d, nil
}

// settleStored has what lies beyond lines retreat before a document is opened, as
// the roster may have changed a moment ago, and returns what roster it follows by
// then; under inbox.mu.
func (p *Peer) settleStored(ctx context.Context, id crdt.DocID) (followed, error) {
	held, err := p.store.Document(ctx, id)
	if errors.Is(err, store.ErrNoDocument) {
		return followed{}, fmt.Errorf("open document %v: %w", id, ErrNoDocument)
	}
	if err != nil {
		return followed{}, err
	}
	roster := p.frontier(held.Space) // before lines are looked at
	gone, err := p.overLines(ctx, held.Space, id)
	if err == nil && len(gone) > 0 {
		err = p.retreat(ctx, held.Space, id, p.docs.intakeOf(id), gone)
	}
	return roster, err
}

// refuseStored takes back what was stored from rows and failed, with all that
// builds on it. If the disk does not take that, it is tried again the next time;
// the open document is without it in any case.
func (p *Peer) refuseStored(ctx context.Context, d *openDoc) {
	if len(d.failed) == 0 {
		return
	}
	var bad []crdt.Hash
	for _, f := range d.failed {
		bad = append(bad, f.change.Hash)
	}
	gone, err := p.store.Refuse(ctx, d.id, bad, d.failed[0].cause.Error())
	p.holdings.touch(d.space, d.id)
	if err != nil {
		if ctx.Err() != nil {
			return // they are refused when the document is opened next
		}
		p.log.Error("changes that are refused could not be set aside; trying again later", "doc", d.id, "err", err)
		return
	}
	p.log.Error("stored changes were refused and set aside, with what builds on them", "doc", d.id,
		"refused", len(bad), "gone", len(gone), "first", bad[0], "actor", d.failed[0].change.Actor, "err", d.failed[0].cause)
	d.failed = nil
	p.hub.emit(StateChanged{d.id})
}

// errHistory says that it was the disk that failed, which says nothing about a
// change.
var errHistory = errors.New("the history cannot be read")

func (p *Peer) openDocument(s stored) (*openDoc, error) {
	r, err := p.build(s, nil)
	if err != nil {
		return nil, err
	}
	d := &openDoc{
		p: p, id: s.id, space: s.space,
		authors: make(map[crdt.ActorID]DeviceID), watchers: make(map[*watcher]struct{}),
	}
	d.hold(r)
	return d, nil
}

// built is a document made of what the store held.
type built struct {
	stored
	doc    *crdt.Document
	seen   uint64 // the last patch that views may have of one before it
	failed []failure
}

// build makes a document of what the store holds. Views may have seen patches of
// was, nil if there was none: they are told what is other now, but if its own books
// differ. It may take a second, so nothing is locked that the UI takes.
func (p *Peer) build(s stored, was *crdt.Document) (built, error) {
	var seen uint64
	var shown *string
	if was != nil {
		var text string
		if text, seen = was.Text(); !was.Broken() {
			shown = &text
		}
	}
	open := func() (*crdt.Document, error) {
		return crdt.Open(crdt.Config{
			ID: s.id, Actor: crdt.ActorID(actorBytes(p.ID(), s)), Own: s.actorsOf(p.ID()), Founder: s.founder, Seen: seen, Was: shown,
			Form: s.form, Snapshot: s.snapshot, Changes: s.changes[:s.unchecked],
			History: func(yield func(crdt.Change) error) error {
				if err := p.store.ChangesSince(p.upkeep.ctx, s.id, nil, yield); err != nil {
					return fmt.Errorf("%w: %w", errHistory, err)
				}
				return nil
			},
		})
	}
	breaks := maxBreaks
	if s.form != nil {
		breaks = 0 // it may be the form's fault
	}
	doc, failed, err := openRest(open, s.changes[s.unchecked:], breaks)
	if err != nil {
		return built{}, fmt.Errorf("open document %v: %w", s.id, err)
	}
	return built{s, doc, seen, failed}, nil
}

// hold has d be that document from now on; under order.
func (d *openDoc) hold(b built) {
	text, last := b.doc.Text()
	d.held.Store(b.doc)
	d.nonce, d.title = b.nonce, titleOf(text)
	d.failed, d.partial = b.failed, b.form != nil
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unformed = len(b.changes)
	unchecked, retitled := b.unchecked < len(b.changes), b.title != d.title
	if unchecked || retitled {
		d.listTitle(d.title)
	}
	if !d.toIndex && (unchecked || retitled || b.unindexed) {
		d.toIndex, d.behind = true, time.Now()
		d.lagged = b.unindexed && !unchecked
	}
	for a, device := range b.devices {
		d.authors[a] = device
	}
	d.authors[b.doc.Actor()] = d.p.ID()
	d.unshown, d.shown = nil, last
	if news, err := b.doc.Since(b.seen); err == nil && b.seen > 0 {
		d.shown = b.seen
		d.tellWatchers(enter(news, time.Now()))
	}
}

// listTitle has the lists show a title that came while the document was closed,
// or that an earlier version made otherwise.
func (d *openDoc) listTitle(title string) {
	d.p.store.Submit(store.Entry{Doc: d.id, Space: d.space, Title: &title, Done: func(_ []store.Head, err error) {
		if err == nil {
			d.p.hub.emit(DocumentsChanged{d.space})
		}
	}})
}

func actorBytes(device DeviceID, s stored) []byte {
	a := trust.ActorID(device, s.id, s.nonce)
	return a[:]
}

// stale reports whether a document is to be read anew before anything else.
func (d *openDoc) stale() bool { return d.outdated.Load() || d.text().Broken() }

// mend reads a document anew whose own books differ, or the store's, once
// everything it held is committed. A new actor writes from then on, since
// nobody knows what the old one has numbered.
func (d *openDoc) mend(ctx context.Context) {
	if !d.stale() {
		return
	}
	d.slot.inbox.mu.Lock()
	defer d.slot.inbox.mu.Unlock()
	if !d.stale() {
		return // another one has done so meanwhile; after twice, views would find that nothing is told
	}
	if !d.saved() {
		return // nothing new can come in while it is broken, so soon it will be
	}
	was := d.text()
	roster := d.p.frontier(d.space) // before lines are looked at
	err := d.retreat(ctx)
	if err == nil {
		err = d.readAnew(ctx, was, !was.Broken())
	}
	if err != nil {
		if ctx.Err() == nil {
			d.p.log.Error("a document could not be read anew; trying again", "doc", d.id, "err", err)
		}
		return
	}
	d.follow(roster)
	d.p.log.Warn("a document was read anew", "doc", d.id)
	d.p.hub.emit(TextChanged{d.id}, StateChanged{d.id})
	if in := d.slot.inbox.intake; in != nil {
		in.anew(d.live(ctx))
	}
	_ = d.take(ctx, DeviceID{}) // what it refuses is logged and set aside
}

// retreat takes out what lies beyond a line; under inbox.mu.
func (d *openDoc) retreat(ctx context.Context) error {
	gone, err := d.p.overLines(ctx, d.space, d.id)
	in := d.slot.inbox.intake
	if in != nil {
		gone = append(gone, in.yields...)
		not, failed := d.p.unfounded(ctx, in)
		gone, err = append(gone, not...), errors.Join(err, failed)
	}
	if err == nil && len(gone) > 0 {
		err = d.p.retreat(ctx, d.space, d.id, nil, gone)
	}
	if err != nil && in != nil {
		in.begins = crdt.Hash{} // what is not below may still be held
	}
	if err == nil && in != nil && len(in.yields) > 0 {
		in.yields = nil
		d.p.lookAtForks(d.space, d.id)
	}
	return err
}

// readAnew does that, from the compact form only if nothing speaks against it.
func (d *openDoc) readAnew(ctx context.Context, was *crdt.Document, form bool) error {
	if _, err := d.p.docs.newActor(d.id); err != nil {
		return err
	}
	s, err := d.p.readStored(ctx, d.id, form)
	if errors.Is(err, ErrNoDocument) { // nothing of it was ever committed
		nonce, again := d.p.docs.actor(ctx, d.id)
		s, err = stored{id: d.id, space: d.space, nonce: nonce}, again
	}
	if err != nil {
		return err
	}
	b, err := d.p.build(s, was)
	if form && s.form != nil && (errors.Is(err, crdt.ErrBadForm) || errors.Is(err, crdt.ErrBroken)) {
		return d.readAnew(ctx, was, false)
	}
	if err != nil {
		return err
	}
	d.order.Lock()
	d.hold(b)
	d.outdated.Store(false)
	d.order.Unlock()
	d.p.refuseStored(ctx, d)
	return nil
}
