package peer

import (
	"context"
	"errors"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
)

// holdings are what is committed of each space, for the digests that sessions
// begin with. A space is read from the store once; after that a commit only notes
// the document, and whoever asks next pays for the hash of its vector. It is safe
// for concurrent use; the zero value is ready.
type holdings struct {
	mu     sync.Mutex
	spaces map[SpaceID]*heldSpace
	homes  map[crdt.DocID]SpaceID // of documents that are held, which never change it
}

type heldSpace struct {
	reading sync.Mutex // held while held is brought up to date; before holdings.mu
	held    *protocol.Holding
	moved   map[crdt.DocID]struct{} // since; under holdings.mu
}

func (h *holdings) space(id SpaceID) *heldSpace {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spaces == nil {
		h.spaces = make(map[SpaceID]*heldSpace)
	}
	if h.spaces[id] == nil {
		h.spaces[id] = &heldSpace{moved: make(map[crdt.DocID]struct{})}
	}
	return h.spaces[id]
}

// touch notes that what is committed of a document has changed. Call it when
// [store.Store.Committed] tells the new vector, and before sessions hear of it.
func (h *holdings) touch(space SpaceID, doc crdt.DocID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sp := h.spaces[space]; sp != nil { // else it will be read
		sp.moved[doc] = struct{}{}
	}
	h.settleLocked(space, doc)
}

// settleLocked notes in which space a document is held; under mu.
func (h *holdings) settleLocked(space SpaceID, doc crdt.DocID) {
	if h.homes == nil {
		h.homes = make(map[crdt.DocID]SpaceID)
	}
	if _, ok := h.homes[doc]; !ok {
		h.homes[doc] = space
	}
}

func (h *holdings) settle(space SpaceID, all map[crdt.DocID]crdt.Vector) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for doc := range all {
		h.settleLocked(space, doc)
	}
}

// home is in which space a document is held, as far as is known.
func (h *holdings) home(doc crdt.DocID) (SpaceID, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	space, ok := h.homes[doc]
	return space, ok
}

// forget has all spaces be read anew, after the store has found damage.
func (h *holdings) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.spaces)
}

func (sp *heldSpace) takeMoved(h *holdings) map[crdt.DocID]struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	moved := sp.moved
	sp.moved = make(map[crdt.DocID]struct{})
	return moved
}

// holding is what is committed of a space.
func (p *Peer) holding(ctx context.Context, space SpaceID) (*protocol.Holding, error) {
	sp := p.holdings.space(space)
	sp.reading.Lock()
	defer sp.reading.Unlock()
	if sp.held == nil {
		all, err := p.store.Vectors(ctx, space)
		if err != nil {
			return nil, err
		}
		sp.held = (*protocol.Holding)(nil).With(all)
		p.holdings.settle(space, all)
	}
	moved := sp.takeMoved(&p.holdings)
	if len(moved) == 0 {
		return sp.held, nil
	}
	news := make(map[crdt.DocID]crdt.Vector, len(moved))
	for doc := range moved {
		news[doc] = p.store.Committed(doc)
	}
	sp.held = sp.held.With(news)
	return sp.held, nil
}

// homeOf is in which space a document is held; held is false if it is in none. What is
// committed of a document is told to members of its space alone, whatever space they name
// with it, so this is asked for all that a peer names. The store is read once for each
// document that is held.
func (p *Peer) homeOf(ctx context.Context, doc crdt.DocID) (space SpaceID, held bool, err error) {
	if space, held = p.holdings.home(doc); held {
		return space, true, nil
	}
	info, err := p.store.Document(ctx, doc)
	if errors.Is(err, store.ErrNoDocument) {
		return space, false, nil
	}
	if err != nil {
		return space, false, err
	}
	p.holdings.settle(info.Space, map[crdt.DocID]crdt.Vector{doc: nil})
	return info.Space, true, nil
}

// isOf reports whether a document is held in a space.
func (p *Peer) isOf(ctx context.Context, space SpaceID, doc crdt.DocID) (bool, error) {
	home, held, err := p.homeOf(ctx, doc)
	return held && home == space, err
}

// isElsewhere reports whether a document is held, or may be, in another space than one.
func (p *Peer) isElsewhere(space SpaceID, doc crdt.DocID) bool {
	home, held, err := p.homeOf(context.Background(), doc)
	return err != nil || held && home != space
}

// committedIn is what is committed of a document, nothing if it is not held in a space.
func (p *Peer) committedIn(space SpaceID, doc crdt.DocID) crdt.Vector {
	is, err := p.isOf(context.Background(), space, doc)
	if err != nil && !errors.Is(err, store.ErrClosed) {
		p.log.Error("it can't be read of which space a document is", "doc", doc, "err", err)
	}
	if !is {
		return crdt.Vector{}
	}
	return p.store.Committed(doc)
}

// onScreen are the documents of a space that the person here looks at.
func (p *Peer) onScreen(space SpaceID) (docs []crdt.DocID) {
	for _, d := range p.docs.all() {
		d.mu.Lock()
		here := d.here != nil
		d.mu.Unlock()
		if here && d.space == space {
			docs = append(docs, d.id)
		}
	}
	return docs
}
