package peer

import (
	"context"
	"sync"

	"starling/crdt"
	"starling/sync/protocol"
)

// holdings are what is committed of each space, for the digests that sessions
// begin with. A space is read from the store once; after that a commit only notes
// the document, and whoever asks next pays for the hash of its vector. It is safe
// for concurrent use; the zero value is ready.
type holdings struct {
	mu     sync.Mutex
	spaces map[SpaceID]*heldSpace
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
