// Package protocol is what two peers say to each other: the messages, their
// limits, and the [Session] that speaks for one connection about many
// documents. It knows nothing of QUIC and of SQLite: it gets a [Conn] and works
// for a [Host].
package protocol
