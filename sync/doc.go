// Package sync holds no code. This page tells the protocol once: what two
// devices say to each other, in which order, and why.
//
//	identity   who a device is                 trust      who may do what
//	names      who could be taken for whom     onlink     what is this network
//	transport  QUIC, pinned to a device        protocol   messages and sessions
//	peer       one peer, put together          simulation peers in virtual time
//
// # Finding each other
//
// A device announces "_starling._udp" by mDNS (RFC 6762, RFC 6763; package
// discovery) with a protocol version, its tag and the name that its person
// chose. The tag is the first 16 hex digits of the device ID. All of it is a
// hint: only a handshake proves an ID. A known tag is dialled, by the device
// with the smaller ID at once and by the other 300 ms later. A tag that is not
// known is dialled once, to learn the whole ID and the name, and left again.
// Where multicast is blocked, a person types host:port. One who wants to be
// invisible asks and never answers; that they ask can be seen on the network. To a
// stranger that connects all the same they don't introduce themselves, unless an
// invitation of theirs is open or they have asked.
//
// # This network only
//
// A peer exchanges packets only with addresses on its own network: loopback,
// link-local, or inside a prefix of an interface that is up and neither point to
// point nor a tunnel. They carry hop limit 1, multicast too, so that no router
// passes them on. An address beyond needs a person's leave on both sides; then
// the hop limit is 64, and all other far addresses stay unheard.
//
// # The connection
//
// QUIC (RFC 9000) with TLS 1.3, ALPN "starling/1". Both sides show a
// self-signed certificate whose Ed25519 key is the device ID, and each checks
// the other's in VerifyConnection. No session tickets, no 0-RTT. Two devices
// keep one connection. Of two that cross, the one dialled by the smaller ID
// stays, if it gives a sign of life. That rule holds for the first five seconds of
// a connection: a later one replaces it, since nobody dials while it has one, and
// so does one from a program that was started anew, which its hello shows.
//
// No datagram has more than 1,200 bytes, so that all pass where the MTU is 1280, also
// where it is lowered under a connection. A connection that is silent for 3 s, or
// when the network changes, is asked for a sign of life, and given up after about
// 6 s; who is missed is dialled at once. Who is not there costs a dial now and then,
// more and more rarely.
//
// # Strangers
//
// Of devices with which we share nothing at most 32 are connected, 2 from an
// address, counted by source address and not by key, which costs nothing to
// make. Each has one stream, 4 kB in all, and 10 s unless two people compare a
// code. From 16 open handshakes on, one must show that it hears us (Retry, RFC
// 9000, 8.1.2). Known devices are not counted, so no crowd keeps them out. At
// most 200 strangers are listed, under names of 64 code points without control or
// direction characters; one whose name could be taken for a known person's is
// shown as not the one we know (package names, after Unicode TS 39). Of IPv6 at most
// 16 are of one network of 64 bits, in which anyone can have any address.
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
//	 1 hello       version, name, colour, run, clock; again when the name changes
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
//	16 redeem      a link's newcomer signs for itself; 17 redeemed answers
//	18 key         a space's renewed secret
//	19 parts       half a sum for each of 256 parts of a space
//	20 snapshot    a piece of a document's snapshot; 24 resume names one kept
//	21 first       what is on the sender's screen
//	22 brief       changes without what the session has told; 23 got, likewise,
//	               acknowledges
//	25 claim       that a device is one more of a known person's, with its
//	               consent; asked for and declined in the same form
//	26 holders     who else has a document; asked for and told in the same form
//	 0 unknown     a kind was passed over
//
// The hello says the version, 2. If they differ, each side keeps the connection
// for half a second, so that the other can read its hello, and then ends it with
// both numbers, which both people are shown.
//
// # Which spaces two peers share
//
// After the hellos each side sends, for every space whose roster has the other,
// HMAC-SHA-256(space secret, label, TLS exporter, sender's ID), padded with
// noise to a power of two and sorted. Only one who knows the secret recognises
// a tag; a stranger sees noise and learns nothing, not even how many. A member
// by our roster that shows no tag for a space has not heard of it yet: it gets
// a grant. It lets itself be brought in only by someone with whom its person
// has paired, or who is in that space with it, or whom it has asked with a link.
//
// The secret is renewed at each removal, and by an owner's statement after
// somebody left. Its hash stands in the statement, and a
// member takes a new secret only if it does. Tags of the newest four secrets are
// shown, so that one who was away is recognised and given the newest (key). One
// who was removed is told by which statements, and nothing else.
//
// They return by an admission that names the removal, and all their devices with
// them: an owner states it of anyone whom the roster names, near or not, or redeems a
// link whose author knew of the removal. A link from before is no leave. Members are
// no strangers to one whom they have removed, and bring them in by a grant even if
// no secret is left in common; to one who left they are. That one is taken back only
// by an invitation or a pairing, which ask them: this is held by the program of who
// adds, since an admission carries no consent. A device that was removed by itself
// comes back by a link to its person, and no other way.
//
// # People and permission
//
// A roster is a set of signed statements, each naming by hash those that its
// author knew: founding, admission with a role (owner, editor, commenter,
// viewer), removal, a device's link to a person, an invitation and its end. A
// statement is kept if all that it names is here and its author had the right by
// that alone; what counts is computed from the whole set, so the order of arrival
// never matters. A removal voids what the removed one said without its author's
// knowing, and all that rests on that, but not what they said of another device of
// their own: that stays revoked, and where the removal stands it says nothing else.
// Once its person is back it draws its line for what was signed by one who knew of the
// return and not of it, and the secret is renewed. Removals that void each other are settled
// one at a time: first what no other would keep from counting, then, in a circle,
// the one whose author is nearest the founder, then the smaller ID. None may leave
// a space without an owner or a person without a device. Of what was said apart
// about one person, the lesser role holds.
//
// A head names the roster that it was signed under. One who lacks that waits. A removal
// or demotion draws lines: for each document and actor of the person the last seq that
// its author holds, 0 for those not named, in pages of their own. It does so for
// devices of theirs that were revoked before, too, whose own lines go on holding where
// they are lower. Its author waits first, for some seconds, for what connected members
// hold of theirs. A head whose roster does not include the removal vouches up to the
// line. What lies beyond waits unshown, and what was shown already is taken back and
// kept beside the document, until a change that counts by itself names it, directly or
// through others: what somebody honest wrote on top is never lost, and all peers come
// to the same however late each hears. Who may write can take it in, by a change that
// names what waits and alters nothing else.
//
// A commenter's change may touch only root keys comment/… and suggestion/… that
// their person made. The guard sees to that on every peer.
//
// Of two changes with one actor and number, which only a copied device makes, the
// one with the smaller hash counts, unless an owner chose the other. The truth is
// the first number at which the two branches differ, so whatever came first gives the
// same answer. The branch that does not count, with all that builds on it, becomes a
// document of its own, at each peer that has both and without anyone's word: its ID is
// a hash of the document, the actor, that number and the change. What was shown of it
// is taken back only once it is on the disk. Two signed heads over one number are a
// statement that anyone can check; it ends the actor, and says where the branches
// part. What is left of a device's own actor it signs anew; for what others have
// written, and no head is over any more, it asks those who may have one. Who has only
// a head over later changes, which gave way, sends these too as the proof: the hashes
// lead from there. One device can have 16 branches of a document; beyond that a branch
// is set aside, unless somebody else has written on it.
//
// Rosters and secrets are on the disk before they are told. A document takes no
// edit between a change of one's role and the moment it follows the new roster:
// its head would name the old one.
//
// # Invitations and devices
//
// A link holds the seed of a signing key, the space's ID, the inviter's device ID
// and addresses, and no name. The key's public half, a role, how many may come and
// until when are a statement. The newcomer signs its device ID and the TLS
// exporter with the key (redeem); the answer says why not (redeemed). A link for
// one is redeemed by the inviter's devices alone, others by any owner, by their
// clock. The newcomer takes a grant only from one whom it has asked, only of the
// space that the link names, and only if that roster has both.
//
// Devices of one person are linked by a pairing whose confirmations carry each
// one's consent; each then states the other in all its spaces. Whoever pairs with
// a stranger that looks like somebody known can say that it is that person's new
// device (claim): it is linked where the one who says so is an owner, and waits
// elsewhere for that person's device or an owner to sign.
//
// # Catching up
//
// For a shared space both send a digest. If the rosters differ, statements go
// both ways. The documents lie in 256 parts, by the first byte of their ID. Each
// part has the sum of the hashes of its documents and vectors, kept up from
// commits; the digest is the hash of all sums. If two digests are equal, that is
// all that is said. If not, both tell half of each sum (4 kB), then page by page
// the vectors of the parts that differ, and each sends what the other lacks, in
// causal order, in messages of 256 KiB, on streams of their own, at most four at a
// time, so that a keystroke never waits behind them. "First" names what is on the
// sender's screen, which comes before all others, on a fifth stream if four are
// busy. A stream catches up with one document after another, up to 4 MiB; the
// receiver takes up to sixteen small ones at a time, so that they are committed
// together. Automerge's own sync protocol is not used: it costs the whole history
// with every message.
//
// One who has nothing of a document with more than 4,096 changes gets its stored
// snapshot in pieces of 64 KiB, with the heads over it, then the rest as changes.
// The text can be shown at once, marked as unverified; it is passed on when it is
// verified. A piece that was kept is named by "resume" before the digest, and the
// sender goes on from there if the snapshot is still the same.
//
// # Live
//
// A change is sent when it is committed, never before. What several commits
// brought while the stream was busy goes out in one message with the newest
// head of each actor. Such a message may number a line: an actor's changes in a
// document, each on top of the last. From then on a brief message has the number,
// each change without header, actor and, if that is the last change of the line,
// what it builds on, and a signature; the receiver restores the chunk byte for
// byte. A key costs about 260 bytes with all headers and acknowledgements.
//
// A change is left to others if the peer is connected with the device that it came
// from, with its authors, or with one that has it from the same device and is
// nearer to the document (the XOR of their IDs). After one to two seconds it is
// looked after, and sent if it has not come; later, while the peer's acknowledgements
// are late, since what a busy peer has not taken yet need not be sent again. So among peers that all reach each
// other each change goes to each once, and between two that can't reach each other
// a third passes it on without being told to.
//
// What is told of a document is told in its own space alone: to who names it in another
// one it is as unknown as any.
//
// Each side acknowledges what it has committed, for all documents together: after 400
// ms with what goes out anyway, after 700 ms alone; a change that was sent counts as
// said. From the acknowledgements, and from nothing else, follows whom a text has
// reached, by person; that is kept over restarts. Where two are not connected, one may
// ask a third about a document (holders). It is told, at most five times a second,
// which devices have themselves told the third that they have all that a vector's
// digest names, without those that the asker reaches. That is shown as the third one's
// word, holds for exactly that digest, is not passed on again and not kept over a
// restart.
//
// One who is too slow is dropped from the live queue and caught up with
// from the store. A peer is read at 5,000 messages and 16 MB a second at most.
//
// # Taking a change
//
// In this order: the limits; the format (crdt/format); a verified head of the change's
// actor, by a device that may write under the roster that it names, reaches it through
// the hashes of changes, within its line; all that it builds on is held; the guard.
// Then the store, then the screen and the other peers. What lacks its head or what it
// builds on waits, bounded for each document and each sender: beyond that the newest is
// let go of, of the one of whom most waits, after all was taken that can be. So what
// waits keeps nothing out, whoever sent it. What is missing is asked for after 200 ms
// by sending our vector (have with want), at most once a second, and ever more rarely,
// down to once a minute, while that brings nothing.
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
// A document of which nothing is held and that comes from its founding on is built
// in memory instead, judged by the guard at once and stored with its text, without
// being opened. What a founder vouches for of a file waits for the founding change,
// as far as half of what may wait, so that whoever can read the document can write
// in it.
//
// What is refused is set aside in the store. It ends the session with one who
// could know: with any sender what rows or heads tell, with its author what the
// guard tells, which others may have passed on unseen.
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
// Three attempts that others began and that failed with the code shown, of a
// device or of all strangers together, bring a pause of 30 s that doubles up to an
// hour. The person here may always ask.
//
// # What is left for later
//
// A graph of peers where many are connected in part gets some changes twice.
// Presence is not passed on. Old heads name no roster, and count as signed by one
// who knew of no removal.
package sync
