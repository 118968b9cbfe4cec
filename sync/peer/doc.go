// Package peer puts one peer together: its identity, its store, its open
// documents, its neighbours and the sessions with them, and tells the desktop
// and the command line about it in typed events.
//
// [Open] gives a peer that can read and write its documents; [Peer.Run] adds
// the network to it. Everything here may be called from any goroutine. What
// takes a context may wait for the disk or a peer, so the UI calls it from a
// goroutine of its own; what takes none never waits for either.
//
// Locks, from the outer to the inner: inbox.mu, openDoc.order, a session's
// own, Peer.cursorMu, Peer.mu, registry.mu, openDoc.mu, and those of the store,
// of crdt.Document and of the hub. No method of a session is called while
// Peer.mu is held, and nothing that waits is done under openDoc.order or
// anything inside it.
package peer
