package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
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
	doc   *crdt.Document
	nonce trust.Nonce // of our actor

	// order is held from a change's making to its submission, so that the
	// store gets changes in the order in which the document took them. No I/O
	// happens under it.
	order  sync.Mutex
	intake intake // under order
	title  string // under order

	mu       sync.Mutex
	authors  map[crdt.ActorID]DeviceID
	watchers map[*watcher]struct{}
	waiting  int           // entries on their way to the disk
	unsaved  []store.Entry // those that the disk refused, in order
	err      error         // why editing has stopped
	retrying bool
	toIndex  bool // the search does not know the text yet
	here     *protocol.Presence
}

// maxTitle is in code points.
const maxTitle = 120

// titleOf is a text's first line without its heading marks.
func titleOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if rest := strings.TrimLeft(line, "#"); len(rest) < len(line) && (rest == "" || rest[0] == ' ') {
		line = rest
	}
	n := 0
	for i := range line {
		if n == maxTitle {
			line = line[:i]
			break
		}
		n++
	}
	return strings.TrimSpace(line)
}

// edit makes a change of ours and sends it on its way to the disk.
func (d *openDoc) edit(change func(now time.Time) (crdt.Edited, error)) (crdt.Edited, error) {
	d.order.Lock()
	defer d.order.Unlock()
	if err := d.stopped(); err != nil {
		return crdt.Edited{}, err
	}
	if !d.p.mayWrite(d.space, d.p.ID()) {
		return crdt.Edited{}, fmt.Errorf("edit document %v: %w", d.id, ErrNotOwner)
	}
	now := time.Now()
	out, err := change(now)
	if err != nil || len(out.Changes) == 0 {
		return out, err
	}
	var own []crdt.Patch
	for _, p := range out.Patches {
		if p.Num >= out.Own {
			own = append(own, p)
		}
	}
	d.submit(store.Entry{Changes: out.Changes, Seal: d.seal}, own, DeviceID{}, now)
	return out, nil
}

// stopped says why editing has stopped, nil while it goes on.
func (d *openDoc) stopped() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return fmt.Errorf("edit document %v: %w: %w", d.id, ErrStopped, d.err)
	}
	return nil
}

// seal signs our newest change; on the store's goroutine.
func (d *openDoc) seal(c crdt.Change) store.Head {
	h := trust.SignHead(d.p.id, d.space, d.id, d.nonce, c.Seq, c.Hash)
	return toStoreHead(h)
}

// submit gives changes to the store; under order. When they are committed, and
// not before, watchers and peers hear of them.
func (d *openDoc) submit(e store.Entry, patches []crdt.Patch, from DeviceID, at time.Time) {
	e.Doc, e.Space = d.id, d.space
	if text, _ := d.doc.Text(); titleOf(text) != d.title {
		d.title = titleOf(text)
		title := d.title
		e.Title = &title
	}
	if len(patches) > 0 {
		d.p.hub.emit(TextChanged{d.id})
	}
	e.Done = func(heads []store.Head, err error) {
		if err != nil {
			d.refused(e, err)
			return
		}
		d.committed(e, heads, patches, from, at)
	}
	d.mu.Lock()
	d.waiting++
	first := d.waiting == 1
	d.mu.Unlock()
	if first {
		d.p.hub.emit(StateChanged{d.id})
	}
	d.p.store.Submit(e)
}

// committed tells everyone; on the store's goroutine, in order.
func (d *openDoc) committed(e store.Entry, heads []store.Head, patches []crdt.Patch, from DeviceID, at time.Time) {
	d.mu.Lock()
	d.waiting--
	d.toIndex = true
	saved := d.waiting == 0
	if len(d.unsaved) == 0 && d.err != nil {
		d.err, d.retrying = nil, false
		d.p.log.Info("the disk takes changes again", "doc", d.id)
	}
	events := d.watchEvents(patches, at)
	for w := range d.watchers {
		w.add(events)
	}
	d.mu.Unlock()

	commit := protocol.Commit{Space: d.space, Doc: d.id, Changes: e.Changes, From: from}
	for _, h := range heads {
		commit.Heads = append(commit.Heads, toTrustHead(h))
	}
	for _, s := range d.p.sessions() {
		s.Push(commit)
	}
	if saved {
		d.p.hub.emit(StateChanged{d.id})
	}
	if e.Title != nil {
		d.p.hub.emit(DocumentsChanged{d.space})
	}
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
	d.retrying = false
	d.mu.Unlock()
	if first {
		d.p.log.Error("changes could not be stored; editing has stopped", "doc", d.id, "err", err)
	}
	d.p.hub.emit(StateChanged{d.id})
}

// retry gives the store once more what it refused.
func (d *openDoc) retry() {
	d.order.Lock()
	defer d.order.Unlock()
	d.mu.Lock()
	if len(d.unsaved) == 0 || d.waiting > 0 || d.retrying {
		d.mu.Unlock()
		return
	}
	entries := d.unsaved
	d.unsaved, d.retrying = nil, true
	d.waiting += len(entries)
	d.mu.Unlock()
	d.p.store.Reset(d.id)
	for _, e := range entries {
		d.p.store.Submit(e)
	}
}

// settled reports whether everything is committed and indexed, and nothing is
// kept that only lives here.
func (d *openDoc) settled() bool {
	d.order.Lock()
	idle := d.intake.empty()
	d.order.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	return idle && d.waiting == 0 && len(d.unsaved) == 0 && !d.toIndex && len(d.watchers) == 0
}

// index tells the search the text, if it has changed.
func (d *openDoc) index() {
	d.mu.Lock()
	due := d.toIndex
	d.toIndex = false
	d.mu.Unlock()
	if due {
		text, _ := d.doc.Text()
		d.p.store.SetText(d.id, titleOf(text), text)
	}
}

// commit waits until all edits so far are on the disk.
func (d *openDoc) commit(ctx context.Context) error {
	if err := d.p.store.Flush(ctx); err != nil {
		return err
	}
	return d.stopped()
}

func toStoreHead(h trust.Head) store.Head {
	return store.Head{
		Actor: crdt.ActorID(h.Actor[:]), Seq: h.Seq, Hash: h.Hash,
		Device: h.Device, Nonce: h.Nonce, Sig: h.Sig,
	}
}

// toTrustHead reads a head of ours; one whose actor has another length is of no
// device, and zero.
func toTrustHead(h store.Head) trust.Head {
	t := trust.Head{Seq: h.Seq, Hash: h.Hash, Device: h.Device, Nonce: h.Nonce, Sig: h.Sig}
	if len(h.Actor) == len(t.Actor) {
		copy(t.Actor[:], h.Actor)
	}
	return t
}
