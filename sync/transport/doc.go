// Package transport is QUIC (RFC 9000) between devices: one UDP socket that
// listens and dials, and connections that know which device is at the other end.
//
// Both sides show identity's self-signed certificate in TLS 1.3 (RFC 8446), and
// each checks the other's in VerifyConnection: the key in it is the device ID,
// and the rest of the handshake proves that the peer holds it. No certificate
// authority, no session tickets, no resumption, no 0-RTT: every connection
// proves both keys anew. The dialler names the device it wants, or none.
//
// What a user must know:
//   - The dialler's handshake ends before the listener has seen the dialler's
//     certificate. [Endpoint.Dial] may therefore return a connection that ends a
//     moment later with [Refused]. Say nothing secret before the peer has spoken.
//     [Endpoint.Accept] returns only finished handshakes.
//   - [DialFirst] tries several addresses and may give up a connection that the
//     other side has accepted. Count an accepted connection from its first
//     message on, not from Accept.
//   - Closing a connection drops what has not been delivered. Wait for the
//     peer's answer before closing.
//   - A stream exists for the peer only once something was written to it.
//
// Packets are exchanged only with addresses that are on this network, as
// Config.Links tells, and carry the hop limit 1, so that no router passes them
// on. [Endpoint.Allow] lets others in and raises the limit; what is neither local
// nor allowed is not heard and gets no answer, not even QUIC's own.
//
// Strangers, whom Config.Known does not know, are limited in number, by address
// and in all, before and after the handshake: see door. Known devices are not,
// so no crowd keeps them out.
//
// An [Endpoint] owns its socket, its connections and all goroutines;
// [Endpoint.Close] ends them.
package transport
