package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"starling/crdt"
	"starling/crdt/store"
)

// Format is what a document can be exported as.
type Format string

const (
	// FormatAutomerge is a document chunk with the whole history, which every
	// Automerge program reads.
	FormatAutomerge Format = "automerge"
	// FormatMarkdown is the text as it is.
	FormatMarkdown Format = "md"
	// FormatText is the text as it is, with a line break at its end if it has
	// none and is not empty.
	FormatText Format = "txt"
)

var (
	// ErrFormat says that documents can't be exported so.
	ErrFormat = errors.New("not a format for exports")
	// ErrDamaged says that a part of what is stored can't be read.
	ErrDamaged = store.ErrDamaged
)

// Export returns the file that a document makes. It fails with [ErrDamaged]
// if a part of the history can't be read, or [ErrFormat].
func (p *Peer) Export(ctx context.Context, id crdt.DocID, format Format) ([]byte, error) {
	switch format {
	case FormatAutomerge:
		return p.exportAutomerge(ctx, id)
	case FormatMarkdown, FormatText:
		text, err := p.Text(ctx, id)
		if format == FormatText && text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return []byte(text), err
	}
	return nil, fmt.Errorf("export document %v as %q: %w", id, format, ErrFormat)
}

func (p *Peer) exportAutomerge(ctx context.Context, id crdt.DocID) ([]byte, error) {
	if err := p.commitOpen(ctx, id); err != nil {
		return nil, err
	}
	c, err := p.copyOf(ctx, id, noForm) // with all hashes computed anew
	if err != nil {
		return nil, fmt.Errorf("export document %v: %w", id, err)
	}
	chunk, _, err := c.doc.Snapshot()
	return chunk, err
}

// commitOpen waits until what was written in a document is committed, if it is
// open.
func (p *Peer) commitOpen(ctx context.Context, id crdt.DocID) error {
	d := p.docs.ifOpen(id)
	if d == nil {
		return nil
	}
	defer p.docs.release(d)
	return d.commit(ctx)
}

// copied is a document that was read beside the one that may be open. Nothing
// may be written in it.
type copied struct {
	stored
	covers crdt.Vector // of the compact form
	doc    *crdt.Document
	// refused are stored changes that the guard refuses, without what builds on
	// them.
	refused []failure
}

// reader is the actor of a copy, which never makes a change.
const reader = crdt.ActorID("reader")

// copyOf reads what is committed of a document: from the compact form of a
// version, if there is one, else from snapshot and changes. It fails if any of
// it can't be read.
func (p *Peer) copyOf(ctx context.Context, id crdt.DocID, version int) (*copied, error) {
	held, err := p.store.LoadForm(ctx, id, version)
	if errors.Is(err, store.ErrNoDocument) {
		err = ErrNoDocument
	}
	if err != nil {
		return nil, err
	}
	c := &copied{covers: held.Covers, stored: stored{
		id: id, space: held.Space, form: held.Form, snapshot: held.Snapshot,
		changes: held.Changes, unchecked: held.Unchecked,
	}}
	if err := p.vouchFor(ctx, &c.stored); err != nil {
		return nil, err
	}
	c.doc, err = crdt.Open(crdt.Config{
		ID: id, Actor: reader, Founder: c.founder,
		Form: c.form, Snapshot: c.snapshot, Changes: c.changes[:c.unchecked],
		History: func(yield func(crdt.Change) error) error {
			return p.store.ChangesSince(ctx, id, nil, yield)
		},
	})
	if err != nil {
		return nil, err
	}
	c.refused, err = checkRest(c.doc, c.changes[c.unchecked:])
	return c, err
}

// vouchFor is readVouchers where nobody holds the inbox.
func (p *Peer) vouchFor(ctx context.Context, s *stored) error {
	box := p.docs.enterBox(s.id)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	return p.readVouchers(ctx, s)
}

// Document returns one document, or [ErrNoDocument].
func (p *Peer) Document(ctx context.Context, id crdt.DocID) (Document, error) {
	row, err := p.store.Document(ctx, id)
	if errors.Is(err, store.ErrNoDocument) {
		err = fmt.Errorf("document %v: %w", id, ErrNoDocument)
	}
	if err != nil {
		return Document{}, err
	}
	return Document{row.ID, row.Space, row.Title, row.Updated}, nil
}
