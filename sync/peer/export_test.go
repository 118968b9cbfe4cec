package peer

import (
	"starling/sync/protocol"
	"starling/sync/transport"
)

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
