package peer

import (
	"starling/sync/protocol"
	"starling/sync/transport"
)

// Wire is a connection as a session sees it, for tests that speak without a
// peer.
func Wire(c *transport.Conn) protocol.Conn { return wire{c} }
