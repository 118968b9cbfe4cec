// Package sync holds no code. This page tells the protocol once: what two
// devices say to each other, in which order, and why.
//
//	identity   who a device is                 trust      who may do what
//	transport  QUIC, pinned to a device        protocol   messages and sessions
//	peer       one peer, put together
//
// # Finding each other
//
// A device announces "_starling._udp" by mDNS (RFC 6762, RFC 6763; package
// discovery) with a protocol version, its tag and the name that its person
// chose. The tag is the first 16 hex digits of the device ID. All of it is a
// hint: only a handshake proves an ID. A known tag is dialled, by the device
// with the smaller ID at once and by the other 300 ms later. A tag that is not
// known is dialled once, to learn the whole ID and the name, and left again.
// Where multicast is blocked, a person types host:port.
//
// # The connection
//
// QUIC (RFC 9000) with TLS 1.3, ALPN "starling/1". Both sides show a
// self-signed certificate whose Ed25519 key is the device ID, and each checks
// the other's in VerifyConnection. No session tickets, no 0-RTT. Two devices
// keep one connection. Of two that cross, the one dialled by the smaller ID
// stays. That rule holds for the first five seconds of a connection: a later one
// replaces it, since nobody dials while it has one, and so does one from a
// program that was started anew, which its hello shows.
//
// # Frames
//
// The dialler opens the control stream. On it, and on the streams for catching
// up, go frames: four bytes of length (big endian), one byte of kind, a CBOR
// map (RFC 8949) with small integer keys. Every size that a peer can name has a
// limit (protocol/limits.go), checked before memory is taken; 8 KiB a frame
// until something is shared. A malformed frame ends the session with a code
// that says so, is logged, and keeps the device from being dialled for a minute,
// then two, and so on to an hour. An unknown kind is answered by "unknown" and
// passed over; unknown fields are passed over.
//
//	 1 hello       version, name, colour, run; again when the name changes
//	 2 tags        which spaces we share, for the other's eyes only
//	 3 roster      statements of a space
//	 4 grant       a space's ID, secret and statements, in pages, to bring a
//	               member in
//	 5 digest      two hashes of a space: its roster, its documents' vectors
//	 6 vectors     for each document, for each actor: highest seq and its hash
//	 7 changes     change chunks of one document, and heads that cover them: for
//	               each actor the newest, and one for each 1024 numbers
//	 8 have        what is committed here; or, with want, a request
//	 9 presence    where the sender's cursor is, and what they see
//	10-14 pairing  request, nonce, reveal, confirm, reject
//	15 reach       with whom the sender is connected
//	 0 unknown     a kind was passed over
//
// # Which spaces two peers share
//
// After the hellos each side sends, for every space whose roster has the other,
// HMAC-SHA-256(space secret, label, TLS exporter, sender's ID), padded with
// noise to a power of two and sorted. Only one who knows the secret recognises
// a tag; a stranger sees noise and learns nothing, not even how many. A member
// by our roster that shows no tag for a space has not heard of it yet: it gets
// a grant. It lets itself be brought in only by someone with whom its person
// has paired, or who is in that space with it.
//
// # Catching up
//
// For a shared space both send a digest. If the rosters differ, statements go
// both ways; if the documents differ, vectors go both ways, and each sends what
// the other lacks: in causal order, in messages of 256 KiB, on a stream of its
// own for each document, at most four at a time, so that a keystroke never
// waits behind them. Automerge's own sync protocol is not used: it costs the
// whole history with every message.
//
// # Live
//
// A change is sent when it is committed, never before. What several commits
// brought while the stream was busy goes out in one message with the newest
// head of each actor. A change from a third device is passed on at once, unless
// the sender is said to reach the receiver itself (reach); then it is looked
// after a second later. Each side acknowledges what it has committed, at most
// five times a second; the acknowledgements tell the person whom the text has
// reached. One who is too slow is dropped from the live queue and caught up with
// from the store.
//
// # Taking a change
//
// In this order: the limits; the format (crdt/format); a verified head of the
// change's actor, by a device that may write, reaches it through the hashes of
// changes; all that it builds on is held; the guard. Then the store, then the
// screen and the other peers. What lacks its head or what it builds on waits,
// bounded for each document and each sender: beyond that the newest is let go of,
// of the one of whom most waits, after all was taken that can be. So what waits
// keeps nothing out, whoever sent it. What is missing is asked for after
// 200 ms by sending our vector (have with want), at most once a second, and ever
// more rarely, down to once a minute, while that brings nothing.
//
// A document that is not open here is not opened for that. Instead of the guard,
// its rows in the store are asked: numbers, first operation, and that the
// actor's previous change is among what the change builds on. What passes is
// stored, acknowledged and passed on, but not shown; before long, or when a
// person opens the document, the guard judges the rest. What it refuses then is
// set aside with all that builds on it, and the vector steps back; all peers
// come to the same, since the verdict depends on the change and its ancestors
// alone, and one that has been refused does not come in again. Only where the
// rows can't tell is the document opened at once.
//
// What is refused is set aside in the store. It ends the session with one who
// could know: with any sender what rows or heads tell, with its author what the
// guard tells, which others may have passed on unseen. Of two changes with one
// actor and number the first one counts here, and nobody is blamed.
//
// Of the changes that build on nothing, only those of the actor count whose
// nonce is in the document's ID: so nobody can begin a document twice and
// replace its text.
//
// # Files of other programs
//
// A document may be founded with a file. The founder signs for the file's actors
// by import heads: with a label of their own, the founding nonce, and an actor
// that is none of the founder's. They count only if that nonce and device give
// the document's ID, and only for changes on which the founding change builds:
// once that is held, nothing more comes in by them, so that the founder can't
// speak for anyone later. A foreign actor is nobody's device. Only their changes
// may have more than 65,536 operations, and none of these is read before such a
// head has come; and they leave half of the numbers to those who go on.
//
// # Presence
//
// A cursor travels as two anchors, one while nothing is selected: the side of a
// character, named by the operation that inserted it (actor, counter). So it
// stands at the same character everywhere, whatever arrived in which order; if
// that is deleted, where it was. A caret sticks to the character before it, so
// that what others write at its place comes behind it; the ends of a selection
// stick to what is selected.
//
// It goes out behind the edits that it refers to, at most 30 times a second, the
// latest wins. With it goes the number of the sender's last change: a receiver
// that lacks that or a character keeps the old place. What the sender writes
// right at its caret after that takes the caret along until the next word.
//
// One more anchor may go with it: where the first row in the sender's view
// starts, so that others can look where they look. Rows are broken differently
// in each window, so it names a character and not a row. It goes out when the
// person scrolls, too, not while their view goes where somebody else's does: of
// two who follow each other neither would come to rest. A program that does not
// know it neither sends nor reads it, and has only a cursor.
//
// # Pairing
//
// On a live connection, one attempt for each. The requester sends a hash of its
// nonce and both IDs; the other its nonce; the requester opens its own. Both
// show six digits: SHA-256(label, TLS exporter, requester, other, both nonces)
// mod 10^6. Someone in between has two connections with two exporters and one
// guess in a million. If both ask, the request of the smaller ID counts. Nothing
// is written before both people have confirmed; then each keeps the other as
// known, and one who offered a space admits the other by a signed statement and
// sends a grant.
//
// # What is left for later
//
// Removal and renewal of secrets, further roles, several devices of one person,
// invitation links; digests of parts of a space; snapshots on the wire (history
// travels as changes, since the guard judges only those); limits on strangers by
// address.
package sync
