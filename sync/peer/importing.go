package peer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// What an import says of a file that it does not take.
var (
	ErrNotText  = errors.New("the file is neither an Automerge file nor text in UTF-8")
	ErrBadFile  = errors.New("the Automerge file cannot be read")
	ErrBeyond   = errors.New("its changes are larger than are taken, and so is what it holds, or it is not one document")
	ErrTooLarge = errors.New("the file is larger than can be imported")
	ErrNoText   = errors.New("the Automerge file holds no text, and something else under \"content\"")
)

const (
	// importHeadStep and importHeadBytes are the most of a file, in changes and
	// their bytes, of which each actor has its own import head, so that a receiver
	// keeps little more than that waiting.
	importHeadStep  = 1024
	importHeadBytes = 1 << 20
	// importStep is how many changes are applied between two looks at the
	// context.
	importStep = 1024
)

// FirstSpace is the first space that we own; if there is none, it is made, with
// the name that the first start gives it.
func (p *Peer) FirstSpace(ctx context.Context) (SpaceID, error) {
	spaces, err := p.Spaces(ctx)
	if err != nil {
		return SpaceID{}, err
	}
	for _, s := range spaces {
		if s.Role == trust.Owner.String() {
			return s.ID, nil
		}
	}
	return p.NewSpace(ctx, FirstSpaceName(p.Me().Name))
}

// FirstSpaceName is the name of somebody's first space.
func FirstSpaceName(person string) string {
	switch person = CleanName(person); {
	case person == "":
		return "My notes"
	case strings.HasSuffix(strings.ToLower(person), "s"):
		return person + "’ notes"
	}
	return person + "’s notes"
}

// Import makes a document of a file and returns when it is committed. What the
// file is, its content says: Automerge chunks become a document with that
// history, text becomes the text of a new one. name is that of the file.
//
// It fails with [ErrNotText], [ErrBadFile], [ErrTooLarge] or [ErrNoText] if
// that cannot be, and then nothing was stored. A bad file is also [ErrBeyond] if
// only its size is wrong.
func (p *Peer) Import(ctx context.Context, space SpaceID, name string, data []byte) (crdt.DocID, error) {
	if _, err := p.space(space); err != nil {
		return crdt.DocID{}, err
	}
	if err := p.readOnly(space); err != nil {
		return crdt.DocID{}, fmt.Errorf("import into space %v: %w", space, err)
	}
	switch {
	case len(data) > MaxImport:
		return crdt.DocID{}, fmt.Errorf("%w: %d bytes, %d are the most", ErrTooLarge, len(data), MaxImport)
	case isAutomerge(data):
		return p.importAutomerge(ctx, space, data)
	case strings.EqualFold(filepath.Ext(name), ".automerge"):
		return crdt.DocID{}, fmt.Errorf("%w: it does not begin as one", ErrBadFile)
	}
	text, err := textOf(data)
	if err != nil {
		return crdt.DocID{}, err
	}
	return p.NewDocument(ctx, space, text)
}

// founding is a document that is being founded with a file.
type founding struct {
	p       *Peer
	space   SpaceID
	id      crdt.DocID
	nonce   trust.Nonce
	roster  []trust.StatementHash
	actor   crdt.ActorID // ours, the founder
	doc     *crdt.Document
	changes []crdt.Change // those of the file, and then ours
}

// importAutomerge founds a document with an Automerge file. All of it goes to
// the store as one entry, so in one transaction: after a crash the document is
// there whole or not at all, and no peer ever hears of half of it. The store's
// writer is busy for about a second with 100,000 changes.
func (p *Peer) importAutomerge(ctx context.Context, space SpaceID, data []byte) (crdt.DocID, error) {
	f, err := p.newFounding(space)
	if err != nil {
		return crdt.DocID{}, err
	}
	err = f.whole(ctx, data)
	if errors.Is(err, crdt.ErrLimit) {
		f, err = p.copied(space, data, err)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return crdt.DocID{}, err
	}
	return f.id, f.store()
}

// whole founds the document with the file and its history.
func (f *founding) whole(ctx context.Context, data []byte) (err error) {
	if f.changes, err = readAutomerge(ctx, data); err != nil {
		return err
	}
	if err := f.apply(ctx); err != nil {
		return err
	}
	return f.begin(f.p.now())
}

// copied founds a document with what the file holds, without the history that
// is beyond what peers take, as cause says.
func (p *Peer) copied(space SpaceID, data []byte, cause error) (*founding, error) {
	f, err := p.newFounding(space)
	if err != nil {
		return nil, err
	}
	if err := f.copy(data, p.now()); err != nil {
		p.log.Debug("a file cannot be copied", "err", err, "cause", cause)
		return nil, fmt.Errorf("%w: %w", ErrBadFile, ErrBeyond)
	}
	p.log.Warn("a file was imported without its history, which is beyond what peers take", "doc", f.id, "err", cause)
	return f, nil
}

// newFounding begins with an empty document.
func (p *Peer) newFounding(space SpaceID) (*founding, error) {
	nonce, err := trust.NewNonce()
	if err != nil {
		return nil, err
	}
	f := &founding{p: p, space: space, nonce: nonce, roster: p.frontier(space).statements, id: trust.DocumentID(space, p.ID(), nonce)}
	actor := trust.ActorID(p.ID(), f.id, nonce)
	f.actor = crdt.ActorID(actor[:])
	f.doc, err = crdt.Open(crdt.Config{ID: f.id, Actor: f.actor, Founder: f.actor})
	return f, err
}

// copy founds the document with what the file holds now: some other programs
// put so much into one change that no peer would take it.
func (f *founding) copy(data []byte, now time.Time) error {
	out, err := f.doc.FoundCopy(data, now)
	f.changes = out.Changes
	return err
}

// apply has the document take the file's changes, past the guard.
func (f *founding) apply(ctx context.Context) error {
	for step := range slices.Chunk(f.changes, importStep) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := f.doc.Apply(step); err != nil {
			return fmt.Errorf("%w: %w", ErrBadFile, err)
		}
	}
	return nil
}

// begin makes our own first change, on top of the file, and judges it as those
// will to whom it is sent.
func (f *founding) begin(now time.Time) error {
	before := f.doc.Form()
	own, _, err := f.doc.FoundImport(now)
	if err != nil {
		return err
	}
	f.changes = append(f.changes, own)
	receiver, err := crdt.Open(crdt.Config{ID: f.id, Actor: "receiver", Form: before.Bytes, Founder: f.actor})
	if err != nil {
		return err
	}
	if _, err := receiver.Apply([]crdt.Change{own}); err != nil {
		f.p.log.Debug("a file cannot be founded upon", "err", err)
		return ErrNoText
	}
	return nil
}

// heads vouches for the changes: for ours as for any, for the file's actors as
// the founder.
func (f *founding) heads() []store.Head {
	var heads []store.Head
	size := 0
	last := make(map[crdt.ActorID]crdt.Change) // of each actor in this part of the file
	vouch := func() {
		for _, c := range last {
			heads = append(heads, toStoreHead(
				trust.SignImportHead(f.p.id, f.space, f.id, f.nonce, string(c.Actor), c.Seq, c.Hash, f.roster)))
		}
		clear(last)
		size = 0
	}
	for i, c := range f.changes {
		if c.Actor == f.actor {
			heads = append(heads, toStoreHead(trust.SignHead(f.p.id, f.space, f.id, f.nonce, c.Seq, c.Hash, f.roster)))
			continue
		}
		last[c.Actor] = c
		if size += len(c.Bytes); size >= importHeadBytes || i%importHeadStep == importHeadStep-1 {
			vouch()
		}
	}
	vouch()
	return heads
}

// store commits the document and tells everyone.
func (f *founding) store() error {
	p := f.p
	text, _ := f.doc.Text()
	title := titleOf(text)
	e := store.Entry{Doc: f.id, Space: f.space, Changes: f.changes, Heads: f.heads(), Title: &title}
	done := make(chan error, 1)
	e.Done = func(heads []store.Head, err error) {
		if err == nil {
			p.committed(e, heads, DeviceID{})
		}
		done <- err
	}
	p.docs.setActor(f.id, f.nonce) // before anyone can open it
	p.store.Submit(e)
	if err := <-done; err != nil { // as the disk allows
		p.store.Reset(f.id)
		return err
	}
	p.store.SetText(f.id, f.doc.Vector(), title, text)
	p.store.PutForm(f.id, f.doc.Form())
	p.hub.emit(DocumentsChanged{f.space})
	return nil
}
