package peer

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/transport"
)

// Shorter is what a test does at length, or in a hurry less.
func Shorter(n, short int) int { return shorter(n, short) }

// Wire is a connection as a session sees it, for tests that speak without a
// peer.
func Wire(c *transport.Conn) protocol.Conn { return wire{c} }

// Sessions counts the sessions of a peer, those that are about to end too.
func Sessions(p *Peer) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net == nil {
		return 0
	}
	return len(p.net.all)
}

// Cut ends all sessions of a peer, as a network that goes away does.
func Cut(p *Peer) {
	for _, s := range p.sessions() {
		s.End(nil)
	}
}

// Receive is what a session does with changes.
func Receive(ctx context.Context, p *Peer, r protocol.Received) error {
	_, err := p.receive(ctx, r)
	return err
}

// TakeStatements is what a session does with statements.
func TakeStatements(ctx context.Context, p *Peer, from DeviceID, space SpaceID, raw [][]byte) error {
	return p.takeStatements(ctx, from, space, raw)
}

// Statements are those of a space that are told.
func Statements(p *Peer, space SpaceID) [][]byte { return p.statements(space) }

// Held is what is committed of a document.
func Held(p *Peer, doc crdt.DocID) crdt.Vector { return p.store.Committed(doc) }

// Changes are all changes of a document that are stored.
func Changes(ctx context.Context, p *Peer, doc crdt.DocID) (changes []crdt.Change, err error) {
	err = p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
		changes = append(changes, c)
		return nil
	})
	return changes, err
}

// IsOpen reports whether a document is open.
func IsOpen(p *Peer, doc crdt.DocID) bool { return p.docs.isOpen(doc) }

// Shut closes a document that nobody uses, once it can be.
func Shut(p *Peer, doc crdt.DocID) {
	if d := p.docs.ifOpen(doc); d != nil {
		d.index()
		p.docs.release(d)
		p.docs.closeUnused(d)
	}
}

// SessionWith is the session of a peer with a device, nil if there is none.
func SessionWith(p *Peer, device DeviceID) *protocol.Session {
	for _, s := range p.sessions() {
		if s.Peer() == device {
			return s
		}
	}
	return nil
}

// AllReached reports whether a device has acknowledged all of a space.
func AllReached(p *Peer, space SpaceID, device DeviceID) bool {
	held, err := p.holding(context.Background(), space)
	if err != nil {
		return false
	}
	for doc, v := range held.All() {
		if !p.reached.has(device, space, doc, v, nil) {
			return false
		}
	}
	return true
}

// Secrets counts the secrets of a space that a peer knows.
func Secrets(p *Peer, id SpaceID) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.spaces[id].secrets)
}

// Compacted reports whether a document has a snapshot that is sent as it is.
func Compacted(p *Peer, doc crdt.DocID) bool {
	snap, err := p.snapshotOf(context.Background(), doc)
	return err == nil && snap.Chunk != nil
}

// HoldWhole keeps snapshots from being taken as a whole until release is called.
func HoldWhole(p *Peer) (release func()) {
	p.arriving.whole.Lock()
	return sync.OnceFunc(p.arriving.whole.Unlock)
}

// HasAside reports whether a peer has set some bytes aside.
func HasAside(p *Peer, content []byte) bool {
	all, err := p.store.Asides(context.Background())
	return err == nil && slices.ContainsFunc(all, func(a store.Aside) bool { return bytes.Equal(a.Bytes, content) })
}

// Refused reports whether somebody has refused to let us in who need not know better.
func Refused(p *Peer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for j := range p.joins {
		if j.refused != nil {
			return true
		}
	}
	return false
}
