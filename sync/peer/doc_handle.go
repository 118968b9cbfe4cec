package peer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/trust"
)

// Doc is one user's hold on an open document. Its methods may be called from
// any goroutine; those without a context do no I/O.
type Doc struct {
	*openDoc
	once    sync.Once
	visible atomic.Bool // others see a cursor of this hold
}

// OpenDocument opens a document. Close each Doc.
func (p *Peer) OpenDocument(ctx context.Context, id crdt.DocID) (*Doc, error) {
	d, err := p.openStored(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Doc{openDoc: d}, nil
}

// NewDocument begins a document with a text and returns when it is committed.
func (p *Peer) NewDocument(ctx context.Context, space SpaceID, text string) (crdt.DocID, error) {
	if _, err := p.space(space); err != nil {
		return crdt.DocID{}, err
	}
	if !utf8.ValidString(text) {
		return crdt.DocID{}, fmt.Errorf("new document: %w", crdt.ErrNotUTF8)
	}
	nonce, err := trust.NewNonce()
	if err != nil {
		return crdt.DocID{}, err
	}
	id := crdt.DocID(trust.DocumentID(space, p.ID(), nonce))
	open, err := p.docs.use(ctx, id, func(context.Context) (*openDoc, error) {
		p.docs.setActor(id, nonce)
		s := stored{id: id, space: space, nonce: nonce}
		s.founder = crdt.ActorID(actorBytes(p.ID(), s))
		d, err := p.openDocument(s)
		if err == nil {
			d.follow(p.frontier(space)) // of one who was away, only that tells the return
		}
		return d, err
	})
	if err != nil {
		return crdt.DocID{}, err
	}
	d := &Doc{openDoc: open}
	defer d.Close()
	if err := d.found(text); err != nil {
		return crdt.DocID{}, fmt.Errorf("new document: %w", err)
	}
	if err := d.Commit(ctx); err != nil {
		return crdt.DocID{}, err
	}
	p.hub.emit(DocumentsChanged{space})
	return id, nil
}

// found makes the first change and writes the text, in one commit.
func (d *openDoc) found(text string) error {
	_, err := d.edit(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		c, err := doc.Found(now)
		if err != nil {
			return crdt.Edited{}, err
		}
		out, err := doc.Edit(crdt.Edit{Insert: text, Begins: true}, now)
		out.Changes = slices.Insert(out.Changes, 0, c)
		return out, err
	})
	return err
}

// Text is all that is held of a document's text.
func (p *Peer) Text(ctx context.Context, id crdt.DocID) (string, error) {
	d, err := p.OpenDocument(ctx, id)
	if err != nil {
		return "", err
	}
	defer d.Close()
	text, _ := d.Snapshot()
	return text, nil
}

// ID names the document.
func (d *Doc) ID() crdt.DocID { return d.id }

// Space names the document's space.
func (d *Doc) Space() SpaceID { return d.space }

// Snapshot returns the text and the number of the last patch in it.
func (d *Doc) Snapshot() (text string, seen uint64) { return d.text().Text() }

// Since returns the patches after the one numbered seen, or [crdt.ErrStale].
func (d *Doc) Since(seen uint64) ([]crdt.Patch, error) { return d.text().Since(seen) }

// Edit applies an edit and returns every patch after e.Seen, in order; own is
// the number of the first that is the edit's. It may be called on the UI
// goroutine. It fails with the errors of [crdt.Document.Edit], and with
// [ErrStopped] while the disk takes nothing.
func (d *Doc) Edit(e crdt.Edit) (patches []crdt.Patch, own uint64, err error) {
	return d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) { return doc.Edit(e, now) })
}

// EditAll makes splices at many places of the text after patch number seen as one
// action, as [crdt.Document.EditAll] does. What it returns, and how it fails, is as
// with [Doc.Edit].
func (d *Doc) EditAll(seen uint64, splices []crdt.Splice) (patches []crdt.Patch, own uint64, err error) {
	return d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		return doc.EditAll(seen, splices, now)
	})
}

// CanUndo reports whether there is work of this device to take back. The first
// call after opening may take a tenth of a second in a long history, so it is not
// for the UI goroutine, which is spared that at its first Undo.
func (d *Doc) CanUndo() bool { return d.text().CanUndo() }

// Undo takes back the last work on the text that was done at this device, as
// [crdt.Document.Undo] says, also of earlier runs of the program. What it
// returns, and how it fails, is as with [Doc.Edit].
func (d *Doc) Undo(seen uint64) (patches []crdt.Patch, own uint64, err error) {
	return d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) { return doc.Undo(seen, now) })
}

// Redo does again what Undo took back last.
func (d *Doc) Redo(seen uint64) (patches []crdt.Patch, own uint64, err error) {
	return d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) { return doc.Redo(seen, now) })
}

// act makes a change of the person here.
func (d *Doc) act(change func(*crdt.Document, time.Time) (crdt.Edited, error)) ([]crdt.Patch, uint64, error) {
	out, err := d.edit(change)
	if err == nil {
		d.mu.Lock()
		d.edited = time.Now()
		d.mu.Unlock()
	}
	return out.Patches, out.Own, err
}

// Write replaces the text by a small set of splices and returns when that is
// committed.
func (d *Doc) Write(ctx context.Context, text string) error {
	_, err := d.edit(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		return doc.Replace(text, now)
	})
	if err != nil {
		return err
	}
	return d.Commit(ctx)
}

// Commit waits until all edits so far are committed.
func (d *Doc) Commit(ctx context.Context) error { return d.commit(ctx) }

// State says how safe the text is.
func (d *Doc) State() DocState {
	d.mu.Lock()
	st := DocState{Saved: d.waiting == 0 && len(d.unsaved) == 0, Err: d.err}
	d.mu.Unlock()
	if !d.p.reached.knows(d.id) {
		d.p.background.Go(func() { // and tells when it is known
			if err := d.p.reached.recall(d.p.upkeep.ctx, d.p.store, d.id); err == nil {
				d.p.hub.emit(StateChanged{d.id})
			}
		})
	}
	var r Reached
	d.p.sortMembers(d.space, d.id, &r)
	for _, who := range r.Reached {
		st.Reached = append(st.Reached, Member{Person: who.Person})
	}
	for _, who := range r.Missing {
		st.Missing = append(st.Missing, Member{Person: who.Person})
	}
	return st
}

// Close ends this hold, and leaves. It may be called more than once.
func (d *Doc) Close() {
	d.once.Do(func() {
		if d.visible.Load() {
			d.Leave()
		}
		d.p.docs.release(d.openDoc)
	})
}
