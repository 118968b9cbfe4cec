package peer_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// curious is a member that holds nothing, and gathers what it is told of documents.
type curious struct {
	*rogue
	told    chan crdt.DocID
	holders chan whoHas
}

// whoHas is what is told of who has a document.
type whoHas struct {
	doc     crdt.DocID
	digest  [32]byte
	devices int
}

func (c *curious) Holders(_ identity.DeviceID, _ trust.SpaceID, doc crdt.DocID, digest [32]byte, devices []identity.DeviceID) {
	c.holders <- whoHas{doc, digest, len(devices)}
}

func (c *curious) Holding(context.Context, trust.SpaceID) (*protocol.Holding, error) {
	return (*protocol.Holding)(nil).With(nil), nil
}

func (c *curious) Receive(_ context.Context, r protocol.Received) (crdt.Vector, error) {
	c.told <- r.Doc
	return nil, nil
}

func (c *curious) TakePiece(_ context.Context, p protocol.Piece) (crdt.Vector, error) {
	c.told <- p.Doc
	return nil, nil
}

func (c *curious) Acknowledged(_ identity.DeviceID, _ trust.SpaceID, doc crdt.DocID, _ crdt.Vector) {
	c.told <- doc
}

// A member of one space is told nothing of a document of another, however they name it.
func TestAMemberOfOneSpaceIsToldNothingOfAnother(t *testing.T) {
	p := start(t, "Ada")
	shared, other := newSpace(t, p), newSpace(t, p)
	secret, open := newDoc(t, p, other, "not for Mallory"), newDoc(t, p, shared, "for all")
	bo := start(t, "Bo")
	connect(t, p, bo)
	pair(t, p, bo, shared)
	id, sp := member(t, p, shared)
	unknown, holders := crdt.DocID{1}, make(map[crdt.DocID]whoHas)
	c := &curious{&rogue{id: id, space: sp}, make(chan crdt.DocID, 64), make(chan whoHas, 64)}
	s := protocol.NewSession(id.ID(), peer.Wire(dialRaw(t, id, p)), c, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	eventually(t, "together", func() bool { return s.Together(sp.ID) })
	for _, doc := range []crdt.DocID{secret, unknown, open} {
		s.AskHolders(sp.ID, doc)
		s.Look(sp.ID, doc)
		s.Ask(sp.ID, doc, nil)
	}
	came := false
	settled, waits := (<-chan time.Time)(nil), time.After(30*time.Second)
	for {
		if settled == nil && came && len(holders) == 3 {
			settled = time.After(300 * time.Millisecond) // in which what must not come might
		}
		select {
		case doc := <-c.told:
			came = came || doc == open
			if doc == secret {
				t.Fatal("a member of another space is told of the document")
			}
		case h := <-c.holders:
			holders[h.doc] = h
		case <-waits:
			t.Fatalf("what is shared has not come: %v, who has it: %v", came, holders)
		case <-settled:
			for _, doc := range []crdt.DocID{secret, unknown} {
				if h, ok := holders[doc]; !ok || h.digest != (crdt.Vector{}).Digest() || h.devices > 0 {
					t.Errorf("told of who has it: %+v", h)
				}
			}
			return
		}
	}
}
