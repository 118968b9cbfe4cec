package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// openDoc is a document that is open here, for views, watchers and sessions.
type openDoc struct {
	p     *Peer
	id    crdt.DocID
	space SpaceID
	slot  *slot // of the registry

	// held is replaced, under order, when it is broken; see mend.
	held atomic.Pointer[crdt.Document]

	// outdated says that the store holds more than this, since lost changes have
	// come again, or has lost some; see mend. Written under order.
	outdated atomic.Bool

	// careful has changes applied one by one, after a slice of them broke the
	// document; under the inbox's mu.
	careful bool
	// partial says that not all that is held is known by its hash; under the
	// inbox's mu.
	partial bool
	// failed are changes that were stored from rows and that the guard refused
	// when the document was read; under the inbox's mu.
	failed []failure

	// order is held from a change's making to its submission, so that the
	// store gets changes in the order in which the document took them. No I/O
	// happens under it, and the UI takes it, so it is held for a few
	// milliseconds: a batch of received changes is applied slice by slice, and
	// what is written here in between is submitted after it. Only an edit of many
	// places at once holds it longer: [Doc.EditAll] of 10,000 for 50 to 60 ms.
	order sync.Mutex
	nonce trust.Nonce // of our actor; under order
	// roster is what our heads name: what this document has followed.
	roster   followed      // under order
	followed atomic.Uint64 // roster.at, for those who do not hold order
	title    string        // under order
	titled   struct {      // of which document that is, and see titleReach; under order
		of    *crdt.Document
		reach int
	}
	batch bool          // one is being applied; under order
	after []store.Entry // to be submitted after it; under order

	mu       sync.Mutex
	authors  map[crdt.ActorID]DeviceID
	watchers map[*watcher]struct{}
	waiting  int           // entries on their way to the disk
	unsaved  []store.Entry // those that the disk refused, in order
	err      error         // why editing has stopped
	toIndex  bool          // the search does not know the text yet,
	behind   time.Time     // since then
	lagged   bool          // which an earlier run has left so
	changed  time.Time     // when something was committed last
	edited   time.Time     // when the person here edited in a view last
	here     *protocol.Presence
	unformed int // changes committed since the compact form was given to the store
	// stored is the number of the last change that was committed since the document was
	// opened, of the actors of whom any was.
	stored map[crdt.ActorID]uint64
	// shown is the last patch that watchers were told of; unshown are
	// committed ones that come after one which is not committed yet.
	shown   uint64
	unshown []entered
}

// entered is a patch and when it entered the document.
type entered struct {
	crdt.Patch
	at time.Time
}

func enter(patches []crdt.Patch, at time.Time) []entered {
	out := make([]entered, 0, len(patches))
	for _, p := range patches {
		out = append(out, entered{p, at})
	}
	return out
}

// text is the document as it is in memory.
func (d *openDoc) text() *crdt.Document { return d.held.Load() }

// edit makes a change of ours and sends it on its way to the disk.
func (d *openDoc) edit(change func(doc *crdt.Document, now time.Time) (crdt.Edited, error)) (crdt.Edited, error) {
	d.order.Lock()
	defer d.order.Unlock()
	if err := d.stopped(ErrNotWritten); err != nil {
		return crdt.Edited{}, err
	}
	if err := d.p.readOnly(d.space); err != nil {
		return crdt.Edited{}, fmt.Errorf("edit document %v: %w", d.id, err)
	}
	if d.outdated.Load() {
		d.p.upkeep.nudge()
		return crdt.Edited{}, fmt.Errorf("the document is being read anew, try again in a moment: %w", crdt.ErrBroken)
	}
	if !d.roster.writes { // our head would name a roster by which the change does not count
		return crdt.Edited{}, fmt.Errorf("the document does not follow your new role yet, try again in a moment: %w", crdt.ErrBroken)
	}
	now := d.p.now()
	out, err := change(d.text(), now)
	if errors.Is(err, crdt.ErrBroken) {
		d.p.upkeep.nudge() // which reads it anew
		return out, fmt.Errorf("the document is being read anew, try again in a moment: %w", err)
	}
	if err != nil || len(out.Changes) == 0 {
		return out, err
	}
	var own []crdt.Patch
	for _, p := range out.Patches {
		if p.Num >= out.Own {
			own = append(own, p)
		}
	}
	e := d.prepare(store.Entry{Changes: out.Changes, Seal: d.sealer()}, enter(own, now), DeviceID{})
	if d.batch {
		d.after = append(d.after, e)
	} else {
		d.p.store.Submit(e)
	}
	return out, nil
}

// stopped says why editing has stopped, as what, nil while it goes on.
func (d *openDoc) stopped(as error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return fmt.Errorf("edit document %v: %w: %w", d.id, as, d.err)
	}
	return nil
}

// sealer signs our newest change, on the store's goroutine; under order.
func (d *openDoc) sealer() func(crdt.Change) store.Head {
	nonce, roster := d.nonce, d.roster.statements
	return func(c crdt.Change) store.Head {
		return toStoreHead(trust.SignHead(d.p.id, d.space, d.id, nonce, c.Seq, c.Hash, roster))
	}
}

// prepare makes an entry ready for the store; under order. When it is
// committed, and not before, watchers and peers hear of it. For from see
// [Peer.committed].
func (d *openDoc) prepare(e store.Entry, patches []entered, from ...DeviceID) store.Entry {
	e.Doc, e.Space = d.id, d.space
	if title, ok := d.newTitle(patches); ok {
		d.title, e.Title = title, &title
	}
	if len(patches) > 0 {
		d.p.hub.emit(TextChanged{d.id})
	}
	under := d.roster.at
	e.Done = func(heads []store.Head, err error) {
		if err != nil {
			d.refused(e, err)
			return
		}
		if d.followed.Load() != under {
			d.p.background.Go(d.lookAgain) // before Close may find all of it stored
		}
		d.committed(e, heads, patches, from)
	}
	d.mu.Lock()
	d.waiting++
	first := d.waiting == 1
	d.mu.Unlock()
	if first {
		d.p.hub.emit(StateChanged{d.id})
	}
	return e
}

// newTitle is the title after some patches, if they may have changed it and have;
// under order.
func (d *openDoc) newTitle(patches []entered) (string, bool) {
	doc := d.text()
	within := func(p entered) bool { return p.At < d.titled.reach }
	if d.titled.of == doc && !slices.ContainsFunc(patches, within) {
		return d.title, false
	}
	d.titled.of, d.titled.reach = doc, titleReach(doc.Head)
	title := titleFrom(doc.Head)
	return title, title != d.title
}

// lookAgain sees whether changes count that were stored only after the roster had
// changed under which they were made: a line may be drawn before them.
func (d *openDoc) lookAgain() {
	ctx := d.p.upkeep.ctx
	if err := d.p.settle(ctx, d.space, d.id); err != nil && ctx.Err() == nil {
		d.p.log.Error("it is not known whether changes that were stored late count; trying again later", "doc", d.id, "err", err)
		d.p.behind.again(d.id)
	}
}

// committed tells everyone; on the store's goroutine, in order.
func (d *openDoc) committed(e store.Entry, heads []store.Head, patches []entered, from []DeviceID) {
	d.mu.Lock()
	d.waiting--
	d.unformed += len(e.Changes)
	d.noteStored(e.Changes)
	d.changed = time.Now()
	if !d.toIndex {
		d.toIndex, d.behind = true, d.changed
	}
	if d.waiting == 0 && len(d.unsaved) == 0 && d.err != nil {
		d.err = nil
		d.p.log.Info("the disk takes changes again", "doc", d.id)
	}
	saved := d.waiting == 0
	d.tellWatchers(patches)
	d.mu.Unlock()
	if saved && d.outdated.Load() {
		d.p.upkeep.nudge() // it can be read anew
	}

	d.p.committed(e, heads, from...)
	if saved {
		d.p.hub.emit(StateChanged{d.id})
	}
	if e.Title != nil {
		d.p.hub.emit(DocumentsChanged{d.space})
	}
}

// noteStored notes what was committed; under mu.
func (d *openDoc) noteStored(changes []crdt.Change) {
	if d.stored == nil {
		d.stored = make(map[crdt.ActorID]uint64)
	}
	for i := range changes {
		c := &changes[i]
		d.stored[c.Actor] = max(d.stored[c.Actor], c.Seq)
	}
}

// storesNone reports whether it is known at once that heads are over nothing that is
// committed, as those of somebody who writes are.
func (d *openDoc) storesNone(heads []trust.Head) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range heads {
		if last, ok := d.stored[crdt.ActorID(h.Actor)]; !ok || h.Seq <= last {
			return false
		}
	}
	return true
}

// refused keeps what the disk did not take, to try again: nothing is lost while
// the program runs. Editing stops until the disk takes it.
func (d *openDoc) refused(e store.Entry, err error) {
	d.mu.Lock()
	d.waiting--
	d.unsaved = append(d.unsaved, e)
	first := d.err == nil
	if first || !errors.Is(err, store.ErrBroken) {
		d.err = err
	}
	d.mu.Unlock()
	if first {
		d.p.log.Error("changes could not be stored; editing has stopped", "doc", d.id, "err", err)
	}
	d.p.hub.emit(StateChanged{d.id})
}

// retry gives the store once more what it refused, once all that was on its way
// has come back: so the order stays.
func (d *openDoc) retry() {
	d.order.Lock()
	defer d.order.Unlock()
	d.mu.Lock()
	if len(d.unsaved) == 0 || d.waiting > 0 {
		d.mu.Unlock()
		return
	}
	entries := d.unsaved
	d.unsaved = nil
	d.waiting += len(entries)
	d.mu.Unlock()
	d.p.store.Reset(d.id)
	for _, e := range entries {
		d.p.store.Submit(e)
	}
}

// saved reports whether everything is committed.
func (d *openDoc) saved() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waiting == 0 && len(d.unsaved) == 0
}

// unstored says what the disk has not taken, if anything.
func (d *openDoc) unstored() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	changes := 0
	for _, e := range d.unsaved {
		changes += len(e.Changes)
	}
	if changes == 0 {
		return nil
	}
	return fmt.Errorf("%d changes of document %v are not stored: %w: %w", changes, d.id, ErrUnstored, d.err)
}

// settled reports whether everything is committed and indexed. It does not wait
// for someone who is at work.
func (d *openDoc) settled() bool {
	box := d.slot.inbox
	if !box.mu.TryLock() {
		return false
	}
	defer box.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waiting == 0 && len(d.unsaved) == 0 && !d.toIndex && len(d.watchers) == 0
}

// A text goes into the search when nobody has changed it for restTime, and at
// the latest after indexTime: that costs the store's one writer milliseconds in
// which a key of someone who writes would wait.
const (
	restTime  = 2 * time.Second
	indexTime = 30 * time.Second
)

// indexAtRest tells the search the text, if it is time.
func (d *openDoc) indexAtRest(now time.Time) {
	d.mu.Lock()
	due := now.Sub(d.changed) >= restTime || now.Sub(d.behind) >= indexTime
	d.mu.Unlock()
	if due {
		d.index()
	}
}

// index tells the search the text, if it has changed.
func (d *openDoc) index() {
	d.mu.Lock()
	due := d.toIndex
	d.toIndex, d.lagged = false, false
	d.mu.Unlock()
	if due {
		doc := d.text() // a retreat may put another in its place
		holds := doc.Vector()
		text, _ := doc.Text()
		d.p.store.SetText(d.id, holds, titleOf(text), text)
		d.p.store.CaughtUp(d.id, holds)
		d.p.behind.weigh(d.id, holds)
		d.form(formAfter)
	}
}

// indexAgain tells the search the text, though that may not have changed.
func (d *openDoc) indexAgain() {
	d.mu.Lock()
	d.toIndex = true
	d.mu.Unlock()
	d.index()
}

// formAfter is how many changes come before a document at rest is given to the
// store in compact form: that many it opens as fast as one can see. One that is
// freed is given whenever it has changed.
const formAfter = 512

// form gives the store the compact form, if at least so many changes have come
// since the last time. Not while something is on its way to the disk: the store
// keeps no form of more than it holds.
func (d *openDoc) form(after int) {
	d.mu.Lock()
	due := d.unformed >= after && d.waiting == 0 && len(d.unsaved) == 0
	if due {
		d.unformed = 0
	}
	d.mu.Unlock()
	if doc := d.text(); due && !doc.Broken() {
		d.p.store.PutForm(d.id, doc.Form())
	}
}

// awaitBatch waits for the end of a batch: what was written here during it is
// submitted then.
func (d *openDoc) awaitBatch() {
	d.slot.inbox.mu.Lock()
	defer d.slot.inbox.mu.Unlock()
}

// commit waits until all edits so far are on the disk.
func (d *openDoc) commit(ctx context.Context) error {
	d.awaitBatch()
	if err := d.p.store.Flush(ctx); err != nil {
		return err
	}
	return d.stopped(ErrStopped)
}

// tellWatchers passes committed patches on in the order of their numbers; under
// mu. What is written here while a batch is applied is committed after the
// batch, although it stands between its patches.
func (d *openDoc) tellWatchers(patches []entered) {
	d.unshown = append(d.unshown, patches...)
	slices.SortFunc(d.unshown, func(a, b entered) int { return cmp.Compare(a.Num, b.Num) })
	n := 0
	for n < len(d.unshown) && d.unshown[n].Num == d.shown+1 {
		d.shown++
		n++
	}
	if n > 0 && len(d.watchers) > 0 {
		events := d.watchEvents(d.unshown[:n])
		for w := range d.watchers {
			held := 0
			for held < n && d.unshown[held].Num <= w.after {
				held++
			}
			w.add(events[held:])
		}
	}
	d.unshown = slices.Clone(d.unshown[n:])
}

// author is the device of an actor, zero for one that is not known.
func (d *openDoc) author(a crdt.ActorID) DeviceID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.authors[a]
}

func toStoreHead(h trust.Head) store.Head {
	return store.Head{
		Actor: crdt.ActorID(h.Actor), Seq: h.Seq, Hash: h.Hash,
		Device: h.Device, Nonce: h.Nonce, Sig: h.Sig, Import: h.Import, Roster: rosterOf[[32]byte](h.Roster),
	}
}

func toTrustHead(h store.Head) trust.Head {
	return trust.Head{
		Actor: string(h.Actor), Seq: h.Seq, Hash: h.Hash,
		Device: h.Device, Nonce: h.Nonce, Sig: h.Sig, Import: h.Import, Roster: rosterOf[trust.StatementHash](h.Roster),
	}
}

// rosterOf names the statements of a head's roster as another package does.
func rosterOf[To, From ~[32]byte](hashes []From) []To {
	if len(hashes) == 0 {
		return nil
	}
	out := make([]To, len(hashes))
	for i, h := range hashes {
		out[i] = To(h)
	}
	return out
}
